//! The ledger in a database of its own.

use std::str::FromStr;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tower_stripe_webhook::{
    BoxError,
    idempotency::{self, PostgresStore},
};

use super::{Audit, HandlerRun};

/// Two nodes and the one that looks on stay below a server's usual limit of 100.
const CONNECTIONS: u32 = 30;

pub(super) async fn create_database(server: &str, run: &str) -> Result<(), BoxError> {
    let mut connection = PgConnectOptions::from_str(server)?.connect().await?;
    let create = AssertSqlSafe(format!("CREATE DATABASE {}", name(run)));
    sqlx::query(create).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

pub(super) async fn delete_database(pool: PgPool, server: &str) -> Result<(), BoxError> {
    let (options, name): (_, String) = (
        PgConnectOptions::from_str(server)?,
        sqlx::query_scalar("SELECT current_database()::text").fetch_one(&pool).await?,
    );
    pool.close().await;
    let mut connection = options.connect().await?;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

pub(super) async fn open(server: &str, run: &str) -> Result<PgPool, BoxError> {
    let options = PgConnectOptions::from_str(server)?.database(&name(run));
    Ok(PgPoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await?)
}

/// Creates a table without a unique column.
///
/// So only the crate prevents a second effect of an event.
pub(super) async fn create_unkeyed(pool: &PgPool) -> Result<(), BoxError> {
    idempotency::create_events_table(pool).await?;
    sqlx::query("CREATE TABLE effects (event_id text NOT NULL)").execute(pool).await?;
    Ok(())
}

pub(super) async fn create_keyed(pool: &PgPool) -> Result<(), BoxError> {
    PostgresStore::new(pool.clone()).create_table().await?;
    sqlx::query("CREATE TABLE effects (event_id text PRIMARY KEY)").execute(pool).await?;
    sqlx::query(
        "CREATE TABLE runs (id text PRIMARY KEY, event_id text NOT NULL, node bigint NOT NULL, begun bigint NOT NULL,
             succeeds boolean NOT NULL, ended bigint)",
    )
    .execute(pool)
    .await?;
    Ok(())
}

pub(super) async fn apply_keyed(pool: &PgPool, run: &HandlerRun) -> Result<(), BoxError> {
    let sql = "WITH effect AS (INSERT INTO effects VALUES ($1) ON CONFLICT DO NOTHING)
        INSERT INTO runs VALUES ($2, $1, $3, $4, $5)";
    sqlx::query(sql)
        .bind(&run.event_id)
        .bind(&run.id)
        .bind(i64::from(run.node))
        .bind(run.begun)
        .bind(run.succeeds)
        .execute(pool)
        .await?;
    Ok(())
}

pub(super) async fn end(pool: &PgPool, run: &str, ended: i64) -> Result<(), BoxError> {
    sqlx::query("UPDATE runs SET ended = $2 WHERE id = $1")
        .bind(run)
        .bind(ended)
        .execute(pool)
        .await?;
    Ok(())
}

pub(super) async fn audit_unkeyed(pool: &PgPool) -> Result<Audit, BoxError> {
    let effects = sqlx::query_scalar("SELECT event_id FROM effects").fetch_all(pool).await?;
    Ok(Audit { effects, runs: Vec::new() })
}

pub(super) async fn audit_keyed(pool: &PgPool) -> Result<Audit, BoxError> {
    let runs: Vec<(String, String, i64, i64, Option<i64>, bool)> =
        sqlx::query_as("SELECT id, event_id, node, begun, ended, succeeds FROM runs")
            .fetch_all(pool)
            .await?;
    let runs = runs.into_iter().map(|(id, event_id, node, begun, ended, succeeds)| {
        Ok(HandlerRun { id, event_id, node: node.try_into()?, begun, ended, succeeds })
    });
    Ok(Audit { runs: runs.collect::<Result<_, BoxError>>()?, ..audit_unkeyed(pool).await? })
}

fn name(run: &str) -> String {
    format!("nodes_{run}")
}
