//! The migration with [`IdempotencyLayer`] in both routes.

use std::{sync::Arc, time::Duration};

use axum::{http::StatusCode, routing::post};
use tokio::{task::yield_now, time::sleep};
use tower_stripe_webhook::{
    VerifiedEvent,
    idempotency::{IdempotencyLayer, IdempotencyStore, MemoryStore},
};

use super::{Accounts, Effects, Failures, flaky_store::FlakyStore, migrate, routes};

/// Migrates with one store for both routes. A handler fails before its effect.
async fn each_effect_happens_once<S, F>(
    store: FlakyStore<S>,
    accounts: Accounts,
    pause: impl Fn() -> F + Clone + Send + 'static,
) where
    S: IdempotencyStore + Clone,
    F: Future<Output = ()> + Send,
{
    let (effects, failures) = (Arc::new(Effects::default()), Arc::new(Failures::one_of(5)));
    let (effect, failure) = (Arc::clone(&effects), Arc::clone(&failures));
    let handler = async move |event: VerifiedEvent| {
        yield_now().await;
        if failure.occurs() {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        effect.add(&event);
        yield_now().await;
        StatusCode::OK
    };
    let layer = IdempotencyLayer::new(store.clone())
        .with_key(move |event| accounts.key(event))
        .with_scope("billing");
    migrate(&routes(&post(handler).route_layer(layer)), accounts, pause).await;

    effects.assert_once_each();
    assert!(failures.count() > 100, "{failures:?}");
    assert!(store.lost_calls.count() > 100, "{:?}", store.lost_calls);
}

/// With time that stands still, leases expire while all senders wait.
async fn in_memory(accounts: Accounts) {
    let store = FlakyStore::new(Arc::new(MemoryStore::new())).with_lost_answers();
    let lost_answers = store.lost_answers.clone().unwrap();
    each_effect_happens_once(store, accounts, || sleep(Duration::from_secs(1))).await;
    assert!(lost_answers.count() > 100, "{lost_answers:?}");
}

#[tokio::test(start_paused = true)]
async fn each_effect_of_the_own_account_happens_once() {
    in_memory(Accounts::Own).await;
}

#[tokio::test(start_paused = true)]
async fn each_effect_of_connected_accounts_happens_once() {
    in_memory(Accounts::Connected).await;
}

#[tokio::test(start_paused = true)]
async fn keys_of_ids_suit_contexts_of_the_own_account() {
    in_memory(Accounts::OwnInContext).await;
}

#[cfg(feature = "postgres")]
mod postgres {
    use sqlx::postgres::PgPoolOptions;
    use tower_stripe_webhook::idempotency::PostgresStore;

    use super::*;
    use crate::postgres_server::schema;

    async fn in_postgres(accounts: Accounts) {
        let options = PgPoolOptions::new().max_connections(10);
        let store = PostgresStore::new(options.connect(&schema().await).await.unwrap());
        store.create_table().await.unwrap();
        each_effect_happens_once(FlakyStore::new(store), accounts, yield_now).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs Postgres: .ci/run starts one"]
    async fn each_effect_of_the_own_account_happens_once() {
        in_postgres(Accounts::Own).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs Postgres: .ci/run starts one"]
    async fn each_effect_of_connected_accounts_happens_once() {
        in_postgres(Accounts::Connected).await;
    }
}

#[cfg(feature = "redis")]
mod redis {
    use tower_stripe_webhook::idempotency::RedisStore;

    use super::*;
    use crate::redis_server::{connection, prefix};

    async fn in_redis(accounts: Accounts) {
        let store = RedisStore::new(connection().await).with_prefix(prefix());
        each_effect_happens_once(FlakyStore::new(store), accounts, yield_now).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs Redis: .ci/run starts one"]
    async fn each_effect_of_the_own_account_happens_once() {
        in_redis(Accounts::Own).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs Redis: .ci/run starts one"]
    async fn each_effect_of_connected_accounts_happens_once() {
        in_redis(Accounts::Connected).await;
    }
}
