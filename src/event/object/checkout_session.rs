//! Checkout sessions.

use super::{
    Address, AutomaticTax, Customer, Expandable, Invoice, Metadata, OtherObject, PaymentIntent,
    PresentmentDetails, Subscription, TotalDetails,
    expandable::id_of,
    lenient::move_into,
    macros::{object, value},
};

object! {
    /// A session of Stripe Checkout.
    ///
    /// See <https://docs.stripe.com/api/checkout/sessions/object>.
    ///
    /// `checkout.session.completed` means that the customer completed Checkout, **not that the
    /// payment succeeded**: some payment methods take days. Fulfill the order when the session
    /// [`is_settled`](Self::is_settled). If it is not settled yet,
    /// `checkout.session.async_payment_succeeded` or `checkout.session.async_payment_failed`
    /// follows.
    pub struct CheckoutSession named "checkout.session" then unify {
        /// Returns the session's id, `cs_…`.
        ///
        /// It is the same in every event of the session, so use it as the key that prevents a
        /// second fulfillment.
        pub id: required String,
        /// Returns the mode.
        ///
        /// Sessions of 2019 have none: it is derived from the object that the session created.
        pub mode: Option<CheckoutSessionMode>,
        /// Returns the status of the session.
        pub status: Option<CheckoutSessionStatus>,
        /// Returns the status of the payment. `None` for sessions of 2020 and before.
        pub payment_status: Option<PaymentStatus>,
        /// Returns the total after discounts and with taxes.
        ///
        /// It is in the smallest unit of `currency`.
        pub amount_total: Option<i64>,
        /// Returns the total before discounts and taxes.
        ///
        /// It is in the smallest unit of `currency`.
        pub amount_subtotal: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the app's own reference, such as the id of its user or cart.
        pub client_reference_id: Option<String>,
        /// Returns the customer.
        pub customer: Option<Expandable<Customer>>,
        /// Returns the contact details that the customer entered.
        ///
        /// For the email address see [`email`](Self::email).
        pub customer_details: Option<CustomerDetails>,
        /// Returns the email address that the app prefilled: see [`email`](Self::email).
        ///
        /// The customer may have changed it.
        pub customer_email: Option<String>,
        /// Returns the subscription that the session created, in mode `subscription`.
        pub subscription: Option<Expandable<Subscription>>,
        /// Returns the invoice.
        ///
        /// In mode `subscription` it is the first one; in mode `payment` it is `None` unless the
        /// session creates one.
        pub invoice: Option<Expandable<Invoice>>,
        /// Returns the payment intent, in mode `payment`.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// Returns the setup intent, in mode `setup`.
        pub setup_intent: Option<Expandable<OtherObject>>,
        /// Returns the payment link that created the session.
        pub payment_link: Option<Expandable<OtherObject>>,
        /// Returns when the session was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns the discounts, shipping costs and taxes in the total.
        ///
        /// `None` before 2020-08-27.
        pub total_details: Option<TotalDetails>,
        /// Returns the settings and the result of Stripe Tax.
        pub automatic_tax: Option<AutomaticTax>,
        /// Returns when the session expires unless it is completed, in Unix seconds.
        pub expires_at: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the session.
        ///
        /// Stripe does not copy it to the subscription or the payment.
        pub metadata: Metadata,
        /// Returns the values of the custom fields that the app added.
        pub custom_fields: Vec<CustomField>,
        /// Returns the amount and currency that the customer saw.
        ///
        /// `None` if the currency is that of the app's prices.
        ///
        /// Sessions before 2025-03-31 have them as `amount_total` and `currency`, and the amounts
        /// in the currency of the app's prices in
        /// [`currency_conversion`](Self::currency_conversion).
        pub presentment_details: Option<PresentmentDetails>,
        /// Returns the amounts in the currency of the app's prices, before 2025-03-31.
        ///
        /// `None` if the customer saw that currency.
        pub currency_conversion: Option<CurrencyConversion>,
        collected_information: Option<CollectedInformation>,
        shipping: Option<ShippingDetails>,
        shipping_details: Option<ShippingDetails>,
    }
}

fn unify(session: &mut CheckoutSession) {
    move_into(&mut session.shipping_details, &mut session.shipping);
    if session.mode.is_none() {
        session.mode = match (&session.subscription, &session.setup_intent, &session.payment_intent)
        {
            (Some(_), ..) => Some(CheckoutSessionMode::Subscription),
            (_, Some(_), _) => Some(CheckoutSessionMode::Setup),
            (.., Some(_)) => Some(CheckoutSessionMode::Payment),
            _ => None,
        };
    }
    if session.presentment_details.is_none() && session.currency_conversion.is_some() {
        session.presentment_details = Some(PresentmentDetails {
            presentment_amount: session.amount_total,
            presentment_currency: session.currency.clone(),
        });
    }
}

object! {
    /// The information that Checkout collected besides the payment.
    ///
    /// It exists since 2025-03-31.basil.
    struct CollectedInformation {
        shipping_details: Option<ShippingDetails>,
    }
}

impl CheckoutSession {
    /// Returns the recipient and shipping address, if the session collected them.
    ///
    /// API versions before 2022-08-01 have them as `shipping`, those before 2025-03-31.basil as
    /// `shipping_details`, later ones in `collected_information`.
    #[must_use]
    pub fn shipping_details(&self) -> Option<&ShippingDetails> {
        let collected = self.collected_information.as_ref();
        collected
            .and_then(|collected| collected.shipping_details.as_ref())
            .or(self.shipping_details.as_ref())
    }

