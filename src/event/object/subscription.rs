//! Subscriptions.

use std::collections::BTreeMap;

use super::{
    AutomaticTax, Customer, Expandable, Invoice, List, Metadata, OtherObject, PresentmentDetails,
    Price,
    expandable::{id_of, ids_of},
    lenient::move_into,
    list::Listed,
    macros::{object, value},
};

object! {
    /// A subscription: <https://docs.stripe.com/api/subscriptions/object>
    ///
    /// The events of a subscription arrive in any order: `customer.subscription.created` may
    /// arrive after `customer.subscription.updated`.
    pub struct Subscription named "subscription" then unify {
        /// Returns the subscription's id, `sub_…`.
        pub id: required String,
        /// Returns the customer.
        pub customer: required Expandable<Customer>,
        /// Returns the status.
        pub status: required SubscriptionStatus,
        /// Returns the items, one for each price.
        ///
        /// API versions before 2016-07-06 have no `items`: then this is one item with the
        /// subscription's `plan` and `quantity`.
        pub items: List<SubscriptionItem>,
        /// Returns whether the subscription is set to end with the current period.
        pub cancel_at_period_end: bool,
        /// Returns when the subscription is set to end, in Unix seconds.
        pub cancel_at: Option<i64>,
        /// Returns when the subscription was canceled, in Unix seconds.
        ///
        /// For one that ends with its period it is the time of the request, not of the end.
        pub canceled_at: Option<i64>,
        /// Returns the reason for the cancellation.
        pub cancellation_details: Option<CancellationDetails>,
        /// Returns when the subscription ended, in Unix seconds.
        pub ended_at: Option<i64>,
        /// Returns when the trial starts or started, in Unix seconds.
        pub trial_start: Option<i64>,
        /// Returns when the trial ends or ended, in Unix seconds.
        pub trial_end: Option<i64>,
        /// Returns when the subscription was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns the reference point of the billing periods, in Unix seconds.
        pub billing_cycle_anchor: Option<i64>,
        /// Returns whether Stripe charges the customer or sends invoices.
        ///
        /// API versions before 2019-10-17 have it as `billing`.
        pub collection_method: Option<CollectionMethod>,
        /// Returns the currency. API versions before 2022-08-01 have it only in the prices.
        pub currency: Option<String>,
        /// Returns the subscription's own payment method.
        ///
        /// Old subscriptions have a source or card.
        ///
        /// `None` if the customer's default applies.
        pub default_payment_method: Option<Expandable<OtherObject>>,
        /// Returns the most recent invoice.
        pub latest_invoice: Option<Expandable<Invoice>>,
        /// Returns the subscription schedule.
        pub schedule: Option<Expandable<OtherObject>>,
        /// Returns the billing mode. `None` before 2025-06-30, when it was always classic.
        pub billing_mode: Option<BillingMode>,
        /// Returns the pause of payment collection. The status does not show it.
        pub pause_collection: Option<PauseCollection>,
        /// Returns the settings of Stripe Tax.
        pub automatic_tax: Option<AutomaticTax>,
        /// Returns the currency in which the customer chose to pay, with Adaptive Pricing.
        pub presentment_details: Option<PresentmentDetails>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the subscription.
        pub metadata: Metadata,
        billing: Option<CollectionMethod>,
        current_period_start: Option<i64>,
        current_period_end: Option<i64>,
        default_source: Option<Expandable<OtherObject>>,
        discount: Option<Expandable<OtherObject>>,
        discounts: Vec<Expandable<OtherObject>>,
        pending_update: Option<PendingUpdate>,
        plan: Option<Price>,
        quantity: Option<i64>,
        start: Option<i64>,
        start_date: Option<i64>,
        status_details: Option<StatusDetails>,
    }
}

