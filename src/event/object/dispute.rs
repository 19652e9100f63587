//! Disputes.

use super::{
    Charge, Expandable, Metadata, PaymentIntent,
    expandable::id_of,
    lenient::{object, value},
};

object! {
    /// A charge that the customer asks the bank to take back: <https://docs.stripe.com/api/disputes/object>
    pub struct Dispute named "dispute" {
        /// The dispute's id, `dp_…` or `du_…`. `None` before 2014.
        pub id: Option<String>,
        /// What is disputed, in the smallest unit of `currency`.
        pub amount: required i64,
        /// The currency.
        pub currency: required String,
        /// Where it stands.
        pub status: required DisputeStatus,
        /// What the customer says: `fraudulent`, `product_not_received`, `duplicate`, …
        pub reason: Option<String>,
        /// The disputed charge.
        pub charge: Option<Expandable<Charge>>,
        /// The disputed payment.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// By when, and how often, evidence can be given.
        pub evidence_details: Option<EvidenceDetails>,
        /// Whether giving the money back ends the dispute: for an inquiry.
        pub is_charge_refundable: bool,
        /// When it was opened, in Unix seconds.
        pub created: Option<i64>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached.
        pub metadata: Metadata,
        evidence_due_by: Option<i64>,
    }
}

impl Dispute {
    /// By when evidence has to be given, in Unix seconds. `None` if it is too late, or no use.
    #[must_use]
    pub fn evidence_due_by(&self) -> Option<i64> {
        let details = self.evidence_details.as_ref();
        details.and_then(|details| details.due_by).or(self.evidence_due_by)
    }

    /// The charge's id, `ch_…`.
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.charge.as_ref())
    }

    /// The payment's id, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }
}

object! {
    /// By when, and how often, evidence can be given in a dispute.
    pub struct EvidenceDetails {
        /// By when, in Unix seconds.
        pub due_by: Option<i64>,
        /// Whether there is evidence that was not submitted yet.
        pub has_evidence: bool,
        /// Whether it is too late.
        pub past_due: bool,
        /// How often evidence was submitted. Most banks take it once.
        pub submission_count: Option<i64>,
    }
}

value! {
    /// Where a dispute stands: <https://docs.stripe.com/disputes/how-disputes-work>
    pub enum DisputeStatus {
        /// The money was given back, before 2019.
        ChargeRefunded => "charge_refunded",
        /// The bank decided for the customer: the money is gone.
        Lost => "lost",
        /// Evidence can be given.
        NeedsResponse => "needs_response",
        /// It was settled before it became one.
        Prevented => "prevented",
        /// The bank decides.
        UnderReview => "under_review",
        /// An inquiry that is over.
        WarningClosed => "warning_closed",
        /// An inquiry: evidence can be given.
        WarningNeedsResponse => "warning_needs_response",
        /// An inquiry: the bank decides.
        WarningUnderReview => "warning_under_review",
        /// The bank decided for the account: the money is back.
        Won => "won",
    }
}
