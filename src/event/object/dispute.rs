//! Disputes.

use super::{
    Charge, Expandable, Metadata, PaymentIntent,
    expandable::id_of,
    macros::{object, value},
};

object! {
    /// A charge that the customer asks the bank to take back: <https://docs.stripe.com/api/disputes/object>
    pub struct Dispute named "dispute" then unify {
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
        /// What it did to the account's balance: mostly nothing, one withdrawal, or a withdrawal and a reinstatement. See
        /// [`balance_change`](Self::balance_change).
        ///
        /// API versions before 2014-08-20 have one as `balance_transaction`.
        pub balance_transactions: Vec<Expandable<BalanceTransaction>>,
        /// Whether giving the money back ends the dispute: for an inquiry.
        pub is_charge_refundable: bool,
        /// When it was opened, in Unix seconds.
        pub created: Option<i64>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached.
        pub metadata: Metadata,
        balance_transaction: Option<Expandable<BalanceTransaction>>,
        evidence_due_by: Option<i64>,
    }
}

fn unify(dispute: &mut Dispute) {
    let one = dispute.balance_transaction.take().filter(|_| dispute.balance_transactions.is_empty());
    dispute.balance_transactions.extend(one);
}

impl Dispute {
    /// What the dispute did to the account's balance so far, with its fees: negative while the money is withdrawn. In the smallest
    /// unit of the account's currency, which the [transactions](Self::balance_transactions) tell. `None` if it did nothing, or if
    /// the event has no more than the ids of the transactions.
    #[must_use]
    pub fn balance_change(&self) -> Option<i64> {
        let mut nets = self.balance_transactions.iter().map(|transaction| transaction.object()?.net).peekable();
        nets.peek()?;
        nets.try_fold(0_i64, |sum, net| sum.checked_add(net?))
    }

    /// By when evidence has to be given, in Unix seconds. `None` if it is too late, or no use.
    ///
    /// API versions before 2014-12-08 have it as `evidence_due_by`, later ones under `evidence_details`.
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
    /// One change of the account's balance: <https://docs.stripe.com/api/balance_transactions/object>
    pub struct BalanceTransaction {
        /// The balance transaction's id, `txn_…`.
        pub id: Option<String>,
        /// The change before fees, in the smallest unit of `currency`. Negative for a withdrawal.
        pub amount: Option<i64>,
        /// The account's currency.
        pub currency: Option<String>,
        /// The fees, in the smallest unit of `currency`.
        pub fee: Option<i64>,
        /// The change after fees, in the smallest unit of `currency`.
        pub net: Option<i64>,
        /// What kind of change it is, such as `dispute` or `dispute_reversal`. `None` before 2020.
        pub reporting_category: Option<String>,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
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
