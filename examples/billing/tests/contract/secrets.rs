//! The signing secrets: their sources, and changes while events arrive.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Billing, SECRET, Setup, Store, TOKEN, events::*, send},
    on_both,
};

on_both! {
    events_are_answered_503_while_no_secret_is_set,
    a_set_secret_replaces_all_others_immediately,
    an_invalid_signing_secret_is_rejected_and_changes_nothing,
    invalid_json_is_answered_400_and_a_missing_secret_422,
    both_secrets_work_until_the_old_one_is_removed,
    the_list_shows_the_last_use_and_at_most_two_characters,
    the_environments_secrets_count_while_the_database_has_none,
    removing_the_environments_or_an_unknown_secret_fails,
    a_secret_is_stored_once_if_added_twice,
    ten_secrets_are_accepted_and_an_eleventh_is_rejected,
    the_secrets_of_the_modes_are_separate,
    secrets_and_their_last_use_survive_a_restart,
}

const EMAIL: &str = "zoe@example.com";

async fn accepts(billing: &Billing, secret: &str) -> bool {
    let answer = billing.deliver_signed(&top_up(EMAIL, 100), secret).await;
    match answer.status {
        200 => true,
        400 => {
            assert_eq!(answer.error_code(), "signature_mismatch");
            false
        }
        _ => panic!("{answer:?}"),
    }
}

async fn ids(billing: &Billing) -> Vec<String> {
    billing.secrets().await.iter().map(|secret| secret["id"].as_str().unwrap().to_owned()).collect()
}

async fn previews(billing: &Billing) -> Vec<String> {
    billing
        .secrets()
        .await
        .iter()
        .map(|secret| secret["preview"].as_str().unwrap().to_owned())
        .collect()
}

async fn events_are_answered_503_while_no_secret_is_set(store: Store) {
    let billing = Setup::new(&store).start();
    let settings = billing.get_json("/api/v1/admin/settings/stripe").await;
    assert_eq!(settings, json!({ "webhook_secret_set": false, "mode": "test", "secrets": [] }));

    let event = top_up(EMAIL, 100);
    let answer = billing.deliver(&event).await;
    assert_eq!((answer.status, &*answer.error_code()), (503, "no_signing_secret"));
    assert!(answer.header("retry-after").is_some());

    // The next delivery is applied.
    assert_eq!(billing.set_secret(SECRET).await.status, 200);
    assert_eq!(billing.outcome_of(&event).await, "applied");
}

async fn a_set_secret_replaces_all_others_immediately(store: Store) {
    let billing = Setup::new(&store).start();
    billing.set_secret("whsec_first").await;
    billing.add_secret("whsec_second").await;
    let answer = billing.set_secret("whsec_third").await;
    assert_eq!(answer.status, 200);
    let settings = answer.json();
    assert_eq!(
        (&settings["webhook_secret_set"], &settings["mode"]),
        (&json!(true), &json!("test"))
    );
    assert_eq!(settings["secrets"].as_array().map(Vec::len), Some(1));
    assert_eq!(settings, billing.get_json("/api/v1/admin/settings/stripe").await);
    assert!(accepts(&billing, "whsec_third").await);
    assert!(!accepts(&billing, "whsec_first").await);
    assert!(!accepts(&billing, "whsec_second").await);
}

async fn an_invalid_signing_secret_is_rejected_and_changes_nothing(store: Store) {
    let billing = Setup::new(&store).start();
    billing.set_secret(SECRET).await;
    for (wrong, reason) in [
        ("", "is empty"),
        ("sk_test_hidden", "`sk_`"),
        ("rk_test_hidden", "`rk_`"),
        ("pk_test_hidden", "`pk_`"),
        ("we_hidden", "`we_`"),
        ("whsec_", "copy all of it"),
        ("whsec_hidden\n", "white space"),
        ("whsec_hid den", "white space"),
        ("\"whsec_hidden\"", "quotes"),
        ("hidden", "starts with `whsec_`"),
    ] {
        for answer in [billing.set_secret(wrong).await, billing.add_secret(wrong).await] {
            assert_eq!(
                (answer.status, &*answer.error_code()),
                (422, "not_a_signing_secret"),
                "{wrong:?}"
            );
            assert!(
                answer.text.contains(reason) && !answer.text.contains("hidden"),
                "{}",
                answer.text
            );
        }
    }
    assert_eq!(ids(&billing).await.len(), 1);
    assert!(accepts(&billing, SECRET).await);
}

