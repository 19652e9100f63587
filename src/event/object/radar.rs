//! Fraud: reviews and early fraud warnings.

use super::{
    Charge, Expandable, PaymentIntent,
    macros::{object, value},
};

object! {
    /// A warning of the card's issuer that a charge may be fraudulent:
    /// <https://docs.stripe.com/api/radar/early_fraud_warnings/object>
    pub struct EarlyFraudWarning named "radar.early_fraud_warning" {
        /// Returns the early fraud warning's id, `issfr_…`.
        pub id: required String,
        /// Returns whether the charge can still be refunded to prevent a dispute.
        pub actionable: bool,
        /// Returns the charge.
        pub charge (charge_id): Option<Expandable<Charge>>,
        /// Returns the payment intent.
        pub payment_intent (payment_intent_id): Option<Expandable<PaymentIntent>>,
        /// Returns the type of fraud, such as `card_never_received`.
        pub fraud_type: Option<String>,
        /// Returns when the early fraud warning was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// A review of a payment: <https://docs.stripe.com/api/radar/reviews/object>
    pub struct Review named "review" {
        /// Returns the review's id, `prv_…`.
        pub id: required String,
        /// Returns whether the review is open.
        pub open: bool,
        /// Returns the reason that is current: `rule`, `manual` or a reason of the closing.
        pub reason: Option<String>,
        /// Returns why the review was opened.
        pub opened_reason: Option<OpenedReason>,
        /// Returns why the review was closed.
        pub closed_reason: Option<ClosedReason>,
        /// Returns the charge.
        pub charge (charge_id): Option<Expandable<Charge>>,
        /// Returns the payment intent.
        pub payment_intent (payment_intent_id): Option<Expandable<PaymentIntent>>,
        /// Returns the postal code of the payment method.
        pub billing_zip: Option<String>,
        /// Returns the IP address of the payment.
        pub ip_address: Option<String>,
        /// Returns the place of the IP address.
        pub ip_address_location: Option<IpAddressLocation>,
        /// Returns the session of the browser.
        pub session: Option<ReviewSession>,
        /// Returns when the review was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

value! {
    /// The reason why a review was opened.
    pub enum OpenedReason {
        /// A person opened the review.
        Manual => "manual",
        /// A rule of Radar opened the review.
        Rule => "rule",
    }
}

value! {
    /// The reason why a review was closed.
    pub enum ClosedReason {
        /// The review was acknowledged.
        Acknowledged => "acknowledged",
        /// The payment was approved.
        Approved => "approved",
        /// The payment was canceled.
        Canceled => "canceled",
        /// The payment was disputed.
        Disputed => "disputed",
        /// The payment was never settled.
        PaymentNeverSettled => "payment_never_settled",
        /// The data of the payment was deleted.
        Redacted => "redacted",
        /// The payment was refunded.
        Refunded => "refunded",
        /// The payment was refunded as fraudulent.
        RefundedAsFraud => "refunded_as_fraud",
    }
}

object! {
    /// The place of the IP address.
    pub struct IpAddressLocation {
        /// Returns the city.
        pub city: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the latitude.
        pub latitude: Option<f64>,
        /// Returns the longitude.
        pub longitude: Option<f64>,
        /// Returns the region.
        pub region: Option<String>,
    }
}

object! {
    /// The session of the browser.
    pub struct ReviewSession {
        /// Returns the browser.
        pub browser: Option<String>,
        /// Returns the device.
        pub device: Option<String>,
        /// Returns the operating system.
        pub platform: Option<String>,
        /// Returns the version of the browser.
        pub version: Option<String>,
    }
}
