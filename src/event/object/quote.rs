//! Quotes.

use super::{
    AutomaticTax, CollectionMethod, Customer, Expandable, Interval, Invoice, Metadata,
    Subscription, TotalDetails,
    account::Account,
    account::Application,
    discount::Discount,
    macros::{object, value},
    subscription_schedule::SubscriptionSchedule,
    tax::TaxRate,
    test_clock::TestClock,
};

object! {
    /// A quote: <https://docs.stripe.com/api/quotes/object>
    pub struct Quote named "quote" {
        /// Returns the quote's id, `qt_…`.
        pub id: required String,
        /// Returns the number that customers see.
        ///
        /// `None` until the quote is finalized.
        pub number: Option<String>,
        /// Returns the status.
        pub status: Option<QuoteStatus>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the total before discounts and taxes, in the smallest unit of `currency`.
        pub amount_subtotal: Option<i64>,
        /// Returns the total, in the smallest unit of `currency`.
        pub amount_total: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns how the payment is collected.
        pub collection_method: Option<CollectionMethod>,
        /// Returns the amounts, computed from the line items.
        pub computed: Option<Computed>,
        /// Returns the settings and the result of Stripe Tax.
        pub automatic_tax: Option<AutomaticTax>,
        /// Returns the Connect application that created the quote.
        pub application (application_id): Option<Expandable<Application>>,
        /// Returns the application fee, in the smallest unit of `currency`.
        pub application_fee_amount: Option<i64>,
        /// Returns the application fee, in percent.
        pub application_fee_percent: Option<f64>,
        /// Returns the tax rates of line items that have none.
        pub default_tax_rates: Vec<Expandable<TaxRate>>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the discounts.
        pub discounts: Vec<Expandable<Discount>>,
        /// Returns when the quote expires, in Unix seconds.
        pub expires_at: Option<i64>,
        /// Returns the quote that this one was made from.
        pub from_quote: Option<FromQuote>,
        /// Returns the header that customers see.
        pub header: Option<String>,
        /// Returns the footer that customers see.
        pub footer: Option<String>,
        /// Returns the invoice that was created when the quote was accepted.
        pub invoice (invoice_id): Option<Expandable<Invoice>>,
        /// Returns the subscription that was created when the quote was accepted.
        pub subscription (subscription_id): Option<Expandable<Subscription>>,
        /// Returns the subscription schedule that was created when the quote was accepted.
        pub subscription_schedule (subscription_schedule_id): Option<Expandable<SubscriptionSchedule>>,
        /// Returns the subscription that the quote creates.
        pub subscription_data: Option<QuoteSubscription>,
        /// Returns the times of the status changes.
        pub status_transitions: Option<QuoteTransitions>,
        /// Returns the parts of the total.
        pub total_details: Option<TotalDetails>,
        /// Returns the connected account that the quote is made for.
        pub on_behalf_of (on_behalf_of_id): Option<Expandable<Account>>,
        /// Returns the connected account that receives the money.
        pub transfer_data: Option<QuoteTransferData>,
        /// Returns the test clock that sets the quote's time.
        pub test_clock (test_clock_id): Option<Expandable<TestClock>>,
        /// Returns when the quote was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the quote.
        pub metadata: Metadata,
    }
}

value! {
    /// The status of a quote.
    pub enum QuoteStatus {
        /// The customer accepted the quote.
        Accepted => "accepted",
        /// The quote was canceled.
        Canceled => "canceled",
        /// The quote can be changed.
        Draft => "draft",
        /// The quote was finalized.
        Open => "open",
    }
}

object! {
    /// The amounts, computed from the line items.
    pub struct Computed {
        /// Returns the recurring amounts.
        ///
        /// `None` if there are none.
        pub recurring: Option<ComputedRecurring>,
        /// Returns the amounts that are due when the quote is accepted.
        pub upfront: Option<ComputedUpfront>,
    }
}

object! {
    /// The recurring amounts.
    pub struct ComputedRecurring {
        /// Returns the total before discounts and taxes.
        pub amount_subtotal: Option<i64>,
        /// Returns the total.
        pub amount_total: Option<i64>,
        /// Returns the unit of time of the billing interval.
        pub interval: Option<Interval>,
        /// Returns the number of units in the billing interval.
        pub interval_count: Option<i64>,
    }
}

object! {
    /// The amounts that are due when the quote is accepted.
    pub struct ComputedUpfront {
        /// Returns the total before discounts and taxes.
        pub amount_subtotal: Option<i64>,
        /// Returns the total.
        pub amount_total: Option<i64>,
    }
}

object! {
    /// The quote that this one was made from.
    pub struct FromQuote {
        /// Returns whether this quote replaces that one.
        pub is_revision: bool,
        /// Returns the quote.
        pub quote (quote_id): Option<Expandable<Quote>>,
    }
}

object! {
    /// The subscription that the quote creates.
    pub struct QuoteSubscription {
        /// Returns the description.
        pub description: Option<String>,
        /// Returns when the subscription starts, in Unix seconds.
        ///
        /// `None` for when the quote is accepted.
        pub effective_date: Option<i64>,
        /// Returns the metadata of the subscription.
        pub metadata: Metadata,
        /// Returns the number of days of the trial.
        pub trial_period_days: Option<i64>,
    }
}

object! {
    /// The times of the status changes.
    pub struct QuoteTransitions {
        /// Returns when the quote was accepted, in Unix seconds.
        pub accepted_at: Option<i64>,
        /// Returns when the quote was canceled, in Unix seconds.
        pub canceled_at: Option<i64>,
        /// Returns when the quote was finalized, in Unix seconds.
        pub finalized_at: Option<i64>,
    }
}

object! {
    /// The connected account that receives the money.
    pub struct QuoteTransferData {
        /// Returns the transferred amount.
        ///
        /// `None` for the full amount.
        pub amount: Option<i64>,
        /// Returns the transferred share of each invoice, in percent.
        pub amount_percent: Option<f64>,
        /// Returns the connected account.
        pub destination (destination_id): Option<Expandable<Account>>,
    }
}
