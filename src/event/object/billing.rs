//! Usage-based billing: meters, credits and alerts.

use super::{
    Customer, Expandable, Invoice, Metadata, Named,
    macros::{object, value},
    test_clock::TestClock,
};

object! {
    /// An alert about a customer's usage: <https://docs.stripe.com/api/billing/alert/object>
    pub struct Alert named "billing.alert" {
        /// Returns the alert's id, `alrt_…`.
        pub id: required String,
        /// Returns the type: `usage_threshold`.
        pub alert_type: Option<String>,
        /// Returns the status.
        pub status: Option<AlertStatus>,
        /// Returns the title.
        pub title: Option<String>,
        /// Returns the threshold.
        pub usage_threshold: Option<UsageThreshold>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

value! {
    /// The status of an alert.
    pub enum AlertStatus {
        /// The alert can be triggered.
        Active => "active",
        /// The alert is archived.
        Archived => "archived",
        /// The alert is switched off.
        Inactive => "inactive",
    }
}

object! {
    /// The threshold.
    pub struct UsageThreshold {
        /// Returns the usage from which the alert is triggered.
        pub gte: Option<i64>,
        /// Returns the meter.
        pub meter (meter_id): Option<Expandable<Meter>>,
        /// Returns how often the alert is triggered: `one_time`.
        pub recurrence: Option<String>,
    }
}

object! {
    /// An alert that was triggered:
    /// <https://docs.stripe.com/billing/subscriptions/usage-based/alerts>
    pub struct AlertTriggered then unify {
        /// Returns the alert.
        pub alert: Option<Alert>,
        /// Returns the customer's id, `cus_…`.
        pub customer: Option<String>,
        /// Returns the usage.
        pub value: Option<i64>,
        /// Returns when the alert was triggered, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        id: Option<String>,
        object: Option<String>,
        alert_type: Option<String>,
        status: Option<AlertStatus>,
        title: Option<String>,
        usage_threshold: Option<UsageThreshold>,
    }
}

object! {
    /// Credits of a customer: <https://docs.stripe.com/api/billing/credit-grant/object>
    pub struct CreditGrant named "billing.credit_grant" {
        /// Returns the credit grant's id, `credgr_…`.
        pub id: required String,
        /// Returns the granted amount.
        pub amount: Option<CreditAmount>,
        /// Returns whether the customer paid for the credits.
        pub category: Option<CreditCategory>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns a name that customers do not see.
        pub name: Option<String>,
        /// Returns the order in which credits are used: 0 is first.
        pub priority: Option<i64>,
        /// Returns when the credits can be used, in Unix seconds.
        pub effective_at: Option<i64>,
        /// Returns when the credits expire, in Unix seconds.
        pub expires_at: Option<i64>,
        /// Returns when the credits were voided, in Unix seconds.
        pub voided_at: Option<i64>,
        /// Returns the test clock that sets the credit grant's time.
        pub test_clock (test_clock_id): Option<Expandable<TestClock>>,
        /// Returns when the credit grant was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns when the credit grant was last changed, in Unix seconds.
        pub updated: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the credit grant.
        pub metadata: Metadata,
    }
}

object! {
    /// The granted amount.
    pub struct CreditAmount {
        /// Returns the amount of money.
        pub monetary: Option<MonetaryAmount>,
        /// Returns the type: `monetary`.
        pub amount_type as "type": Option<String>,
    }
}

object! {
    /// The amount of money.
    pub struct MonetaryAmount {
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub value: Option<i64>,
    }
}

value! {
    /// Whether the customer paid for credits.
    pub enum CreditCategory {
        /// The customer paid for the credits.
        Paid => "paid",
        /// The credits were given away.
        Promotional => "promotional",
    }
}

object! {
    /// A change of a customer's credits:
    /// <https://docs.stripe.com/api/billing/credit-balance-transaction/object>
    pub struct CreditBalanceTransaction named "billing.credit_balance_transaction" {
        /// Returns the transaction's id, `cbtxn_…`.
        pub id: required String,
        /// Returns whether credits were added or used.
        pub credit_balance_transaction_type as "type": Option<CreditTransactionType>,
        /// Returns the added credits.
        pub credit: Option<Credit>,
        /// Returns the used credits.
        pub debit: Option<Debit>,
        /// Returns the credits that changed.
        pub credit_grant (credit_grant_id): Option<Expandable<CreditGrant>>,
        /// Returns when the change takes effect, in Unix seconds.
        pub effective_at: Option<i64>,
        /// Returns the test clock that sets the transaction's time.
        pub test_clock (test_clock_id): Option<Expandable<TestClock>>,
        /// Returns when the transaction was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

value! {
    /// Whether credits were added or used.
    pub enum CreditTransactionType {
        /// Credits were added.
        Credit => "credit",
        /// Credits were used.
        Debit => "debit",
    }
}

object! {
    /// The added credits.
    pub struct Credit {
        /// Returns the amount.
        pub amount: Option<CreditAmount>,
        /// Returns the cause, such as `credits_granted`.
        pub credit_type as "type": Option<String>,
    }
}

object! {
    /// The used credits.
    pub struct Debit {
        /// Returns the amount.
        pub amount: Option<CreditAmount>,
        /// Returns the invoice that the credits were used for.
        pub credits_applied: Option<CreditsApplied>,
        /// Returns the cause, such as `credits_applied`.
        pub debit_type as "type": Option<String>,
    }
}

object! {
    /// The invoice that the credits were used for.
    pub struct CreditsApplied {
        /// Returns the invoice.
        pub invoice (invoice_id): Option<Expandable<Invoice>>,
        /// Returns the id of the invoice's line.
        pub invoice_line_item: Option<String>,
    }
}

object! {
    /// A meter of usage: <https://docs.stripe.com/api/billing/meter/object>
    pub struct Meter named "billing.meter" {
        /// Returns the meter's id, `mtr_…`.
        pub id: required String,
        /// Returns the name.
        pub display_name: Option<String>,
        /// Returns the name of the meter events that the meter records.
        pub event_name: Option<String>,
        /// Returns the window in which events are aggregated first: `day` or `hour`.
        pub event_time_window: Option<String>,
        /// Returns the status.
        pub status: Option<MeterStatus>,
        /// Returns how an event names its customer.
        pub customer_mapping: Option<CustomerMapping>,
        /// Returns how events are aggregated.
        pub default_aggregation: Option<Aggregation>,
        /// Returns how an event gives its value.
        pub value_settings: Option<ValueSettings>,
        /// Returns the times of the status changes.
        pub status_transitions: Option<MeterTransitions>,
        /// Returns when the meter was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns when the meter was last changed, in Unix seconds.
        pub updated: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

value! {
    /// The status of a meter.
    pub enum MeterStatus {
        /// The meter records events.
        Active => "active",
        /// The meter records no events.
        Inactive => "inactive",
    }
}

object! {
    /// How an event names its customer.
    pub struct CustomerMapping {
        /// Returns the key of the event's payload.
        pub event_payload_key: Option<String>,
        /// Returns the type: `by_id`.
        pub mapping_type as "type": Option<String>,
    }
}

object! {
    /// How events are aggregated.
    pub struct Aggregation {
        /// Returns the formula: `sum`, `count` or `last`.
        pub formula: Option<String>,
    }
}

object! {
    /// How an event gives its value.
    pub struct ValueSettings {
        /// Returns the key of the event's payload.
        pub event_payload_key: Option<String>,
    }
}

object! {
    /// The times of the status changes.
    pub struct MeterTransitions {
        /// Returns when the meter was deactivated, in Unix seconds.
        pub deactivated_at: Option<i64>,
    }
}

impl Named for AlertTriggered {
    const NAMES: &[&str] = &["billing.alert_triggered", "billing.alert"];

    fn own_name(&self) -> Option<&str> {
        self.object.as_deref()
    }
}

/// The thin event links to the alert itself.
fn unify(triggered: &mut AlertTriggered) {
    if triggered.alert.is_some() || triggered.object.as_deref() != Some("billing.alert") {
        return;
    }
    triggered.alert = triggered.id.take().map(|id| Alert {
        id,
        alert_type: triggered.alert_type.take(),
        status: triggered.status.take(),
        title: triggered.title.take(),
        usage_threshold: triggered.usage_threshold.take(),
        livemode: triggered.livemode,
    });
    triggered.object = Some(AlertTriggered::NAMES[0].to_owned());
}
