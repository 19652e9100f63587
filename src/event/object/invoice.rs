//! Invoices and their lines.

use super::{
    AutomaticTax, Charge, CollectionMethod, Customer, Expandable, InvoicePayment, List, Metadata, OtherObject,
    PaymentError, PaymentIntent, Price, Subscription,
    expandable::{id_of, ids_of},
    invoice_payment::counting,
    lenient::move_into,
    list::Listed,
    macros::{object, value},
};

object! {
    /// What a customer owes: <https://docs.stripe.com/api/invoices/object>
    ///
    /// `invoice.paid` also fires for invoices over nothing and for those that were paid elsewhere;
    /// `invoice.payment_failed` once for each attempt.
    pub struct Invoice named "invoice" then unify {
        /// The invoice's id, `in_…`. `None` for the preview in `invoice.upcoming`.
        pub id: Option<String>,
        /// What is due, in the smallest unit of `currency`. `None` if it is not told.
        pub amount_due: Option<i64>,
        /// The currency. `None` before 2013.
        pub currency: Option<String>,
        /// What all lines cost together, after discounts and with taxes, in the smallest unit of `currency`.
        pub total: Option<i64>,
        /// What all lines cost together, before discounts and taxes, in the smallest unit of `currency`.
        pub subtotal: Option<i64>,
        /// What was paid, in the smallest unit of `currency`. Before 2018 it is all or nothing: see `paid`.
        pub amount_paid: Option<i64>,
        /// What is left to be paid, in the smallest unit of `currency`. Before 2018 it is all or nothing: see `paid`.
        pub amount_remaining: Option<i64>,
        /// The status. API versions before 2018-11-08 have `paid` and `forgiven`, and `attempted` for an open one; `None` if they
        /// have none of them.
        pub status: Option<InvoiceStatus>,
        /// Who owes.
        pub customer: Option<Expandable<Customer>>,
        /// The customer's email address when the invoice was finalized.
        pub customer_email: Option<String>,
        /// The customer's name when the invoice was finalized.
        pub customer_name: Option<String>,
        /// What is owed for.
        pub lines: List<InvoiceLine>,
        /// Why it was drawn up.
        pub billing_reason: Option<BillingReason>,
        /// Whether Stripe charges or sends it. API versions before 2019-10-17 have it as `billing`.
        pub collection_method: Option<CollectionMethod>,
        /// How often a payment was tried by Stripe.
        pub attempt_count: Option<i64>,
        /// When a payment is tried again, in Unix seconds. `None` if it is not.
        pub next_payment_attempt: Option<i64>,
        /// When it is to be paid by, in Unix seconds, if it is sent.
        pub due_date: Option<i64>,
        /// The number that the customer sees. `None` for drafts.
        pub number: Option<String>,
        /// The page where the customer can pay. `None` for drafts.
        pub hosted_invoice_url: Option<String>,
        /// The PDF. `None` for drafts.
        pub invoice_pdf: Option<String>,
        /// The beginning of the time in which its items were added, in Unix seconds. The paid period is in the
        /// [lines](InvoiceLine::period).
        pub period_start: Option<i64>,
        /// The end of the time in which its items were added, in Unix seconds. The paid period is in the
        /// [lines](InvoiceLine::period).
        pub period_end: Option<i64>,
        /// When it was finalized, paid or voided. API versions before 2019-03-14 have only `finalized_at`.
        pub status_transitions: Option<StatusTransitions>,
        /// The payments, mostly absent in events. Before 2025-03-31.basil there were none.
        pub payments: List<InvoicePayment>,
        /// Why it could not be finalized the last time, as in `invoice.finalization_failed`.
        pub last_finalization_error: Option<PaymentError>,
        /// Whether its tax is computed by Stripe, and how that went.
        pub automatic_tax: Option<AutomaticTax>,
        /// What the app had printed on it.
        pub custom_fields: Vec<InvoiceCustomField>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached to the invoice. For what it attached to the subscription see
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
    /// When it was created, in Unix seconds.
    ///
    /// API versions before 2019-03-14 have it as `date`.
    #[must_use]
    pub fn created(&self) -> Option<i64> {
        self.created.or(self.date)
    }

    /// When it was finalized, in Unix seconds. `None` for drafts.
    ///
    /// API versions before 2019-03-14 have it as `finalized_at`, later ones under `status_transitions`.
    #[must_use]
    pub fn finalized_at(&self) -> Option<i64> {
        self.status_transitions.as_ref()?.finalized_at
    }

    /// The id of the subscription that it is for, `sub_…`. `None` if it is for none.
    ///
    /// API versions before 2025-03-31.basil have it as `subscription`, later ones under `parent`. Before 2014-01-31 only the
    /// lines have it.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        id_of(self.subscription.as_ref())
            .or_else(|| id_of(self.subscription_details()?.subscription.as_ref()))
            .or_else(|| self.only_subscription_of_lines())
    }

