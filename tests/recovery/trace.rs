//! What a recovery logs.

use serde_json::json;
use tower_stripe_webhook::test_util::FakeApi;

use crate::{
    log::Log,
    support::{NOW, ONE, api, new_app, recovery, snapshot, snapshot_with},
};

#[tokio::test(start_paused = true)]
async fn each_event_is_logged_with_its_outcome() {
    let fake = FakeApi::new();
    fake.insert_event(snapshot("evt_a", NOW - 2));
    let object = json!({ "object": { "id": "in_1", "customer_name": "Jo Doe" } });
    fake.insert_event(snapshot_with("evt_b", NOW - 1, "invoice.voided", json!({ "data": object })));
    let (app, handled) = new_app();
    handled.answer("evt_b", &[422]);
    let recovery = recovery(api(&fake), app).with_concurrency(ONE);
    let log = Log::begin();
    recovery.run().await;
    let text = log.end();
    let line = |id: &str, level: &str| {
        text.lines().any(|line| {
            line.contains("recovery")
                && line.contains(level)
                && line.contains(&format!("event.id=\"{id}\""))
        })
    };
    assert!(line("evt_a", "DEBUG") && !line("evt_a", "WARN"), "{text}");
    assert!(line("evt_b", "WARN"), "{text}");
    assert!(text.contains("status=422"), "{text}");
    assert!(!text.contains("Jo Doe") && !text.contains("whsec_"), "{text}");
}
