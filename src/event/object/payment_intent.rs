//! Payment intents.

use super::{
    Charge, Customer, Expandable, Invoice, List, Metadata, OtherObject, PresentmentDetails,
    expandable::id_of,
    lenient::move_into,
    list::Listed,
    macros::{object, value},
};

object! {
    /// A payment, which may take several attempts.
    ///
    /// See <https://docs.stripe.com/api/payment_intents/object>.
    pub struct PaymentIntent named "payment_intent" then unify {
        /// Returns the payment intent's id, `pi_…`.
        pub id: required String,
        /// Returns the amount to be paid, in the smallest unit of `currency`.
        pub amount: required i64,
        /// Returns the currency.
        pub currency: required String,
        /// Returns the status.
        pub status: required PaymentIntentStatus,
        /// Returns the collected amount, in the smallest unit of `currency`.
        pub amount_received: Option<i64>,
        /// Returns the authorized amount that can be captured.
        ///
        /// It is in the smallest unit of `currency`.
        pub amount_capturable: Option<i64>,
        /// Returns the customer.
        pub customer: Option<Expandable<Customer>>,
        /// Returns the payment method.
        ///
        /// API versions before 2019-02-11 may have it as `source`.
        pub payment_method: Option<Expandable<OtherObject>>,
        /// Returns the types of payment method that the payment accepts, such as `card`.
        ///
        /// API versions before 2019-02-11 have them as `allowed_source_types`.
        pub payment_method_types: Vec<String>,
        /// Returns the action that the customer must take.
        ///
        /// API versions before 2019-02-11 have it as `next_source_action`.
        pub next_action: Option<NextAction>,
        /// Returns the error of the latest attempt.
        pub last_payment_error: Option<PaymentError>,
        /// Returns the amount and currency that the customer saw.
        ///
        /// `None` if the currency was the app's.
        pub presentment_details: Option<PresentmentDetails>,
        /// Returns the description, written by the app. Receipts show it to the customer.
        pub description: Option<String>,
        /// Returns the email address to which the receipt is sent.
        pub receipt_email: Option<String>,
        /// Returns when the payment was canceled, in Unix seconds.
        pub canceled_at: Option<i64>,
        /// Returns the reason for the cancellation, such as `abandoned`.
        pub cancellation_reason: Option<String>,
        /// Returns when the payment intent was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the payment intent.
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
    /// Returns the customer's id, `cus_…`. `None` for a guest.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// Returns the most recent charge.
    ///
    /// `None` before API version 2022-11-15, which has a list of `charges`: see
    /// [`latest_charge_id`](Self::latest_charge_id).
    #[must_use]
    pub fn latest_charge(&self) -> Option<&Expandable<Charge>> {
        self.latest_charge.as_ref()
    }

    /// Returns the id of the most recent charge, `ch_…`.
    ///
    /// API versions before 2022-11-15 have a list of `charges`, later ones `latest_charge`.
    #[must_use]
    pub fn latest_charge_id(&self) -> Option<&str> {
        id_of(self.latest_charge.as_ref()).or_else(|| {
            // Of charges without `created`, or of the same second, the first in the list is the
            // newest.
            let newest = self.charges.iter().rev().max_by_key(|attempt| attempt.created)?;
            newest.id.as_deref()
        })
    }

    /// Returns the id of the payment method, `pm_…`.
    ///
    /// Old payments have the id of a source or card, `src_…` or `card_…`.
    #[must_use]
    pub fn payment_method_id(&self) -> Option<&str> {
        id_of(self.payment_method.as_ref())
    }

    /// Returns the invoice that the payment is for.
    ///
    /// `None` since API version 2025-03-31.basil, which has at most its [id](Self::invoice_id).
    #[must_use]
    pub fn invoice(&self) -> Option<&Expandable<Invoice>> {
        self.invoice.as_ref()
    }

