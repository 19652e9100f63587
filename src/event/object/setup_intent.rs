//! Setup intents.

use super::{
    Customer, Expandable, Metadata, OtherObject,
    account::Account,
    account::Application,
    macros::{object, value},
    mandate::Mandate,
    payment_method::PaymentMethod,
};

object! {
    /// The setup of a payment method for later payments:
    /// <https://docs.stripe.com/api/setup_intents/object>
    pub struct SetupIntent named "setup_intent" {
        /// Returns the setup intent's id, `seti_…`.
        pub id: required String,
        /// Returns the status.
        pub status: Option<SetupIntentStatus>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the payment method.
        pub payment_method (payment_method_id): Option<Expandable<PaymentMethod>>,
        /// Returns the types of payment methods that the customer can set up.
        pub payment_method_types: Vec<String>,
        /// Returns how the payment method will be used: `off_session` or `on_session`.
        pub usage: Option<String>,
        /// Returns the reason of the cancellation, such as `abandoned`.
        pub cancellation_reason: Option<String>,
        /// Returns the error of the last attempt.
        pub last_setup_error: Option<SetupError>,
        /// Returns the latest attempt.
        pub latest_attempt (latest_attempt_id): Option<Expandable<OtherObject>>,
        /// Returns the mandate for several payments.
        pub mandate (mandate_id): Option<Expandable<Mandate>>,
        /// Returns the mandate for one payment.
        pub single_use_mandate (single_use_mandate_id): Option<Expandable<Mandate>>,
        /// Returns what the customer has to do.
        pub next_action: Option<SetupNextAction>,
        /// Returns the Connect application that created the setup intent.
        pub application (application_id): Option<Expandable<Application>>,
        /// Returns whether the payment method is attached to the account itself.
        pub attach_to_self: bool,
        /// Returns the connected account that the setup intent is made for.
        pub on_behalf_of (on_behalf_of_id): Option<Expandable<Account>>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns when the setup intent was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the setup intent.
        pub metadata: Metadata,
    }
}

value! {
    /// The status of a setup intent: <https://docs.stripe.com/payments/paymentintents/lifecycle>
    pub enum SetupIntentStatus {
        /// The setup was canceled.
        Canceled => "canceled",
        /// The setup is being processed.
        Processing => "processing",
        /// The setup waits for an action of the customer, such as 3D Secure.
        RequiresAction => "requires_action" | "requires_source_action",
        /// The setup waits for its confirmation.
        RequiresConfirmation => "requires_confirmation",
        /// The setup waits for a payment method. The last attempt may have failed.
        RequiresPaymentMethod => "requires_payment_method" | "requires_source",
        /// The payment method can be used for later payments.
        Succeeded => "succeeded",
    }
}

object! {
    /// The error of the last attempt.
    pub struct SetupError {
        /// Returns the error, as a code: <https://docs.stripe.com/error-codes>
        pub code: Option<String>,
        /// Returns the reason that the card's issuer gave.
        pub decline_code: Option<String>,
        /// Returns the message, for people.
        pub message: Option<String>,
        /// Returns the payment method.
        pub payment_method: Option<PaymentMethod>,
        /// Returns the type of the payment method.
        pub payment_method_type: Option<String>,
        /// Returns the type, such as `card_error`.
        pub error_type as "type": Option<String>,
    }
}

object! {
    /// What the customer has to do.
    pub struct SetupNextAction {
        /// Returns the page to which the customer has to be redirected.
        pub redirect_to_url: Option<RedirectToUrl>,
        /// Returns the microdeposits by which the customer verifies a bank account.
        pub verify_with_microdeposits: Option<VerifyWithMicrodeposits>,
        /// Returns the type, such as `redirect_to_url`.
        pub action_type as "type": Option<String>,
    }
}

object! {
    /// The page to which the customer has to be redirected.
    pub struct RedirectToUrl {
        /// Returns the URL to which the customer returns.
        pub return_url: Option<String>,
        /// Returns the URL.
        pub url: Option<String>,
    }
}

object! {
    /// The microdeposits by which the customer verifies a bank account.
    pub struct VerifyWithMicrodeposits {
        /// Returns when the microdeposits are expected to arrive, in Unix seconds.
        pub arrival_date: Option<i64>,
        /// Returns the URL of the page for the verification.
        pub hosted_verification_url: Option<String>,
        /// Returns what the customer enters: `amounts` or `descriptor_code`.
        pub microdeposit_type: Option<String>,
    }
}
