//! A full disk loses no event that was answered `200`.

use std::{collections::BTreeSet, path::Path};

use axum::http::StatusCode;
use futures_util::future::join_all;

use crate::{
    database::{self, Database},
    disk::Disk,
    program::{Program, dead},
    shop::Shop,
    stripe::deliver,
};

/// As many deliveries as the pool has connections.
const AT_ONCE: usize = 10;

/// Short, so that unrecorded work starts again within seconds.
const HEARTBEAT: (&str, &str) = ("QUEUE_HEARTBEAT_SECONDS", "1");

/// The end of the program after the disk was full.
#[derive(Clone, Copy)]
enum End {
    Sigterm,
    Sigkill,
}

#[tokio::test]
async fn every_acknowledged_event_is_stored_although_files_cannot_grow() {
    for end in [End::Sigterm, End::Sigkill] {
        let folder = database::folder();
        is_stored(Disk::with_file_size_limit(&folder), &folder, end).await;
    }
}

#[tokio::test]
#[ignore = "mounts a small disk: .ci/run may"]
async fn every_acknowledged_event_is_stored_although_the_disk_was_full() {
    for end in [End::Sigterm, End::Sigkill] {
        let folder = database::folder();
        is_stored(Disk::tmpfs(&folder), &folder, end).await;
    }
}

async fn is_stored(disk: Disk, folder: &Path, end: End) {
    let database = Database::sqlite_in(folder);
    let shop = Shop::open().await;
    let program = Program::start(&[], &database, &shop, &[HEARTBEAT]).await;
    shop.answer_everything();
    let mut stripe = Stripe::default();

    stripe.deliver(&program).await;
    assert!(stripe.unanswered.is_empty(), "the disk has space");
    for _ in 0..3 {
        disk.fill(program.pid());
        // SQLite may still store an event that fits into its existing pages.
        while stripe.unanswered.len() < 3 * AT_ONCE {
            stripe.deliver(&program).await;
        }
        disk.free(program.pid());
        // The program recovers by itself, and stores the other events when they are delivered
        // again.
        while !stripe.unanswered.is_empty() {
            stripe.deliver_again(&program).await;
        }
        stripe.deliver(&program).await;
        assert!(stripe.unanswered.is_empty(), "the disk has space again");
    }
    disk.fill(program.pid());
    while stripe.unanswered.is_empty() {
        stripe.deliver(&program).await;
    }
    disk.free(program.pid());
    match end {
        End::Sigterm => drop(program.stop().await),
        End::Sigkill => program.kill().await,
    }

    assert_eq!(database.event_ids().await, stripe.answered, "what is stored is what was answered");
    let shop = Shop::open().await;
    let program = Program::start(&[], &database, &shop, &[HEARTBEAT]).await;
    shop.answer_everything();
    while !stripe.unanswered.is_empty() {
        stripe.deliver_again(&program).await;
    }
    database.has(i64::try_from(stripe.answered.len()).unwrap(), "Done").await;
    assert_eq!(database.event_ids().await, stripe.answered);
    program.stop().await;
    assert!(dead(&database).await.is_empty());
}

/// Stripe's record of its deliveries.
#[derive(Default)]
struct Stripe {
    answered: BTreeSet<String>,
    unanswered: BTreeSet<String>,
}

impl Stripe {
    /// Delivers new events.
    async fn deliver(&mut self, program: &Program) {
        let known = self.answered.len() + self.unanswered.len();
        self.deliver_all(
            (known..known + AT_ONCE).map(|number| format!("evt_{number}")).collect(),
            program,
        )
        .await;
    }

    /// Delivers again what was not answered `200`.
    async fn deliver_again(&mut self, program: &Program) {
        let ids = self.unanswered.iter().take(AT_ONCE).cloned().collect();
        self.deliver_all(ids, program).await;
    }

    async fn deliver_all(&mut self, ids: Vec<String>, program: &Program) {
        let statuses = join_all(ids.iter().map(|id| deliver(id, program))).await;
        for (id, status) in ids.into_iter().zip(statuses) {
            assert!(
                [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status),
                "{status}"
            );
            self.unanswered.remove(&id);
            if status == StatusCode::OK {
                self.answered.insert(id)
            } else {
                self.unanswered.insert(id)
            };
        }
    }
}
