//! Payments of invoices.

use std::cmp::Reverse;

use super::{
    Charge, Expandable, Invoice, OtherObject, PaymentIntent,
    expandable::id_of,
    list::Listed,
    macros::{object, value},
};

object! {
    /// A payment of an invoice, since 2025-03-31.basil.
    ///
    /// See <https://docs.stripe.com/api/invoice-payment/object>.
    ///
    /// An invoice may have several: one for each partial payment, and canceled ones.
    pub struct InvoicePayment named "invoice_payment" {
        /// Returns the invoice payment's id, `inpay_…`.
        pub id: Option<String>,
        /// Returns the invoice.
        pub invoice: Option<Expandable<Invoice>>,
        /// Returns the status.
        pub status: Option<InvoicePaymentStatus>,
        /// Returns the paid amount, in the smallest unit of `currency`.
        ///
        /// `None` until the payment succeeds.
        pub amount_paid: Option<i64>,
        /// Returns the amount to be paid, in the smallest unit of `currency`.
        pub amount_requested: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns whether Stripe created the payment with the invoice.
        ///
        /// Stripe keeps the amount of this payment equal to the invoice's remaining amount.
        pub is_default: bool,
        /// Returns the times of the status changes.
        pub status_transitions: Option<InvoicePaymentTransitions>,
        /// Returns when the invoice payment was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        payment: Option<Payment>,
    }
}

object! {
    /// The object that pays the invoice.
    struct Payment {
        charge: Option<Expandable<Charge>>,
        payment_intent: Option<Expandable<PaymentIntent>>,
        payment_record: Option<Expandable<OtherObject>>,
    }
}

impl InvoicePayment {
    /// Returns the invoice's id, `in_…`.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
    }

    /// Returns the payment intent.
    ///
    /// `None` if a charge pays the invoice, or a payment outside Stripe.
    #[must_use]
    pub fn payment_intent(&self) -> Option<&Expandable<PaymentIntent>> {
        self.payment.as_ref()?.payment_intent.as_ref()
    }

    /// Returns the id of the payment intent, `pi_…`.
    ///
    /// `None` if a charge pays the invoice, or a payment outside Stripe.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent())
    }

    /// Returns the charge.
    ///
    /// `None` if a payment intent pays the invoice, or a payment outside Stripe.
    #[must_use]
    pub fn charge(&self) -> Option<&Expandable<Charge>> {
        self.payment.as_ref()?.charge.as_ref()
    }

    /// Returns the id of the charge, `ch_…`.
    ///
    /// `None` if a payment intent pays the invoice, or a payment outside Stripe.
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.charge())
    }

    /// Returns the payment record, for a payment outside Stripe.
    #[must_use]
    pub fn payment_record(&self) -> Option<&Expandable<OtherObject>> {
        self.payment.as_ref()?.payment_record.as_ref()
    }

    /// Returns the id of the payment record, for a payment outside Stripe.
    #[must_use]
    pub fn payment_record_id(&self) -> Option<&str> {
        id_of(self.payment_record())
    }

    /// Returns the rank among an invoice's payments: the lowest is the effective one.
    ///
    /// `None` for a payment that is never effective.
    fn rank(&self) -> Option<(u8, Reverse<Option<i64>>)> {
        let paid_at = self.status_transitions.as_ref().and_then(|transitions| transitions.paid_at);
        let rank = match (&self.status, self.is_default) {
            (Some(InvoicePaymentStatus::Paid), true) => 0,
            (Some(InvoicePaymentStatus::Paid), false) => 1,
            (Some(InvoicePaymentStatus::Canceled), true) => 4,
            (Some(InvoicePaymentStatus::Canceled), false) => return None,
            (_, true) => 2,
            (_, false) => 3,
        };
        Some((rank, Reverse(paid_at)))
    }
}

/// Returns the effective payment of an invoice.
///
/// It is the paid one, else the default one, else the first one that is not canceled. Of several
/// paid ones it is the default one, else the one that was paid last.
pub(super) fn effective(payments: &[InvoicePayment]) -> Option<&InvoicePayment> {
    let ranked = payments.iter().filter_map(|payment| Some((payment.rank()?, payment)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, payment)| payment)
}

impl Listed for InvoicePayment {}

object! {
    /// The times at which an invoice payment changed its status.
    pub struct InvoicePaymentTransitions {
        /// Returns when the payment was canceled, in Unix seconds.
        pub canceled_at: Option<i64>,
        /// Returns when the payment succeeded, in Unix seconds.
        pub paid_at: Option<i64>,
    }
}

value! {
    /// The status of an invoice payment.
    pub enum InvoicePaymentStatus {
        /// The payment was canceled: another payment succeeded, or the invoice is void.
        Canceled => "canceled",
        /// The payment is open.
        Open => "open",
        /// The payment succeeded.
        Paid => "paid",
    }
}
