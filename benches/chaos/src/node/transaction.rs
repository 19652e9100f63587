//! `record` in one transaction with the effect, a row.

use std::{path::Path, time::Duration};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use sqlx::{
    PgPool, Sqlite, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::{sleep, timeout};
use tower_stripe_webhook::{
    BoxError, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    idempotency::{self, EventKey},
};

use super::{Failure, PAUSE_OF_CONTROL, answer_failure, fail_at, failure, number, work};
use crate::{
    arguments::{Control, NodeArguments},
    server::sqlite,
    target::Database,
};

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// As the documentation of `record` advises, so that a lost connection blocks no event for long.
const POSTGRES_TIMEOUTS: [(&str, &str); 3] = [
    ("lock_timeout", "3s"),
    ("statement_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "5s"),
];

/// Short, because SQLite has one writer at a time.
const LONGEST_WORK: Duration = Duration::from_millis(100);

const HANDLER_TIMEOUT: Duration = Duration::from_secs(8);

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

pub async fn route(
    arguments: &NodeArguments,
    verified: StripeWebhookLayer<SigningSecret>,
) -> Result<MethodRouter, BoxError> {
    let url = &arguments.database;
    let pool = match arguments.target.database() {
        Database::Sqlite => {
            let file = url.strip_prefix("sqlite://").ok_or("not the URL of a SQLite file")?;
            let pool = idempotency::pool_options::<Sqlite>().acquire_timeout(ACQUIRE_TIMEOUT);
            Pool::Sqlite(pool.connect_lazy_with(sqlite::options(Path::new(file))))
        }
        Database::Postgres => {
            let options = url.parse::<PgConnectOptions>()?.options(POSTGRES_TIMEOUTS);
            let pool = PgPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT);
            Pool::Postgres(pool.connect_lazy_with(options))
        }
        Database::None | Database::Redis { .. } => return Err("`record` needs SQL".into()),
    };
    let control = arguments.control;
    let handler = async move |event: VerifiedEvent| {
        if control == Some(Control::Loses) {
            tokio::spawn(async move {
                sleep(PAUSE_OF_CONTROL).await;
                handle(&event, &pool, control).await
            });
            return Response::default();
        }
        let handled = timeout(HANDLER_TIMEOUT, handle(&event, &pool, control)).await;
        match handled {
            Ok(Ok(())) => StatusCode::OK.into_response(),
            Ok(Err(error)) => answer_failure(error),
            Err(_) => answer_failure("the database took too long".into()),
        }
    };
    Ok(post(handler).route_layer(verified))
}

async fn handle(
    event: &VerifiedEvent,
    pool: &Pool,
    control: Option<Control>,
) -> Result<(), BoxError> {
    /// The same for both types of pool.
    macro_rules! in_transaction {
        ($pool:ident, $begin:expr) => {{
            let failure = failure();
            let number = i64::try_from(number(event)?)?;
            fail_at(Failure::BeforeTheEffect, failure)?;
            let mut transaction = $pool.begin_with($begin).await?;
            let delivery = idempotency::record(&mut transaction, &EventKey::of(event)).await?;
            if delivery.is_first() || control == Some(Control::Repeats) {
                let insert = sqlx::query("INSERT INTO effects VALUES ($1)").bind(number);
                insert.execute(&mut *transaction).await?;
                work(LONGEST_WORK).await;
            }
            fail_at(Failure::AfterTheEffect, failure)?;
            transaction.commit().await?;
            fail_at(Failure::AfterTheCommit, failure)
        }};
    }
    match pool {
        Pool::Sqlite(pool) => in_transaction!(pool, "BEGIN IMMEDIATE"),
        Pool::Postgres(pool) => in_transaction!(pool, "BEGIN"),
    }
}