async fn invalid_json_is_answered_400_and_a_missing_secret_422(store: Store) {
    let billing = Setup::new(&store).start();
    for (body, status) in [
        ("", 400),
        ("whsec_hidden", 400),
        ("{\"webhook_secret\":\"whsec_hidden", 400),
        ("{}", 422),
        ("[]", 422),
        ("[\"whsec_hidden\"]", 422),
        ("\"whsec_hidden\"", 422),
        ("{\"webhook_secret\":null}", 422),
        ("{\"webhook_secret\":[\"whsec_hidden\"]}", 422),
        ("{\"secret\":\"whsec_hidden\"}", 422),
    ] {
        for (method, path) in [(Method::PUT, ""), (Method::POST, "/secrets")] {
            let path = format!("/api/v1/admin/settings/stripe{path}");
            let answer = send(billing.request(method, &path).bearer_auth(TOKEN).body(body)).await;
            assert_eq!(answer.status, status, "{body}");
            assert!(
                answer.text.contains("webhook_secret") && !answer.text.contains("hidden"),
                "{}",
                answer.text
            );
        }
    }
    assert_eq!(billing.secrets().await, Vec::<Value>::new());
}

async fn both_secrets_work_until_the_old_one_is_removed(store: Store) {
    let billing = Setup::new(&store).start();
    billing.set_secret("whsec_the_old_one").await;
    let old = ids(&billing).await[0].clone();
    let added = billing.add_secret("whsec_the_new_one").await;
    assert_eq!(added.status, 201);
    // Newest first.
    assert_eq!(ids(&billing).await, [added.json()["id"].as_str().unwrap(), &old]);
    assert!(accepts(&billing, "whsec_the_old_one").await);
    assert!(accepts(&billing, "whsec_the_new_one").await);

    assert_eq!(billing.remove_secret(&old).await.status, 204);
    assert!(!accepts(&billing, "whsec_the_old_one").await);
    assert!(accepts(&billing, "whsec_the_new_one").await);
}

async fn the_list_shows_the_last_use_and_at_most_two_characters(store: Store) {
    let billing = Setup::new(&store).start();
    billing.set_secret("whsec_Bqk2Uj0QZzR1hmYd").await;
    let before = billing.secrets().await.remove(0);
    assert_eq!((&before["source"], &before["last_used_at"]), (&json!("database"), &Value::Null));
    assert!(before["added_at"].as_i64().is_some_and(|at| at > 1_700_000_000));

    assert!(accepts(&billing, "whsec_Bqk2Uj0QZzR1hmYd").await);
    let settings = billing.get("/api/v1/admin/settings/stripe").await;
    let after = &settings.json()["secrets"][0];
    assert!(after["last_used_at"].as_i64() >= before["added_at"].as_i64());
    assert_eq!(after["preview"], "whsec_…Yd");
    assert!(!settings.text.contains("mYd") && !settings.text.contains("Bqk"), "{}", settings.text);
    assert_eq!(billing.deliveries().await[0]["secret_id"], after["id"]);
}

