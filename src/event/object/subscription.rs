//! Subscriptions.

use std::collections::BTreeMap;

use super::{
    AutomaticTax, Customer, Expandable, Invoice, List, Metadata, OtherObject, PresentmentDetails, Price,
    expandable::{id_of, ids_of},
    lenient::move_into,
    list::Listed,
    macros::{object, value},
};

object! {
    /// What a customer pays for again and again: <https://docs.stripe.com/api/subscriptions/object>
    ///
    /// Events about one arrive in any order: `customer.subscription.created` may come after `…updated`.
    pub struct Subscription named "subscription" then unify {
        /// The subscription's id, `sub_…`.
        pub id: required String,
        /// Who pays.
        pub customer: required Expandable<Customer>,
        /// Where it stands.
        pub status: required SubscriptionStatus,
        /// What is paid for, one item for each price.
        ///
        /// A subscription without `items` (API versions before 2016-07-06) has one item here, of its `plan` and `quantity`.
        pub items: List<SubscriptionItem>,
        /// Whether it ends with the current period.
        pub cancel_at_period_end: bool,
        /// When it will end, in Unix seconds.
        pub cancel_at: Option<i64>,
        /// When it was canceled, in Unix seconds: for one that ends with its period, when the customer said so.
        pub canceled_at: Option<i64>,
        /// Why it was canceled.
        pub cancellation_details: Option<CancellationDetails>,
        /// When it ended, in Unix seconds.
        pub ended_at: Option<i64>,
        /// When the trial began, in Unix seconds.
        pub trial_start: Option<i64>,
        /// When the trial ends or ended, in Unix seconds.
        pub trial_end: Option<i64>,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
        /// The point in time by which periods are reckoned, in Unix seconds.
        pub billing_cycle_anchor: Option<i64>,
        /// Whether Stripe charges or sends invoices. API versions before 2019-10-17 have it as `billing`.
        pub collection_method: Option<CollectionMethod>,
        /// The currency. API versions before 2022-08-01 have it in the prices.
        pub currency: Option<String>,
        /// What it is paid with, if not with the customer's default: a payment method, or for old subscriptions a source or card.
        pub default_payment_method: Option<Expandable<OtherObject>>,
        /// The newest invoice.
        pub latest_invoice: Option<Expandable<Invoice>>,
        /// The schedule that changes it at set times.
        pub schedule: Option<Expandable<OtherObject>>,
        /// How invoices are drawn up. `None` before 2025-06-30: classic.
        pub billing_mode: Option<BillingMode>,
        /// The pause in which no money is collected, if there is one. The status does not show it.
        pub pause_collection: Option<PauseCollection>,
        /// Whether its tax is computed by Stripe.
        pub automatic_tax: Option<AutomaticTax>,
        /// The currency that the customer chose to pay in, with Adaptive Pricing.
        pub presentment_details: Option<PresentmentDetails>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached.
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
    move_into(&mut subscription.default_payment_method, &mut subscription.default_source);
    if subscription.currency.is_none() {
        let of_prices = subscription.prices().find_map(|price| price.currency.clone());
        subscription.currency = of_prices;
    }
}

/// The item of a subscription that has no items yet, only a plan.
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
    /// When it began, in Unix seconds: earlier than `created` if it was backdated.
    ///
    /// API versions before 2019-10-17 have it as `start`.
    #[must_use]
    pub fn start_date(&self) -> Option<i64> {
        self.start_date.or(self.start)
    }

    /// When the current period began, in Unix seconds: of items whose periods differ, the earliest.
    ///
    /// API versions before 2025-03-31.basil have it in the subscription, later ones in its items.
    #[must_use]
    pub fn current_period_start(&self) -> Option<i64> {
        let items = self.items.iter().filter_map(|item| item.current_period_start);
        self.current_period_start.or_else(|| items.min())
    }

    /// When the current period ends and the next payment is due, in Unix seconds: of items whose periods differ, the latest.
    ///
    /// API versions before 2025-03-31.basil have it in the subscription, later ones in its items.
    #[must_use]
    pub fn current_period_end(&self) -> Option<i64> {
        self.current_period_end.or_else(|| latest_period_end(&self.items))
    }

    /// The prices that are paid for, metered ones too, in the order of the [items](Self::items).
    pub fn prices(&self) -> impl Iterator<Item = &Price> {
        self.items.iter().filter_map(SubscriptionItem::price)
    }

    /// The ids of [`prices`](Self::prices), `price_…`, or the names that plans were given.
    pub fn price_ids(&self) -> impl Iterator<Item = &str> {
        self.prices().filter_map(|price| price.id.as_deref())
    }

    /// The ids of the products that are paid for, `prod_…`.
    pub fn product_ids(&self) -> impl Iterator<Item = &str> {
        self.prices().filter_map(Price::product_id)
    }

    /// The items whose price is licensed: a quantity is paid for, and not the reported usage.
    pub fn licensed_items(&self) -> impl Iterator<Item = &SubscriptionItem> {
        self.items.iter().filter(|item| !item.is_metered())
    }