fn unify(subscription: &mut Subscription) {
    let plan = subscription.plan.take().filter(|_| subscription.items.is_empty());
    if let Some(plan) = plan {
        subscription.items = List::from_one(item_of_plan(plan, subscription.quantity));
    }
    move_into(&mut subscription.collection_method, &mut subscription.billing);
    move_into(&mut subscription.start_date, &mut subscription.start);
    move_into(&mut subscription.default_payment_method, &mut subscription.default_source);
    if subscription.currency.is_none() {
        let of_prices = subscription.prices().find_map(|price| price.currency.clone());
        subscription.currency = of_prices;
    }
}

/// Returns the item for a plan.
///
/// A subscription before 2016-07-06 has a plan instead of items.
fn item_of_plan(plan: Price, quantity: Option<i64>) -> SubscriptionItem {
    SubscriptionItem {
        id: None,
        quantity,
        current_period_start: None,
        current_period_end: None,
        metadata: Metadata::new(),
        price: None,
        plan: Some(plan),
    }
}

impl Subscription {
    /// Returns when the subscription started, in Unix seconds.
    ///
    /// A backdated subscription started before `created`. API versions before 2019-10-17 have it as
    /// `start`.
    #[must_use]
    pub fn start_date(&self) -> Option<i64> {
        self.start_date
    }

    /// Returns when the current period started, in Unix seconds.
    ///
    /// If the items have different periods, it is the earliest start.
    ///
    /// API versions before 2025-03-31.basil have it in the subscription, later ones in its items.
    #[must_use]
    pub fn current_period_start(&self) -> Option<i64> {
        let items = self.items.iter().filter_map(|item| item.current_period_start);
        self.current_period_start.or_else(|| items.min())
    }

    /// Returns when the current period ends, in Unix seconds.
    ///
    /// The next payment is due then. If the items have different periods, it is the latest end.
    ///
    /// API versions before 2025-03-31.basil have it in the subscription, later ones in its items.
    #[must_use]
    pub fn current_period_end(&self) -> Option<i64> {
        self.current_period_end.or_else(|| latest_period_end(&self.items))
    }

    /// Returns the prices of the items in their order, including metered prices.
    pub fn prices(&self) -> impl Iterator<Item = &Price> {
        self.items.iter().filter_map(SubscriptionItem::price)
    }

    /// Returns the ids of the [`prices`](Self::prices), `price_…`.
    ///
    /// A plan has a name that the app gave to it.
    pub fn price_ids(&self) -> impl Iterator<Item = &str> {
        self.prices().filter_map(|price| price.id.as_deref())
    }

    /// Returns the ids of the products of the [`prices`](Self::prices), `prod_…`.
    pub fn product_ids(&self) -> impl Iterator<Item = &str> {
        self.prices().filter_map(Price::product_id)
    }

    /// Returns the items with a licensed price.
    ///
    /// They bill a quantity instead of reported usage.
    pub fn licensed_items(&self) -> impl Iterator<Item = &SubscriptionItem> {
        self.items.iter().filter(|item| !item.is_metered())
    }

    /// Returns the item that represents the plan.
    ///
    /// It is the first licensed item, or the first item if all are metered. Items come in any
    /// order, so a metered price that comes first is not the plan.
    #[must_use]
    pub fn plan_item(&self) -> Option<&SubscriptionItem> {
        plan_item(&self.items)
    }

    /// Returns the price of the [`plan_item`](Self::plan_item).
    #[must_use]
    pub fn plan_price(&self) -> Option<&Price> {
        self.plan_item()?.price()
    }

    /// Returns the id of the price of the [`plan_item`](Self::plan_item).
    ///
    /// `price_…`, or a name that the app gave to a plan.
    #[must_use]
    pub fn plan_price_id(&self) -> Option<&str> {
        self.plan_item()?.price_id()
    }

    /// Returns the quantity of the [`plan_item`](Self::plan_item).
    ///
    /// `None` for a metered price.
    ///
    /// API versions before 2017 have it in the subscription, later ones in its items.
    #[must_use]
    pub fn quantity(&self) -> Option<i64> {
        self.plan_item().and_then(|item| item.quantity).or(self.quantity)
    }

