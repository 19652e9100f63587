//! The typed objects of events, for every API version since 2012.
//!
//! They have the fields that webhook handlers need. Stripe renders an event in the API version that
//! its endpoint had when the event occurred, and never changes it afterwards. These types read
//! every version. Where Stripe moved a value, one accessor returns it for all versions, such as
//! [`Invoice::subscription_id`], [`Subscription::current_period_end`] or [`InvoiceLine::price_id`]:
//! see the [table](#values-that-moved). Your code needs no version checks.
//!
//! # Families
//!
//! The objects that most apps handle are in this module, and each other family has a module. There
//! are 100 objects for the 380 event types that are about one. *In depth* means every field that an
//! app acts on. *Lean* means the id, the status, amounts, links and metadata. *Main fields* means a
//! selection: for the other fields of an object of API v2, decode
//! [`Event::object`](crate::Event::object) into your own type.
//!
//! | family | event types | depth |
//! |---|---|---|
//! | [`CheckoutSession`] | 4 | in depth |
//! | [`Customer`] | 3 | in depth |
//! | [`Subscription`] | 21 | in depth |
//! | [`Invoice`] | 23 | in depth |
//! | [`InvoicePayment`] | 3 | in depth |
//! | [`PaymentIntent`] | 8 | in depth |
//! | [`Charge`] | 7 | in depth |
//! | [`Dispute`] | 5 | in depth |
//! | [`Refund`] | 4 | in depth |
//! | [`Price`] | 7 | in depth |
//! | [`account`] | 10 | in depth |
//! | [`application_fee`] | 3 | in depth |
//! | [`apps`] | 3 | lean |
//! | [`balance`] | 4 | in depth |
//! | [`billing`] | 9 | in depth |
//! | [`billing_portal`] | 3 | lean |
//! | [`climate`] | 7 | lean |
//! | [`credit_note`] | 3 | in depth |
//! | [`discount`] | 9 | in depth |
//! | [`entitlements`] | 1 | in depth |
//! | [`mod@file`] | 1 | lean |
//! | [`financial_connections`] | 24 | lean |
//! | [`identity`] | 6 | lean |
//! | [`invoice_item`] | 5 | in depth |
//! | [`issuing`] | 22 | lean |
//! | [`mandate`] | 1 | in depth |
//! | [`payment_link`] | 2 | in depth |
//! | [`payment_method`] | 4 | in depth |
//! | [`payout`] | 6 | in depth |
//! | [`product`] | 10 | in depth |
//! | [`quote`] | 4 | in depth |
//! | [`radar`] | 4 | in depth |
//! | [`reporting`] | 3 | lean |
//! | [`reserve`] | 7 | lean |
//! | [`setup_intent`] | 5 | in depth |
//! | [`sigma`] | 1 | lean |
//! | [`sources`] | 11 | lean |
//! | [`subscription_schedule`] | 12 | in depth |
//! | [`tax`] | 6 | in depth |
//! | [`terminal`] | 3 | lean |
//! | [`test_clock`] | 5 | in depth |
//! | [`three_d_secure`] | 7 | lean |
//! | [`topup`] | 5 | in depth |
//! | [`transfer`] | 3 | in depth |
//! | [`treasury`] | 30 | lean |
//! | [`v2`] | 56 | main fields |
//!
//! # Accessors
//!
//! Fields are private, and each has an accessor with the name of the field in the newest API
//! version. So a later release can follow the next move of a value without a breaking change. An
//! accessor copies a plain value, and borrows any other value.
//!
//! | value | a required field returns | any other field returns |
//! |---|---|---|
//! | number or time | `i64` | `Option<i64>` |
//! | fraction, such as a percentage | | `Option<f64>` |
//! | boolean | | `bool`, or `Option<bool>` where a missing value has a meaning of its own |
//! | text | `&str` | `Option<&str>` |
//! | enum, such as [`InvoiceStatus`] | `&T` | `Option<&T>` |
//! | nested object, such as [`Address`] | | `Option<&T>` |
//! | link to another object | `&`[`Expandable<T>`](Expandable) | `Option<&Expandable<T>>` |
//! | list object | | `&`[`List<T>`](List) |
//! | array | | `&[T]` |
//! | map | | `&`[`Metadata`] |
//!
//! A link also has an accessor for its id, such as [`Invoice::customer_id`] beside
//! [`Invoice::customer`]; the links of [`PreviousSubscription`] do not. [`Expandable::object`] and
//! [`Charge::latest_refund`] decode an object on demand and return it by value.
//!
//! Amounts are integers in the smallest unit of their currency: cents for USD, whole yen for JPY
//! (<https://docs.stripe.com/currencies#zero-decimal>). Times are Unix seconds. Currencies are
//! three-letter ISO codes in lower case.
//!
//! # Writing JSON
//!
//! Objects are `Serialize`: each is written in Stripe's shape of the newest version, with the fields
//! that it has. A value that Stripe moved is written where the newest version has it. If the
//! newest version has no single place for it, it is written as it was read. An expanded link is
//! written as the whole object. Reading the written JSON gives an equal object.
//!
//! # Unexpected JSON
//!
//! | Stripe sends | result |
//! |---|---|
//! | a required field that is missing or has an unknown form | a [`DecodeError`](crate::DecodeError) with its path |
//! | a nested object that lacks a required field | `None`, or a list without it |
//! | any other field that is missing, `null`, or has an unknown form | `None`, `false`, or an empty list or map |
//! | an unknown value of an enum, such as a new status | `Other`, with its text |
//! | a string with an unpaired surrogate or NUL, such as a truncated name | the string, with U+FFFD in its place |
//! | a field name that occurs twice | its last value, as in most JSON parsers |
//! | a [`List`] of more than 1000 elements | the first 1000, and [`has_more`](List::has_more) is `true` |
//! | any other array or map of more than 1000 elements, such as [`Metadata`] | an empty one |
//! | a field without an accessor | nothing: decode [`Event::object`](crate::Event::object) into your own type |
//!
//! The limits bound the memory: a body of 2 MiB, the layer's limit, may hold 700,000 empty objects,
//! which would take 200 MiB. Stripe's own lists have at most 100 elements in a page, and its
//! metadata has at most 50 keys.
//!
//! # Values that moved
//!
//! A date is an API version of Stripe's changelog, <https://docs.stripe.com/changelog>. A year
//! stands for a change in all versions at once, which depends on when the object was created.
//!
//! | accessor | old field | current field |
//! |---|---|---|
//! | [`Event::account`](crate::Event::account) | before 2017-05-25 `user_id` | `account` |
//! | [`Event::request`](crate::Event::request) | before 2017-05-25 `request`, as the id | `request.id` |
//! | [`CheckoutSession::shipping_details`] | before 2022-08-01 `shipping`, before 2025-03-31.basil `shipping_details` | `collected_information.shipping_details` |
//! | [`CheckoutSession::email`] | before 2021 `customer_email` | `customer_details.email` |
//! | [`CheckoutSession::mode`] | before 2020 which of `subscription`, `setup_intent` and `payment_intent` is set | `mode` |
//! | [`CheckoutSession::presentment_details`] | before 2025-03-31, with `currency_conversion`: `amount_total` and `currency` | `presentment_details` |
//! | [`Customer::balance`] | before 2019-10-17 `account_balance` | `balance` |
//! | [`Customer::default_payment_method_id`] | before 2013-07-05 `active_card`, before 2015-02-18 `default_card`, for sources `default_source` | `invoice_settings.default_payment_method` |
//! | [`Subscription::items`] | before 2017 `plan` and `quantity` | `items` |
//! | [`Subscription::quantity`] | before 2017 `quantity` | `items.data[].quantity` |
//! | [`Subscription::collection_method`] | before 2019-10-17 `billing` | `collection_method` |
//! | [`Subscription::start_date`] | before 2019-10-17 `start` | `start_date` |
//! | [`Subscription::default_payment_method`] | for sources `default_source` | `default_payment_method` |
//! | [`Subscription::currency`] | before 2022 `items.data[].price.currency` | `currency` |
//! | [`Subscription::current_period_start`] | before 2025-03-31.basil `current_period_start` | `items.data[].current_period_start` |
//! | [`Subscription::current_period_end`] | before 2025-03-31.basil `current_period_end` | `items.data[].current_period_end` |
//! | [`Subscription::discount_ids`] | before 2025-03-31.basil `discount` | `discounts` |
//! | [`SubscriptionItem::price`] | before 2020 `plan` | `price` |
//! | [`PreviousSubscription::collection_method`] | before 2019-10-17 `billing` | `collection_method` |
//! | [`PreviousSubscription::price_ids`] | before 2017 `plan` | `items` |
//! | [`PreviousSubscription::quantity`] | before 2017 `quantity` | `items.data[].quantity` |
//! | [`PreviousSubscription::current_period_end`] | before 2025-03-31.basil `current_period_end` | `items.data[].current_period_end` |
//! | [`Price::unit_amount`] | in a plan `amount` | `unit_amount` |
//! | [`Price::unit_amount_decimal`] | in a plan `amount_decimal` | `unit_amount_decimal` |
//! | [`Price::recurring`] | in a plan `interval` and `interval_count` | `recurring` |
//! | [`Price::is_metered`] | in a plan `usage_type` | `recurring.usage_type` |
//! | [`Invoice::created`] | before 2019-03-14 `date` | `created` |
//! | [`Invoice::status`] | before 2018-11-08 `paid`, `forgiven`, `attempted` | `status` |
//! | [`Invoice::is_paid`] | before 2025-03-31.basil `paid` | `status` |
//! | [`Invoice::amount_paid`] | before 2018 `amount_due`, if `paid` | `amount_paid` |
//! | [`Invoice::amount_remaining`] | before 2018 `amount_due`, unless `paid` | `amount_remaining` |
//! | [`Invoice::finalized_at`] | before 2019-03-14 `finalized_at` | `status_transitions.finalized_at` |
//! | [`Invoice::collection_method`] | before 2019-10-17 `billing` | `collection_method` |
//! | [`Invoice::subscription_id`] | before 2014-01-31 `lines.data[].id`, before 2025-03-31.basil `subscription` | `parent.subscription_details.subscription` |
//! | [`Invoice::subscription_metadata`] | before 2023 `lines.data[].metadata`, before 2025-03-31.basil `subscription_details.metadata` | `parent.subscription_details.metadata` |
//! | [`Invoice::payment_intent_id`] | before 2025-03-31.basil `payment_intent` | `payments.data[].payment.payment_intent` |
//! | [`Invoice::charge_id`] | before 2025-03-31.basil `charge` | `payments.data[].payment.charge` |
//! | [`Invoice::total_tax`] | before 2025-03-31.basil `tax` and `total_tax_amounts` | `total_taxes` |
//! | [`Invoice::discount_ids`] | before 2025-03-31.basil `discount` | `discounts` |
//! | [`Invoice::lines`] | before 2012-10-26 `lines.subscriptions`, `lines.invoiceitems`, `lines.prorations` | `lines.data` |
//! | [`InvoiceLine::subscription_id`] | before 2018-05-21 `id`, then `subscription` | `parent.subscription_item_details.subscription` |
//! | [`InvoiceLine::subscription_item_id`] | before 2025-03-31.basil `subscription_item` | `parent.subscription_item_details.subscription_item` |
//! | [`InvoiceLine::origin`] | before 2012-10-26 the name of the list, before 2025-03-31.basil `type` | `parent.type` |
//! | [`InvoiceLine::is_proration`] | before 2012-10-26 the name of the list, before 2025-03-31.basil `proration` | `parent.….proration` |
//! | [`InvoiceLine::price_id`] | before 2020 `plan`, before 2025-03-31.basil `price` | `pricing.price_details.price` |
//! | [`InvoiceLine::product_id`] | before 2020 `plan.product`, before 2025-03-31.basil `price.product` | `pricing.price_details.product` |
//! | [`InvoiceLine::unit_amount_decimal`] | before 2020 `plan.amount_decimal`, before 2025-03-31.basil `price.unit_amount_decimal` | `pricing.unit_amount_decimal` |
//! | [`PaymentIntent::status`] | before 2019-02-11 `requires_source`, `requires_source_action` | `requires_payment_method`, `requires_action` |
//! | [`PaymentIntent::payment_method`] | before 2019-02-11 `source` | `payment_method` |
//! | [`PaymentIntent::payment_method_types`] | before 2019-02-11 `allowed_source_types` | `payment_method_types` |
//! | [`PaymentIntent::next_action`] | before 2019-02-11 `next_source_action`, with `authorize_with_url` | `next_action`, with `redirect_to_url` |
//! | [`PaymentIntent::latest_charge_id`] | before 2022-11-15 `charges` | `latest_charge` |
//! | [`PaymentIntent::invoice_id`] | before 2025-03-31.basil `invoice` | since 2025-09-30.clover `payment_details.order_reference` |
//! | [`PaymentError::payment_method`] | before 2019-02-11 `source` | `payment_method` |
//! | [`Charge::payment_method`] | before 2015-02-18 `card`, before 2019 `source` | `payment_method` |
//! | [`Charge::payment_method_type`] | before 2015-02-18 `card.object`, before 2019 `source.object`, `source.type` | `payment_method_details.type` |
//! | [`Charge::card`] | before 2015-02-18 `card`, before 2019 `source` | `payment_method_details.card` |
//! | [`Charge::billing_details`] | before 2015-02-18 `card.name`, `card.address_…`, before 2019 those of `source` | `billing_details` |
//! | [`Charge::disputed`] | before 2020 `dispute` | `disputed` |
//! | [`Charge::status`] | before 2015-02-18 `paid` | `succeeded` |
//! | [`Charge::is_succeeded`] | before 2014-12 `paid` | `status` |
//! | [`Charge::refunds`] | before 2014-06-17 an array | a list object |
//! | [`Card::brand`] | before 2014-06-13 `type` | `brand` |
//! | [`Dispute::evidence_due_by`] | before 2014-12-08 `evidence_due_by` | `evidence_details.due_by` |
//! | [`Dispute::balance_transactions`] | before 2014-08-20 `balance_transaction` | `balance_transactions` |
//! | [`PromotionCode::coupon`](discount::PromotionCode::coupon) | before 2025-09-30.clover `coupon` | `promotion.coupon` |
//! | [`Discount::coupon`](discount::Discount::coupon) | before 2025-09-30.clover `coupon` | `source.coupon` |
//! | [`InvoiceItem::price_id`](invoice_item::InvoiceItem::price_id) | before 2020 `plan`, before 2025-03-31.basil `price` | `pricing.price_details.price` |
//! | [`InvoiceItem::subscription_id`](invoice_item::InvoiceItem::subscription_id) | before 2025-03-31.basil `subscription` | `parent.subscription_details.subscription` |
//! | [`InvoiceItem::subscription_item_id`](invoice_item::InvoiceItem::subscription_item_id) | before 2025-03-31.basil `subscription_item` | `parent.subscription_details.subscription_item` |
//! | [`CreditNote::total_taxes`](credit_note::CreditNote::total_taxes) | before 2025-03-31.basil `tax_amounts` | `total_taxes` |
//! | [`CreditNote::refund_ids`](credit_note::CreditNote::refund_ids) | before 2024-12-18.acacia `refund` | `refunds` |
//! | [`SetupIntent::status`](setup_intent::SetupIntent::status) | before 2019-02-11 `requires_source`, `requires_source_action` | `requires_payment_method`, `requires_action` |
//! | [`SubscriptionSchedule::end_behavior`](subscription_schedule::SubscriptionSchedule::end_behavior) | before 2019-05-16 `renewal_behavior` | `end_behavior` |
//! | [`Phase::items`](subscription_schedule::Phase::items) | before 2020 `plans` | `items` |
//! | [`PhaseItem::price_id`](subscription_schedule::PhaseItem::price_id) | before 2020 `plan` | `price` |
//! | [`Account::requirements`](account::Account::requirements) | before 2019-02-19 `verification` | `requirements` |
//! | [`Account::payouts_enabled`](account::Account::payouts_enabled) | before 2017-05-25 `transfers_enabled` | `payouts_enabled` |

