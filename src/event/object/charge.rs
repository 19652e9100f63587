//! Charges.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{
    BillingDetails, Card, Customer, Dispute, Expandable, Invoice, List, Metadata, OtherObject, PaymentIntent,
    PresentmentDetails, Refund,
    expandable::{id_of, link},
    lenient::{Lenient, move_into},
    macros::{object, value},
    source::Source,
};

object! {
    /// One attempt to move money: <https://docs.stripe.com/api/charges/object>
    pub struct Charge named "charge" then unify {
        /// The charge's id, `ch_…` or `py_…`.
        pub id: required String,
        /// What was charged, in the smallest unit of `currency`.
        pub amount: required i64,
        /// The currency.
        pub currency: required String,
        /// What was captured, in the smallest unit of `currency`.
        pub amount_captured: Option<i64>,
        /// What was given back, in the smallest unit of `currency`.
        pub amount_refunded: Option<i64>,
        /// Where it stands. `None` before 2014-12: see [`is_succeeded`](Self::is_succeeded).
        pub status: Option<ChargeStatus>,
        /// Whether it succeeded, or was authorized and can be captured.
        pub paid: Option<bool>,
        /// Whether the money was taken, and not just authorized. `None` before 2013-02.
        pub captured: Option<bool>,
        /// Whether all of it was given back. If it was a part, see `amount_refunded`.
        pub refunded: bool,
        /// Whether the customer disputes it. Charges before 2020 have only the `dispute`.
        pub disputed: bool,
        /// Who paid.
        pub customer: Option<Expandable<Customer>>,
        /// The payment that it is an attempt of.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// What it was paid with: a payment method, or for old charges a source or card.
        ///
        /// API versions before 2019-02-11 may have it as `source`, those before 2015-02-18 as `card`.
        pub payment_method: Option<Expandable<OtherObject>>,
        /// What it did to the account's balance. `None` while it is pending, and if it failed.
        pub balance_transaction: Option<Expandable<OtherObject>>,
        /// Who paid, as entered with the payment. Charges before 2019 have it in the
        /// `source` or `card`.
        pub billing_details: Option<BillingDetails>,
        /// What the customer saw, if it was in another currency.
        pub presentment_details: Option<PresentmentDetails>,
        /// What was given back of it, refund by refund: see [`latest_refund`](Self::latest_refund). API versions since 2022-11-15
        /// have only the sum, `amount_refunded`.
        pub refunds: List<Expandable<Refund>>,
        /// Why it failed, for programs: <https://docs.stripe.com/error-codes>
        pub failure_code: Option<String>,
        /// Why it failed, for people.
        pub failure_message: Option<String>,
        /// What the bank and Stripe's own check for fraud said.
        pub outcome: Option<ChargeOutcome>,
        /// A text of the app's own, which the customer may see.
        pub description: Option<String>,
        /// Where the receipt is sent.
        pub receipt_email: Option<String>,
        /// The page with the receipt.
        pub receipt_url: Option<String>,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached.
        pub metadata: Metadata,
        card: Option<Source>,
        dispute: Option<DisputeOfCharge>,
        invoice: Option<Expandable<Invoice>>,
        payment_method_details: Option<PaymentMethodDetails>,
        source: Option<Source>,
    }
}

fn unify(charge: &mut Charge) {
    charge.disputed |= charge.dispute.is_some();
    move_into(&mut charge.source, &mut charge.card);
    let Some(Source { mut link, kind, card, mut billing_details }) = charge.source.take() else { return };
    move_into(&mut charge.payment_method, &mut link);
    move_into(&mut charge.billing_details, &mut billing_details);
    let details = PaymentMethodDetails { kind, card, card_present: None };
    move_into(&mut charge.payment_method_details, &mut Some(details));
}

impl Charge {
    /// Whether the money was moved or authorized.
    #[must_use]
    pub fn is_succeeded(&self) -> bool {
        match &self.status {
            Some(status) => *status == ChargeStatus::Succeeded,
            None => self.paid == Some(true),
        }
    }

    /// The customer's id, `cus_…`. `None` for a guest.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        id_of(self.customer.as_ref())
    }

    /// The id of what it was paid with: `pm_…`, or for old charges `card_…` or `src_…`.
    #[must_use]
    pub fn payment_method_id(&self) -> Option<&str> {
        id_of(self.payment_method.as_ref())
    }

    /// What kind of payment method it was paid with, such as `card`.
    ///
    /// API versions before 2019-02-11 may have it in the `source`, those before 2015-02-18 in the `card`.
    #[must_use]
    pub fn payment_method_type(&self) -> Option<&str> {
        self.payment_method_details.as_ref()?.kind.as_deref()
    }

    /// The card that it was paid with. `None` if it was none.
    ///
    /// API versions before 2019-02-11 may have it as `source`, those before 2015-02-18 as `card`.
    #[must_use]
    pub fn card(&self) -> Option<&Card> {
        let details = self.payment_method_details.as_ref()?;
        details.card.as_ref().or(details.card_present.as_ref())
    }

    /// The newest of the [`refunds`](Self::refunds), where the event has them.
    #[must_use]
    pub fn latest_refund(&self) -> Option<Refund> {
        self.refunds.iter().rev().filter_map(Expandable::object).max_by_key(|refund| refund.created)
    }

    /// The dispute's id, `dp_…` or `du_…`. API versions since 2023-08-16 do not tell, only that it is
    /// [`disputed`](Self::disputed).
    #[must_use]
    pub fn dispute_id(&self) -> Option<&str> {
        id_of(self.dispute.as_ref()?.0.as_ref())
    }

    /// The payment's id, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }

    /// The id of the invoice that was paid, `in_…`. API versions since 2025-03-31.basil do not tell.
    #[must_use]
    pub fn invoice_id(&self) -> Option<&str> {
        id_of(self.invoice.as_ref())
    }
}

/// A charge's dispute: its id, or the object, which has no id before 2014.
#[derive(Clone, Debug, PartialEq)]
struct DisputeOfCharge(Option<Expandable<Dispute>>);

impl Lenient for DisputeOfCharge {
    fn deserialize_leniently<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let is_object = raw.get().starts_with('{');
        let link = link(raw);
        Ok((is_object || link.is_some()).then_some(Self(link)))
    }
}

object! {
    /// What a charge was paid with.
    struct PaymentMethodDetails {
        kind as "type": Option<String>,
        card: Option<Card>,
        card_present: Option<Card>,
    }
}

object! {
    /// What the bank and Stripe's own check for fraud said to a charge: <https://docs.stripe.com/declines>
    pub struct ChargeOutcome {
        /// `approved_by_network`, `declined_by_network`, `not_sent_to_network` or `reversed_after_approval`.
        pub network_status: Option<String>,
        /// Why it was declined or blocked.
        pub reason: Option<String>,
        /// `normal`, `elevated`, `highest`, or `not_assessed`.
        pub risk_level: Option<String>,
        /// A sentence for the app's operators: not for the customer.
        pub seller_message: Option<String>,
        /// `authorized`, `manual_review`, `issuer_declined`, `blocked` or `invalid`.
        pub outcome_type as "type": Option<String>,
    }
}

value! {
    /// Where a charge stands.
    pub enum ChargeStatus {
        /// It did not go through.
        Failed => "failed",
        /// It is under way, which takes days for some ways to pay.
        Pending => "pending",
        /// The money was moved, or authorized. API versions before 2015-02-18 call it `paid`.
        Succeeded => "succeeded" | "paid",
    }
}
