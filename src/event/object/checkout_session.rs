//! Checkout sessions.

use super::{
    Address, AutomaticTax, Customer, Expandable, Invoice, Metadata, OtherObject, PaymentIntent, PresentmentDetails,
    Subscription, TotalDetails,
    expandable::id_of,
    lenient::move_into,
    macros::{object, value},
};

object! {
    /// One customer's way through Checkout: <https://docs.stripe.com/api/checkout/sessions/object>
    ///
    /// `checkout.session.completed` says that the customer is through, and **not that anything is paid**: some ways to pay take
    /// days. Deliver when it [`is_settled`](Self::is_settled); if it is not, `checkout.session.async_payment_succeeded` or `…_failed`
    /// follows.
    pub struct CheckoutSession named "checkout.session" then unify {
        /// The session's id, `cs_…`: the same in every event about it, so the key to deliver once.
        pub id: required String,
        /// What the session was for. Sessions of 2019 do not say, but what they made does.
        pub mode: Option<CheckoutSessionMode>,
        /// Where the session stands.
        pub status: Option<CheckoutSessionStatus>,
        /// Where the payment stands. `None` for sessions of 2020 and before.
        pub payment_status: Option<PaymentStatus>,
        /// What all items cost together, after discounts and with taxes, in the smallest unit of `currency`.
        pub amount_total: Option<i64>,
        /// What all items cost together, before discounts and taxes, in the smallest unit of `currency`.
        pub amount_subtotal: Option<i64>,
        /// The currency.
        pub currency: Option<String>,
        /// What the app named the session with, to find its own user or cart again.
        pub client_reference_id: Option<String>,
        /// Who bought.
        pub customer: Option<Expandable<Customer>>,
        /// What the customer entered: see [`email`](Self::email).
        pub customer_details: Option<CustomerDetails>,
        /// The email address that the app filled in beforehand, and not what the customer entered: see [`email`](Self::email).
        pub customer_email: Option<String>,
        /// The subscription that was started, in mode `subscription`.
        pub subscription: Option<Expandable<Subscription>>,
        /// The first invoice of the subscription, or that of a payment for which one was asked.
        pub invoice: Option<Expandable<Invoice>>,
        /// The payment, in mode `payment`.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// What saves the way to pay, in mode `setup`.
        pub setup_intent: Option<Expandable<OtherObject>>,
        /// The payment link from which the session came.
        pub payment_link: Option<Expandable<OtherObject>>,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
        /// What the total contains: discounts, shipping and taxes. `None` before 2020-08-27.
        pub total_details: Option<TotalDetails>,
        /// Whether the tax is computed by Stripe, and how that went.
        pub automatic_tax: Option<AutomaticTax>,
        /// When it expires unless it is completed, in Unix seconds.
        pub expires_at: Option<i64>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached. It is not passed on to the subscription or the payment.
        pub metadata: Metadata,
        /// What the customer entered into the fields that the app had added.
        pub custom_fields: Vec<CustomField>,
        /// What the customer saw, if it was in another currency than the app's prices.
        ///
        /// Sessions before 2025-03-31 have it as `amount_total` and `currency`, and the app's own under
        /// [`currency_conversion`](Self::currency_conversion).
        pub presentment_details: Option<PresentmentDetails>,
        /// What the session costs in the currency of the app's prices, if it is of before 2025-03-31 and the customer saw another.
        pub currency_conversion: Option<CurrencyConversion>,
        collected_information: Option<CollectedInformation>,
        shipping: Option<ShippingDetails>,
        shipping_details: Option<ShippingDetails>,
    }
}

