//! Subscription schedules.

use super::{
    BillingMode, CollectionMethod, Customer, Expandable, Metadata, Price, Subscription,
    account::Account,
    account::Application,
    discount::Coupon,
    discount::Discount,
    discount::PromotionCode,
    expandable::id_of,
    lenient::move_into,
    macros::{object, value},
    payment_method::PaymentMethod,
    test_clock::TestClock,
};

object! {
    /// A schedule of changes to a subscription:
    /// <https://docs.stripe.com/api/subscription_schedules/object>
    pub struct SubscriptionSchedule named "subscription_schedule" then unify {
        /// Returns the subscription schedule's id, `sub_sched_…`.
        pub id: required String,
        /// Returns the status.
        pub status: Option<SubscriptionScheduleStatus>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the subscription.
        pub subscription (subscription_id): Option<Expandable<Subscription>>,
        /// Returns the id of the subscription that the schedule managed until it was released.
        pub released_subscription: Option<String>,
        /// Returns the current phase.
        ///
        /// `None` unless the schedule is active.
        pub current_phase: Option<CurrentPhase>,
        /// Returns the phases.
        pub phases: Vec<Phase>,
        /// Returns what happens to the subscription at the end of the last phase.
        pub end_behavior: Option<EndBehavior>,
        /// Returns the settings of phases that have none.
        pub default_settings: Option<DefaultSettings>,
        /// Returns the rules by which Stripe creates invoices.
        pub billing_mode: Option<BillingMode>,
        /// Returns the Connect application that created the subscription schedule.
        pub application (application_id): Option<Expandable<Application>>,
        /// Returns when the schedule was canceled, in Unix seconds.
        pub canceled_at: Option<i64>,
        /// Returns when the schedule was completed, in Unix seconds.
        pub completed_at: Option<i64>,
        /// Returns when the schedule was released, in Unix seconds.
        pub released_at: Option<i64>,
        /// Returns the test clock that sets the subscription schedule's time.
        pub test_clock (test_clock_id): Option<Expandable<TestClock>>,
        /// Returns when the subscription schedule was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the subscription schedule.
        pub metadata: Metadata,
        renewal_behavior: Option<EndBehavior>,
    }
}

value! {
    /// The status of a subscription schedule.
    pub enum SubscriptionScheduleStatus {
        /// The schedule manages its subscription.
        Active => "active",
        /// The schedule and its subscription were canceled.
        Canceled => "canceled",
        /// The last phase is over.
        Completed => "completed",
        /// The first phase has not started.
        NotStarted => "not_started",
        /// The schedule no longer manages the subscription.
        Released => "released",
    }
}

object! {
    /// The current phase.
    pub struct CurrentPhase {
        /// Returns the end, in Unix seconds.
        pub end_date: Option<i64>,
        /// Returns the start, in Unix seconds.
        pub start_date: Option<i64>,
    }
}

object! {
    /// The phases.
    pub struct Phase {
        /// Returns the start, in Unix seconds.
        pub start_date: Option<i64>,
        /// Returns the end, in Unix seconds.
        pub end_date: Option<i64>,
        /// Returns the end of the trial, in Unix seconds.
        pub trial_end: Option<i64>,
        /// Returns the items of the subscription.
        pub items: Vec<PhaseItem>,
        /// Returns the items that are added to the phase's first invoice.
        pub add_invoice_items: Vec<PhaseInvoiceItem>,
        /// Returns how the payment is collected.
        pub collection_method: Option<CollectionMethod>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the payment method.
        pub default_payment_method (default_payment_method_id): Option<Expandable<PaymentMethod>>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the discounts.
        pub discounts: Vec<PhaseDiscount>,
        /// Returns whether the start of the phase creates prorations, such as `create_prorations`.
        pub proration_behavior: Option<String>,
        /// Returns the anchor of the billing cycle: `automatic` or `phase_start`.
        pub billing_cycle_anchor: Option<String>,
        /// Returns the connected account that the subscription is made for.
        pub on_behalf_of (on_behalf_of_id): Option<Expandable<Account>>,
        /// Returns the metadata of the phase, which the subscription gets.
        pub metadata: Metadata,
        plans: Vec<PhaseItem>,
    }
}

object! {
    /// The items of the subscription.
    pub struct PhaseItem {
        /// Returns the price.
        pub price: Option<Expandable<Price>>,
        /// Returns the quantity.
        pub quantity: Option<i64>,
        /// Returns the metadata of the subscription item.
        pub metadata: Metadata,
        plan: Option<Expandable<Price>>,
    }
}

object! {
    /// The items that are added to the phase's first invoice.
    pub struct PhaseInvoiceItem {
        /// Returns the price.
        pub price (price_id): Option<Expandable<Price>>,
        /// Returns the quantity.
        pub quantity: Option<i64>,
    }
}

object! {
    /// The discounts.
    pub struct PhaseDiscount {
        /// Returns the coupon.
        pub coupon (coupon_id): Option<Expandable<Coupon>>,
        /// Returns the discount.
        pub discount (discount_id): Option<Expandable<Discount>>,
        /// Returns the promotion code.
        pub promotion_code (promotion_code_id): Option<Expandable<PromotionCode>>,
    }
}

value! {
    /// What happens to a subscription at the end of its schedule.
    pub enum EndBehavior {
        /// The subscription is canceled.
        Cancel => "cancel",
        /// The schedule ends, and the subscription does not change.
        None => "none",
        /// The subscription continues without the schedule.
        Release => "release",
        /// The last phase is repeated.
        Renew => "renew",
    }
}

object! {
    /// The settings of phases that have none.
    pub struct DefaultSettings {
        /// Returns the anchor of the billing cycle: `automatic` or `phase_start`.
        pub billing_cycle_anchor: Option<String>,
        /// Returns how the payment is collected.
        pub collection_method: Option<CollectionMethod>,
        /// Returns the payment method.
        pub default_payment_method (default_payment_method_id): Option<Expandable<PaymentMethod>>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the connected account that the subscription is made for.
        pub on_behalf_of (on_behalf_of_id): Option<Expandable<Account>>,
    }
}

fn unify(schedule: &mut SubscriptionSchedule) {
    move_into(&mut schedule.end_behavior, &mut schedule.renewal_behavior);
    for phase in &mut schedule.phases {
        if phase.items.is_empty() {
            phase.items = std::mem::take(&mut phase.plans);
        }
    }
}

impl PhaseItem {
    /// The price's id, `price_…`. API versions before 2020 have it as `plan`.
    #[must_use]
    pub fn price_id(&self) -> Option<&str> {
        id_of(self.price.as_ref()).or(id_of(self.plan.as_ref()))
    }
}
