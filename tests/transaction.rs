//! An event recorded in the caller's transaction, with the databases of sqlx.
#![cfg(feature = "sqlite")]

use sqlx::{Any, AnyPool, Pool, SqlitePool, any::AnyPoolOptions, sqlite::SqlitePoolOptions};
use tower_stripe_webhook::{
    Event,
    idempotency::{self, Delivery, EventKey, RecordingDatabase},
};

fn key(id: &str) -> EventKey {
    let json = format!(
        r#"{{"id":"{id}","object":"event","type":"invoice.paid","created":1,"livemode":false,"data":{{"object":{{}}}}}}"#
    );
    EventKey::of(&Event::unverified_from_json(json).expect("an event"))
}

async fn once<DB: RecordingDatabase>(pool: &Pool<DB>) {
    idempotency::create_table(pool).await.unwrap();
    idempotency::create_table(pool).await.unwrap();

    let mut transaction = pool.begin().await.unwrap();
    assert_eq!(idempotency::record(&mut transaction, &key("evt_1")).await.unwrap(), Delivery::First);
    transaction.rollback().await.unwrap();

    let mut transaction = pool.begin().await.unwrap();
    assert_eq!(idempotency::record(&mut transaction, &key("evt_1")).await.unwrap(), Delivery::First);
    transaction.commit().await.unwrap();

    let mut transaction = pool.begin().await.unwrap();
    assert_eq!(idempotency::record(&mut transaction, &key("evt_1")).await.unwrap(), Delivery::Repeated);
    assert_eq!(idempotency::record(&mut transaction, &key("evt_2")).await.unwrap(), Delivery::First);
    transaction.commit().await.unwrap();
}

async fn sqlite() -> SqlitePool {
    SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap()
}

async fn any_sqlite() -> AnyPool {
    sqlx::any::install_default_drivers();
    AnyPoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap()
}

#[tokio::test]
async fn an_event_is_recorded_once_with_sqlite() {
    once(&sqlite().await).await;
}

#[tokio::test]
async fn an_event_is_recorded_once_with_any() {
    once::<Any>(&any_sqlite().await).await;
}
