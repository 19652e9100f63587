//! Invoices and their lines.

use super::{
    AutomaticTax, Charge, CollectionMethod, Customer, Expandable, InvoicePayment, List, Metadata,
    OtherObject, PaymentError, PaymentIntent, Price, Subscription,
    expandable::{id_of, ids_of},
    invoice_payment::effective,
    lenient::move_into,
    list::Listed,
    macros::{object, value},
};

object! {
    /// An invoice: <https://docs.stripe.com/api/invoices/object>
    ///
    /// `invoice.paid` is also sent for zero-amount invoices and for invoices that were paid
    /// outside Stripe. `invoice.payment_failed` is sent once for each attempt.
    pub struct Invoice named "invoice" then unify {
        /// Returns the invoice's id, `in_…`. `None` for the preview in `invoice.upcoming`.
        pub id: Option<String>,
        /// Returns the amount due, in the smallest unit of `currency`.
        pub amount_due: Option<i64>,
        /// Returns the currency. `None` before 2013.
        pub currency: Option<String>,
        /// Returns the total after discounts and with taxes.
        ///
        /// It is in the smallest unit of `currency`.
        pub total: Option<i64>,
        /// Returns the total before discounts and taxes.
        ///
        /// It is in the smallest unit of `currency`.
        pub subtotal: Option<i64>,
        /// Returns the paid amount, in the smallest unit of `currency`.
        ///
        /// Before 2018 it is derived from `paid`: all or nothing.
        pub amount_paid: Option<i64>,
        /// Returns the amount that remains to be paid, in the smallest unit of `currency`.
        ///
        /// Before 2018 it is derived from `paid`: all or nothing.
        pub amount_remaining: Option<i64>,
        /// Returns the status.
        ///
        /// For API versions before 2018-11-08 it is derived from `paid`, `forgiven` and
        /// `attempted`, and `None` if none of them is true.
        pub status: Option<InvoiceStatus>,
        /// Returns the customer.
        pub customer: Option<Expandable<Customer>>,
        /// Returns the customer's email address when the invoice was finalized.
        pub customer_email: Option<String>,
        /// Returns the customer's name when the invoice was finalized.
        pub customer_name: Option<String>,
        /// Returns the line items.
        pub lines: List<InvoiceLine>,
        /// Returns the reason why the invoice was created.
        pub billing_reason: Option<BillingReason>,
        /// Returns whether Stripe charges the customer or sends the invoice.
        ///
        /// API versions before 2019-10-17 have it as `billing`.
        pub collection_method: Option<CollectionMethod>,
        /// Returns the number of payment attempts by Stripe.
        pub attempt_count: Option<i64>,
        /// Returns when Stripe attempts the payment next, in Unix seconds.
        ///
        /// `None` if no attempt is scheduled.
        pub next_payment_attempt: Option<i64>,
        /// Returns when the payment is due, in Unix seconds.
        ///
        /// `None` for an invoice that Stripe charges.
        pub due_date: Option<i64>,
        /// Returns the invoice number that the customer sees. `None` for drafts.
        pub number: Option<String>,
        /// Returns the URL of the page where the customer can pay. `None` for drafts.
        pub hosted_invoice_url: Option<String>,
        /// Returns the URL of the PDF. `None` for drafts.
        pub invoice_pdf: Option<String>,
        /// Returns the start of the period of the invoice items, in Unix seconds.
        ///
        /// Items that were added in the period are on the invoice. For the paid period see
        /// [`InvoiceLine::period`].
        pub period_start: Option<i64>,
        /// Returns the end of the period of the invoice items, in Unix seconds.
        ///
        /// Items that were added in the period are on the invoice. For the paid period see
        /// [`InvoiceLine::period`].
        pub period_end: Option<i64>,
        /// Returns the times of the status changes.
        ///
        /// API versions before 2019-03-14 have only `finalized_at`.
        pub status_transitions: Option<StatusTransitions>,
        /// Returns the payments, since 2025-03-31.basil. Most events do not include them.
        pub payments: List<InvoicePayment>,
        /// Returns the error of the latest finalization.
        ///
        /// An `invoice.finalization_failed` event has one.
        pub last_finalization_error: Option<PaymentError>,
        /// Returns the settings and the result of Stripe Tax.
        pub automatic_tax: Option<AutomaticTax>,
        /// Returns the custom fields that the app added.
        pub custom_fields: Vec<InvoiceCustomField>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the invoice.
        ///
        /// For the subscription's metadata see
        /// [`subscription_metadata`](Self::subscription_metadata).
        pub metadata: Metadata,
        attempted: bool,
        billing: Option<CollectionMethod>,
        charge: Option<Expandable<Charge>>,
        discount: Option<Expandable<OtherObject>>,
        discounts: Vec<Expandable<OtherObject>>,
        created: Option<i64>,
        date: Option<i64>,
        finalized_at: Option<i64>,
        forgiven: bool,
        paid: Option<bool>,
        parent: Option<Parent>,
        payment_intent: Option<Expandable<PaymentIntent>>,
        subscription: Option<Expandable<Subscription>>,
        subscription_details: Option<SubscriptionDetails>,
        tax: Option<i64>,
        total_tax_amounts: Vec<Tax>,
        total_taxes: Vec<Tax>,
    }
}

