//! Payment links.

use super::{
    AutomaticTax, Expandable, Metadata, account::Account, account::Application, macros::object,
};

object! {
    /// A payment link: <https://docs.stripe.com/api/payment-link/object>
    pub struct PaymentLink named "payment_link" {
        /// Returns the payment link's id, `plink_…`.
        pub id: required String,
        /// Returns whether the payment link can be used.
        pub active: bool,
        /// Returns the URL that customers open.
        pub url: Option<String>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns what follows the payment.
        pub after_completion: Option<AfterCompletion>,
        /// Returns whether customers can enter promotion codes.
        pub allow_promotion_codes: bool,
        /// Returns the Connect application that created the payment link.
        pub application (application_id): Option<Expandable<Application>>,
        /// Returns the application fee, in the smallest unit of `currency`.
        pub application_fee_amount: Option<i64>,
        /// Returns the application fee, in percent of each invoice.
        pub application_fee_percent: Option<f64>,
        /// Returns the settings of Stripe Tax.
        pub automatic_tax: Option<AutomaticTax>,
        /// Returns whether the address is collected: `auto` or `required`.
        pub billing_address_collection: Option<String>,
        /// Returns when Stripe creates a customer: `always` or `if_required`.
        pub customer_creation: Option<String>,
        /// Returns the message on the page of an inactive payment link.
        pub inactive_message: Option<String>,
        /// Returns the connected account that the payment link is made for.
        pub on_behalf_of (on_behalf_of_id): Option<Expandable<Account>>,
        /// Returns when the payment method is collected: `always` or `if_required`.
        pub payment_method_collection: Option<String>,
        /// Returns the types of payment methods.
        ///
        /// Empty if Stripe chooses them.
        pub payment_method_types: Vec<String>,
        /// Returns the restrictions.
        pub restrictions: Option<PaymentLinkRestrictions>,
        /// Returns the label of the button, such as `pay`.
        pub submit_type: Option<String>,
        /// Returns the subscription that the payment link creates.
        pub subscription_data: Option<PaymentLinkSubscription>,
        /// Returns the connected account that receives the money.
        pub transfer_data: Option<TransferData>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the payment link.
        pub metadata: Metadata,
    }
}

object! {
    /// What follows the payment.
    pub struct AfterCompletion {
        /// Returns the page to which the customer is redirected.
        pub redirect: Option<Redirect>,
        /// Returns the type: `hosted_confirmation` or `redirect`.
        pub completion_type as "type": Option<String>,
    }
}

object! {
    /// The page to which the customer is redirected.
    pub struct Redirect {
        /// Returns the URL.
        pub url: Option<String>,
    }
}

object! {
    /// The restrictions.
    pub struct PaymentLinkRestrictions {
        /// Returns the limit of completed checkout sessions.
        pub completed_sessions: Option<CompletedSessions>,
    }
}

object! {
    /// The limit of completed checkout sessions.
    pub struct CompletedSessions {
        /// Returns the number of completed checkout sessions.
        pub count: Option<i64>,
        /// Returns the maximum.
        pub limit: Option<i64>,
    }
}

object! {
    /// The subscription that the payment link creates.
    pub struct PaymentLinkSubscription {
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the metadata of the subscription.
        pub metadata: Metadata,
        /// Returns the number of days of the trial.
        pub trial_period_days: Option<i64>,
    }
}

object! {
    /// The connected account that receives the money.
    pub struct TransferData {
        /// Returns the transferred amount.
        ///
        /// `None` for the full amount.
        pub amount: Option<i64>,
        /// Returns the connected account.
        pub destination (destination_id): Option<Expandable<Account>>,
    }
}