    /// Returns whether an update waits for its first payment.
    ///
    /// Until that payment succeeds the subscription does not change:
    /// <https://docs.stripe.com/billing/subscriptions/pending-updates>
    #[must_use]
    pub fn has_pending_update(&self) -> bool {
        self.pending_update.is_some()
    }

    /// Returns the reason for the status [`Paused`](SubscriptionStatus::Paused).
    ///
    /// `None` for any other status, and before 2026-09-30.endive.
    #[must_use]
    pub fn pause_reason(&self) -> Option<&PauseReason> {
        self.status_details.as_ref()?.paused.as_ref()?.subscription.as_ref()?.reason.as_ref()
    }

    /// Returns the id of the subscription's own payment method.
    ///
    /// `None` if the customer's default applies.
    #[must_use]
    pub fn default_payment_method_id(&self) -> Option<&str> {
        id_of(self.default_payment_method.as_ref())
    }

    /// Returns the ids of the discounts, `di_…`.
    ///
    /// API versions before 2025-03-31.basil may have one as `discount`, later ones have
    /// `discounts`.
    pub fn discount_ids(&self) -> impl Iterator<Item = &str> {
        ids_of(&self.discounts, self.discount.as_ref())
    }

    /// Returns the customer's id, `cus_…`.
    #[must_use]
    pub fn customer_id(&self) -> &str {
        self.customer.id()
    }

    /// Returns the id of the subscription schedule, `sub_sched_…`.
    #[must_use]
    pub fn schedule_id(&self) -> Option<&str> {
        id_of(self.schedule.as_ref())
    }

    /// Returns the id of the most recent invoice, `in_…`.
    #[must_use]
    pub fn latest_invoice_id(&self) -> Option<&str> {
        id_of(self.latest_invoice.as_ref())
    }
}

object! {
    /// A price of a subscription with its quantity.
    pub struct SubscriptionItem {
        /// Returns the item's id, `si_…`.
        pub id: Option<String>,
        /// Returns the quantity. `None` for metered prices.
        pub quantity: Option<i64>,
        /// Returns when the item's period started, in Unix seconds.
        ///
        /// `None` before 2025-03-31.basil: use [`Subscription::current_period_start`].
        pub current_period_start: Option<i64>,
        /// Returns when the item's period ends, in Unix seconds.
        ///
        /// `None` before 2025-03-31.basil: use [`Subscription::current_period_end`].
        pub current_period_end: Option<i64>,
        /// Returns the metadata that the app attached to the item.
        pub metadata: Metadata,
        price: Option<Price>,
        plan: Option<Price>,
    }
}

impl SubscriptionItem {
    /// Returns the price.
    ///
    /// Items before 2020 have a `plan` instead.
    #[must_use]
    pub fn price(&self) -> Option<&Price> {
        self.price.as_ref().or(self.plan.as_ref())
    }

    /// Returns the price's id: `price_…`, or a name that the app gave to a plan.
    #[must_use]
    pub fn price_id(&self) -> Option<&str> {
        self.price()?.id.as_deref()
    }

    /// Returns the product's id, `prod_…`.
    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        self.price()?.product_id()
    }

    /// Returns whether the item bills reported usage: see [`Price::is_metered`].
    #[must_use]
    pub fn is_metered(&self) -> bool {
        [&self.price, &self.plan].into_iter().flatten().any(Price::is_metered)
    }
}

impl Listed for SubscriptionItem {}

object! {
    /// An update that waits for its first payment.
    struct PendingUpdate {}
}

object! {
    /// Details about the status.
    struct StatusDetails {
        paused: Option<PausedDetails>,
    }
}

object! {
    /// Details about the status `paused`.
    struct PausedDetails {
        subscription: Option<PausedSubscription>,
    }
}