    /// Returns the id of the invoice that the payment is for, `in_…`.
    ///
    /// `None` if it is for none.
    ///
    /// API versions before 2025-03-31.basil have it as `invoice`, those since 2025-09-30.clover
    /// as the [`order_reference`](Self::order_reference). The versions in between have neither.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
            .or_else(|| self.order_reference().filter(|order| order.starts_with("in_")))
    }

    /// Returns the order reference: a text of the app's, or the id of the invoice.
    ///
    /// `None` before 2025-09-30.clover.
    #[must_use]
    pub fn order_reference(&self) -> Option<&str> {
        self.payment_details.as_ref()?.order_reference.as_deref()
    }
}

object! {
    /// A charge in the list that a payment intent had before 2022-11-15.
    struct Attempt {
        id: Option<String>,
        created: Option<i64>,
    }
}

impl Listed for Attempt {}

object! {
    /// Details about the purchase.
    struct PaymentDetails {
        order_reference: Option<String>,
    }
}

object! {
    /// An action that the customer must take for a payment.
    pub struct NextAction {
        /// Returns the type, such as `redirect_to_url` or `use_stripe_sdk`.
        ///
        /// The details are in the field of this name: decode them with
        /// [`Event::object`](crate::Event::object).
        pub action_type as "type": Option<NextActionType>,
    }
}

object! {
    /// The error of a payment attempt or of an invoice's finalization.
    ///
    /// See <https://docs.stripe.com/error-codes>.
    pub struct PaymentError then unify_error {
        /// Returns the error code, such as `card_declined`.
        pub code: Option<String>,
        /// Returns the bank's reason for a decline, such as `insufficient_funds`.
        ///
        /// See <https://docs.stripe.com/declines/codes>.
        pub decline_code: Option<String>,
        /// Returns the error message. For card errors it may be shown to the customer.
        pub message: Option<String>,
        /// Returns the error type, such as `card_error`.
        pub error_type as "type": Option<String>,
        /// Returns the name of the invalid parameter.
        pub param: Option<String>,
        /// Returns the payment method that failed.
        ///
        /// API versions before 2019-02-11 may have it as `source`.
        pub payment_method: Option<Expandable<OtherObject>>,
        source: Option<Expandable<OtherObject>>,
    }
}

fn unify_error(error: &mut PaymentError) {
    move_into(&mut error.payment_method, &mut error.source);
}

impl PaymentError {
    /// Returns the id of the payment method that failed, `pm_…`.
    ///
    /// Old payments have the id of a source or card, `src_…` or `card_…`.
    #[must_use]
    pub fn payment_method_id(&self) -> Option<&str> {
        id_of(self.payment_method.as_ref())
    }
}

value! {
    /// The type of a [`NextAction`].
    ///
    /// Many payment methods have a type of their own, which is `Other`.
    pub enum NextActionType {
        /// Redirect the customer to a URL.
        ///
        /// API versions before 2019-02-11 write `authorize_with_url`.
        RedirectToUrl => "redirect_to_url" | "authorize_with_url",
        /// Let Stripe.js or a mobile SDK handle the action.
        UseStripeSdk => "use_stripe_sdk",
    }
}

value! {
    /// The status of a payment intent.
    ///
    /// See <https://docs.stripe.com/payments/paymentintents/lifecycle>.
    pub enum PaymentIntentStatus {
        /// The payment was canceled.
        Canceled => "canceled",
        /// The payment is being processed, which takes days for some payment methods.
        Processing => "processing",
        /// The payment waits for an action of the customer, such as 3-D Secure.
        ///
        /// API versions before 2019-02-11 write `requires_source_action`.
        RequiresAction => "requires_action" | "requires_source_action",
        /// The payment is authorized and waits for the app to capture it.
        RequiresCapture => "requires_capture",
        /// The payment waits for the app to confirm it.
        RequiresConfirmation => "requires_confirmation",
        /// The payment has no payment method, or an attempt with it failed.
        ///
        /// API versions before 2019-02-11 write `requires_source`.
        RequiresPaymentMethod => "requires_payment_method" | "requires_source",
        /// The payment succeeded.
        Succeeded => "succeeded",
    }
}
