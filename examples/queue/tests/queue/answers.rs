//! Events are stored, answered, and worked on once.

use axum::http::StatusCode;

use crate::{
    database::Database,
    on_each_database,
    program::Program,
    shop::Shop,
    stripe::{TEST_WEBHOOK, deliver, event},
};

on_each_database!(
    an_event_is_answered_before_its_work_is_done,
    an_event_without_a_running_worker_is_worked_on_later,
    an_event_delivered_three_times_at_once_and_later_is_worked_on_once,
    a_delivery_prints_whether_its_event_is_stored_or_a_duplicate,
    test_webhooks_are_never_duplicates_of_one_another,
    an_event_is_answered_503_without_storage_and_stored_when_sent_again,
    only_work_done_long_ago_is_forgotten,
);

async fn an_event_is_answered_before_its_work_is_done(database: Database) {
    let mut shop = Shop::open().await;
    let mut program = Program::start(&[], &database, &shop, &[]).await;

    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);
    let call = shop.next().await;
    assert_eq!(call.event_key, "evt_1");
    assert_eq!(call.body, event("evt_1").trim());
    call.answer(StatusCode::OK);
    assert_eq!(program.line("done ").await, "done evt_1 invoice.paid");
    program.stop().await;
}

async fn an_event_without_a_running_worker_is_worked_on_later(database: Database) {
    let mut shop = Shop::open().await;
    let receiver = Program::start(&["serve"], &database, &shop, &[]).await;
    assert_eq!(deliver("evt_1", &receiver).await, StatusCode::OK);
    receiver.stop().await;

    let mut worker = Program::start(&["work"], &database, &shop, &[]).await;
    shop.next().await.answer(StatusCode::OK);
    worker.line("done evt_1 ").await;
    worker.stop().await;
}

async fn an_event_delivered_three_times_at_once_and_later_is_worked_on_once(database: Database) {
    let mut shop = Shop::open().await;
    let receiver = Program::start(&["serve"], &database, &shop, &[]).await;
    let once = || deliver("evt_1", &receiver);
    assert_eq!(
        tokio::join!(once(), once(), once()),
        (StatusCode::OK, StatusCode::OK, StatusCode::OK)
    );

    let mut worker = Program::start(&["work"], &database, &shop, &[]).await;
    shop.next().await.answer(StatusCode::OK);
    worker.line("done evt_1 ").await;
    database.has(1, "Done").await;
    assert_eq!(deliver("evt_1", &receiver).await, StatusCode::OK);

    // Jobs that were stored before this one start before it.
    assert_eq!(deliver("evt_2", &receiver).await, StatusCode::OK);
    let call = shop.next().await;
    assert_eq!(call.event_key, "evt_2");
    call.answer(StatusCode::OK);
    worker.line("done evt_2 ").await;
    let printed = worker.stop().await;
    assert_eq!(printed, ["done evt_1 invoice.paid", "done evt_2 invoice.paid"]);
    receiver.stop().await;
}

async fn a_delivery_prints_whether_its_event_is_stored_or_a_duplicate(database: Database) {
    let shop = Shop::open().await;
    let receiver = Program::start(&["serve"], &database, &shop, &[]).await;
    let once = || deliver("evt_1", &receiver);
    assert_eq!(
        tokio::join!(once(), once(), once()),
        (StatusCode::OK, StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(deliver("evt_2", &receiver).await, StatusCode::OK);
    assert_eq!(deliver("evt_1", &receiver).await, StatusCode::OK);

    let mut printed = receiver.stop().await;
    printed.retain(|line| line.starts_with("stored ") || line.starts_with("duplicate "));
    // One of the concurrent deliveries is stored. They are printed in any order.
    printed[..3].sort();
    let (stored, duplicate) = ("stored evt_1 invoice.paid", "duplicate evt_1 invoice.paid");
    assert_eq!(printed, [duplicate, duplicate, stored, "stored evt_2 invoice.paid", duplicate]);
}

async fn test_webhooks_are_never_duplicates_of_one_another(database: Database) {
    let mut shop = Shop::open().await;
    let mut program = Program::start(&[], &database, &shop, &[]).await;
    let mut keys = Vec::new();
    for _ in 0..3 {
        assert_eq!(deliver(TEST_WEBHOOK, &program).await, StatusCode::OK);
        assert_eq!(program.line("stored ").await, "stored evt_00000000000000 invoice.paid");
        let call = shop.next().await;
        assert_eq!(call.body, event(TEST_WEBHOOK).trim());
        keys.push(call.event_key.clone());
        call.answer(StatusCode::OK);
        assert_eq!(program.line("done ").await, "done evt_00000000000000 invoice.paid");
    }
    assert!(keys.iter().all(|key| key.starts_with("evt_00000000000000-")), "{keys:#?}");
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[2] != keys[0], "{keys:#?}");
    program.stop().await;
}

async fn an_event_is_answered_503_without_storage_and_stored_when_sent_again(database: Database) {
    let mut shop = Shop::open().await;
    let mut program = Program::start(&["serve"], &database, &shop, &[]).await;
    let stall = database.stall().await;
    assert_eq!(deliver("evt_1", &program).await, StatusCode::SERVICE_UNAVAILABLE);
    stall.end().await;

    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);
    program.line("stored evt_1 ").await;
    program.stop().await;
    let worker = Program::start(&["work"], &database, &shop, &[]).await;
    shop.next().await.answer(StatusCode::OK);
    assert_eq!(worker.stop().await, ["done evt_1 invoice.paid"]);
}

async fn only_work_done_long_ago_is_forgotten(database: Database) {
    let mut shop = Shop::open().await;
    let one_attempt = &[("QUEUE_MAX_ATTEMPTS", "1")];
    let program = Program::start(&[], &database, &shop, one_attempt).await;
    assert_eq!(deliver("evt_dead", &program).await, StatusCode::OK);
    shop.next().await.answer(StatusCode::BAD_GATEWAY);
    assert_eq!(deliver("evt_done", &program).await, StatusCode::OK);
    shop.next().await.answer(StatusCode::OK);
    database.has(1, "Done").await;
    database.has(1, "Failed").await;
    program.stop().await;

    database.age_what_is_done(34).await;
    let program = Program::start(&[], &database, &shop, one_attempt).await;
    // It is worked on only after the worker has started to delete old jobs.
    assert_eq!(deliver("evt_new", &program).await, StatusCode::OK);
    shop.next().await.answer(StatusCode::OK);
    database.has(2, "Done").await;
    program.stop().await;

    database.age_what_is_done(2).await;
    let program = Program::start(&["work"], &database, &shop, &[]).await;
    database.has(1, "Done").await;
    database.has(1, "Failed").await;
    program.stop().await;
}