fn unify(invoice: &mut Invoice) {
    move_into(&mut invoice.collection_method, &mut invoice.billing);
    move_into(&mut invoice.created, &mut invoice.date);
    if let Some(finalized_at) = invoice.finalized_at.take() {
        let transitions = invoice.status_transitions.get_or_insert_default();
        transitions.finalized_at = transitions.finalized_at.or(Some(finalized_at));
    }
    if invoice.status.is_none() {
        invoice.status = match (invoice.paid, invoice.forgiven, invoice.attempted) {
            (Some(true), _, _) => Some(InvoiceStatus::Paid),
            (_, true, _) => Some(InvoiceStatus::Uncollectible),
            (_, _, true) => Some(InvoiceStatus::Open),
            _ => None,
        };
    }
    if let (Some(paid), Some(due), None, None) =
        (invoice.paid, invoice.amount_due, invoice.amount_paid, invoice.amount_remaining)
    {
        (invoice.amount_paid, invoice.amount_remaining) =
            if paid { (Some(due), Some(0)) } else { (Some(0), Some(due)) };
    }
    if invoice.total_taxes.is_empty() {
        invoice.total_taxes = std::mem::take(&mut invoice.total_tax_amounts);
    }
}

impl Invoice {
    /// Returns when the invoice was created, in Unix seconds.
    ///
    /// API versions before 2019-03-14 have it as `date`.
    #[must_use]
    pub fn created(&self) -> Option<i64> {
        self.created
    }

    /// Returns when the invoice was finalized, in Unix seconds. `None` for drafts.
    ///
    /// API versions before 2019-03-14 have it as `finalized_at`, later ones in
    /// `status_transitions`.
    #[must_use]
    pub fn finalized_at(&self) -> Option<i64> {
        self.status_transitions.as_ref()?.finalized_at
    }

    /// Returns the subscription that the invoice is for.
    ///
    /// `None` if it is for none, and before 2014-01-31, when an invoice has only the
    /// [id](Self::subscription_id).
    ///
    /// API versions before 2025-03-31.basil have it as `subscription`, later ones in `parent`.
    #[must_use]
    pub fn subscription(&self) -> Option<&Expandable<Subscription>> {
        self.subscription.as_ref().or_else(|| self.subscription_details()?.subscription.as_ref())
    }