async fn the_environments_secrets_count_while_the_database_has_none(store: Store) {
    let billing =
        Setup::new(&store).with("STRIPE_WEBHOOK_SECRET", "whsec_env_a,whsec_env_b").start();
    assert_eq!(previews(&billing).await, ["whsec_…_a", "whsec_…_b"]);
    let listed = billing.secrets().await.remove(0);
    assert_eq!((&listed["source"], &listed["added_at"]), (&json!("environment"), &Value::Null));
    assert!(accepts(&billing, "whsec_env_a").await && accepts(&billing, "whsec_env_b").await);

    billing.set_secret("whsec_db").await;
    assert_eq!(previews(&billing).await, ["whsec_…db"]);
    assert!(accepts(&billing, "whsec_db").await);
    assert!(!accepts(&billing, "whsec_env_a").await);

    billing.remove_secret(&ids(&billing).await[0]).await;
    assert!(accepts(&billing, "whsec_env_a").await);
    assert!(!accepts(&billing, "whsec_db").await);
}

async fn removing_the_environments_or_an_unknown_secret_fails(store: Store) {
    let billing = Billing::start(&store);
    let answer = billing.remove_secret(&ids(&billing).await[0]).await;
    assert_eq!((answer.status, &*answer.error_code()), (409, "secret_of_environment"));
    assert!(answer.text.contains("STRIPE_WEBHOOK_SECRET"));
    for unknown in ["0a1b2c3d", "nobody", "%00", "%ff"] {
        let answer = billing.remove_secret(unknown).await;
        assert_eq!((answer.status, &*answer.error_code()), (404, "unknown_secret"), "{unknown}");
    }
    assert!(accepts(&billing, SECRET).await);
}

async fn a_secret_is_stored_once_if_added_twice(store: Store) {
    let billing = Setup::new(&store).start();
    let first = billing.add_secret("whsec_one").await;
    let again = billing.add_secret("whsec_one").await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.json(), again.json());
    assert_eq!(billing.set_secret("whsec_one").await.json()["secrets"], json!([first.json()]));
}

async fn ten_secrets_are_accepted_and_an_eleventh_is_rejected(store: Store) {
    let billing = Setup::new(&store).start();
    for number in 0..10 {
        assert_eq!(billing.add_secret(&format!("whsec_{number:02}")).await.status, 201);
    }
    let answer = billing.add_secret("whsec_10").await;
    assert_eq!((answer.status, &*answer.error_code()), (409, "too_many_secrets"));
    assert_eq!(ids(&billing).await.len(), 10);
    assert!(!accepts(&billing, "whsec_10").await);
    assert!(accepts(&billing, "whsec_00").await && accepts(&billing, "whsec_09").await);
    // Adding a stored secret again does not exceed the limit.
    assert_eq!(billing.add_secret("whsec_00").await.status, 200);
}

async fn the_secrets_of_the_modes_are_separate(store: Store) {
    let test = Setup::new(&store);
    let live = Setup::new(&store).with("STRIPE_MODE", "live");
    let in_test = test.start();
    in_test.set_secret("whsec_test").await;
    let in_live = live.start();
    assert_eq!(in_live.get_json("/api/v1/admin/settings/stripe").await["mode"], "live");
    assert_eq!(in_live.secrets().await, Vec::<Value>::new());
    let event = live_event();
    assert_eq!(in_live.deliver_signed(&event, "whsec_test").await.status, 503);

    in_live.set_secret("whsec_live").await;
    assert_eq!(in_live.deliver_signed(&event, "whsec_live").await.status, 200);
    assert_eq!(in_live.deliver_signed(&event, "whsec_test").await.status, 400);
    assert_eq!(in_test.deliver_signed(&event, "whsec_live").await.status, 400);
    assert_eq!(previews(&in_test).await, ["whsec_…st"]);
}

fn live_event() -> Value {
    live(top_up(EMAIL, 100))
}

async fn secrets_and_their_last_use_survive_a_restart(store: Store) {
    let mut billing = Setup::new(&store).start();
    billing.set_secret(SECRET).await;
    assert!(accepts(&billing, SECRET).await);
    let before = billing.secrets().await;
    billing.stop();
    let billing = billing.start_again();
    assert_eq!(billing.secrets().await, before);
    assert!(accepts(&billing, SECRET).await);
}