pub mod account;
pub mod application_fee;
pub mod apps;
pub mod balance;
pub mod billing;
pub mod billing_portal;
pub mod climate;
pub mod credit_note;
pub mod discount;
pub mod entitlements;
pub mod file;
pub mod financial_connections;
pub mod identity;
pub mod invoice_item;
pub mod issuing;
pub mod mandate;
pub mod payment_link;
pub mod payment_method;
pub mod payout;
pub mod product;
pub mod quote;
pub mod radar;
pub mod reporting;
pub mod reserve;
pub mod setup_intent;
pub mod sigma;
pub mod sources;
pub mod subscription_schedule;
pub mod tax;
pub mod terminal;
pub mod test_clock;
pub mod three_d_secure;
pub mod topup;
pub mod transfer;
pub mod treasury;
pub mod v2;

mod charge;
mod checkout_session;
mod customer;
mod dispute;
mod expandable;
mod invoice;
mod invoice_payment;
pub(super) mod lenient;
mod list;
mod macros;
mod meter_error_report;
mod payment_details;
mod payment_intent;
mod price;
pub(super) mod read;
mod refund;
mod source;
mod subscription;
mod write;

pub use self::{
    charge::{Charge, ChargeOutcome, ChargeStatus},
    checkout_session::{
        CheckoutSession, CheckoutSessionMode, CheckoutSessionStatus, CurrencyConversion,
        CustomField, CustomerDetails, PaymentStatus, ShippingDetails,
    },
    customer::{Address, BillingDetails, Customer},
    dispute::{BalanceTransaction, Dispute, DisputeStatus, EvidenceDetails},
    expandable::{Expandable, OtherObject},
    invoice::{
        BillingReason, Invoice, InvoiceCustomField, InvoiceLine, InvoiceLineOrigin, InvoiceStatus,
        Period, StatusTransitions,
    },
    invoice_payment::{InvoicePayment, InvoicePaymentStatus, InvoicePaymentTransitions},
    list::List,
    meter_error_report::{
        MeterErrorCode, MeterErrorReport, MeterErrorType, MeterErrors, MeterSampleError,
    },
    payment_details::{AutomaticTax, AutomaticTaxStatus, PresentmentDetails, TotalDetails},
    payment_intent::{
        NextAction, NextActionType, PaymentError, PaymentIntent, PaymentIntentStatus,
    },
    price::{Interval, Price, PriceObject, Recurring, UsageType},
    refund::{Refund, RefundStatus},
    source::Card,
    subscription::{
        BillingMode, BillingModeType, CancellationDetails, CollectionMethod, PauseCollection,
        PauseReason, PreviousSubscription, Subscription, SubscriptionItem, SubscriptionStatus,
    },
};

/// The metadata that the app attached to an object.
///
/// It has up to 50 keys with string values. Empty if there is none.
///
/// See <https://docs.stripe.com/metadata>.
pub type Metadata = std::collections::BTreeMap<String, String>;

/// An object that events can be about.
pub(super) trait Named: lenient::Slots + lenient::Blank {
    /// The values that its `object` field can have.
    const NAMES: &[&str];

    /// The value of its `object` field, of a struct that has a field for it.
    fn own_name(&self) -> Option<&str> {
        None
    }
}
