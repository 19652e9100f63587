//! Failed work is retried, up to a limit.

use std::time::{Duration, Instant};

use axum::http::StatusCode;

use crate::{
    database::Database,
    on_each_database,
    program::{Program, dead, run},
    shop::Shop,
    stripe::{TEST_WEBHOOK, deliver},
};

on_each_database!(
    failed_work_is_tried_again_after_doubling_pauses,
    permanently_failing_work_is_a_dead_letter_and_can_be_revived,
    dead_test_webhooks_can_be_revived_one_by_one_and_together,
    failed_work_does_not_delay_other_work,
);

async fn failed_work_is_tried_again_after_doubling_pauses(database: Database) {
    let mut shop = Shop::open().await;
    let mut program =
        Program::start(&[], &database, &shop, &[("QUEUE_BACKOFF_SECONDS", "1")]).await;
    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);

    for pause in [1, 2] {
        shop.next().await.answer(StatusCode::BAD_GATEWAY);
        let failed = Instant::now();
        assert_eq!(
            program.line("failed ").await,
            format!(
                "failed evt_1 invoice.paid, again in {pause}s: the fulfilment service answered 502 Bad Gateway"
            ),
        );
        let call = shop.next().await;
        assert!(failed.elapsed() >= Duration::from_secs(pause), "{:?}", failed.elapsed());
        if pause == 2 {
            call.answer(StatusCode::OK);
            break;
        }
        call.answer(StatusCode::BAD_GATEWAY);
    }
    program.line("done evt_1 ").await;
    program.stop().await;
    assert!(dead(&database).await.is_empty());
}

async fn permanently_failing_work_is_a_dead_letter_and_can_be_revived(database: Database) {
    let mut shop = Shop::open().await;
    let settings = &[("QUEUE_BACKOFF_SECONDS", "0"), ("QUEUE_MAX_ATTEMPTS", "3")];
    let mut program = Program::start(&[], &database, &shop, settings).await;
    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);

    for _ in 0..3 {
        assert!(dead(&database).await.is_empty());
        shop.next().await.answer(StatusCode::BAD_GATEWAY);
    }
    program.line("dead evt_1 ").await;
    database.has(1, "Failed").await;
    let letter = "evt_1 after 3 attempts: the fulfilment service answered 502 Bad Gateway";
    assert_eq!(dead(&database).await, [letter]);

    // Stripe may deliver it once more. A dead letter stays one.
    assert_eq!(deliver("evt_1", &program).await, StatusCode::OK);
    assert_eq!(dead(&database).await, [letter]);

    let output = run(&["revive", "evt_2"], database.url(), &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("no event evt_2 is among the dead letters"),
        "{output:?}"
    );

    assert!(run(&["revive", "evt_1"], database.url(), &[]).await.status.success());
    shop.next().await.answer(StatusCode::BAD_GATEWAY);
    shop.next().await.answer(StatusCode::OK);
    program.line("done evt_1 ").await;
    database.has(1, "Done").await;
    assert!(dead(&database).await.is_empty());
    program.stop().await;
}

async fn dead_test_webhooks_can_be_revived_one_by_one_and_together(database: Database) {
    let mut shop = Shop::open().await;
    let mut program = Program::start(&[], &database, &shop, &[("QUEUE_MAX_ATTEMPTS", "1")]).await;
    for id in [TEST_WEBHOOK, "evt_1", TEST_WEBHOOK, TEST_WEBHOOK] {
        assert_eq!(deliver(id, &program).await, StatusCode::OK);
        shop.next().await.answer(StatusCode::BAD_GATEWAY);
        program.line("dead ").await;
    }
    database.has(4, "Failed").await;
    let letters = dead(&database).await;
    let key = letters
        .iter()
        .find_map(|letter| letter.starts_with(TEST_WEBHOOK).then(|| letter.split(' ').next()));
    let key = key.flatten().expect("a test webhook is dead");

    assert!(run(&["revive", key], database.url(), &[]).await.status.success());
    let call = shop.next().await;
    assert_eq!(call.event_key, key);
    call.answer(StatusCode::OK);
    database.has(3, "Failed").await;
    assert!(dead(&database).await.iter().all(|letter| !letter.starts_with(key)));

    assert!(run(&["revive", TEST_WEBHOOK], database.url(), &[]).await.status.success());
    for _ in 0..2 {
        shop.next().await.answer(StatusCode::OK);
    }
    database.has(3, "Done").await;
    assert_eq!(
        dead(&database).await,
        ["evt_1 after 1 attempts: the fulfilment service answered 502 Bad Gateway"]
    );
    program.stop().await;
}

async fn failed_work_does_not_delay_other_work(database: Database) {
    let mut shop = Shop::open().await;
    let mut program =
        Program::start(&[], &database, &shop, &[("QUEUE_BACKOFF_SECONDS", "3600")]).await;
    // More than are worked on at the same time.
    for number in 0..20 {
        assert_eq!(deliver(&format!("evt_{number}"), &program).await, StatusCode::OK);
        shop.next().await.answer(StatusCode::BAD_GATEWAY);
        program.line("failed ").await;
    }
    assert_eq!(deliver("evt_good", &program).await, StatusCode::OK);
    let call = shop.next().await;
    assert_eq!(call.event_key, "evt_good");
    call.answer(StatusCode::OK);
    program.line("done evt_good ").await;
    program.stop().await;
}
