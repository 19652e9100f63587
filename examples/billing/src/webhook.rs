//! What events do.

mod buyer;
mod credits;
mod customer;
mod reversal;
mod scope;
mod subscription;

use axum::{Json, Router, extract::State, middleware::from_fn_with_state, routing::post};
use serde::Serialize;
use sqlx::AnyConnection;
use tower::limit::ConcurrencyLimitLayer;
use tower_stripe_webhook::{
    DecodeError, EventData, EventType, Mode, StripeWebhookLayer, VerifiedEvent,
    event::{SUBSCRIPTION_EVENT_TYPES, object::CheckoutSessionMode},
    idempotency::{self, Delivery, EventKey},
};

use self::subscription::Payment;
use crate::{
    api::ApiError,
    app::AppState,
    billing::{
        credits::{AmountError, CreditRate},
        outcome::{Outcome, Verdict},
        subscription::SnapshotKind,
    },
    data::{self, deliveries},
    time, unhandled,
};

pub const PATH: &str = "/api/v1/webhooks/stripe";

/// Bodies are in memory until they are verified, so their size and their number bound what anybody can take of it. Others wait.
const MAX_BODY: usize = 1024 * 1024;
const MAX_AT_ONCE: usize = 64;

pub fn routes(app: &AppState) -> Router<AppState> {
    let layer = StripeWebhookLayer::new(app.secrets.provider())
        .with_mode(Mode::from_livemode(app.mode.livemode()))
        .with_max_body_size(MAX_BODY);
    let unhandled = from_fn_with_state(app.clone(), unhandled::record);
    let receive = post(receive).layer(layer).layer(unhandled);
    Router::new().route(PATH, receive).layer(ConcurrencyLimitLayer::new(MAX_AT_ONCE))
}

/// What Stripe is told, and shows to the operator.
#[derive(Debug, Serialize)]
struct Answer {
    outcome: &'static str,
    reason: String,
}

/// Is only called with events that Stripe has signed, of the mode that is served.
async fn receive(State(app): State<AppState>, event: VerifiedEvent) -> Result<Json<Answer>, ApiError> {
    match handle(&app, &event).await {
        Ok(Verdict { outcome, reason }) => Ok(Json(Answer { outcome: outcome.as_str(), reason: reason.into_owned() })),
        Err(Failure::Database(error)) => Err(error.into()),
        Err(Failure::SecretRemoved) => {
            let (code, message) =
                ("signing_secret_removed", "another node has removed the secret that signed this event");
            app.refusals.count(code, message.to_owned());
            Err(ApiError::bad_request(code, message))
        }
        Err(Failure::Event(reason)) => {
            // The reason may quote the event, which no log is to have.
            tracing::warn!(id = event.id(), event_type = %event.event_type(), "an event failed");
            let verdict = Verdict::new(Outcome::Failed, reason.clone());
            deliveries::add(app.database.writer(), &event, &verdict).await?;
            Err(ApiError::unprocessable("event_failed", reason))
        }
    }
}

/// Why an event had no effect. Nothing of it is stored, so that it is handled anew when Stripe delivers it again.
#[derive(Debug)]
enum Failure {
    Database(sqlx::Error),
    SecretRemoved,
    Event(String),
}

/// Record, effect and delivery are in one transaction: whatever happens when, they are all there or none is.
async fn handle(app: &AppState, event: &VerifiedEvent) -> Result<Verdict, Failure> {
    let mut tx = app.database.begin().await?;
    let out_of_scope = scope::out_of_scope(&app.connected_accounts, event);
    let delivery = match out_of_scope {
        None => idempotency::record(&mut tx, &EventKey::of(event)).await?,
        // Not recorded: once the endpoint or the configuration is corrected, Stripe can send it again.
        Some(_) => Delivery::First,
    };
    if !app.secrets.has(&mut tx, event.verified_by()).await? {
        return Err(Failure::SecretRemoved);
    }
    let verdict = match (out_of_scope, delivery) {
        (Some(verdict), _) => verdict,
        (None, Delivery::First) => apply(app.credit_rate, &mut tx, event).await?,
        (None, Delivery::Duplicate) => Verdict::duplicate("this event had its effect before"),
    };
    deliveries::add(&mut *tx, event, &verdict).await?;
    tx.commit().await?;
    Ok(verdict)
}

async fn apply(rate: CreditRate, tx: &mut AnyConnection, event: &VerifiedEvent) -> Result<Verdict, Failure> {
    if customer::EVENT_TYPES.contains(event.event_type()) {
        return customer::follow(tx, event).await;
    }
    if reversal::EVENT_TYPES.contains(event.event_type()) {
        return reversal::follow(tx, event).await;
    }
    if !is_acted_on(event.event_type()) {
        return Ok(Verdict::ignored("events of this type change nothing here"));
    }
    let data = match event.data() {
        // What these tell also comes as an update, so nothing is lost with one that cannot be read.
        Err(_) if OPTIONAL_SNAPSHOTS.contains(event.event_type()) => {
            return Ok(Verdict::ignored("it does not tell enough of the subscription"));
        }
        data => data?,
    };
    match data {
        EventData::CheckoutSessionCompleted(session) | EventData::CheckoutSessionAsyncPaymentSucceeded(session) => {
            match session.mode {
                Some(CheckoutSessionMode::Subscription) => subscription::start(tx, event, &session).await,
                Some(CheckoutSessionMode::Payment) => credits::top_up(rate, tx, event, &session).await,
                _ => Ok(Verdict::ignored("the checkout session sells nothing")),
            }
        }
        EventData::CustomerSubscriptionCreated(object) => {
            subscription::follow(tx, event, &object, SnapshotKind::Created).await
        }
        EventData::CustomerSubscriptionUpdated(object)
        | EventData::CustomerSubscriptionPaused(object)
        | EventData::CustomerSubscriptionResumed(object) => {
            subscription::follow(tx, event, &object, SnapshotKind::Updated).await
        }
        EventData::CustomerSubscriptionDeleted(object) => {
            subscription::follow(tx, event, &object, SnapshotKind::Deleted).await
        }
        EventData::InvoicePaid(invoice) => subscription::bill(tx, event, &invoice, Payment::Paid).await,
        EventData::InvoicePaymentFailed(invoice) => subscription::bill(tx, event, &invoice, Payment::Failed).await,
        _ => Ok(Verdict::ignored("it is about another object than events of its type are")),
    }
}

/// Types that show a subscription beside `customer.subscription.updated`, if the endpoint has them.
static OPTIONAL_SNAPSHOTS: [EventType; 2] =
    [EventType::CustomerSubscriptionPaused, EventType::CustomerSubscriptionResumed];

/// Events of all other types are not even decoded: whatever their objects look like, Stripe need not send them again.
fn is_acted_on(event_type: &EventType) -> bool {
    SUBSCRIPTION_EVENT_TYPES.contains(event_type)
        || OPTIONAL_SNAPSHOTS.contains(event_type)
        || *event_type == EventType::CheckoutSessionAsyncPaymentSucceeded
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
        if data::is_of_a_value(&error) {
            return Self::Event(format!("the database cannot store what the event says: {error}"));
        }
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