    /// Returns the id of the subscription that the invoice is for, `sub_…`.
    ///
    /// `None` if it is for none.
    ///
    /// API versions before 2025-03-31.basil have it as `subscription`, later ones in `parent`.
    /// Those before 2014-01-31 have it only in the lines.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        id_of(self.subscription()).or_else(|| self.only_subscription_of_lines())
    }

    /// Returns the metadata of the subscription when the invoice was finalized.
    ///
    /// `None` if the invoice is for none.
    ///
    /// API versions before 2025-03-31.basil have it in `subscription_details`, later ones in
    /// `parent`. Invoices before 2023 have it only in the subscription's lines.
    #[must_use]
    pub fn subscription_metadata(&self) -> Option<&Metadata> {
        let details = self.subscription_details.as_ref().or_else(|| self.subscription_details());
        details.and_then(|details| details.metadata.as_ref()).or_else(|| {
            let subscription = self.subscription_id()?;
            let lines = self
                .lines
                .iter()
                .filter(|line| line.origin() == Some(&InvoiceLineOrigin::SubscriptionItem));
            let mut lines =
                lines.filter(|line| line.subscription_id().is_none_or(|id| id == subscription));
            lines.find(|line| !line.metadata.is_empty()).map(|line| &line.metadata)
        })
    }

    /// Returns whether the invoice is paid, by Stripe or otherwise.
    ///
    /// A zero-amount invoice is paid when it is finalized.
    ///
    /// API versions before 2025-03-31.basil have `paid`, later ones only `status`.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.paid.unwrap_or(self.status == Some(InvoiceStatus::Paid))
    }

    /// Returns the customer's id, `cus_…`.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// Returns the payment intent: see [`payment_intent_id`](Self::payment_intent_id).
    #[must_use]
    pub fn payment_intent(&self) -> Option<&Expandable<PaymentIntent>> {
        self.payment_intent.as_ref().or_else(|| effective(&self.payments)?.payment_intent())
    }

    /// Returns the id of the payment intent, `pi_…`.
    ///
    /// API versions before 2025-03-31.basil have it as `payment_intent`, later ones in
    /// `payments`. Most events do not include `payments`: then this is `None`, and you have to
    /// fetch the invoice with `expand[]=payments`.
    ///
    /// Of several payments it is the paid one, else the default one, else the first that is not
    /// canceled.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent())
    }

    /// Returns the charge: see [`charge_id`](Self::charge_id).
    #[must_use]
    pub fn charge(&self) -> Option<&Expandable<Charge>> {
        self.charge.as_ref().or_else(|| effective(&self.payments)?.charge())
    }

    /// Returns the id of the charge, `ch_…`.
    ///
    /// Since 2025-03-31.basil most events do not include it: see
    /// [`payment_intent_id`](Self::payment_intent_id).
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.charge())
    }

    /// Returns the ids of the discounts, `di_…`.
    ///
    /// API versions before 2025-03-31.basil may have one as `discount`, later ones have
    /// `discounts`.
    pub fn discount_ids(&self) -> impl Iterator<Item = &str> {
        ids_of(&self.discounts, self.discount.as_ref())
    }

    /// Returns the sum of all taxes, in the smallest unit of `currency`.
    ///
    /// `None` if there are none.
    ///
    /// API versions before 2025-03-31.basil have `tax` or `total_tax_amounts`, later ones
    /// `total_taxes`.
    #[must_use]
    pub fn total_tax(&self) -> Option<i64> {
        let sum = self.total_taxes.iter().try_fold(0_i64, |sum, tax| sum.checked_add(tax.amount?));
        self.tax.or_else(|| sum.filter(|_| !self.total_taxes.is_empty()))
    }

    fn subscription_details(&self) -> Option<&SubscriptionDetails> {
        self.parent.as_ref()?.subscription_details.as_ref()
    }

    /// Returns the subscription id that all lines have as their ids.
    ///
    /// `None` if the lines have different ids.
    fn only_subscription_of_lines(&self) -> Option<&str> {
        let mut ids = self.lines.iter().filter_map(InvoiceLine::id_as_subscription);
        let first = ids.next()?;
        ids.all(|id| id == first).then_some(first)
    }
}

object! {
    /// The origin of an invoice or a line, since 2025-03-31.basil.
    struct Parent {
        origin as "type": Option<InvoiceLineOrigin>,
        subscription_details: Option<SubscriptionDetails>,
        subscription_item_details: Option<ItemDetails>,
        invoice_item_details: Option<ItemDetails>,
    }
}

object! {
    /// The subscription that an invoice is for.
    struct SubscriptionDetails {
        metadata: Option<Metadata>,
        subscription: Option<Expandable<Subscription>>,
    }
}

object! {
    /// The subscription item or invoice item that a line comes from.
    struct ItemDetails {
        proration: bool,
        subscription: Option<Expandable<Subscription>>,
        subscription_item: Option<String>,
    }
}

object! {
    /// A tax of an invoice.
    struct Tax {
        amount: Option<i64>,
    }
}

object! {
    /// A custom field of an invoice.
    pub struct InvoiceCustomField {
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the value.
        pub value: Option<String>,
    }
}

