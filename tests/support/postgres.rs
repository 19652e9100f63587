//! A schema of its own in the Postgres at `TEST_POSTGRES_URL`.

use std::env;

use sqlx::{AssertSqlSafe, PgPool};

use crate::unique::unique;

/// Makes a schema, and gives the URL at which connections are in it.
pub async fn schema() -> String {
    let url = env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is set");
    let schema = unique("schema_");
    let pool = PgPool::connect(&url).await.expect("Postgres answers");
    sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&pool).await.unwrap();
    pool.close().await;
    format!("{url}?options[search_path]={schema}")
}