    /// The item that is the plan: the first licensed one, or the first one if all are metered.
    ///
    /// Items come in any order, so a metered price is not the plan because it stands first.
    #[must_use]
    pub fn plan_item(&self) -> Option<&SubscriptionItem> {
        plan_item(&self.items)
    }

    /// The price of the [plan](Self::plan_item).
    #[must_use]
    pub fn plan_price(&self) -> Option<&Price> {
        self.plan_item()?.price()
    }

    /// The id of the price of the [plan](Self::plan_item), `price_…`, or the name that a plan was given.
    #[must_use]
    pub fn plan_price_id(&self) -> Option<&str> {
        self.plan_item()?.price_id()
    }

    /// How many of the [plan](Self::plan_item) are paid for. `None` for a metered price.
    ///
    /// Old API versions have it in the subscription, later ones in its items.
    #[must_use]
    pub fn quantity(&self) -> Option<i64> {
        self.plan_item().and_then(|item| item.quantity).or(self.quantity)
    }

    /// Whether a change waits for its first payment. Until then, and if the payment fails, the subscription stays what it is:
    /// <https://docs.stripe.com/billing/subscriptions/pending-updates>
    #[must_use]
    pub fn has_pending_update(&self) -> bool {
        self.pending_update.is_some()
    }

    /// Why its status is [`Paused`](SubscriptionStatus::Paused). `None` if it is not, and before 2026-09-30.endive.
    #[must_use]
    pub fn pause_reason(&self) -> Option<&PauseReason> {
        self.status_details.as_ref()?.paused.as_ref()?.subscription.as_ref()?.reason.as_ref()
    }

    /// The id of what it is paid with, if not with the customer's default.
    #[must_use]
    pub fn default_payment_method_id(&self) -> Option<&str> {
        id_of(self.default_payment_method.as_ref())
    }

    /// The ids of its discounts, `di_…`.
    ///
    /// API versions before 2025-03-31.basil may have one as `discount`, later ones have `discounts`.
    pub fn discount_ids(&self) -> impl Iterator<Item = &str> {
        ids_of(&self.discounts, self.discount.as_ref())
    }

    /// The customer's id, `cus_…`.
    #[must_use]
    pub fn customer_id(&self) -> &str {
        self.customer.id()
    }

    /// The newest invoice's id, `in_…`.
    #[must_use]
    pub fn latest_invoice_id(&self) -> Option<&str> {
        id_of(self.latest_invoice.as_ref())
    }
}

object! {
    /// One price of a subscription, and how many of it.
    pub struct SubscriptionItem {
        /// The item's id, `si_…`.
        pub id: Option<String>,
        /// How many. `None` for metered prices.
        pub quantity: Option<i64>,
        /// When the item's period began, in Unix seconds. `None` before 2025-03-31.basil: ask the
        /// [subscription](Subscription::current_period_start).
        pub current_period_start: Option<i64>,
        /// When the item's period ends, in Unix seconds. `None` before 2025-03-31.basil: ask the
        /// [subscription](Subscription::current_period_end).
        pub current_period_end: Option<i64>,
        /// What the app attached.
        pub metadata: Metadata,
        price: Option<Price>,
        plan: Option<Price>,
    }
}

impl SubscriptionItem {
    /// What is paid for: the price, or before 2020 the plan.
    #[must_use]
    pub fn price(&self) -> Option<&Price> {
        self.price.as_ref().or(self.plan.as_ref())
    }

    /// The price's id, `price_…`, or the name that a plan was given.
    #[must_use]
    pub fn price_id(&self) -> Option<&str> {
        self.price()?.id.as_deref()
    }

    /// The product's id, `prod_…`.
    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        self.price()?.product_id()
    }

    /// Whether the reported usage is billed: see [`Price::is_metered`].
    #[must_use]
    pub fn is_metered(&self) -> bool {
        [&self.price, &self.plan].into_iter().flatten().any(Price::is_metered)
    }
}

impl Listed for SubscriptionItem {}

object! {
    /// A change that waits for its first payment.
    struct PendingUpdate {}
}

object! {
    /// How the status came about.
    struct StatusDetails {
        paused: Option<PausedDetails>,
    }
}

object! {
    /// How the status became `paused`.
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
    /// Why a subscription was canceled.
    pub struct CancellationDetails {
        /// What the customer wrote.
        pub comment: Option<String>,
        /// What the customer chose, such as `too_expensive`.
        pub feedback: Option<String>,
        /// Who or what canceled it: `cancellation_requested`, `payment_failed`, `payment_disputed`.
        pub reason: Option<String>,
    }
}

object! {
    /// How a subscription's invoices are drawn up.
    pub struct BillingMode {
        /// Which rules.
        pub mode as "type": Option<BillingModeType>,
    }
}

value! {
    /// The rules by which a subscription's invoices are drawn up: <https://docs.stripe.com/billing/subscriptions/billing-mode>
    pub enum BillingModeType {
        /// Those until 2025.
        Classic => "classic",
        /// Those since 2025.
        Flexible => "flexible",
    }
}

