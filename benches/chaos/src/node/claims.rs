//! `IdempotencyLayer` around a handler whose effect is a printed line.

use std::{path::Path, time::Duration};

use axum::{
    Extension,
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use redis::{
    Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use sqlx::{Sqlite, postgres::PgPoolOptions};
use tokio::time::sleep;
use tower::ServiceBuilder;
use tower_stripe_webhook::{
    BoxError, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    idempotency::{
        self, IdempotencyLayer, IdempotencyStore, MemoryStore, PostgresStore, RedisStore,
        SqliteStore,
    },
};

use super::{
    Failure, LEASE, PAUSE_OF_CONTROL, STORE_TIMEOUT, answer_failure, fail_at, failure,
    journal::{Run, RunOfRequest, print_outcome},
    number, work,
};
use crate::{
    arguments::{Control, NodeArguments},
    server::sqlite,
    target::Database,
};

type Verified = StripeWebhookLayer<SigningSecret>;

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

const LONGEST_WORK: Duration = Duration::from_millis(800);

/// Each run for one event in this many takes longer than a lease, so the claim has to be renewed.
///
/// A node that resumes after a pause often finds that another handles such an event.
const LONG_EVENTS: usize = 20;

pub async fn route(
    arguments: &NodeArguments,
    verified: Verified,
) -> Result<MethodRouter, BoxError> {
    let (control, url) = (arguments.control, &arguments.database);
    Ok(match arguments.target.database() {
        Database::None => around(MemoryStore::new(), verified, control),
        Database::Sqlite => {
            let file = url.strip_prefix("sqlite://").ok_or("not the URL of a SQLite file")?;
            let pool = idempotency::pool_options::<Sqlite>()
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .connect_lazy_with(sqlite::options(Path::new(file)));
            around(SqliteStore::new(pool), verified, control)
        }
        Database::Postgres => {
            let pool = PgPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy(url)?;
            around(PostgresStore::new(pool), verified, control)
        }
        Database::Redis { .. } => {
            let config = ConnectionManagerConfig::new()
                .set_response_timeout(Some(LEASE))
                .set_max_delay(Duration::from_secs(1));
            let client = Client::open(url.as_str())?;
            let connection = ConnectionManager::new_lazy_with_config(client, config)?;
            around(RedisStore::new(connection), verified, control)
        }
    })
}

fn around<S: IdempotencyStore>(
    store: S,
    verified: Verified,
    control: Option<Control>,
) -> MethodRouter {
    let handler = async move |Extension(of_request): Extension<RunOfRequest>,
                              event: VerifiedEvent| {
        if control != Some(Control::Loses) {
            return handle(event, &of_request).await.map_err(answer_failure).into_response();
        }
        tokio::spawn(async move {
            sleep(PAUSE_OF_CONTROL).await;
            handle(event, &RunOfRequest::default()).await
        });
        Response::default()
    };
    let idempotency =
        IdempotencyLayer::new(store).with_lease(LEASE).with_store_timeout(STORE_TIMEOUT);
    let route = match control {
        Some(Control::Repeats) => post(handler).route_layer(verified),
        _ => post(handler).route_layer(ServiceBuilder::new().layer(verified).layer(idempotency)),
    };
    route.route_layer(from_fn(print_outcome))
}

async fn handle(event: VerifiedEvent, of_request: &RunOfRequest) -> Result<(), BoxError> {
    let failure = failure();
    let number = number(&event)?;
    let run = Run::begin(number, of_request);
    let result = async {
        fail_at(Failure::BeforeTheEffect, failure)?;
        work(LONGEST_WORK).await;
        if number % LONG_EVENTS == 0 {
            sleep(LEASE.mul_f64(1.2)).await;
        }
        run.print("effect");
        work(LONGEST_WORK).await;
        fail_at(Failure::AfterTheEffect, failure)
    }
    .await;
    run.print("end");
    result
}