object! {
    /// What paused the subscription.
    struct PausedSubscription {
        reason as "type": Option<PauseReason>,
    }
}

object! {
    /// The reason for a cancellation.
    pub struct CancellationDetails {
        /// Returns the customer's comment.
        pub comment: Option<String>,
        /// Returns the reason that the customer chose, such as `too_expensive`.
        pub feedback: Option<String>,
        /// Returns the cause.
        ///
        /// It is `cancellation_requested`, `payment_failed` or `payment_disputed`.
        pub reason: Option<String>,
    }
}

object! {
    /// The rules by which Stripe creates a subscription's invoices.
    pub struct BillingMode {
        /// Returns the billing mode.
        pub mode as "type": Option<BillingModeType>,
    }
}

value! {
    /// A billing mode: <https://docs.stripe.com/billing/subscriptions/billing-mode>
    pub enum BillingModeType {
        /// The rules until 2025.
        Classic => "classic",
        /// The rules since 2025.
        Flexible => "flexible",
    }
}

object! {
    /// A pause of payment collection.
    pub struct PauseCollection {
        /// Returns what Stripe does with invoices during the pause.
        ///
        /// It is `keep_as_draft`, `mark_uncollectible` or `void`.
        pub behavior: Option<String>,
        /// Returns when collection resumes, in Unix seconds.
        ///
        /// `None` if the pause has no end.
        pub resumes_at: Option<i64>,
    }
}

object! {
    /// The previous values of the changed attributes of a subscription.
    ///
    /// A `customer.subscription.updated` event has them. Decode it with
    /// [`Event::previous_attributes`](crate::Event::previous_attributes).
    ///
    /// An accessor returns `None` if the attribute did not change. An attribute that can be
    /// `null` has an inner `Option`: `Some(None)` means that it was `null` before the update.
    ///
    /// ```
    /// use tower_stripe_webhook::{
    ///     DecodeError, VerifiedEvent,
    ///     event::object::{PreviousSubscription, Subscription},
    /// };
    ///
    /// fn has_just_been_canceled(event: &VerifiedEvent, subscription: &Subscription) -> Result<bool, DecodeError> {
    ///     let before = event.previous_attributes::<PreviousSubscription>()?;
    ///     let was_set_to_end = before.and_then(|before| before.cancel_at_period_end());
    ///     Ok(subscription.cancel_at_period_end() && was_set_to_end == Some(false))
    /// }
    /// ```
    pub struct PreviousSubscription then unify_previous {
        /// Returns the previous status.
        pub status: Option<SubscriptionStatus>,
        /// Returns the previous items. If one item changed, Stripe sends all items.
        pub items: Option<List<SubscriptionItem>>,
        /// Returns whether the subscription was set to end with the period.
        pub cancel_at_period_end: Option<bool>,
        /// Returns the previous time of the scheduled end, in Unix seconds.
        pub cancel_at: Option<Option<i64>>,
        /// Returns the previous time of cancellation, in Unix seconds.
        pub canceled_at: Option<Option<i64>>,
        /// Returns the previous end of the trial, in Unix seconds.
        pub trial_end: Option<Option<i64>>,
        /// Returns the previous collection method.
        ///
        /// API versions before 2019-10-17 have it as `billing`.
        pub collection_method: Option<CollectionMethod>,
        /// Returns the previous pause of payment collection.
        pub pause_collection: Option<Option<PauseCollection>>,
        /// Returns the previous latest invoice.
        pub latest_invoice: Option<Option<Expandable<Invoice>>>,
        /// Returns the previous payment method.
        pub default_payment_method: Option<Option<Expandable<OtherObject>>>,
        /// Returns the previous subscription schedule.
        pub schedule: Option<Option<Expandable<OtherObject>>>,
        /// Returns the previous values of the metadata keys that changed.
        ///
        /// `None` for a key that was added.
        pub metadata: BTreeMap<String, Option<String>>,
        billing: Option<CollectionMethod>,
        current_period_end: Option<i64>,
        plan: Option<Price>,
        quantity: Option<i64>,
    }
}

