//! Charges.

use serde_json::value::RawValue;

use super::{
    BillingDetails, Card, Customer, Dispute, Expandable, Invoice, List, Metadata, OtherObject,
    PaymentIntent, PresentmentDetails, Refund,
    expandable::{id_of, link},
    lenient::{Element, JsonSlot, Slot, move_into},
    macros::{object, value},
    source::Source,
    write::View,
};

object! {
    /// An attempt to move money: <https://docs.stripe.com/api/charges/object>
    pub struct Charge named "charge" then unify {
        /// Returns the charge's id, `ch_…` or `py_…`.
        pub id: required String,
        /// Returns the charged amount, in the smallest unit of `currency`.
        pub amount: required i64,
        /// Returns the currency.
        pub currency: required String,
        /// Returns the captured amount, in the smallest unit of `currency`.
        pub amount_captured: Option<i64>,
        /// Returns the refunded amount, in the smallest unit of `currency`.
        pub amount_refunded: Option<i64>,
        /// Returns the status.
        ///
        /// `None` before 2014-12: see [`is_succeeded`](Self::is_succeeded).
        pub status: Option<ChargeStatus>,
        /// Returns whether the charge succeeded, or was authorized and can be captured.
        pub paid: Option<bool>,
        /// Returns whether the charge was captured: `false` while it is only authorized.
        ///
        /// `None` before 2013-02.
        pub captured: Option<bool>,
        /// Returns whether the charge was refunded in full.
        ///
        /// For a partial refund see [`amount_refunded`](Self::amount_refunded).
        pub refunded: bool,
        /// Returns whether the charge is disputed. Charges before 2020 have only `dispute`.
        pub disputed: bool,
        /// Returns the customer.
        pub customer: Option<Expandable<Customer>>,
        /// Returns the payment intent that the charge is an attempt of.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// Returns the invoice that the charge pays.
        ///
        /// `None` since API version 2025-03-31.basil.
        pub invoice: Option<Expandable<Invoice>>,
        /// Returns the payment method, or for old charges the source or card.
        ///
        /// API versions before 2019-02-11 may have it as `source`, those before 2015-02-18 as
        /// `card`.
        pub payment_method: Option<Expandable<OtherObject>>,
        /// Returns the balance transaction of the charge.
        ///
        /// `None` while the charge is pending, and if it failed.
        pub balance_transaction: Option<Expandable<OtherObject>>,
        /// Returns the payer's contact details, as entered with the payment.
        ///
        /// Charges before 2019 have them in the `source` or `card`.
        pub billing_details: Option<BillingDetails>,
        /// Returns the amount and currency that the customer saw.
        ///
        /// `None` if the currency was the app's.
        pub presentment_details: Option<PresentmentDetails>,
        /// Returns the refunds of the charge: see [`latest_refund`](Self::latest_refund).
        ///
        /// API versions since 2022-11-15 have only their sum,
        /// [`amount_refunded`](Self::amount_refunded).
        pub refunds: List<Expandable<Refund>>,
        /// Returns the error code of a failed charge: <https://docs.stripe.com/error-codes>
        pub failure_code: Option<String>,
        /// Returns the error message of a failed charge, in English.
        pub failure_message: Option<String>,
        /// Returns the decisions of the bank and of Stripe Radar.
        pub outcome: Option<ChargeOutcome>,
        /// Returns the description, written by the app. Receipts show it to the customer.
        pub description: Option<String>,
        /// Returns the email address to which the receipt is sent.
        pub receipt_email: Option<String>,
        /// Returns the URL of the receipt.
        pub receipt_url: Option<String>,
        /// Returns when the charge was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the charge.
        pub metadata: Metadata,
        card: Option<Source>,
        dispute: Option<DisputeOfCharge>,
        payment_method_details: Option<PaymentMethodDetails>,
        source: Option<Source>,
    }
}

fn unify(charge: &mut Charge) {
    charge.disputed |= charge.dispute.is_some();
    charge.dispute = charge.dispute.take().filter(|dispute| dispute.0.is_some());
    move_into(&mut charge.source, &mut charge.card);
    let Some(Source { mut link, kind, card, mut billing_details }) = charge.source.take() else {
        return;
    };
    move_into(&mut charge.payment_method, &mut link);
    move_into(&mut charge.billing_details, &mut billing_details);
    let details = PaymentMethodDetails { kind, card, card_present: None };
    move_into(&mut charge.payment_method_details, &mut Some(details));
}

