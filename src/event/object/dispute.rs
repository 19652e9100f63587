//! Disputes.

use super::{
    Charge, Expandable, Metadata, PaymentIntent,
    expandable::id_of,
    macros::{object, value},
};

object! {
    /// A dispute of a charge (chargeback or inquiry).
    ///
    /// See <https://docs.stripe.com/api/disputes/object>.
    pub struct Dispute named "dispute" then unify {
        /// Returns the dispute's id, `dp_…` or `du_…`. `None` before 2014.
        pub id: Option<String>,
        /// Returns the disputed amount, in the smallest unit of `currency`.
        pub amount: required i64,
        /// Returns the currency.
        pub currency: required String,
        /// Returns the status.
        pub status: required DisputeStatus,
        /// Returns the reason that the customer gave.
        ///
        /// For example `fraudulent`, `product_not_received` or `duplicate`.
        pub reason: Option<String>,
        /// Returns the disputed charge.
        pub charge: Option<Expandable<Charge>>,
        /// Returns the payment intent of the disputed charge.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// Returns the deadline for evidence and the number of submissions.
        pub evidence_details: Option<EvidenceDetails>,
        /// Returns the balance transactions of the dispute.
        ///
        /// Usually none, one withdrawal, or a withdrawal and a reinstatement.
        /// [`balance_change`](Self::balance_change) adds them up.
        ///
        /// API versions before 2014-08-20 have one as `balance_transaction`.
        pub balance_transactions: Vec<Expandable<BalanceTransaction>>,
        /// Returns whether refunding the charge closes the dispute, as for an inquiry.
        pub is_charge_refundable: bool,
        /// Returns when the dispute was opened, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the dispute.
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
    /// Returns the sum of the balance transactions, after fees.
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

    /// Returns the deadline for evidence, in Unix seconds.
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

    /// Returns the id of the disputed charge, `ch_…`.
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.charge.as_ref())
    }

    /// Returns the id of the payment intent of the disputed charge, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }
}

object! {
    /// A change of the account's balance.
    ///
    /// See <https://docs.stripe.com/api/balance_transactions/object>.
    pub struct BalanceTransaction {
        /// Returns the balance transaction's id, `txn_…`.
        pub id: Option<String>,
        /// Returns the change before fees, in the smallest unit of `currency`.
        ///
        /// Negative for a withdrawal.
        pub amount: Option<i64>,
        /// Returns the account's currency.
        pub currency: Option<String>,
        /// Returns the fees, in the smallest unit of `currency`.
        pub fee: Option<i64>,
        /// Returns the change after fees, in the smallest unit of `currency`.
        pub net: Option<i64>,
        /// Returns the category, such as `dispute` or `dispute_reversal`.
        ///
        /// `None` before 2020.
        pub reporting_category: Option<String>,
        /// Returns when the balance transaction was created, in Unix seconds.
        pub created: Option<i64>,
    }
}

object! {
    /// The deadline for a dispute's evidence and the number of submissions.
    pub struct EvidenceDetails {
        /// Returns the deadline, in Unix seconds.
        pub due_by: Option<i64>,
        /// Returns whether evidence is staged that was not submitted yet.
        pub has_evidence: bool,
        /// Returns whether the last evidence was submitted after the deadline.
        pub past_due: bool,
        /// Returns the number of submissions. Most banks accept one.
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
