//! Checkout sessions that sell credits.

use serde::Deserialize;
use sqlx::AnyConnection;
use tower_stripe_webhook::event::object::{CheckoutSession, PaymentStatus};

use super::{Failure, buyer::Buyer, received::Received, reversal};
use crate::{
    billing::{credits::CreditRate, outcome::Verdict},
    data::{
        credits::{self as ledger, Entry, TOP_UP},
        payments::{self, Payment},
    },
};

/// Adds the credits of a checkout session.
pub(super) async fn top_up(
    rate: CreditRate,
    tx: &mut AnyConnection,
    event: &Received,
    session: &CheckoutSession,
) -> Result<Verdict, Failure> {
    if session.metadata().get("session_type").map(String::as_str) != Some("credits_topup") {
        return Ok(Verdict::ignored("the checkout session does not sell credits"));
    }
    if session.payment_status() == Some(&PaymentStatus::NoPaymentRequired) {
        return Ok(Verdict::ignored("nothing was paid, so no credits are added"));
    }
    if session.payment_status() != Some(&PaymentStatus::Paid) {
        return Ok(Verdict::ignored(
            "not paid yet: checkout.session.async_payment_succeeded follows",
        ));
    }
    if !session.currency().is_some_and(|currency| currency.eq_ignore_ascii_case("usd")) {
        return Ok(Verdict::ignored("credits are only sold for US dollars"));
    }
    let paid = session
        .amount_total()
        .ok_or_else(|| Failure::event("amount_total is not a whole number of cents"))?;
    let amount = rate.credits_for(paid, amount_tax(event)?)?;
    if amount == 0 {
        return Ok(Verdict::ignored("the amount without tax buys no credits"));
    }
    let buyer = Buyer::of_session(session);
    if buyer.is_unknown() {
        return Err(Failure::event(
            "the checkout session names neither a customer nor an email address",
        ));
    }
    buyer.remember_email(tx, event).await?;
    let livemode = event.livemode();
    let payment_id = session.payment_intent_id();
    let mut reversed = None;
    if let Some(id) = payment_id {
        let payment = Payment { livemode, id };
        reversed = Some((payment, payments::lock(tx, payment, None).await?));
    }
    let top_up = Entry {
        session_id: Some(session.id().to_owned()),
        paid: Some(paid),
        customer_id: buyer.customer_id.map(str::to_owned),
        email: buyer.email,
        amount,
        reason: TOP_UP.to_owned(),
    };
    if !ledger::append(tx, livemode, payment_id, event.id(), &top_up).await? {
        return Ok(Verdict::duplicate(
            "another event has added the credits of this checkout session",
        ));
    }
    // Refunds and disputes may arrive before the top-up.
    let mut moved = None;
    if let Some((payment, reversals)) = reversed.filter(|(_, reversals)| !reversals.is_empty()) {
        moved = ledger::take_back(tx, payment, &reversals, event.id()).await?;
    }
    Ok(Verdict::applied(match moved.and_then(reversal::describe) {
        Some(moved) => format!("{amount} credits, {moved}"),
        None => format!("{amount} credits"),
    }))
}

/// Returns the tax in `amount_total`, in cents.
fn amount_tax(event: &Received) -> Result<i64, Failure> {
    /// Stricter than the library's type, which reads an invalid number as absent: tax would then
    /// buy credits.
    #[derive(Deserialize)]
    struct Session {
        total_details: Option<Details>,
    }

    #[derive(Deserialize)]
    struct Details {
        amount_tax: Option<i64>,
    }

    let session: Session = event.object()?;
    Ok(session.total_details.and_then(|details| details.amount_tax).unwrap_or(0))
}
