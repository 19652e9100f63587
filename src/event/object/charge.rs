//! Charges.

use super::{
    BillingDetails, Customer, Expandable, Invoice, Metadata, OtherObject, PaymentIntent,
    expandable::id_of,
    lenient::{object, value},
};

object! {
    /// One attempt to move money: <https://docs.stripe.com/api/charges/object>
    pub struct Charge named "charge" {
        /// The charge's id, `ch_…` or `py_…`.
        pub id: required String,
        /// What was charged, in the smallest unit of `currency`.
        pub amount: required i64,
        /// The currency.
        pub currency: required String,
        /// What was captured, in the smallest unit of `currency`.
        pub amount_captured: Option<i64>,
        /// What was given back, in the smallest unit of `currency`.
        pub amount_refunded: Option<i64>,
        /// Where it stands. `None` before 2014-12: see [`is_succeeded`](Self::is_succeeded).
        pub status: Option<ChargeStatus>,
        /// Whether it succeeded, or was authorized and can be captured.
        pub paid: Option<bool>,
        /// Whether the money was taken, and not just authorized. `None` before 2013-02.
        pub captured: Option<bool>,
        /// Whether all of it was given back. If it was a part, see `amount_refunded`.
        pub refunded: bool,
        /// Whether the customer disputes it.
        pub disputed: bool,
        /// Who paid.
        pub customer: Option<Expandable<Customer>>,
        /// The payment that it is an attempt of.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// What it was paid with.
        pub payment_method: Option<Expandable<OtherObject>>,
        /// What it did to the account's balance. `None` while it is pending, and if it failed.
        pub balance_transaction: Option<Expandable<OtherObject>>,
        /// Who paid, as entered with the payment.
        pub billing_details: Option<BillingDetails>,
        /// Why it failed, for programs: <https://docs.stripe.com/error-codes>
        pub failure_code: Option<String>,
        /// Why it failed, for people.
        pub failure_message: Option<String>,
        /// What the bank and Stripe's own check for fraud said.
        pub outcome: Option<Outcome>,
        /// A text of the app's own, which the customer may see.
        pub description: Option<String>,
        /// Where the receipt is sent.
        pub receipt_email: Option<String>,
        /// The page with the receipt.
        pub receipt_url: Option<String>,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached.
        pub metadata: Metadata,
        invoice: Option<Expandable<Invoice>>,
    }
}

impl Charge {
    /// Whether the money was moved or authorized.
    #[must_use]
    pub fn is_succeeded(&self) -> bool {
        match &self.status {
            Some(status) => matches!(status, ChargeStatus::Succeeded | ChargeStatus::Paid),
            None => self.paid == Some(true),
        }
    }

    /// The customer's id, `cus_…`. `None` for a guest.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// The payment's id, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }

    /// The id of the invoice that was paid, `in_…`. API versions since 2025-03-31.basil do not tell.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
    }
}

object! {
    /// What the bank and Stripe's own check for fraud said to a charge: <https://docs.stripe.com/declines>
    pub struct Outcome {
        /// `approved_by_network`, `declined_by_network`, `not_sent_to_network` or `reversed_after_approval`.
        pub network_status: Option<String>,
        /// Why it was declined or blocked.
        pub reason: Option<String>,
        /// `normal`, `elevated`, `highest`, or `not_assessed`.
        pub risk_level: Option<String>,
        /// A sentence for the app's operators: not for the customer.
        pub seller_message: Option<String>,
        /// `authorized`, `manual_review`, `issuer_declined`, `blocked` or `invalid`.
        pub outcome_type as "type": Option<String>,
    }
}

value! {
    /// Where a charge stands.
    pub enum ChargeStatus {
        /// It did not go through.
        Failed => "failed",
        /// What `succeeded` was called before 2015-02-18.
        Paid => "paid",
        /// It is under way, which takes days for some ways to pay.
        Pending => "pending",
        /// The money was moved, or authorized.
        Succeeded => "succeeded",
    }
}