object! {
    /// A pause in which no money is collected.
    pub struct PauseCollection {
        /// What becomes of invoices meanwhile: `keep_as_draft`, `mark_uncollectible`, `void`.
        pub behavior: Option<String>,
        /// When collection resumes, in Unix seconds. `None` if the pause has no set end.
        pub resumes_at: Option<i64>,
    }
}

object! {
    /// What a subscription was before a `customer.subscription.updated`, as far as it changed: a field that is `None` has not changed.
    /// Where the field itself may be empty, `Some(None)` says that it was.
    ///
    /// ```
    /// use tower_stripe_webhook::{
    ///     DecodeError, VerifiedEvent,
    ///     event::object::{PreviousSubscription, Subscription},
    /// };
    ///
    /// fn is_canceled_just_now(event: &VerifiedEvent, subscription: &Subscription) -> Result<bool, DecodeError> {
    ///     let before = event.previous_attributes::<PreviousSubscription>()?;
    ///     let was_to_end = before.and_then(|before| before.cancel_at_period_end());
    ///     Ok(subscription.cancel_at_period_end() && was_to_end == Some(false))
    /// }
    /// ```
    pub struct PreviousSubscription then unify_previous {
        /// Where it stood.
        pub status: Option<SubscriptionStatus>,
        /// What was paid for: if anything in any item changed, all of them, also those that did not.
        pub items: Option<List<SubscriptionItem>>,
        /// Whether it was to end with the period.
        pub cancel_at_period_end: Option<bool>,
        /// When it was to end, in Unix seconds.
        pub cancel_at: Option<Option<i64>>,
        /// When it had been canceled, in Unix seconds.
        pub canceled_at: Option<Option<i64>>,
        /// When the trial was to end, in Unix seconds.
        pub trial_end: Option<Option<i64>>,
        /// Whether Stripe charged or sent invoices. API versions before 2019-10-17 have it as `billing`.
        pub collection_method: Option<CollectionMethod>,
        /// How its collection was paused.
        pub pause_collection: Option<Option<PauseCollection>>,
        /// The newest invoice until then.
        pub latest_invoice: Option<Option<Expandable<Invoice>>>,
        /// What it was paid with.
        pub default_payment_method: Option<Option<Expandable<OtherObject>>>,
        /// The schedule that changed it at set times.
        pub schedule: Option<Option<Expandable<OtherObject>>>,
        /// The keys of the metadata that changed, with their values before: `None` for a key that is new.
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
    /// When the current period ended, in Unix seconds. `None` if neither the period nor an item changed: if an item changed, this
    /// may be what it still is.
    #[must_use]
    pub fn current_period_end(&self) -> Option<i64> {
        self.current_period_end.or_else(|| latest_period_end(self.known_items()))
    }

    /// The ids of the prices that were paid for. Empty if no item changed.
    pub fn price_ids(&self) -> impl Iterator<Item = &str> {
        self.known_items().iter().filter_map(SubscriptionItem::price_id)
    }

    /// The id of the price that was the plan: see [`Subscription::plan_item`]. `None` if no item changed.
    #[must_use]
    pub fn plan_price_id(&self) -> Option<&str> {
        plan_item(self.known_items())?.price_id()
    }

    /// How many of the plan were paid for: see [`Subscription::quantity`]. `None` if no item changed.
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
    /// Where a subscription stands: <https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses>
    pub enum SubscriptionStatus {
        /// It is paid for.
        Active => "active",
        /// It has ended, for good.
        Canceled => "canceled",
        /// The first payment is not there yet: there are 23 hours for it.
        Incomplete => "incomplete",
        /// The first payment did not come. It has ended, for good.
        IncompleteExpired => "incomplete_expired",
        /// A payment failed and is tried again.
        PastDue => "past_due",
        /// It gives no service and draws up no invoices until it is resumed: the trial ended without a payment method, the app
        /// paused it, or since 2026-09-30.endive a payment failed. [`pause_reason`](Subscription::pause_reason) tells which.
        Paused => "paused",
        /// It is free until the trial ends.
        Trialing => "trialing",
        /// Payments failed and are not tried any more. Invoices are still drawn up.
        Unpaid => "unpaid",
    }
}

value! {
    /// Why a subscription is [`Paused`](SubscriptionStatus::Paused).
    pub enum PauseReason {
        /// The last try of a payment failed.
        FinalPaymentFailure => "final_payment_failure",
        /// The first payment failed.
        FirstPaymentFailure => "first_payment_failure",
        /// The app asked for it.
        PauseRequested => "pause_requested",
        /// Stripe did it.
        System => "system",
        /// The trial ended without a payment method.
        TrialEndWithoutPaymentMethod => "trial_end_without_payment_method",
    }
}

value! {
    /// How a subscription's or invoice's money is collected.
    pub enum CollectionMethod {
        /// Stripe charges the default way to pay.
        ChargeAutomatically => "charge_automatically",
        /// Stripe sends an invoice, and the customer pays it.
        SendInvoice => "send_invoice",
    }
}
