//! Events recorded in the caller's own transaction.

mod any;
mod full_disk;
mod lost_commits;
mod postgres;
mod sqlite;

use std::time::Duration;

use sqlx::Pool;
use tower_stripe_webhook::{
    Event,
    idempotency::{self, Delivery, EventKey, RETENTION, RecordingDatabase},
};

const DAY: i64 = 24 * 60 * 60;

fn key(id: &str) -> EventKey {
    let json =
        format!(r#"{{"id":"{id}","object":"event","type":"ping","data":{{"object":{{}}}}}}"#);
    EventKey::of(&Event::unverified_from_json(json).unwrap())
}

async fn record_and_commit<DB: RecordingDatabase>(pool: &Pool<DB>, id: &str) -> Delivery {
    let mut transaction = pool.begin().await.unwrap();
    let delivery = idempotency::record(&mut transaction, &key(id)).await.unwrap();
    transaction.commit().await.unwrap();
    delivery
}

async fn record_and_roll_back<DB: RecordingDatabase>(pool: &Pool<DB>, id: &str) -> Delivery {
    let mut transaction = pool.begin().await.unwrap();
    let delivery = idempotency::record(&mut transaction, &key(id)).await.unwrap();
    transaction.rollback().await.unwrap();
    delivery
}

async fn records_an_event_once<DB: RecordingDatabase>(pool: &Pool<DB>) {
    idempotency::create_events_table(pool).await.unwrap();
    idempotency::create_events_table(pool).await.expect("an existing table is kept");

    assert_eq!(record_and_roll_back(pool, "evt_1").await, Delivery::First);
    assert_eq!(
        record_and_commit(pool, "evt_1").await,
        Delivery::First,
        "what was rolled back is as if it had not been"
    );
    assert_eq!(record_and_commit(pool, "evt_1").await, Delivery::Duplicate);
    assert_eq!(record_and_commit(pool, "evt_2").await, Delivery::First);
    for _ in 0..3 {
        assert_eq!(
            record_and_commit(pool, "evt_00000000000000").await,
            Delivery::First,
            "a test webhook is no duplicate"
        );
    }

    let mut transaction = pool.begin().await.unwrap();
    let elsewhere = key("evt_1").in_scope("analytics");
    assert_eq!(
        idempotency::record(&mut transaction, &elsewhere).await.unwrap(),
        Delivery::First,
        "another endpoint's"
    );
}

async fn is_repeated_in_one_transaction<DB: RecordingDatabase>(pool: &Pool<DB>) {
    idempotency::create_events_table(pool).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    assert_eq!(
        idempotency::record(&mut transaction, &key("evt_1")).await.unwrap(),
        Delivery::First
    );
    assert_eq!(
        idempotency::record(&mut transaction, &key("evt_1")).await.unwrap(),
        Delivery::Duplicate
    );
}

/// `age` makes all rows older by seconds.
async fn forgets_what_is_too_old<DB: RecordingDatabase>(pool: &Pool<DB>, age: impl AsyncFn(i64)) {
    idempotency::create_events_table(pool).await.unwrap();
    for event in 0..1500 {
        record_and_commit(pool, &format!("evt_{event}")).await;
    }

    age(35 * DAY - 60).await;
    assert_eq!(
        idempotency::prune_events(pool, RETENTION).await.unwrap(),
        0,
        "nothing is too old yet"
    );
    assert_eq!(
        idempotency::prune_events(pool, Duration::MAX).await.unwrap(),
        0,
        "nothing is that old"
    );
    assert_eq!(record_and_commit(pool, "evt_1").await, Delivery::Duplicate);

    age(120).await;
    record_and_commit(pool, "evt_young").await;
    assert_eq!(
        idempotency::prune_events(pool, RETENTION).await.unwrap(),
        1500,
        "more than fit into one statement"
    );
    assert_eq!(record_and_commit(pool, "evt_1").await, Delivery::First);
    assert_eq!(record_and_commit(pool, "evt_young").await, Delivery::Duplicate);
}
