//! Redis behind a proxy that counts round trips, stalls or breaks.
//!
//! Each delivery takes bounded time, and each claim ends.

use std::time::Duration;

use http::StatusCode;
use redis::{
    Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::time::timeout;
use tower_stripe_webhook::idempotency::{IdempotencyLayer, Outcome, RedisStore};

use crate::{
    app::{App, Calls, counting, deliver, eventually, is_handled},
    proxy::Proxy,
    redis_server::{self, SCRIPTS},
};

/// Long enough for a busy machine to answer in time.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

async fn app_behind_a_proxy() -> (Proxy, App, Calls) {
    let (proxy, url) = Proxy::before(&redis_server::url()).await;
    let config = ConnectionManagerConfig::new().set_response_timeout(Some(60 * STORE_TIMEOUT));
    let connection =
        ConnectionManager::new_with_config(Client::open(url).unwrap(), config).await.unwrap();
    let store = RedisStore::new(connection).with_prefix(redis_server::prefix());
    let (app, calls) = counting(IdempotencyLayer::new(store).with_store_timeout(STORE_TIMEOUT));
    (proxy, app, calls)
}

#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn a_first_delivery_takes_two_round_trips_and_a_duplicate_one() {
    let _scripts = SCRIPTS.lock().await;
    let (proxy, app, _) = app_behind_a_proxy().await;
    // Loads the scripts.
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Committed);

    let before = proxy.round_trips();
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed);
    assert_eq!(proxy.round_trips() - before, 2);

    let before = proxy.round_trips();
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate);
    assert_eq!(proxy.round_trips() - before, 1);
}

#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn events_are_rejected_in_time_while_redis_stalls_and_later_handled() {
    let (proxy, app, calls) = app_behind_a_proxy().await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Committed);

    proxy.stall();
    let rejected = timeout(STORE_TIMEOUT * 10, deliver(&app, "evt_1")).await.expect("in time");
    assert_eq!(rejected, (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed));
    proxy.work();
    eventually("the event is handled", || async { is_handled(&app, "evt_1").await }).await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Duplicate);
    assert_eq!(calls.count(), 2);
}

#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn events_are_handled_and_duplicates_known_after_a_redis_restart() {
    let _scripts = SCRIPTS.lock().await;
    let (proxy, app, calls) = app_behind_a_proxy().await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Committed);

    proxy.go_down();
    let rejected = timeout(STORE_TIMEOUT * 10, deliver(&app, "evt_1")).await.expect("in time");
    assert_eq!(rejected, (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed));
    // Redis does not write its loaded scripts to disk.
    let () = redis::cmd("SCRIPT")
        .arg("FLUSH")
        .query_async(&mut redis_server::connection().await)
        .await
        .unwrap();
    proxy.work();
    eventually("the event is handled", || async { is_handled(&app, "evt_1").await }).await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Duplicate);
    assert_eq!(calls.count(), 2);
}