fn unify_previous(before: &mut PreviousSubscription) {
    move_into(&mut before.collection_method, &mut before.billing);
    if let Some(plan) = before.plan.take().filter(|_| before.known_items().is_empty()) {
        before.items = Some(List::from_one(item_of_plan(plan, before.quantity)));
    }
}

impl PreviousSubscription {
    /// Returns the previous end of the period, in Unix seconds.
    ///
    /// `None` if neither the period nor an item changed. If only an item changed, this may be the
    /// current end of the period.
    #[must_use]
    pub fn current_period_end(&self) -> Option<i64> {
        self.current_period_end.or_else(|| latest_period_end(self.known_items()))
    }

    /// Returns the ids of the previous prices. Empty if no item changed.
    pub fn price_ids(&self) -> impl Iterator<Item = &str> {
        self.known_items().iter().filter_map(SubscriptionItem::price_id)
    }

    /// Returns the id of the previous price of the plan.
    ///
    /// See [`Subscription::plan_item`].
    ///
    /// `None` if no item changed.
    #[must_use]
    pub fn plan_price_id(&self) -> Option<&str> {
        plan_item(self.known_items())?.price_id()
    }

    /// Returns the previous quantity of the plan: see [`Subscription::quantity`].
    ///
    /// `None` if no item changed.
    #[must_use]
    pub fn quantity(&self) -> Option<i64> {
        plan_item(self.known_items()).and_then(|item| item.quantity).or(self.quantity)
    }

    fn known_items(&self) -> &[SubscriptionItem] {
        self.items.as_deref().unwrap_or_default()
    }
}

fn plan_item(items: &[SubscriptionItem]) -> Option<&SubscriptionItem> {
    items.iter().find(|item| !item.is_metered()).or(items.first())
}

fn latest_period_end(items: &[SubscriptionItem]) -> Option<i64> {
    items.iter().filter_map(|item| item.current_period_end).max()
}

value! {
    /// The status of a subscription.
    ///
    /// See <https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses>.
    pub enum SubscriptionStatus {
        /// The subscription is paid.
        Active => "active",
        /// The subscription ended. This status is final.
        Canceled => "canceled",
        /// The first payment did not succeed yet. The customer has 23 hours to pay.
        Incomplete => "incomplete",
        /// The first payment did not succeed in time. This status is final.
        IncompleteExpired => "incomplete_expired",
        /// A payment failed, and Stripe retries it.
        PastDue => "past_due",
        /// The subscription is paused until it is resumed.
        ///
        /// Meanwhile it provides no service and creates no invoices. The trial ended without a
        /// payment method, the app paused it, or, since 2026-09-30.endive, a payment failed: see
        /// [`pause_reason`](Subscription::pause_reason).
        Paused => "paused",
        /// The subscription is in its trial.
        Trialing => "trialing",
        /// Payments failed, and Stripe does not retry them. It still creates invoices.
        Unpaid => "unpaid",
    }
}

value! {
    /// The reason why a subscription is [`Paused`](SubscriptionStatus::Paused).
    pub enum PauseReason {
        /// The last retry of a payment failed.
        FinalPaymentFailure => "final_payment_failure",
        /// The first payment failed.
        FirstPaymentFailure => "first_payment_failure",
        /// The app paused the subscription.
        PauseRequested => "pause_requested",
        /// Stripe paused the subscription.
        System => "system",
        /// The trial ended without a payment method.
        TrialEndWithoutPaymentMethod => "trial_end_without_payment_method",
    }
}

value! {
    /// How Stripe collects the payment of a subscription or an invoice.
    pub enum CollectionMethod {
        /// Stripe charges the default payment method.
        ChargeAutomatically => "charge_automatically",
        /// Stripe sends an invoice, which the customer pays.
        SendInvoice => "send_invoice",
    }
}
