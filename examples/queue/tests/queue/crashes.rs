//! Stored events survive a stop or a crash of the program.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use crate::{
    database::Database,
    on_each_database,
    program::{Program, dead},
    shop::Shop,
    stripe::deliver,
};

/// So that a dead worker's work is taken over within seconds.
const HEARTBEAT: (&str, &str) = ("QUEUE_HEARTBEAT_SECONDS", "1");

/// So that a busy machine does not make a worker look dead.
const SLOW_HEARTBEAT: (&str, &str) = ("QUEUE_HEARTBEAT_SECONDS", "3");

on_each_database!(
    started_and_waiting_work_of_a_killed_worker_is_done_by_the_next,
    work_with_a_crash_on_each_attempt_becomes_a_dead_letter,
    a_stopped_worker_finishes_its_current_work,
    work_over_many_heartbeats_is_not_started_by_another_worker,
);

async fn started_and_waiting_work_of_a_killed_worker_is_done_by_the_next(database: Database) {
    let mut shop = Shop::open().await;
    let program = Program::start(&[], &database, &shop, &[HEARTBEAT]).await;
    let mut stored = BTreeSet::new();
    // More than are worked on at the same time.
    for number in 0..12 {
        let id = format!("evt_{number}");
        assert_eq!(deliver(&id, &program).await, StatusCode::OK);
        stored.insert(id);
    }
    let _begun = shop.next().await;
    program.kill().await;

    let mut worker = Program::start(&["work"], &database, &shop, &[HEARTBEAT]).await;
    shop.answer_everything();
    let mut done = BTreeSet::new();
    while done.len() < stored.len() {
        let line = worker.line("done ").await;
        done.extend(line.split(' ').nth(1).map(str::to_owned));
    }
    assert_eq!(done, stored);
    let printed = worker.stop().await;
    assert_eq!(printed.len(), stored.len(), "{printed:#?}");
}

/// On SQLite only.
///
/// On Postgres a worker waits for a lock, and its pool replaces connections that have failed.
#[tokio::test]
async fn a_worker_starts_again_after_its_database_has_failed() {
    let database = Database::sqlite().await;
    let mut shop = Shop::open().await;
    let mut program = Program::start(&[], &database, &shop, &[]).await;
    let stall = database.stall().await;
    program.line("the worker starts again: ").await;
    stall.end().await;

    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);
    shop.next().await.answer(StatusCode::OK);
    program.line("done evt_1 ").await;
    program.stop().await;
}

async fn work_with_a_crash_on_each_attempt_becomes_a_dead_letter(database: Database) {
    let mut shop = Shop::open().await;
    let settings = &[HEARTBEAT, ("QUEUE_MAX_ATTEMPTS", "2")];
    let receiver = Program::start(&["serve"], &database, &shop, settings).await;
    assert_eq!(deliver("evt_1", &receiver).await, StatusCode::OK);
    receiver.stop().await;

    for _ in 0..2 {
        let worker = Program::start(&["work"], &database, &shop, settings).await;
        let _begun = shop.next().await;
        database.has(1, "Running").await;
        worker.kill().await;
    }
    let mut worker = Program::start(&["work"], &database, &shop, settings).await;
    worker.line("dead evt_1 ").await;
    database.has(1, "Killed").await;
    worker.stop().await;
    let letters = dead(&database).await;
    assert_eq!(letters, ["evt_1 after 3 attempts: AbortError: each attempt ended with its worker"]);
}

async fn a_stopped_worker_finishes_its_current_work(database: Database) {
    let mut shop = Shop::open().await;
    let program = Program::start(&[], &database, &shop, &[]).await;
    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);
    let call = shop.next().await;
    program.terminate().await;
    call.answer(StatusCode::OK);
    let printed = program.end().await;
    assert_eq!(printed.last().map(String::as_str), Some("done evt_1 invoice.paid"));
    database.has(1, "Done").await;
}

async fn work_over_many_heartbeats_is_not_started_by_another_worker(database: Database) {
    let mut shop = Shop::open().await;
    let first = Program::start(&[], &database, &shop, &[SLOW_HEARTBEAT]).await;
    let mut begun = Vec::new();
    // More than are worked on at the same time, so that some wait in the queue.
    for number in 0..9 {
        assert_eq!(deliver(&format!("evt_{number}"), &first).await, StatusCode::OK);
    }
    for _ in 0..8 {
        begun.push(shop.next().await);
    }
    let second = Program::start(&["work"], &database, &shop, &[SLOW_HEARTBEAT]).await;
    begun.push(shop.next().await);
    let ids: BTreeSet<String> = begun.iter().map(|call| call.event_key.clone()).collect();
    assert_eq!(ids.len(), 9);

    // Twice the time after which a worker counts as dead.
    database.has_workers_that_live_for(12, 2).await;
    for call in begun {
        call.answer(StatusCode::OK);
    }
    database.has(9, "Done").await;
    let printed = [first.stop().await, second.stop().await].concat();
    assert_eq!(printed.iter().filter(|line| line.starts_with("done ")).count(), 9, "{printed:#?}");
}