    /// Returns the customer's email address. Compare it case-insensitively.
    ///
    /// It is the address that the customer entered, else the one that the app prefilled.
    ///
    /// Sessions before 2021 have it as `customer_email`, later ones in `customer_details`.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        let entered = self.customer_details.as_ref().and_then(|details| details.email.as_deref());
        entered.or(self.customer_email.as_deref())
    }

    /// Returns whether the customer paid: `payment_status` is `paid`.
    ///
    /// It is `false` for a trial or a full discount, where nothing is due: see
    /// [`is_settled`](Self::is_settled).
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.payment_status == Some(PaymentStatus::Paid)
    }

    /// Returns whether nothing remains to be paid.
    ///
    /// `payment_status` is `paid`, or `no_payment_required` as for a trial or a full discount.
    ///
    /// It is also `true` in mode `setup`, which has no payment: check [`mode`](Self::mode) first.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.payment_status, Some(PaymentStatus::Paid | PaymentStatus::NoPaymentRequired))
    }

    /// Returns the custom field with this key.
    #[must_use]
    pub fn custom_field(&self, key: &str) -> Option<&CustomField> {
        self.custom_fields.iter().find(|field| field.key.as_deref() == Some(key))
    }

    /// Returns the customer's id, `cus_…`. `None` for a guest.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// Returns the subscription's id, `sub_…`.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        id_of(self.subscription.as_ref())
    }

    /// Returns the invoice's id, `in_…`.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
    }

    /// Returns the id of the setup intent, `seti_…`.
    #[must_use]
    pub fn setup_intent_id(&self) -> Option<&str> {
        id_of(self.setup_intent.as_ref())
    }

    /// Returns the id of the payment link, `plink_…`.
    #[must_use]
    pub fn payment_link_id(&self) -> Option<&str> {
        id_of(self.payment_link.as_ref())
    }

    /// Returns the id of the payment intent, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }
}

object! {
    /// The contact details that the customer entered in Checkout.
    pub struct CustomerDetails {
        /// Returns the email address.
        pub email: Option<String>,
        /// Returns the full name.
        pub name: Option<String>,
        /// Returns the phone number.
        pub phone: Option<String>,
        /// Returns the postal address.
        pub address: Option<Address>,
    }
}

object! {
    /// The recipient and address of a shipment.
    pub struct ShippingDetails {
        /// Returns the postal address.
        pub address: Option<Address>,
        /// Returns the recipient's name.
        pub name: Option<String>,
    }
}

object! {
    /// A custom field of Checkout.
    ///
    /// See <https://docs.stripe.com/payments/checkout/custom-fields>.
    pub struct CustomField {
        /// Returns the key that the app gave the field.
        pub key: Option<String>,
        /// Returns the type: `dropdown`, `numeric` or `text`.
        pub field_type as "type": Option<String>,
        /// Returns whether the customer may leave the field empty.
        pub optional: bool,
        dropdown: Option<CustomFieldValue>,
        label: Option<CustomFieldLabel>,
        numeric: Option<CustomFieldValue>,
        text: Option<CustomFieldValue>,
    }
}

impl CustomField {
    /// Returns the value that the customer entered or chose.
    ///
    /// `None` if the field is empty.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        let values = [&self.text, &self.numeric, &self.dropdown];
        values.into_iter().flatten().find_map(|value| value.value.as_deref())
    }

    /// Returns the label that the customer saw.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_ref()?.custom.as_deref()
    }
}

object! {
    /// The value of a custom field.
    struct CustomFieldValue {
        value: Option<String>,
    }
}

object! {
    /// The label of a custom field.
    struct CustomFieldLabel {
        custom: Option<String>,
    }
}

object! {
    /// The amounts of a checkout session in the currency of the app's prices.
    pub struct CurrencyConversion {
        /// Returns the subtotal, in the smallest unit of `source_currency`.
        ///
        /// See [`CheckoutSession::amount_subtotal`].
        pub amount_subtotal: Option<i64>,
        /// Returns the total, in the smallest unit of `source_currency`.
        ///
        /// See [`CheckoutSession::amount_total`].
        pub amount_total: Option<i64>,
        /// Returns the exchange rate, as a decimal number.
        ///
        /// It is the amount in the session's currency for one unit of `source_currency`.
        pub fx_rate: Option<String>,
        /// Returns the currency of the app's prices.
        pub source_currency: Option<String>,
    }
}

value! {
    /// The mode of a checkout session.
    pub enum CheckoutSessionMode {
        /// A one-time payment.
        Payment => "payment",
        /// Saves a payment method for later.
        Setup => "setup",
        /// Creates a subscription.
        Subscription => "subscription",
    }
}

value! {
    /// The status of a checkout session.
    pub enum CheckoutSessionStatus {
        /// The customer completed Checkout. The payment may still be in progress.
        Complete => "complete",
        /// The session expired before the customer completed it.
        Expired => "expired",
        /// The session is in progress.
        Open => "open",
    }
}

value! {
    /// The status of a checkout session's payment.
    pub enum PaymentStatus {
        /// Nothing is due now: a trial, a full discount, or mode `setup`.
        NoPaymentRequired => "no_payment_required",
        /// The payment succeeded.
        Paid => "paid",
        /// The payment did not succeed yet.
        Unpaid => "unpaid",
    }
}