    /// What the app had attached to the subscription when the invoice was finalized. `None` if it is for none.
    ///
    /// API versions before 2025-03-31.basil have it as `subscription_details`, later ones under `parent`. Invoices before 2023
    /// have it in the lines of the subscription.
    #[must_use]
    pub fn subscription_metadata(&self) -> Option<&Metadata> {
        let details = self.subscription_details.as_ref().or_else(|| self.subscription_details());
        details.and_then(|details| details.metadata.as_ref()).or_else(|| {
            let subscription = self.subscription_id()?;
            let lines = self.lines.iter().filter(|line| line.origin() == Some(&InvoiceLineOrigin::SubscriptionItem));
            let mut lines = lines.filter(|line| line.subscription_id().is_none_or(|id| id == subscription));
            lines.find(|line| !line.metadata.is_empty()).map(|line| &line.metadata)
        })
    }

    /// Whether it is paid, by whatever means; an invoice over nothing is paid as soon as it is finalized.
    ///
    /// API versions before 2025-03-31.basil have `paid`, later ones only `status`.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.paid.unwrap_or(self.status == Some(InvoiceStatus::Paid))
    }

    /// The customer's id, `cus_…`.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// The id of the payment, `pi_…`.
    ///
    /// API versions before 2025-03-31.basil have it as `payment_intent`; later ones under `payments`, which most events lack:
    /// then it is `None`, and the invoice has to be fetched with `expand[]=payments`.
    ///
    /// Of several payments the paid one counts, then the default one, then the first that is not canceled.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref()).or_else(|| counting(&self.payments)?.payment_intent_id())
    }

    /// The id of the charge, `ch_…`. As with [`payment_intent_id`](Self::payment_intent_id), events since 2025-03-31.basil mostly
    /// do not tell.
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.charge.as_ref()).or_else(|| counting(&self.payments)?.charge_id())
    }

    /// The ids of its discounts, `di_…`.
    ///
    /// API versions before 2025-03-31.basil may have one as `discount`, later ones have `discounts`.
    pub fn discount_ids(&self) -> impl Iterator<Item = &str> {
        ids_of(&self.discounts, self.discount.as_ref())
    }

    /// All taxes together, in the smallest unit of `currency`. `None` if there are none.
    ///
    /// API versions before 2025-03-31.basil have `tax` or `total_tax_amounts`, later ones `total_taxes`.
    #[must_use]
    pub fn total_tax(&self) -> Option<i64> {
        let sum = self.total_taxes.iter().try_fold(0_i64, |sum, tax| sum.checked_add(tax.amount?));
        self.tax.or_else(|| sum.filter(|_| !self.total_taxes.is_empty()))
    }

    fn subscription_details(&self) -> Option<&SubscriptionDetails> {
        self.parent.as_ref()?.subscription_details.as_ref()
    }

    /// The subscription that the lines' ids are, if it is one only.
    fn only_subscription_of_lines(&self) -> Option<&str> {
        let mut ids = self.lines.iter().filter_map(InvoiceLine::id_as_subscription);
        let first = ids.next()?;
        ids.all(|id| id == first).then_some(first)
    }
}

object! {
    /// What an invoice or a line comes from, since 2025-03-31.basil.
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
    /// What a line comes from.
    struct ItemDetails {
        proration: bool,
        subscription: Option<Expandable<Subscription>>,
        subscription_item: Option<String>,
    }
}

object! {
    /// One tax of an invoice.
    struct Tax {
        amount: Option<i64>,
    }
}

object! {
    /// What the app had printed on an invoice.
    pub struct InvoiceCustomField {
        /// What it is called.
        pub name: Option<String>,
        /// What it says.
        pub value: Option<String>,
    }
}

object! {
    /// One thing that an invoice is for: <https://docs.stripe.com/api/invoice-line-item/object>
    pub struct InvoiceLine {
        /// The line's id, `il_…`. API versions before 2018-05-21 have the subscription's here, so it is not unique, and those before
        /// 2019-12-03 the invoice item's.
        pub id: Option<String>,
        /// What it costs, before discounts and taxes, in the smallest unit of `currency`. Negative for a credit.
        pub amount: Option<i64>,
        /// The currency.
        pub currency: Option<String>,
        /// What the customer reads.
        pub description: Option<String>,
        /// The time that is paid for.
        pub period: Option<Period>,
        /// How many.
        pub quantity: Option<i64>,
        /// What the app attached: for a subscription's line, to the subscription.
        pub metadata: Metadata,
        origin as "type": Option<InvoiceLineOrigin>,
        // In boxes, because an invoice may have hundreds of lines and a line has few of them.
        parent: Option<Box<Parent>>,
        plan: Option<Box<Price>>,
        price: Option<Box<Price>>,
        pricing: Option<Box<Pricing>>,
        proration: Option<bool>,
        subscription: Option<Expandable<Subscription>>,
        subscription_item: Option<String>,
    }
}

