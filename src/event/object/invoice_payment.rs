//! Payments of invoices.

use std::cmp::Reverse;

use super::{
    Charge, Expandable, Invoice, OtherObject, PaymentIntent,
    expandable::id_of,
    list::Listed,
    macros::{object, value},
};

object! {
    /// One payment of an invoice, since 2025-03-31.basil: <https://docs.stripe.com/api/invoice-payment/object>
    ///
    /// An invoice may have several: one for each part that is paid, and some that were canceled.
    pub struct InvoicePayment named "invoice_payment" {
        /// The invoice payment's id, `inpay_…`.
        pub id: Option<String>,
        /// The invoice.
        pub invoice: Option<Expandable<Invoice>>,
        /// The status.
        pub status: Option<InvoicePaymentStatus>,
        /// What was paid, in the smallest unit of `currency`. `None` until it is.
        pub amount_paid: Option<i64>,
        /// What is to be paid, in the smallest unit of `currency`.
        pub amount_requested: Option<i64>,
        /// The currency.
        pub currency: Option<String>,
        /// Whether Stripe made it with the invoice, and keeps its amount in step with what remains to be paid.
        pub is_default: bool,
        /// When the status changed.
        pub status_transitions: Option<InvoicePaymentTransitions>,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
        /// Whether it is of live mode.
        pub livemode: bool,
        payment: Option<Payment>,
    }
}

object! {
    /// What an invoice was paid by.
    struct Payment {
        charge: Option<Expandable<Charge>>,
        payment_intent: Option<Expandable<PaymentIntent>>,
        payment_record: Option<Expandable<OtherObject>>,
    }
}

impl InvoicePayment {
    /// The invoice's id, `in_…`.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
    }

    /// The id of the payment, `pi_…`. `None` if the invoice is paid by a charge, or outside of Stripe.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment.as_ref()?.payment_intent.as_ref())
    }

    /// The id of the charge, `ch_…`. `None` if the invoice is paid by a payment intent, or outside of Stripe.
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.payment.as_ref()?.charge.as_ref())
    }

    /// The id of the record of a payment outside of Stripe.
    #[must_use]
    pub fn payment_record_id(&self) -> Option<&str> {
        id_of(self.payment.as_ref()?.payment_record.as_ref())
    }

    /// Of several payments of an invoice the one with the lowest rank counts. `None` for those that never do.
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

/// The payment that counts: the paid one, then the default one, then the first that is not canceled. Of several paid ones it is
/// the default one, then the one that was paid last.
pub(super) fn counting(payments: &[InvoicePayment]) -> Option<&InvoicePayment> {
    let ranked = payments.iter().filter_map(|payment| Some((payment.rank()?, payment)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, payment)| payment)
}

impl Listed for InvoicePayment {}

object! {
    /// When an invoice payment changed its status.
    pub struct InvoicePaymentTransitions {
        /// When it was canceled, in Unix seconds.
        pub canceled_at: Option<i64>,
        /// When it was paid, in Unix seconds.
        pub paid_at: Option<i64>,
    }
}

value! {
    /// The status of an invoice payment.
    pub enum InvoicePaymentStatus {
        /// It will not be paid: another payment is, or the invoice is void.
        Canceled => "canceled",
        /// It can be paid.
        Open => "open",
        /// It is paid.
        Paid => "paid",
    }
}
