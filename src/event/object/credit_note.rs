//! Credit notes.

use super::{
    Customer, Expandable, Invoice, List, Metadata, OtherObject, Refund,
    list::Listed,
    macros::{object, value},
};

object! {
    /// A credit note of an invoice: <https://docs.stripe.com/api/credit_notes/object>
    pub struct CreditNote named "credit_note" then unify {
        /// Returns the credit note's id, `cn_…`.
        pub id: required String,
        /// Returns the number that customers see.
        pub number: Option<String>,
        /// Returns the invoice.
        pub invoice (invoice_id): Option<Expandable<Invoice>>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the status.
        pub status: Option<CreditNoteStatus>,
        /// Returns the reason.
        pub reason: Option<CreditNoteReason>,
        /// Returns whether the invoice was paid when the credit note was created.
        pub credit_note_type as "type": Option<CreditNoteType>,
        /// Returns the total of the credit note, with tax, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the total before discounts, in the smallest unit of `currency`.
        pub subtotal: Option<i64>,
        /// Returns the total before discounts, without tax.
        pub subtotal_excluding_tax: Option<i64>,
        /// Returns the total, with tax.
        pub total: Option<i64>,
        /// Returns the total, without tax.
        pub total_excluding_tax: Option<i64>,
        /// Returns the total of all discounts.
        pub discount_amount: Option<i64>,
        /// Returns the total of the shipping costs.
        pub amount_shipping: Option<i64>,
        /// Returns the part that reduces what is due on the invoice.
        pub pre_payment_amount: Option<i64>,
        /// Returns the part that was refunded, credited or paid out of band.
        pub post_payment_amount: Option<i64>,
        /// Returns the part that was paid outside of Stripe.
        pub out_of_band_amount: Option<i64>,
        /// Returns the taxes.
        ///
        /// API versions before 2025-03-31.basil have them as `tax_amounts`.
        pub total_taxes: Vec<CreditNoteTax>,
        /// Returns the refunds that belong to the credit note.
        ///
        /// See also [`refund_ids`](Self::refund_ids).
        pub refunds: Vec<CreditNoteRefund>,
        /// Returns the change of the customer's balance.
        pub customer_balance_transaction (customer_balance_transaction_id): Option<Expandable<OtherObject>>,
        /// Returns the lines.
        pub lines: List<CreditNoteLine>,
        /// Returns the memo that customers see.
        pub memo: Option<String>,
        /// Returns the URL of the PDF.
        pub pdf: Option<String>,
        /// Returns the date on the credit note, in Unix seconds.
        pub effective_at: Option<i64>,
        /// Returns when the credit note was voided, in Unix seconds.
        pub voided_at: Option<i64>,
        /// Returns when the credit note was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the credit note.
        pub metadata: Metadata,
        tax_amounts: Vec<CreditNoteTax>,
        refund: Option<Expandable<Refund>>,
    }
}

value! {
    /// The status of a credit note.
    pub enum CreditNoteStatus {
        /// The credit note is valid.
        Issued => "issued",
        /// The credit note was voided.
        Void => "void",
    }
}

value! {
    /// The reason of a credit note.
    pub enum CreditNoteReason {
        /// The invoice was a duplicate.
        Duplicate => "duplicate",
        /// The payment was fraudulent.
        Fraudulent => "fraudulent",
        /// The order changed.
        OrderChange => "order_change",
        /// The customer was not satisfied.
        ProductUnsatisfactory => "product_unsatisfactory",
    }
}

value! {
    /// Whether the invoice was paid when the credit note was created.
    pub enum CreditNoteType {
        /// The invoice was paid in part.
        Mixed => "mixed",
        /// The invoice was paid.
        PostPayment => "post_payment",
        /// The invoice was open.
        PrePayment => "pre_payment",
    }
}

object! {
    /// The taxes.
    pub struct CreditNoteTax {
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns whether the tax is `inclusive` or `exclusive`.
        pub tax_behavior: Option<String>,
        /// Returns the reason of the taxability, such as `standard_rated`.
        pub taxability_reason: Option<String>,
        /// Returns the amount that is taxed.
        pub taxable_amount: Option<i64>,
    }
}

object! {
    /// The refunds that belong to the credit note.
    pub struct CreditNoteRefund {
        /// Returns the refunded amount, in the smallest unit of `currency`.
        pub amount_refunded: Option<i64>,
        /// Returns the refund.
        pub refund (refund_id): Option<Expandable<Refund>>,
    }
}

object! {
    /// The lines.
    pub struct CreditNoteLine {
        /// Returns the line's id, `cnli_…`.
        pub id: Option<String>,
        /// Returns the amount of the line, in the smallest unit of the credit note's currency.
        pub amount: Option<i64>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the total of all discounts of the line.
        pub discount_amount: Option<i64>,
        /// Returns the id of the invoice's line.
        pub invoice_line_item: Option<String>,
        /// Returns the quantity.
        pub quantity: Option<i64>,
        /// Returns the type: `invoice_line_item` or `custom_line_item`.
        pub line_type as "type": Option<String>,
        /// Returns the amount per unit.
        pub unit_amount: Option<i64>,
    }
}

impl Listed for CreditNoteLine {}

fn unify(note: &mut CreditNote) {
    if note.total_taxes.is_empty() {
        note.total_taxes = std::mem::take(&mut note.tax_amounts);
    }
}

impl CreditNote {
    /// The ids of the refunds, `re_…`.
    ///
    /// API versions before 2024-12-18.acacia have one as `refund`.
    pub fn refund_ids(&self) -> impl Iterator<Item = &str> {
        let one = self.refund.as_ref().filter(|_| self.refunds.is_empty());
        let refunds = self.refunds.iter().filter_map(|refund| refund.refund.as_ref());
        refunds.chain(one).map(Expandable::id)
    }
}
