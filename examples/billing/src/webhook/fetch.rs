//! Fetches what an event is about from Stripe, outside of the transaction.

use std::time::Duration;

use tokio::time::timeout;
use tower_stripe_webhook::{
    Event, EventData, VerifiedEvent,
    api::{ApiError, ApiErrorKind, FetchError, SharedApiClient},
    event::{CurrentObject, EventKind, object, object::CheckoutSessionMode},
    idempotency::EventKey,
};

use super::{
    Failure, event_types,
    received::{Fetched, Received},
};
use crate::{
    app::AppState,
    data::events,
    stripe_api::{FETCH_TIMEOUT, SNAPSHOT_FETCH_TIMEOUT},
};

/// Fetches the object of a thin event, and the subscription that an event of either kind concerns.
///
/// Fetches nothing for an event without an effect, or that has had its effect.
pub(super) async fn receive(
    app: &AppState,
    event: &VerifiedEvent,
    key: &EventKey,
) -> Result<Received, Failure> {
    let received = Received::new(event);
    let is_thin = event.kind() == EventKind::Thin;
    if !event_types::have_effect(event.event_type()) {
        return Ok(received);
    }
    let Some(api) = &app.stripe_api else {
        return if is_thin { Err(Failure::NoApiKey) } else { Ok(received) };
    };
    if !is_thin && !event_types::may_concern_subscription(event.event_type()) {
        return Ok(received);
    }
    let looked_up = events::look_up(&app.database, key).await?;
    if looked_up.is_recorded {
        return Ok(received);
    }
    let fetched = match is_thin {
        true => within(FETCH_TIMEOUT, of_thin(api, event)).await.map(Some),
        false => within(SNAPSHOT_FETCH_TIMEOUT, of_snapshot(api, event)).await,
    };
    match fetched {
        Ok(Some((event, subscription))) => {
            let fetched = Fetched { sent_at: looked_up.now, subscription };
            Ok(received.with_fetched(event, fetched))
        }
        Ok(None) => Ok(received),
        Err(error) if is_thin => Err(Failure::NotFetched(error.to_string())),
        // Its own content counts, so that a failure of the API does not delay it.
        Err(error) => {
            tracing::warn!(id = event.id(), %error, "the subscription of a snapshot event was not fetched");
            Ok(received)
        }
    }
}

/// The event with its current object, and the subscription of another object.
type Objects = (Event, Option<Box<object::Subscription>>);

async fn within<T>(
    limit: Duration,
    fetch: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    timeout(limit, fetch).await.unwrap_or_else(|_| Err(ApiError::new(ApiErrorKind::Timeout).into()))
}

async fn of_thin(api: &SharedApiClient, event: &VerifiedEvent) -> Result<Objects, FetchError> {
    let current = event.fetch_current(api).await?;
    // An object that cannot be decoded counts as not fetched.
    let subscription = match subscription_id(&current.data()?) {
        Some(id) => subscription(api, event, id).await?,
        None => None,
    };
    Ok((current, subscription))
}

/// Returns `None` if the event concerns no subscription that can be fetched.
async fn of_snapshot(
    api: &SharedApiClient,
    event: &VerifiedEvent,
) -> Result<Option<Objects>, FetchError> {
    // The handler reports an object that cannot be decoded.
    let Ok(data) = event.data() else { return Ok(None) };
    if let Some(id) = subscription_id(&data) {
        let subscription = subscription(api, event, id).await?;
        return Ok(subscription.map(|subscription| ((**event).clone(), Some(subscription))));
    }
    if !is_subscription(&data) {
        return Ok(None);
    }
    let current = event.fetch_current(api).await?;
    let exists = current.current().and_then(CurrentObject::deleted).is_none();
    current.data()?;
    Ok(exists.then_some((current, None)))
}

/// Returns the id of the subscription that an invoice or a checkout session changes.
fn subscription_id(data: &EventData) -> Option<&str> {
    match data {
        EventData::InvoicePaid(invoice) | EventData::InvoicePaymentFailed(invoice) => {
            invoice.subscription_id()
        }
        EventData::CheckoutSessionCompleted(session)
        | EventData::CheckoutSessionAsyncPaymentSucceeded(session)
            if session.mode() == Some(&CheckoutSessionMode::Subscription)
                && session.is_settled() =>
        {
            session.subscription_id()
        }
        _ => None,
    }
}

fn is_subscription(data: &EventData) -> bool {
    matches!(
        data,
        EventData::CustomerSubscriptionCreated(_)
            | EventData::CustomerSubscriptionUpdated(_)
            | EventData::CustomerSubscriptionDeleted(_)
            | EventData::CustomerSubscriptionPaused(_)
            | EventData::CustomerSubscriptionResumed(_)
    )
}

/// Fetches the subscription of an event's object. `None` if Stripe has no such subscription.
async fn subscription(
    api: &SharedApiClient,
    event: &Event,
    id: &str,
) -> Result<Option<Box<object::Subscription>>, FetchError> {
    event.fetch_linked(api, "subscription", id).await.map(|found| found.map(Box::new))
}
