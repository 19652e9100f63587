//! What events do.

use axum::{Json, Router, extract::State, middleware::from_fn_with_state, routing::post};
use serde::Serialize;
use sqlx::AnyConnection;
use tower_stripe_webhook::{
    DecodeError, EventData, StripeWebhookLayer, VerifiedEvent,
    idempotency::{self, Delivery, EventKey},
    object::{BillingReason, CheckoutSession, CheckoutSessionMode, Invoice, PaymentStatus},
};

use crate::{
    api::ApiError,
    app::AppState,
    billing::{
        credits::{AmountError, CreditRate},
        outcome::{Outcome, Verdict},
        subscription::{Facts, InvoiceOf, Payment, Snapshot, Subscription},
    },
    data::{
        credits::{self, TopUp},
        customers, deliveries as recorded, subscriptions,
    },
    deliveries, time,
};

pub const PATH: &str = "/api/v1/webhooks/stripe";

pub fn routes(app: &AppState) -> Router<AppState> {
    let layer = StripeWebhookLayer::new(app.secrets.provider()).with_livemode(app.mode.livemode());
    let watch = from_fn_with_state(app.clone(), deliveries::watch);
    Router::new().route(PATH, post(receive).layer(layer).layer(watch))
}

/// What Stripe is told, and shows to the operator.
#[derive(Debug, Serialize)]
struct Answer {
    outcome: &'static str,
    reason: String,
}

/// Is called with events of the mode that is served, signed by Stripe, and with nothing else.
async fn receive(State(app): State<AppState>, event: VerifiedEvent) -> Result<Json<Answer>, ApiError> {
    match handle(&app, &event).await {
        Ok(Verdict { outcome, reason }) => Ok(Json(Answer { outcome: outcome.as_str(), reason: reason.into_owned() })),
        Err(Failure::Database(error)) => Err(error.into()),
        Err(Failure::SecretRemoved) => {
            let message = "the signing secret of this event is not in force any more: is it the endpoint's newest?";
            Err(ApiError::bad_request("signing_secret_removed", message))
        }
        Err(Failure::Event(reason)) => {
            let verdict = Verdict::new(Outcome::Failed, reason.clone());
            recorded::add(app.database.writer(), &event, &verdict).await?;
            Err(ApiError::unprocessable("event_failed", reason))
        }
    }
}

/// Why an event had no effect. Nothing of it is stored, so that it is handled anew when Stripe delivers it again.
enum Failure {
    Database(sqlx::Error),
    SecretRemoved,
    Event(String),
}

/// Record, effect and delivery are one transaction: whatever happens when, they are all there or none is.
async fn handle(app: &AppState, event: &VerifiedEvent) -> Result<Verdict, Failure> {
    let mut tx = app.database.begin().await?;
    let delivery = idempotency::record(&mut tx, &EventKey::of(event)).await?;
    if !app.secrets.has(&mut tx, event.verified_by()).await? {
        return Err(Failure::SecretRemoved);
    }
    let verdict = match delivery {
        Delivery::First => apply(app.credit_rate, &mut tx, event).await?,
        Delivery::Repeated => Verdict::duplicate("this event had its effect before"),
    };
    recorded::add(&mut *tx, event, &verdict).await?;
    tx.commit().await?;
    Ok(verdict)
}

async fn apply(rate: CreditRate, tx: &mut AnyConnection, event: &VerifiedEvent) -> Result<Verdict, Failure> {
    match event.data()? {
        EventData::CheckoutSessionCompleted(session) | EventData::CheckoutSessionAsyncPaymentSucceeded(session) => {
            match session.mode {
                Some(CheckoutSessionMode::Subscription) => subscribe(tx, event, &session).await,
                Some(CheckoutSessionMode::Payment) => top_up(rate, tx, event, &session).await,
                _ => Ok(Verdict::ignored("the checkout session sells nothing")),
            }
        }
        EventData::CustomerSubscriptionCreated(object) => {
            let at = happened_at(event);
            change(tx, event, &object.id, |subscription| subscription.created(at, snapshot(&object))).await
        }
        EventData::CustomerSubscriptionUpdated(object) => {
            let at = happened_at(event);
            change(tx, event, &object.id, |subscription| subscription.updated(at, snapshot(&object))).await
        }
        EventData::CustomerSubscriptionDeleted(object) => {
            let at = happened_at(event);
            change(tx, event, &object.id, |subscription| subscription.deleted(at, snapshot(&object))).await
        }
        EventData::InvoicePaid(invoice) => {
            let payment =
                if invoice.total.unwrap_or(invoice.amount_due) == 0 { Payment::NothingDue } else { Payment::Due };
            settle(tx, event, &invoice, |subscription, at| subscription.paid(at, payment)).await
        }
        EventData::InvoicePaymentFailed(invoice) => {
            let of = match invoice.billing_reason {
                Some(BillingReason::SubscriptionCreate) => InvoiceOf::FirstPeriod,
                _ => InvoiceOf::LaterPeriod,
            };
            settle(tx, event, &invoice, |subscription, at| subscription.payment_failed(at, of)).await
        }
        _ => Ok(Verdict::ignored("events of this type change nothing here")),
    }
}