impl InvoiceLine {
    /// The price's id, `price_…`, or the name that a plan was given. `None` for a line without one.
    ///
    /// API versions before 2025-03-31.basil have it as `price` or `plan`, later ones under `pricing`.
    #[must_use]
    pub fn price_id(&self) -> Option<&str> {
        self.old_price()
            .and_then(|price| price.id.as_deref())
            .or_else(|| id_of(self.pricing.as_ref()?.price_details.as_ref()?.price.as_ref()))
    }

    /// The product's id, `prod_…`.
    ///
    /// API versions before 2025-03-31.basil have it in `price` or `plan`, later ones under `pricing`.
    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        self.old_price()
            .and_then(Price::product_id)
            .or_else(|| id_of(self.pricing.as_ref()?.price_details.as_ref()?.product.as_ref()))
    }

    /// Whether it settles a change in the middle of a period.
    ///
    /// API versions before 2025-03-31.basil have it as `proration`, later ones under `parent`.
    #[must_use]
    pub fn is_proration(&self) -> bool {
        self.proration.or_else(|| Some(self.item_details()?.proration)).unwrap_or(false)
    }

    /// The subscription's id, `sub_…`. `None` if the line is for none.
    ///
    /// API versions before 2018-05-21 have it as the line's `id`, later ones as `subscription` or under `parent`.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        id_of(self.subscription.as_ref())
            .or_else(|| id_of(self.item_details()?.subscription.as_ref()))
            .or_else(|| self.id_as_subscription())
    }

    fn id_as_subscription(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| id.starts_with("sub_"))
    }

    /// What one unit costs, as a decimal number of the smallest unit of `currency`: see [`Price::unit_amount_decimal`].
    ///
    /// API versions before 2025-03-31.basil have it in `price` or `plan`, later ones under `pricing`.
    #[must_use]
    pub fn unit_amount_decimal(&self) -> Option<&str> {
        let pricing = self.pricing.as_ref().and_then(|pricing| pricing.unit_amount_decimal.as_deref());
        pricing.or_else(|| self.old_price()?.unit_amount_decimal())
    }

    /// The id of the subscription's item, `si_…`. `None` if the line is for none.
    #[must_use]
    pub fn subscription_item_id(&self) -> Option<&str> {
        self.subscription_item.as_deref().or_else(|| self.item_details()?.subscription_item.as_deref())
    }

    /// What the line comes from.
    ///
    /// API versions before 2025-03-31.basil have it as `type`, later ones under `parent`.
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
    fn take_over(&mut self, list: &str) {
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
    /// What a line costs, since 2025-03-31.basil.
    struct Pricing {
        price_details: Option<PriceDetails>,
        unit_amount_decimal: Option<String>,
    }
}

object! {
    /// Which price a line has.
    struct PriceDetails {
        price: Option<Expandable<OtherObject>>,
        product: Option<Expandable<OtherObject>>,
    }
}

object! {
    /// A stretch of time.
    pub struct Period {
        /// When it begins, in Unix seconds.
        pub start: Option<i64>,
        /// When it ends, in Unix seconds.
        pub end: Option<i64>,
    }
}

object! {
    /// When an invoice changed its status.
    #[derive(Default)]
    pub struct StatusTransitions {
        /// When it was finalized, in Unix seconds.
        pub finalized_at: Option<i64>,
        /// When it was marked uncollectible, in Unix seconds.
        pub marked_uncollectible_at: Option<i64>,
        /// When it was paid, in Unix seconds.
        pub paid_at: Option<i64>,
        /// When it was voided, in Unix seconds.
        pub voided_at: Option<i64>,
    }
}

value! {
    /// Where an invoice stands: <https://docs.stripe.com/invoicing/overview#invoice-statuses>
    pub enum InvoiceStatus {
        /// It can still be changed, and is not to be paid yet.
        Draft => "draft",
        /// It is to be paid.
        Open => "open",
        /// It is paid.
        Paid => "paid",
        /// It is not likely to be paid any more.
        Uncollectible => "uncollectible",
        /// It was a mistake.
        Void => "void",
    }
}

value! {
    /// What an invoice's line comes from.
    pub enum InvoiceLineOrigin {
        /// An invoice item: something that was added by hand, through the API, or as a proration.
        InvoiceItem => "invoice_item_details" | "invoiceitem",
        /// An item of a subscription.
        SubscriptionItem => "subscription_item_details" | "subscription",
    }
}

value! {
    /// Why an invoice was drawn up.
    pub enum BillingReason {
        /// A subscription's pending items were billed.
        AutomaticPendingInvoiceItemInvoice => "automatic_pending_invoice_item_invoice",
        /// By hand, or through the API.
        Manual => "manual",
        /// A quote was accepted.
        QuoteAccept => "quote_accept",
        /// A subscription, before the reasons were told apart.
        Subscription => "subscription",
        /// A subscription began.
        SubscriptionCreate => "subscription_create",
        /// A subscription's next period began.
        SubscriptionCycle => "subscription_cycle",
        /// A subscription's usage reached a threshold.
        SubscriptionThreshold => "subscription_threshold",
        /// A subscription changed.
        SubscriptionUpdate => "subscription_update",
        /// A preview of what comes next.
        Upcoming => "upcoming",
    }
}
