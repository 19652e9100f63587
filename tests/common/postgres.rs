//! A schema of its own in the Postgres at `TEST_POSTGRES_URL`.

#[path = "unique.rs"]
mod unique;

use std::{env, str::FromStr};

use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use self::unique::unique;

pub async fn pool(options: PgPoolOptions) -> PgPool {
    let server = server();
    let schema = unique("schema_");
    let pool = PgPool::connect_with(server.clone()).await.expect("Postgres answers");
    sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&pool).await.unwrap();
    pool.close().await;
    options.connect_with(server.options([("search_path", schema)])).await.unwrap()
}

fn server() -> PgConnectOptions {
    let url = env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is set");
    PgConnectOptions::from_str(&url).expect("TEST_POSTGRES_URL is a URL")
}