/// A checkout session that starts a subscription: the buyer gets it as active.
async fn subscribe(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    session: &CheckoutSession,
) -> Result<Verdict, Failure> {
    if !session.is_paid() {
        return Ok(Verdict::ignored("the checkout session is not paid yet"));
    }
    let Some(id) = session.subscription_id() else {
        return Ok(Verdict::ignored("the checkout session names no subscription"));
    };
    let nothing_due = session.payment_status == Some(PaymentStatus::NoPaymentRequired);
    let payment = if nothing_due { Payment::NothingDue } else { Payment::Due };
    let buyer = Buyer::of_session(session);
    let verdict = change(tx, event, id, |subscription| {
        subscription.belongs_to(buyer.customer_id, buyer.email.as_deref());
        subscription.paid(happened_at(event), payment)
    })
    .await?;
    buyer.remember(tx, event).await?;
    Ok(verdict)
}

/// A checkout session that buys credits.
async fn top_up(
    rate: CreditRate,
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    session: &CheckoutSession,
) -> Result<Verdict, Failure> {
    if session.metadata.get("session_type").map(String::as_str) != Some("credits_topup") {
        return Ok(Verdict::ignored("the checkout session is not one that buys credits"));
    }
    if session.payment_status != Some(PaymentStatus::Paid) {
        return Ok(Verdict::ignored("not paid yet: checkout.session.async_payment_succeeded will tell"));
    }
    if !session.currency.as_deref().is_some_and(|currency| currency.eq_ignore_ascii_case("usd")) {
        return Ok(Verdict::ignored("credits are sold for US dollars alone"));
    }
    let cents = session.amount_total.ok_or_else(|| Failure::event("amount_total is not a whole number of cents"))?;
    let amount = rate.credits_for(cents)?;
    if amount == 0 {
        return Ok(Verdict::ignored("the amount buys no credits"));
    }
    let buyer = Buyer::of_session(session);
    if buyer.customer_id.is_none() && buyer.email.is_none() {
        return Err(Failure::event("the checkout session names neither a customer nor an email address"));
    }
    buyer.remember(tx, event).await?;
    let top_up = TopUp {
        session_id: &session.id,
        event_id: event.id(),
        livemode: event.livemode(),
        customer_id: buyer.customer_id,
        email: buyer.email.as_deref(),
        amount,
        reason: "credits_topup",
    };
    if credits::add(tx, top_up).await? {
        Ok(Verdict::applied(format!("{amount} credits")))
    } else {
        Ok(Verdict::duplicate("another event has given the credits of this checkout session"))
    }
}

/// An invoice tells the status of its subscription.
async fn settle(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    invoice: &Invoice,
    rule: impl FnOnce(&mut Subscription, i64) -> Verdict,
) -> Result<Verdict, Failure> {
    let Some(id) = invoice.subscription_id() else {
        return Ok(Verdict::ignored("the invoice is for no subscription"));
    };
    let buyer = Buyer::of_invoice(invoice);
    let verdict = change(tx, event, id, |subscription| {
        subscription.belongs_to(buyer.customer_id, buyer.email.as_deref());
        rule(subscription, happened_at(event))
    })
    .await?;
    buyer.remember(tx, event).await?;
    Ok(verdict)
}

/// Applies a rule to a subscription that is locked meanwhile.
async fn change(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    id: &str,
    rule: impl FnOnce(&mut Subscription) -> Verdict,
) -> Result<Verdict, Failure> {
    let mut subscription = subscriptions::lock(tx, id, event.livemode()).await?;
    let before = subscription.clone();
    let verdict = rule(&mut subscription);
    if subscription != before {
        subscriptions::store(tx, id, &subscription).await?;
    }
    Ok(verdict)
}

/// Who pays.
struct Buyer<'a> {
    customer_id: Option<&'a str>,
    /// In lower case.
    email: Option<String>,
}

impl<'a> Buyer<'a> {
    fn of_session(session: &'a CheckoutSession) -> Self {
        Self { customer_id: session.customer_id(), email: session.email().and_then(in_lower_case) }
    }

    fn of_invoice(invoice: &'a Invoice) -> Self {
        Self { customer_id: invoice.customer_id(), email: invoice.customer_email.as_deref().and_then(in_lower_case) }
    }

    /// Notes which email address the customer has.
    async fn remember(&self, tx: &mut AnyConnection, event: &VerifiedEvent) -> Result<(), sqlx::Error> {
        match (self.customer_id, &self.email) {
            (Some(id), Some(email)) => customers::saw(tx, id, email, event.livemode(), happened_at(event)).await,
            _ => Ok(()),
        }
    }
}

fn in_lower_case(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    (!email.is_empty()).then_some(email)
}

fn snapshot(object: &tower_stripe_webhook::object::Subscription) -> Snapshot {
    Snapshot {
        customer_id: object.customer_id().to_owned(),
        status: object.status.clone(),
        facts: Facts {
            price_id: object.price_ids().next().map(str::to_owned),
            current_period_end: object.current_period_end(),
            cancel_at_period_end: Some(object.cancel_at_period_end),
            canceled_at: object.canceled_at,
            created: object.created,
        },
    }
}

/// In Unix seconds.
fn happened_at(event: &VerifiedEvent) -> i64 {
    time::unix_seconds(event.created().unwrap_or_else(|| event.signed_at()))
}

impl Failure {
    fn event(reason: &str) -> Self {
        Self::Event(reason.to_owned())
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::Event(error.to_string())
    }
}

impl From<AmountError> for Failure {
    fn from(error: AmountError) -> Self {
        Self::Event(error.to_string())
    }
}
