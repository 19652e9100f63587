//! A full disk: committed events are stored, and no others.

use std::{collections::BTreeSet, time::Duration};

use sqlx::{
    Sqlite, SqlitePool,
    pool::PoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tempfile::TempDir;
use tokio::{task::JoinSet, time::timeout};
use tower_stripe_webhook::idempotency::{self, Delivery, pool_options};

use super::key;
use crate::tmpfs::Tmpfs;

const AT_ONCE: usize = 10;

/// Longer than anything takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "mounts a small disk: .ci/run may"]
async fn committed_events_are_stored_and_a_pool_with_the_options_recovers() {
    for connections in [1, 10] {
        let mut stripe = Stripe::default();
        let (disk, folder) = small_disk();
        let pool = open(pool_options().max_connections(connections), &folder).await;
        for _ in 0..3 {
            fill(&disk, &mut stripe, &pool).await;
            disk.free();
            let recovered = async {
                while !stripe.failed.is_empty() {
                    stripe.deliver_again(&pool).await;
                }
            };
            timeout(DEADLINE, recovered).await.expect("the pool recovers by itself");
        }
        assert_eq!(stored(&folder).await, stripe.recorded);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "mounts a small disk: .ci/run may"]
async fn committed_events_are_stored_with_any_other_pool() {
    for connections in [1, 10] {
        let mut stripe = Stripe::default();
        let (disk, folder) = small_disk();
        let pool = open(PoolOptions::new().max_connections(connections), &folder).await;
        fill(&disk, &mut stripe, &pool).await;
        disk.free();
        stripe.deliver_again(&pool).await;
        stripe.deliver_new(&pool).await;
        drop(pool);
        assert_eq!(stored(&folder).await, stripe.recorded);
    }
}

fn small_disk() -> (Tmpfs, TempDir) {
    let folder = TempDir::new().unwrap();
    (Tmpfs::mount(folder.path()), folder)
}

async fn open(options: PoolOptions<Sqlite>, folder: &TempDir) -> SqlitePool {
    let file = folder.path().join("shop.db");
    let connect = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = options.connect_with(connect).await.unwrap();
    idempotency::create_events_table(&pool).await.unwrap();
    pool
}

/// Fills the disk, and records events until some have failed.
async fn fill(disk: &Tmpfs, stripe: &mut Stripe, pool: &SqlitePool) {
    stripe.deliver_new(pool).await;
    assert!(stripe.failed.is_empty(), "the disk has space");
    disk.fill();
    while stripe.failed.len() < 3 * AT_ONCE {
        stripe.deliver_new(pool).await;
    }
}

/// The keys that another process would see.
async fn stored(folder: &TempDir) -> BTreeSet<String> {
    let pool = open(PoolOptions::new(), folder).await;
    let keys: Vec<_> = sqlx::query_scalar("SELECT event_key FROM stripe_webhook_events")
        .fetch_all(&pool)
        .await
        .unwrap();
    keys.into_iter().collect()
}

/// Stripe's record of its deliveries, by the keys of the events.
#[derive(Default)]
struct Stripe {
    recorded: BTreeSet<String>,
    failed: BTreeSet<String>,
}

impl Stripe {
    async fn deliver_new(&mut self, pool: &SqlitePool) {
        let known = self.recorded.len() + self.failed.len();
        let ids = (known..known + AT_ONCE).map(|number| format!("evt_{number}"));
        self.deliver(ids.collect(), pool).await;
    }

    async fn deliver_again(&mut self, pool: &SqlitePool) {
        let ids =
            self.failed.iter().take(AT_ONCE).map(|key| key.rsplit('/').next().unwrap().to_owned());
        self.deliver(ids.collect(), pool).await;
    }

    async fn deliver(&mut self, ids: Vec<String>, pool: &SqlitePool) {
        let mut deliveries = JoinSet::new();
        for id in ids {
            let pool = pool.clone();
            deliveries.spawn(async move { (key(&id).to_string(), record(&pool, &id).await) });
        }
        for (key, recorded) in deliveries.join_all().await {
            self.failed.remove(&key);
            if recorded.is_ok() {
                self.recorded.insert(key)
            } else {
                self.failed.insert(key)
            };
        }
    }
}

async fn record(pool: &SqlitePool, id: &str) -> sqlx::Result<Delivery> {
    let mut transaction = pool.begin().await?;
    let delivery = idempotency::record(&mut transaction, &key(id)).await?;
    transaction.commit().await?;
    Ok(delivery)
}
