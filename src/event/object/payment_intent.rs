//! Payment intents.

use super::{
    Charge, Customer, Expandable, Invoice, List, Metadata, OtherObject,
    expandable::id_of,
    lenient::{object, value},
};

object! {
    /// One payment, however many attempts it takes: <https://docs.stripe.com/api/payment_intents/object>
    pub struct PaymentIntent named "payment_intent" {
        /// The payment's id, `pi_…`.
        pub id: required String,
        /// What is to be paid, in the smallest unit of `currency`.
        pub amount: required i64,
        /// The currency.
        pub currency: required String,
        /// Where it stands.
        pub status: required PaymentIntentStatus,
        /// What was collected, in the smallest unit of `currency`.
        pub amount_received: Option<i64>,
        /// What is authorized and can be captured, in the smallest unit of `currency`.
        pub amount_capturable: Option<i64>,
        /// Who pays.
        pub customer: Option<Expandable<Customer>>,
        /// What it is paid with.
        pub payment_method: Option<Expandable<OtherObject>>,
        /// Why the last attempt failed.
        pub last_payment_error: Option<PaymentError>,
        /// A text of the app's own, which the customer may see.
        pub description: Option<String>,
        /// Where the receipt is sent.
        pub receipt_email: Option<String>,
        /// When it was canceled, in Unix seconds.
        pub canceled_at: Option<i64>,
        /// Why it was canceled, such as `abandoned`.
        pub cancellation_reason: Option<String>,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached.
        pub metadata: Metadata,
        charges: List<OtherObject>,
        invoice: Option<Expandable<Invoice>>,
        latest_charge: Option<Expandable<Charge>>,
    }
}

impl PaymentIntent {
    /// The customer's id, `cus_…`. `None` for a guest.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// The id of the charge that was made last, `ch_…`.
    ///
    /// API versions before 2022-11-15 have a list of charges, later ones `latest_charge`.
    #[must_use]
    pub fn latest_charge_id(&self) -> Option<&str> {
        id_of(self.latest_charge.as_ref()).or_else(|| self.charges.first()?.id.as_deref())
    }

    /// The id of the invoice that is paid, `in_…`. API versions since 2025-03-31.basil do not tell.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
    }
}

object! {
    /// Why a payment failed: <https://docs.stripe.com/error-codes>
    pub struct PaymentError {
        /// A short name for programs, such as `card_declined`.
        pub code: Option<String>,
        /// Why the bank declined, such as `insufficient_funds`: <https://docs.stripe.com/declines/codes>
        pub decline_code: Option<String>,
        /// A sentence for people, which for card errors may be shown to the customer.
        pub message: Option<String>,
        /// The kind of error, such as `card_error`.
        pub error_type as "type": Option<String>,
    }
}

value! {
    /// Where a payment stands: <https://docs.stripe.com/payments/paymentintents/lifecycle>
    pub enum PaymentIntentStatus {
        /// It was given up.
        Canceled => "canceled",
        /// It is under way, which takes days for some ways to pay.
        Processing => "processing",
        /// The customer has something to do, such as 3-D Secure.
        RequiresAction => "requires_action",
        /// It is authorized and waits for the app to capture it.
        RequiresCapture => "requires_capture",
        /// It waits for the app to confirm it.
        RequiresConfirmation => "requires_confirmation",
        /// It has no way to pay, or the one that it had failed.
        RequiresPaymentMethod => "requires_payment_method",
        /// The money is there.
        Succeeded => "succeeded",
    }
}