impl Charge {
    /// Returns whether the charge succeeded: the money was moved or authorized.
    ///
    /// Charges before 2014-12 have `paid` instead of a status.
    #[must_use]
    pub fn is_succeeded(&self) -> bool {
        match &self.status {
            Some(status) => *status == ChargeStatus::Succeeded,
            None => self.paid == Some(true),
        }
    }

    /// Returns the customer's id, `cus_…`. `None` for a guest.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// Returns the id of the payment method, `pm_…`.
    ///
    /// Old charges have the id of a card or source, `card_…` or `src_…`.
    #[must_use]
    pub fn payment_method_id(&self) -> Option<&str> {
        id_of(self.payment_method.as_ref())
    }

    /// Returns the type of the payment method, such as `card`.
    ///
    /// API versions before 2019-02-11 may have it in the `source`, those before 2015-02-18 in the
    /// `card`.
    #[must_use]
    pub fn payment_method_type(&self) -> Option<&str> {
        self.payment_method_details.as_ref()?.kind.as_deref()
    }

    /// Returns the card. `None` for any other payment method.
    ///
    /// API versions before 2019-02-11 may have it as `source`, those before 2015-02-18 as `card`.
    #[must_use]
    pub fn card(&self) -> Option<&Card> {
        let details = self.payment_method_details.as_ref()?;
        details.card.as_ref().or(details.card_present.as_ref())
    }

    /// Returns the most recent of the [`refunds`](Self::refunds).
    ///
    /// `None` if the event has none, or only their ids.
    #[must_use]
    pub fn latest_refund(&self) -> Option<Refund> {
        self.refunds.iter().rev().filter_map(Expandable::object).max_by_key(|refund| refund.created)
    }

    /// Returns the dispute's id, `dp_…` or `du_…`.
    ///
    /// `None` since API version 2023-08-16, which has only [`disputed`](Self::disputed).
    #[must_use]
    pub fn dispute_id(&self) -> Option<&str> {
        id_of(self.dispute.as_ref()?.0.as_ref())
    }

    /// Returns the id of the payment intent, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }

    /// Returns the id of the balance transaction, `txn_…`.
    ///
    /// `None` while the charge is pending, and if it failed.
    #[must_use]
    pub fn balance_transaction_id(&self) -> Option<&str> {
        id_of(self.balance_transaction.as_ref())
    }

    /// Returns the id of the invoice that the charge pays, `in_…`.
    ///
    /// `None` since API version 2025-03-31.basil.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
    }
}

/// A charge's dispute: its id, or the object, which has no id before 2014.
#[derive(Clone, Debug, PartialEq)]
struct DisputeOfCharge(Option<Expandable<Dispute>>);

impl JsonSlot for Option<DisputeOfCharge> {
    fn set(&mut self, json: Option<Box<RawValue>>) {
        *self = json.and_then(|json| {
            let is_object = json.get().starts_with('{');
            let link = link(json);
            (is_object || link.is_some()).then_some(DisputeOfCharge(link))
        });
    }
}

impl Element for DisputeOfCharge {
    fn slot(element: &mut Option<Self>) -> Slot<'_> {
        Slot::Json(element)
    }

    fn view(&self) -> View<'_> {
        self.0.as_ref().map_or(View::Absent, Element::view)
    }
}

object! {
    /// The payment method at the time of the charge.
    struct PaymentMethodDetails {
        kind as "type": Option<String>,
        card: Option<Card>,
        card_present: Option<Card>,
    }
}

object! {
    /// The decisions of the bank and of Stripe Radar about a charge.
    ///
    /// See <https://docs.stripe.com/declines>.
    pub struct ChargeOutcome {
        /// Returns the network's decision.
        ///
        /// `approved_by_network`, `declined_by_network`, `not_sent_to_network` or
        /// `reversed_after_approval`.
        pub network_status: Option<String>,
        /// Returns the reason why the charge was declined or blocked.
        pub reason: Option<String>,
        /// Returns Radar's risk level.
        ///
        /// It is `normal`, `elevated`, `highest` or `not_assessed`.
        pub risk_level: Option<String>,
        /// Returns a description for the app's operators. Do not show it to the customer.
        pub seller_message: Option<String>,
        /// Returns the type.
        ///
        /// It is `authorized`, `manual_review`, `issuer_declined`, `blocked` or `invalid`.
        pub outcome_type as "type": Option<String>,
    }
}

value! {
    /// The status of a charge.
    pub enum ChargeStatus {
        /// The charge failed.
        Failed => "failed",
        /// The charge is being processed, which takes days for some payment methods.
        Pending => "pending",
        /// The money was moved or authorized. API versions before 2015-02-18 write `paid`.
        Succeeded => "succeeded" | "paid",
    }
}