fn unify(session: &mut CheckoutSession) {
    move_into(&mut session.shipping_details, &mut session.shipping);
    if session.mode.is_none() {
        session.mode = match (&session.subscription, &session.setup_intent, &session.payment_intent) {
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
    /// What Checkout asked for beside the payment, since 2025-03-31.basil.
    struct CollectedInformation {
        shipping_details: Option<ShippingDetails>,
    }
}

impl CheckoutSession {
    /// Where to ship to, if the session asked for it.
    ///
    /// API versions before 2022-08-01 have it as `shipping`, those before 2025-03-31.basil as `shipping_details`, later ones under
    /// `collected_information`.
    #[must_use]
    pub fn shipping_details(&self) -> Option<&ShippingDetails> {
        let collected = self.collected_information.as_ref();
        collected.and_then(|collected| collected.shipping_details.as_ref()).or(self.shipping_details.as_ref())
    }

    /// The customer's email address: what was entered, else what the app had filled in. Compare without regard to case.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        let entered = self.customer_details.as_ref().and_then(|details| details.email.as_deref());
        entered.or(self.customer_email.as_deref())
    }

    /// Whether money came: `payment_status` is `paid`.
    ///
    /// Nothing comes for a trial or after a full discount: see [`is_settled`](Self::is_settled).
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.payment_status == Some(PaymentStatus::Paid)
    }

    /// Whether nothing is left to be paid: `payment_status` is `paid` or `no_payment_required`, as with a trial or a full
    /// discount.
    ///
    /// In mode `setup` nothing was to be paid, either: look at [`mode`](Self::mode) first.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.payment_status, Some(PaymentStatus::Paid | PaymentStatus::NoPaymentRequired))
    }

    /// The field with this key among the ones that the app had added.
    #[must_use]
    pub fn custom_field(&self, key: &str) -> Option<&CustomField> {
        self.custom_fields.iter().find(|field| field.key.as_deref() == Some(key))
    }

    /// The customer's id, `cus_…`. `None` for a guest.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// The subscription's id, `sub_…`.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        id_of(self.subscription.as_ref())
    }

    /// The invoice's id, `in_…`.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
    }

    /// The payment's id, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }
}

object! {
    /// What the customer entered in Checkout.
    pub struct CustomerDetails {
        /// The email address.
        pub email: Option<String>,
        /// The full name.
        pub name: Option<String>,
        /// The phone number.
        pub phone: Option<String>,
        /// The postal address.
        pub address: Option<Address>,
    }
}

object! {
    /// Where to ship to.
    pub struct ShippingDetails {
        /// The postal address.
        pub address: Option<Address>,
        /// Who receives it.
        pub name: Option<String>,
    }
}

object! {
    /// A field that the app had added to Checkout: <https://docs.stripe.com/payments/checkout/custom-fields>
    pub struct CustomField {
        /// What the app calls it.
        pub key: Option<String>,
        /// `dropdown`, `numeric` or `text`.
        pub field_type as "type": Option<String>,
        /// Whether the customer could leave it empty.
        pub optional: bool,
        dropdown: Option<CustomFieldValue>,
        label: Option<CustomFieldLabel>,
        numeric: Option<CustomFieldValue>,
        text: Option<CustomFieldValue>,
    }
}

impl CustomField {
    /// What the customer entered or chose. `None` if nothing.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        let values = [&self.text, &self.numeric, &self.dropdown];
        values.into_iter().flatten().find_map(|value| value.value.as_deref())
    }

    /// What the customer saw as its name.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_ref()?.custom.as_deref()
    }
}

object! {
    /// What was entered.
    struct CustomFieldValue {
        value: Option<String>,
    }
}

object! {
    /// What was shown.
    struct CustomFieldLabel {
        custom: Option<String>,
    }
}

object! {
    /// A checkout session's amounts in the currency of the app's prices.
    pub struct CurrencyConversion {
        /// As [`amount_subtotal`](CheckoutSession::amount_subtotal), in the smallest unit of `source_currency`.
        pub amount_subtotal: Option<i64>,
        /// As [`amount_total`](CheckoutSession::amount_total), in the smallest unit of `source_currency`.
        pub amount_total: Option<i64>,
        /// How much of the session's currency one unit of `source_currency` is, as a decimal number.
        pub fx_rate: Option<String>,
        /// The currency of the app's prices.
        pub source_currency: Option<String>,
    }
}

value! {
    /// What a checkout session was for.
    pub enum CheckoutSessionMode {
        /// Pay once.
        Payment => "payment",
        /// Save a way to pay for later.
        Setup => "setup",
        /// Start a subscription.
        Subscription => "subscription",
    }
}

value! {
    /// Where a checkout session stands.
    pub enum CheckoutSessionStatus {
        /// The customer is through. The payment may still be under way.
        Complete => "complete",
        /// It ended unused.
        Expired => "expired",
        /// The customer is in it.
        Open => "open",
    }
}

value! {
    /// Where a checkout session's payment stands.
    pub enum PaymentStatus {
        /// Nothing is due now: a trial, a full discount, or mode `setup`.
        NoPaymentRequired => "no_payment_required",
        /// The money is there.
        Paid => "paid",
        /// The money is not there yet.
        Unpaid => "unpaid",
    }
}
