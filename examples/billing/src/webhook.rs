//! The webhook: verified events and their effects.

mod buyer;
mod credits;
mod customer;
mod deleted;
mod event_types;
mod fetch;
mod received;
mod reversal;
mod scope;
mod subscription;

use std::{convert::Infallible, sync::Arc};

use axum::{Json, Router, extract::State, middleware::from_fn_with_state, routing::post};
use serde::Serialize;
use sqlx::AnyConnection;
use tokio::sync::Semaphore;
use tower_stripe_webhook::{
    DecodeError, EventData, StripeWebhookLayer, VerifiedEvent,
    event::{EventKind, object::CheckoutSessionMode},
    idempotency::{self, Delivery, EventKey},
};

use self::{received::Received, subscription::Payment};
use crate::{
    api::ApiError,
    app::AppState,
    billing::{
        credits::{AmountError, CreditRate},
        outcome::{Outcome, Verdict},
        subscription::SnapshotKind,
    },
    data::{self, deliveries},
    observe_rejections,
};

pub const PATH: &str = "/api/v1/webhooks/stripe";

const MAX_BODY: usize = 1024 * 1024;

/// All bodies together. A body that has not arrived takes none of it, so that slow senders do not
/// delay Stripe.
const BODY_MEMORY: usize = 64 * MAX_BODY;

/// Events that are stored at the same time. Further events wait.
const MAX_CONCURRENT: usize = 64;

/// Limits how many events are stored at the same time. An event that waits for Stripe's API does not
/// count, so that a slow API does not stop the others. Clones share the limit.
#[derive(Clone, Debug)]
pub struct StoreLimit(Arc<Semaphore>);

impl Default for StoreLimit {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_CONCURRENT)))
    }
}

pub fn routes(app: &AppState) -> Router<AppState> {
    let layer = StripeWebhookLayer::new(app.secrets.provider())
        .with_mode(app.mode)
        .with_max_body_size(MAX_BODY)
        .with_body_memory(BODY_MEMORY);
    let observer = from_fn_with_state(app.clone(), observe_rejections::observe);
    // From the inside out.
    Router::new().route(PATH, post(receive).layer::<_, Infallible>(layer).layer(observer))
}

/// The response, which Stripe's dashboard shows.
#[derive(Debug, Serialize)]
struct Answer {
    outcome: &'static str,
    reason: String,
}

/// Handles an event that the layer has verified: signed by Stripe, and of this mode.
async fn receive(
    State(app): State<AppState>,
    event: VerifiedEvent,
) -> Result<Json<Answer>, ApiError> {
    let error = match handle(&app, &event).await {
        Ok(Verdict { outcome, reason }) => {
            return Ok(Json(Answer { outcome: outcome.as_str(), reason: reason.into_owned() }));
        }
        Err(Failure::Database(error)) => return Err(error.into()),
        Err(Failure::SecretRemoved) => {
            let (code, message) = (
                "signing_secret_removed",
                "another node has removed the secret that signed this event",
            );
            app.rejections.count(code, message.to_owned());
            return Err(ApiError::bad_request(code, message));
        }
        Err(Failure::NoApiKey) => ApiError::unavailable("api_key_missing", NO_API_KEY),
        Err(Failure::NotFetched(reason)) => ApiError::unavailable(
            "fetch_failed",
            format!("the object of the event was not fetched from Stripe: {reason}"),
        ),
        Err(Failure::Event(reason)) => ApiError::unprocessable("event_failed", reason),
    };
    // The reason is not logged, because it may quote the event.
    tracing::warn!(
        id = event.id(),
        event_type = event.raw_type(),
        code = error.code(),
        "an event failed"
    );
    let verdict = Verdict::new(Outcome::Failed, error.message().to_owned());
    deliveries::add(app.database.writer(), &event, &verdict, false).await?;
    Err(error)
}

const NO_API_KEY: &str = "this is a thin event, whose object has to be fetched from Stripe, and STRIPE_API_KEY is not set: \
     set it to a restricted key with read permission, and Stripe delivers the event again";

/// Why an event was not handled. Its transaction is rolled back, so Stripe's next delivery is
/// handled as the first.
#[derive(Debug)]
enum Failure {
    Database(sqlx::Error),
    /// Another node has removed the secret that signed the event.
    SecretRemoved,
    /// A thin event cannot be handled without an API key.
    NoApiKey,
    /// The object of a thin event was not fetched, for this reason.
    NotFetched(String),
    /// The event itself cannot be handled, for this reason.
    Event(String),
}

