//! Payment intents.

use super::{
    Charge, Customer, Expandable, Invoice, List, Metadata, OtherObject, PresentmentDetails,
    expandable::id_of,
    lenient::move_into,
    list::Listed,
    macros::{object, value},
};

object! {
    /// One payment, however many attempts it takes: <https://docs.stripe.com/api/payment_intents/object>
    pub struct PaymentIntent named "payment_intent" then unify {
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
        /// What it is paid with. API versions before 2019-02-11 may have it as `source`.
        pub payment_method: Option<Expandable<OtherObject>>,
        /// The kinds of payment method that it can be paid with, such as `card`. API versions before 2019-02-11 have them as
        /// `allowed_source_types`.
        pub payment_method_types: Vec<String>,
        /// What the customer has to do. API versions before 2019-02-11 have it as `next_source_action`.
        pub next_action: Option<NextAction>,
        /// Why the last attempt failed.
        pub last_payment_error: Option<PaymentError>,
        /// What the customer saw, if it was in another currency.
        pub presentment_details: Option<PresentmentDetails>,
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
        allowed_source_types: Vec<String>,
        charges: List<Attempt>,
        invoice: Option<Expandable<Invoice>>,
        latest_charge: Option<Expandable<Charge>>,
        next_source_action: Option<NextAction>,
        payment_details: Option<PaymentDetails>,
        source: Option<Expandable<OtherObject>>,
    }
}

fn unify(intent: &mut PaymentIntent) {
    move_into(&mut intent.payment_method, &mut intent.source);
    move_into(&mut intent.next_action, &mut intent.next_source_action);
    let types = std::mem::take(&mut intent.allowed_source_types);
    if intent.payment_method_types.is_empty() {
        intent.payment_method_types = types;
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
        id_of(self.latest_charge.as_ref()).or_else(|| {
            // The newest is the first, if they do not say when they were made.
            let newest = self.charges.iter().rev().max_by_key(|attempt| attempt.created)?;
            newest.id.as_deref()
        })
    }

    /// The id of what it is paid with: `pm_…`, or for old payments `src_…` or `card_…`.
    #[must_use]
    pub fn payment_method_id(&self) -> Option<&str> {
        id_of(self.payment_method.as_ref())
    }

    /// The id of the invoice that is paid, `in_…`. `None` if it is for none.
    ///
    /// API versions before 2025-03-31.basil have it as `invoice`, those since 2025-09-30.clover as the
    /// [`order_reference`](Self::order_reference). In between they do not tell.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref()).or_else(|| self.order_reference().filter(|order| order.starts_with("in_")))
    }

    /// What identifies the purchase: the app's own text, or the id of the invoice. `None` before 2025-09-30.clover.
    #[must_use]
    pub fn order_reference(&self) -> Option<&str> {
        self.payment_details.as_ref()?.order_reference.as_deref()
    }
}

object! {
    /// A charge, where a payment has all of them inside.
    struct Attempt {
        id: Option<String>,
        created: Option<i64>,
    }
}

impl Listed for Attempt {}

object! {
    /// What was bought.
    struct PaymentDetails {
        order_reference: Option<String>,
    }
}

object! {
    /// What the customer has to do for a payment.
    pub struct NextAction {
        /// What it is, such as `redirect_to_url` or `use_stripe_sdk`: what to do has the field of this name, for
        /// [`Event::object`](crate::Event::object).
        pub action_type as "type": Option<NextActionType>,
    }
}

object! {
    /// Why a payment failed, or an invoice could not be finalized: <https://docs.stripe.com/error-codes>
    pub struct PaymentError then unify_error {
        /// A short name for programs, such as `card_declined`.
        pub code: Option<String>,
        /// Why the bank declined, such as `insufficient_funds`: <https://docs.stripe.com/declines/codes>
        pub decline_code: Option<String>,
        /// A sentence for people, which for card errors may be shown to the customer.
        pub message: Option<String>,
        /// The kind of error, such as `card_error`.
        pub error_type as "type": Option<String>,
        /// The parameter that was wrong.
        pub param: Option<String>,
        /// What could not be paid with. API versions before 2019-02-11 may have it as `source`.
        pub payment_method: Option<Expandable<OtherObject>>,
        source: Option<Expandable<OtherObject>>,
    }
}

fn unify_error(error: &mut PaymentError) {
    move_into(&mut error.payment_method, &mut error.source);
}

impl PaymentError {
    /// The id of what could not be paid with: `pm_…`, or for old payments `src_…` or `card_…`.
    #[must_use]
    pub fn payment_method_id(&self) -> Option<&str> {
        id_of(self.payment_method.as_ref())
    }
}

value! {
    /// The kind of a [`NextAction`]. Payment methods have their own: the ones here are of cards and redirects.
    pub enum NextActionType {
        /// Send the customer to a page. API versions before 2019-02-11 call it `authorize_with_url`.
        RedirectToUrl => "redirect_to_url" | "authorize_with_url",
        /// Let Stripe.js or a mobile SDK do it.
        UseStripeSdk => "use_stripe_sdk",
    }
}

value! {
    /// Where a payment stands: <https://docs.stripe.com/payments/paymentintents/lifecycle>
    pub enum PaymentIntentStatus {
        /// It was given up.
        Canceled => "canceled",
        /// It is under way, which takes days for some ways to pay.
        Processing => "processing",
        /// The customer has something to do, such as 3-D Secure. API versions before 2019-02-11 call it
        /// `requires_source_action`.
        RequiresAction => "requires_action" | "requires_source_action",
        /// It is authorized and waits for the app to capture it.
        RequiresCapture => "requires_capture",
        /// It waits for the app to confirm it.
        RequiresConfirmation => "requires_confirmation",
        /// It has no payment method, or the one that it had failed. API versions before 2019-02-11 call it `requires_source`.
        RequiresPaymentMethod => "requires_payment_method" | "requires_source",
        /// The money is there.
        Succeeded => "succeeded",
    }
}
