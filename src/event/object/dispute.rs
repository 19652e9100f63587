//! Disputes.

use super::{
    Charge, Expandable, Metadata, PaymentIntent,
    expandable::id_of,
    macros::{object, value},
};

object! {
    /// A dispute of a charge (chargeback or inquiry):
    /// <https://docs.stripe.com/api/disputes/object>
    pub struct Dispute named "dispute" then unify {
        /// The dispute's id, `dp_…` or `du_…`. `None` before 2014.
        pub id: Option<String>,
        /// The disputed amount, in the smallest unit of `currency`.
        pub amount: required i64,
        /// The currency.
        pub currency: required String,
        /// The status.
        pub status: required DisputeStatus,
        /// The reason that the customer gave: `fraudulent`, `product_not_received`, `duplicate`,
        /// …
        pub reason: Option<String>,
        /// The disputed charge.
        pub charge: Option<Expandable<Charge>>,
        /// The payment intent of the disputed charge.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// The deadline for evidence and the number of submissions.
        pub evidence_details: Option<EvidenceDetails>,
        /// The balance transactions of the dispute.
        ///
        /// Usually none, one withdrawal, or a withdrawal and a reinstatement.
        /// [`balance_change`](Self::balance_change) adds them up.
        ///
        /// API versions before 2014-08-20 have one as `balance_transaction`.
        pub balance_transactions: Vec<Expandable<BalanceTransaction>>,
        /// Whether refunding the charge closes the dispute, as for an inquiry.
        pub is_charge_refundable: bool,
        /// When the dispute was opened, in Unix seconds.
        pub created: Option<i64>,
        /// Whether the object exists in live mode.
        pub livemode: bool,
        /// The metadata that the app attached to the dispute.
        pub metadata: Metadata,
        balance_transaction: Option<Expandable<BalanceTransaction>>,
        evidence_due_by: Option<i64>,
    }
}

fn unify(dispute: &mut Dispute) {
    let one =
        dispute.balance_transaction.take().filter(|_| dispute.balance_transactions.is_empty());
    dispute.balance_transactions.extend(one);
}

impl Dispute {
    /// The sum of the [balance transactions](Self::balance_transactions), after fees.
    ///
    /// It is negative while the money is withdrawn, and in the smallest unit of the account's
    /// currency, which the transactions have. `None` if there are no transactions, or if the
    /// event has only their ids.
    #[must_use]
    pub fn balance_change(&self) -> Option<i64> {
        let mut nets = self
            .balance_transactions
            .iter()
            .map(|transaction| transaction.object()?.net)
            .peekable();
        nets.peek()?;
        nets.try_fold(0_i64, |sum, net| sum.checked_add(net?))
    }

    /// The deadline for evidence, in Unix seconds.
    ///
    /// `None` if it has passed or evidence cannot be submitted.
    ///
    /// API versions before 2014-12-08 have it as `evidence_due_by`, later ones in
    /// `evidence_details`.
    #[must_use]
    pub fn evidence_due_by(&self) -> Option<i64> {
        let details = self.evidence_details.as_ref();
        details.and_then(|details| details.due_by).or(self.evidence_due_by)
    }

    /// The id of the disputed charge, `ch_…`.
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.charge.as_ref())
    }

    /// The id of the payment intent of the disputed charge, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }
}

object! {
    /// A change of the account's balance:
    /// <https://docs.stripe.com/api/balance_transactions/object>
    pub struct BalanceTransaction {
        /// The balance transaction's id, `txn_…`.
        pub id: Option<String>,
        /// The change before fees, in the smallest unit of `currency`.
        ///
        /// Negative for a withdrawal.
        pub amount: Option<i64>,
        /// The account's currency.
        pub currency: Option<String>,
        /// The fees, in the smallest unit of `currency`.
        pub fee: Option<i64>,
        /// The change after fees, in the smallest unit of `currency`.
        pub net: Option<i64>,
        /// The category, such as `dispute` or `dispute_reversal`. `None` before 2020.
        pub reporting_category: Option<String>,
        /// When the balance transaction was created, in Unix seconds.
        pub created: Option<i64>,
    }
}

object! {
    /// The deadline for a dispute's evidence and the number of submissions.
    pub struct EvidenceDetails {
        /// The deadline, in Unix seconds.
        pub due_by: Option<i64>,
        /// Whether evidence is staged that was not submitted yet.
        pub has_evidence: bool,
        /// Whether the last evidence was submitted after the deadline.
        pub past_due: bool,
        /// The number of submissions. Most banks accept one.
        pub submission_count: Option<i64>,
    }
}

value! {
    /// The status of a dispute: <https://docs.stripe.com/disputes/how-disputes-work>
    pub enum DisputeStatus {
        /// The charge was refunded. Until 2019.
        ChargeRefunded => "charge_refunded",
        /// The bank decided for the customer. The money stays withdrawn.
        Lost => "lost",
        /// The dispute waits for evidence.
        NeedsResponse => "needs_response",
        /// The dispute was resolved before it became a chargeback.
        Prevented => "prevented",
        /// The bank reviews the evidence.
        UnderReview => "under_review",
        /// The inquiry is closed.
        WarningClosed => "warning_closed",
        /// The inquiry waits for evidence.
        WarningNeedsResponse => "warning_needs_response",
        /// The bank reviews the evidence of the inquiry.
        WarningUnderReview => "warning_under_review",
        /// The bank decided for the account. The money was reinstated.
        Won => "won",
    }
}