/// Stores the event's record, its effect and its delivery in one transaction, so all are stored or
/// none. What the event needs from Stripe is fetched before.
async fn handle(app: &AppState, event: &VerifiedEvent) -> Result<Verdict, Failure> {
    let out_of_scope = scope::out_of_scope(&app.connected_accounts, event);
    // Without the account: a thin event of the own account may name it, and the snapshot event of
    // the same fact does not.
    let key = EventKey::of_id(event);
    let received = match out_of_scope {
        None => fetch::receive(app, event, &key).await?,
        Some(_) => Received::new(event),
    };
    // An error means that the semaphore is closed, which it never is.
    let _permit = app.store_limit.0.acquire().await;
    let mut tx = app.database.begin().await?;
    let delivery = match out_of_scope {
        None => idempotency::record(&mut tx, &key).await?,
        // Not recorded, so that Stripe can send it again once the configuration is corrected.
        Some(_) => Delivery::First,
    };
    // Checked in the transaction: an event is never applied after its secret was removed.
    if !app.secrets.is_active(&mut tx, event.verified_by()).await? {
        return Err(Failure::SecretRemoved);
    }
    let verdict = match (out_of_scope, delivery) {
        (Some(verdict), _) => verdict,
        (None, Delivery::First) => apply(app.credit_rate, &mut tx, &received).await?,
        (None, Delivery::Duplicate) => Verdict::duplicate("this event had its effect before"),
    };
    deliveries::add(&mut *tx, event, &verdict, received.is_fetched()).await?;
    tx.commit().await?;
    Ok(verdict)
}

async fn apply(
    rate: CreditRate,
    tx: &mut AnyConnection,
    event: &Received,
) -> Result<Verdict, Failure> {
    if !event_types::have_effect(event.event_type()) {
        return Ok(Verdict::ignored("events of this type change nothing here"));
    }
    if event.kind() == EventKind::Thin && event.current().is_none() {
        return Err(Failure::not_fetched("its record was deleted in the meantime"));
    }
    if let Some(object) = event.deleted() {
        return deleted::apply(tx, event, object).await;
    }
    if customer::EVENT_TYPES.contains(event.event_type()) {
        return customer::apply(tx, event).await;
    }
    if reversal::EVENT_TYPES.contains(event.event_type()) {
        return reversal::apply(tx, event).await;
    }
    let data = match event.data() {
        // An update with the same content comes too, so an unreadable one can be ignored.
        Err(_)
            if event_types::OPTIONAL_SNAPSHOTS.contains(event.event_type())
                && event.kind() == EventKind::Snapshot =>
        {
            return Ok(Verdict::ignored("the subscription in it cannot be read"));
        }
        data => data?,
    };
    match data {
        EventData::CheckoutSessionCompleted(session)
        | EventData::CheckoutSessionAsyncPaymentSucceeded(session) => match session.mode() {
            Some(CheckoutSessionMode::Subscription) => {
                subscription::apply_checkout(tx, event, &session).await
            }
            Some(CheckoutSessionMode::Payment) => credits::top_up(rate, tx, event, &session).await,
            _ => Ok(Verdict::ignored(
                "the checkout session neither starts a subscription nor sells credits",
            )),
        },
        EventData::CustomerSubscriptionCreated(object) => {
            subscription::apply_snapshot(tx, event, &object, SnapshotKind::Created).await
        }
        EventData::CustomerSubscriptionUpdated(object)
        | EventData::CustomerSubscriptionPaused(object)
        | EventData::CustomerSubscriptionResumed(object)
        | EventData::CustomerSubscriptionActive(object)
        | EventData::CustomerSubscriptionCancelAtChanged(object)
        | EventData::CustomerSubscriptionIncomplete(object)
        | EventData::CustomerSubscriptionIncompleteExpired(object)
        | EventData::CustomerSubscriptionItemAdded(object)
        | EventData::CustomerSubscriptionItemPriceChanged(object)
        | EventData::CustomerSubscriptionItemRemoved(object)
        | EventData::CustomerSubscriptionPastDue(object)
        | EventData::CustomerSubscriptionTrialing(object)
        | EventData::CustomerSubscriptionUnpaid(object) => {
            subscription::apply_snapshot(tx, event, &object, SnapshotKind::Updated).await
        }
        EventData::CustomerSubscriptionDeleted(object) => {
            subscription::apply_snapshot(tx, event, &object, SnapshotKind::Deleted).await
        }
        EventData::InvoicePaid(invoice) => {
            subscription::apply_invoice(tx, event, &invoice, Payment::Paid).await
        }
        EventData::InvoicePaymentFailed(invoice) => {
            subscription::apply_invoice(tx, event, &invoice, Payment::Failed).await
        }
        _ => Ok(Verdict::ignored("data.object is another object than the event type has")),
    }
}

impl Failure {
    fn event(reason: &str) -> Self {
        Self::Event(reason.to_owned())
    }

    fn not_fetched(reason: &str) -> Self {
        Self::NotFetched(reason.to_owned())
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if data::is_invalid_value(&error) {
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