object! {
    /// A line item of an invoice.
    ///
    /// See <https://docs.stripe.com/api/invoice-line-item/object>.
    pub struct InvoiceLine {
        /// Returns the line's id, `il_…`.
        ///
        /// API versions before 2018-05-21 have the subscription's id here, which is not unique,
        /// and those before 2019-12-03 the id of the invoice item.
        pub id: Option<String>,
        /// Returns the amount before discounts and taxes.
        ///
        /// It is in the smallest unit of `currency`. Negative for a credit.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the description that the customer sees.
        pub description: Option<String>,
        /// Returns the period that the line bills.
        pub period: Option<Period>,
        /// Returns the quantity.
        pub quantity: Option<i64>,
        /// Returns the metadata that the app attached.
        ///
        /// For a subscription's line, it is the metadata of the subscription.
        pub metadata: Metadata,
        origin as "type": Option<InvoiceLineOrigin>,
        // Boxed, because an invoice may have hundreds of lines, and each line has few of these
        // fields.
        parent: Option<Box<Parent>>,
        plan: Option<Box<Price>>,
        price: Option<Box<Price>>,
        pricing: Option<Box<Pricing>>,
        proration: Option<bool>,
        subscription: Option<Expandable<Subscription>>,
        subscription_item: Option<Expandable<OtherObject>>,
    }
}

impl InvoiceLine {
    /// Returns the price's id: `price_…`, or a name that the app gave to a plan.
    ///
    /// `None` for a line without a price.
    ///
    /// API versions before 2025-03-31.basil have it in `price` or `plan`, later ones in
    /// `pricing`.
    #[must_use]
    pub fn price_id(&self) -> Option<&str> {
        self.old_price()
            .and_then(|price| price.id.as_deref())
            .or_else(|| id_of(self.pricing.as_ref()?.price_details.as_ref()?.price.as_ref()))
    }

    /// Returns the product's id, `prod_…`.
    ///
    /// API versions before 2025-03-31.basil have it in `price` or `plan`, later ones in
    /// `pricing`.
    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        self.old_price()
            .and_then(Price::product_id)
            .or_else(|| id_of(self.pricing.as_ref()?.price_details.as_ref()?.product.as_ref()))
    }

    /// Returns whether the line adjusts for a change during a period (a proration).
    ///
    /// API versions before 2025-03-31.basil have it as `proration`, later ones in `parent`.
    #[must_use]
    pub fn is_proration(&self) -> bool {
        self.proration.or_else(|| Some(self.item_details()?.proration)).unwrap_or(false)
    }

    /// Returns the subscription that the line is for.
    ///
    /// `None` if it is for none, and before 2018-05-21, when a line has only the
    /// [id](Self::subscription_id).
    ///
    /// API versions before 2025-03-31.basil have it as `subscription`, later ones in `parent`.
    #[must_use]
    pub fn subscription(&self) -> Option<&Expandable<Subscription>> {
        self.subscription.as_ref().or_else(|| self.item_details()?.subscription.as_ref())
    }

    /// Returns the id of the subscription that the line is for, `sub_…`.
    ///
    /// `None` if it is for none.
    ///
    /// API versions before 2018-05-21 have it as the line's `id`, those before 2025-03-31.basil
    /// as `subscription`, later ones in `parent`.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        id_of(self.subscription()).or_else(|| self.id_as_subscription())
    }

    fn id_as_subscription(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| id.starts_with("sub_"))
    }

    /// Returns the amount per unit, as a decimal number.
    ///
    /// It is in the smallest unit of `currency`. See [`Price::unit_amount_decimal`].
    ///
    /// API versions before 2025-03-31.basil have it in `price` or `plan`, later ones in
    /// `pricing`.
    #[must_use]
    pub fn unit_amount_decimal(&self) -> Option<&str> {
        let pricing =
            self.pricing.as_ref().and_then(|pricing| pricing.unit_amount_decimal.as_deref());
        pricing.or_else(|| self.old_price()?.unit_amount_decimal())
    }

    /// Returns the id of the subscription item, `si_…`. `None` if the line is for none.
    ///
    /// API versions before 2025-03-31.basil have it as `subscription_item`, later ones in
    /// `parent`.
    #[must_use]
    pub fn subscription_item_id(&self) -> Option<&str> {
        id_of(self.subscription_item.as_ref())
            .or_else(|| self.item_details()?.subscription_item.as_deref())
    }

    /// Returns the kind of object that the line comes from.
    ///
    /// API versions before 2025-03-31.basil have it as `type`, later ones in `parent`.
    #[must_use]
    pub fn origin(&self) -> Option<&InvoiceLineOrigin> {
        let parent = self.parent.as_ref().and_then(|parent| parent.origin.as_ref());
        parent.or(self.origin.as_ref())
    }

    fn old_price(&self) -> Option<&Price> {
        self.price.as_deref().or(self.plan.as_deref())
    }

    fn item_details(&self) -> Option<&ItemDetails> {
        let parent = self.parent.as_ref()?;
        parent.subscription_item_details.as_ref().or(parent.invoice_item_details.as_ref())
    }
}

