//! Standalone authentications with 3D Secure.

use super::{Expandable, macros::object, payment_method::PaymentMethod};

object! {
    /// An authentication of a cardholder: <https://docs.stripe.com/payments/3d-secure>
    pub struct Authentication named "three_d_secure.authentication" {
        /// Returns the authentication's id.
        pub id: required String,
        /// Returns the status, such as `succeeded` or `requires_challenge`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the network, such as `visa`.
        pub directory_server: Option<String>,
        /// Returns whether the authentication is for a payment.
        pub message_category: Option<String>,
        /// Returns the outcome, such as `authenticated` or `denied`.
        pub outcome: Option<String>,
        /// Returns the payment method.
        pub payment_method (payment_method_id): Option<Expandable<PaymentMethod>>,
        /// Returns when the authentication was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}