impl Listed for InvoiceLine {
    fn set_list_name(&mut self, list: &str) {
        let origin = match list {
            "subscriptions" => InvoiceLineOrigin::SubscriptionItem,
            "invoiceitems" => InvoiceLineOrigin::InvoiceItem,
            "prorations" => {
                self.proration.get_or_insert(true);
                InvoiceLineOrigin::InvoiceItem
            }
            _ => return,
        };
        self.origin.get_or_insert(origin);
    }
}

object! {
    /// The pricing of a line, since 2025-03-31.basil.
    struct Pricing {
        price_details: Option<PriceDetails>,
        unit_amount_decimal: Option<String>,
    }
}

object! {
    /// The price and product of a line.
    struct PriceDetails {
        price: Option<Expandable<OtherObject>>,
        product: Option<Expandable<OtherObject>>,
    }
}

object! {
    /// A period of time.
    pub struct Period {
        /// Returns the start, in Unix seconds.
        pub start: Option<i64>,
        /// Returns the end, in Unix seconds.
        pub end: Option<i64>,
    }
}

object! {
    /// The times at which an invoice changed its status.
    #[derive(Default)]
    pub struct StatusTransitions {
        /// Returns when the invoice was finalized, in Unix seconds.
        pub finalized_at: Option<i64>,
        /// Returns when the invoice was marked uncollectible, in Unix seconds.
        pub marked_uncollectible_at: Option<i64>,
        /// Returns when the invoice was paid, in Unix seconds.
        pub paid_at: Option<i64>,
        /// Returns when the invoice was voided, in Unix seconds.
        pub voided_at: Option<i64>,
    }
}

value! {
    /// The status of an invoice.
    ///
    /// See <https://docs.stripe.com/invoicing/overview#invoice-statuses>.
    pub enum InvoiceStatus {
        /// The invoice can be changed and is not payable yet.
        Draft => "draft",
        /// The invoice is finalized and waits for the payment.
        Open => "open",
        /// The invoice is paid.
        Paid => "paid",
        /// The payment is unlikely.
        Uncollectible => "uncollectible",
        /// The invoice was canceled.
        Void => "void",
    }
}

value! {
    /// The kind of object that an invoice line comes from.
    pub enum InvoiceLineOrigin {
        /// An invoice item, which the app added or Stripe created for a proration.
        InvoiceItem => "invoice_item_details" | "invoiceitem",
        /// A subscription item.
        SubscriptionItem => "subscription_item_details" | "subscription",
    }
}

value! {
    /// The reason why an invoice was created.
    pub enum BillingReason {
        /// Stripe billed the pending invoice items of a subscription.
        AutomaticPendingInvoiceItemInvoice => "automatic_pending_invoice_item_invoice",
        /// The app created the invoice through the dashboard or the API.
        Manual => "manual",
        /// A quote was accepted.
        QuoteAccept => "quote_accept",
        /// A subscription was billed. Old invoices have no more specific reason.
        Subscription => "subscription",
        /// A subscription was created.
        SubscriptionCreate => "subscription_create",
        /// A new period of a subscription started.
        SubscriptionCycle => "subscription_cycle",
        /// The usage of a subscription reached a threshold.
        SubscriptionThreshold => "subscription_threshold",
        /// A subscription was changed.
        SubscriptionUpdate => "subscription_update",
        /// The invoice is a preview.
        Upcoming => "upcoming",
    }
}
