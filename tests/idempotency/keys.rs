//! What makes two deliveries the same.

use std::sync::Arc;

use http::StatusCode;
use tower::ServiceExt;
use tower_stripe_webhook::{
    Event, EventType, VerifiedEvent,
    idempotency::{EventKey, IdempotencyLayer, MemoryStore, Outcome},
    test_util::samples,
};

use crate::app::{Calls, answer, app, counting, deliver, delivery_of, outcome_of};

fn parse(json: &str) -> Event {
    Event::unverified_from_json(json.to_owned()).unwrap()
}

fn snapshot(id: &str, event_type: &str, account: &str, object: &str) -> Event {
    parse(&format!(
        r#"{{"id":"{id}","object":"event","type":"{event_type}"{account},"data":{{"object":{object}}}}}"#
    ))
}

fn of_account(id: &str, account: &str) -> Event {
    snapshot(id, "ping", &format!(r#","account":"{account}""#), "{}")
}

#[test]
fn a_key_is_the_events_id_and_account() {
    assert_eq!(EventKey::of(&snapshot("evt_1", "ping", "", "{}")).as_str(), "event//evt_1");
    assert_eq!(EventKey::of(&of_account("evt_1", "acct_1")).as_str(), "event/acct_1/evt_1");
    assert_eq!(EventKey::of(&of_account("evt_1", "acct_1")).to_string(), "event/acct_1/evt_1");
}

#[test]
fn a_thin_events_account_is_its_context() {
    let thin = parse(
        r#"{"id":"evt_1","object":"v2.core.event","type":"v2.core.account.updated","context":"acct_1"}"#,
    );
    assert_eq!(EventKey::of(&thin).as_str(), "event/acct_1/evt_1");
}

/// A snapshot event, and a thin event of the same fact with a context.
fn twins(account: &str, context: &str) -> [Event; 2] {
    let object = r#"{"id":"in_1","object":"invoice"}"#;
    let thin = format!(
        r#"{{"id":"evt_2","object":"v2.core.event","type":"v1.invoice.paid","context":{context},
            "related_object":{{"id":"in_1","type":"invoice","url":"/v1/invoices/in_1"}},"snapshot_event":"evt_1"}}"#
    );
    [snapshot("evt_1", "invoice.paid", account, object), parse(&thin)]
}

#[test]
fn a_snapshot_event_and_its_thin_twin_have_one_key() {
    for (account, context, key) in [
        ("", "null", ""),
        ("", r#""""#, ""),
        (r#","account":"acct_1""#, r#""acct_1""#, "acct_1"),
        (r#","account":"acct_1""#, r#""org_1/acct_1""#, "acct_1"),
        (r#","account":"acct_1""#, r#""org_1/acct_2/acct_1/""#, "acct_1"),
        (r#","context":"org_1/acct_1""#, r#""acct_1""#, "acct_1"),
    ] {
        for event in twins(account, context) {
            let id = event.id();
            assert_eq!(EventKey::of(&event).as_str(), format!("event/{key}/evt_1"), "{id}");
            assert_eq!(EventKey::of_id(&event).as_str(), "id/evt_1", "{id}");
            assert_eq!(
                EventKey::of_object(&event).as_str(),
                format!("object/{key}/invoice.paid/in_1"),
                "{id}"
            );
            assert_eq!(event.idempotency_key(), "evt_1", "{id}");
        }
    }
}

#[test]
fn twins_of_different_accounts_have_different_keys() {
    for (account, context) in [
        ("", r#""acct_1""#),
        (r#","account":"acct_1""#, "null"),
        (r#","account":"acct_1""#, r#""acct_2""#),
        (r#","account":"acct_1""#, r#""acct_1/acct_2""#),
    ] {
        let [snapshot, thin] = twins(account, context);
        assert_ne!(EventKey::of(&snapshot), EventKey::of(&thin), "{account} {context}");
        assert_ne!(EventKey::of_object(&snapshot), EventKey::of_object(&thin));
    }
}

/// A thin event of the own account may name that account, which its snapshot event does not.
#[test]
fn a_key_of_an_id_does_not_depend_on_the_account() {
    let [snapshot, thin] = twins("", r#""acct_own""#);
    assert_ne!(EventKey::of(&snapshot), EventKey::of(&thin));
    assert_eq!(EventKey::of_id(&snapshot), EventKey::of_id(&thin));
    let [other, _] = twins(r#","account":"acct_1""#, "null");
    assert_eq!(EventKey::of_id(&other), EventKey::of_id(&snapshot));
    let test_webhook = || EventKey::of_id(&self::snapshot(TEST_WEBHOOK, "ping", "", "{}"));
    assert_ne!(test_webhook(), test_webhook());
}

#[test]
fn an_unusable_snapshot_event_leaves_a_thin_event_its_own_key() {
    for unusable in [
        "null",
        r#""""#,
        "1",
        "true",
        "[]",
        r#"["evt_1"]"#,
        r#"{"id":"evt_1"}"#,
        r#""evt_00000000000000""#,
    ] {
        let thin = parse(&format!(
            r#"{{"id":"evt_2","object":"v2.core.event","type":"v1.invoice.paid","snapshot_event":{unusable}}}"#
        ));
        assert_eq!(EventKey::of(&thin).as_str(), "event//evt_2", "{unusable}");
        assert_eq!(EventKey::of_id(&thin).as_str(), "id/evt_2", "{unusable}");
        assert_eq!(EventKey::of_object(&thin), EventKey::of(&thin), "{unusable}");
    }
}

#[test]
fn a_thin_test_webhook_with_a_snapshot_event_has_its_keys() {
    let thin = |snapshot_event: &str| {
        parse(&format!(
            r#"{{"id":"{TEST_WEBHOOK}","object":"v2.core.event","type":"v1.invoice.paid",
                "related_object":{{"id":"in_1","type":"invoice","url":"/v1/invoices/in_1"}}{snapshot_event}}}"#
        ))
    };
    let named = thin(r#","snapshot_event":"evt_1""#);
    assert_eq!(EventKey::of(&named).as_str(), "event//evt_1");
    assert_eq!(EventKey::of_object(&named).as_str(), "object//invoice.paid/in_1");
    assert_ne!(EventKey::of_object(&thin("")), EventKey::of_object(&thin("")));
}

#[test]
fn a_thin_only_type_has_keys_of_its_own_event() {
    let event = parse(samples::thin::CUSTOMER_SUBSCRIPTION_PAST_DUE);
    assert_eq!(EventKey::of(&event).as_str(), "event//evt_thin_1SampleSubscriptionPastDue");
    assert_eq!(
        EventKey::of_object(&event).as_str(),
        "object//v1.customer.subscription.past_due/sub_1SampleSubscription00000"
    );
}

#[tokio::test]
async fn the_layer_handles_the_first_of_two_twins() {
    for first in [0, 1] {
        let (app, calls) = counting(IdempotencyLayer::new(MemoryStore::new()));
        let mut twins = [samples::INVOICE_PAID, samples::thin::INVOICE_PAID];
        twins.rotate_left(first);
        for (event, outcome) in twins.into_iter().zip([Outcome::Committed, Outcome::Duplicate]) {
            let response = app.clone().oneshot(delivery_of(event)).await.unwrap();
            assert_eq!(outcome_of(&response), outcome);
        }
        assert_eq!(calls.count(), 1);
    }
}

#[test]
fn a_key_has_no_control_character() {
    for (id, key) in [
        (r"evt\n1", "event//evt%0a1"),
        (r"evt\r\n\u001b[2K1", "event//evt%0d%0a%1b[2K1"),
        (r"evt\u0085\u2028\u202e1", "event//evt%c2%85%e2%80%a8%e2%80%ae1"),
        ("evt%0a1", "event//evt%250a1"),
        ("evt\u{e9}", "event//evt\u{e9}"),
    ] {
        assert_eq!(EventKey::of(&snapshot(id, "ping", "", "{}")).as_str(), key, "{id}");
    }
    let key = EventKey::of(&of_account("evt_1", "acct\\n1")).in_scope("a\nb");
    assert_eq!(key.to_string(), "scope/a%0ab/event/acct%0a1/evt_1");
}

#[test]
fn an_account_comes_before_a_context() {
    let both = snapshot(
        "evt_1",
        "ping",
        r#","account":"acct_1","context":"org_1/acct_2""#,
        r#"{"id":"in_1"}"#,
    );
    assert_eq!(EventKey::of(&both).as_str(), "event/acct_1/evt_1");
    assert_eq!(EventKey::of_object(&both).as_str(), "object/acct_1/ping/in_1");
}

#[test]
fn a_key_of_an_object_is_its_id_the_events_type_and_account() {
    let object = r#"{"id":"in_1"}"#;
    let event = snapshot("evt_1", "invoice.paid", r#","account":"acct_1""#, object);
    assert_eq!(EventKey::of_object(&event).as_str(), "object/acct_1/invoice.paid/in_1");
    assert_eq!(
        EventKey::of_object(&event),
        EventKey::of_object(&snapshot("evt_2", "invoice.paid", r#","account":"acct_1""#, object))
    );
    assert_ne!(
        EventKey::of_object(&event),
        EventKey::of_object(&snapshot("evt_1", "invoice.paid", "", object))
    );
    assert_ne!(
        EventKey::of_object(&event),
        EventKey::of_object(&snapshot("evt_1", "invoice.voided", r#","account":"acct_1""#, object))
    );
}

#[test]
fn the_object_of_a_thin_event_is_its_related_object() {
    let key = EventKey::of_object(&parse(samples::V2_CORE_ACCOUNT_UPDATED));
    assert!(key.as_str().starts_with("object/"), "{key}");
    assert!(key.as_str().contains("acct_"), "{key}");
}

#[test]
fn an_object_without_an_id_gets_the_events_key() {
    for object in ["{}", r#"{"id":null}"#, r#"{"id":7}"#, r#"{"id":""}"#] {
        let event = snapshot("evt_1", "invoice.upcoming", "", object);
        assert_eq!(EventKey::of_object(&event), EventKey::of(&event), "{object}");
    }
    let thin = parse(
        r#"{"id":"evt_1","object":"v2.core.event","type":"v1.balance.available",
        "related_object":{"type":"balance","url":"/v1/balance"}}"#,
    );
    assert_eq!(EventKey::of_object(&thin), EventKey::of(&thin));
}

#[test]
fn keys_of_different_kinds_and_parts_never_collide() {
    let keys = [
        EventKey::of(&of_account("b", "a")),
        EventKey::of(&of_account("a/b", "")),
        EventKey::of(&of_account("/b", "a")),
        EventKey::of(&of_account("a%2fb", "")),
        EventKey::of(&of_account("b/c", "a")),
        EventKey::of(&of_account("c", "a/b")),
        EventKey::of_object(&snapshot("x", "b", r#","account":"a""#, r#"{"id":"c"}"#)),
        EventKey::of_object(&snapshot("x", "b/c", r#","account":"a""#, r#"{"id":""}"#)),
        EventKey::of_id(&of_account("b", "a")),
        EventKey::of_id(&of_account("a/b", "")),
        EventKey::of_id(&of_account("/b", "")),
    ];
    for (at, key) in keys.iter().enumerate() {
        assert!(!keys[..at].contains(key), "{key}");
    }
}

#[test]
fn keys_of_different_scopes_never_collide() {
    let key = || EventKey::of(&of_account("evt_1", "acct_1"));
    assert_eq!(key().in_scope("billing").as_str(), "scope/billing/event/acct_1/evt_1");
    assert_eq!(key().in_scope("billing"), key().in_scope("billing"));
    let keys = [
        key(),
        key().in_scope(""),
        key().in_scope("billing"),
        key().in_scope("analytics"),
        key().in_scope("billing/event"),
        key().in_scope("billing").in_scope("analytics"),
        key().in_scope("analytics").in_scope("billing"),
        key().in_scope("analytics/scope/billing"),
        key().in_scope(&"x".repeat(300)),
        key().in_scope(&"y".repeat(300)),
    ];
    for (at, key) in keys.iter().enumerate() {
        assert!(!keys[..at].contains(key), "{key}");
        assert!(key.as_str().len() <= 255, "{key}");
    }
}

#[test]
fn a_database_can_take_every_key() {
    let nul = EventKey::of(&snapshot("evt_\\u0000", "ping", "", "{}"));
    assert_eq!(nul.as_str(), "event//evt_%00");

    let longest = EventKey::of(&snapshot(&"x".repeat(248), "ping", "", "{}"));
    assert_eq!(longest.as_str().len(), 255);
    assert!(longest.as_str().starts_with("event//xxx"));

    let (one, other) = ("x".repeat(249), "y".repeat(249));
    let too_long = EventKey::of(&snapshot(&one, "ping", "", "{}"));
    assert_eq!(too_long.as_str().len(), "sha256/".len() + 64);
    assert!(too_long.as_str().starts_with("sha256/"));
    assert_ne!(too_long, EventKey::of(&snapshot(&other, "ping", "", "{}")));
}

/// The id of every test webhook of Stripe's dashboard.
const TEST_WEBHOOK: &str = "evt_00000000000000";

#[test]
fn two_test_webhooks_never_have_one_key() {
    for object in ["{}", r#"{"id":"in_00000000000000"}"#, r#"{"id":"in_1"}"#] {
        let test_webhook = || snapshot(TEST_WEBHOOK, "invoice.paid", "", object);
        let (one, other) = (test_webhook(), test_webhook());
        for key in [EventKey::of, EventKey::of_object] {
            assert_ne!(key(&one), key(&other), "{object}");
            assert_ne!(key(&one).in_scope("billing"), key(&other).in_scope("billing"), "{object}");
            assert!(key(&one).as_str().starts_with("event//evt_00000000000000-"), "{}", key(&one));
        }
    }
}

#[test]
fn a_test_webhook_and_its_clones_have_one_key() {
    let event = snapshot(TEST_WEBHOOK, "invoice.paid", "", "{}");
    let clone = event.clone();
    assert_eq!(EventKey::of(&clone), EventKey::of(&event));
    assert_eq!(EventKey::of_object(&event), EventKey::of(&event));
    assert_eq!(clone.idempotency_key(), event.idempotency_key());
    assert_eq!(
        (event.id(), event.idempotency_key().len()),
        (TEST_WEBHOOK, TEST_WEBHOOK.len() + "-".len() + 32)
    );
}

#[test]
fn events_of_a_placeholder_object_have_their_own_keys() {
    let event = |id| snapshot(id, "invoice.paid", "", r#"{"id":"in_00000000000000"}"#);
    assert_eq!(EventKey::of_object(&event("evt_1")), EventKey::of(&event("evt_1")));
    assert_ne!(EventKey::of_object(&event("evt_1")), EventKey::of_object(&event("evt_2")));
}

#[test]
fn the_idempotency_key_of_a_real_event_is_its_id() {
    for id in ["evt_1SampleInvoicePaid000000", "evt_0", "evt_000000000"] {
        assert_eq!(snapshot(id, "ping", "", "{}").idempotency_key(), id);
    }
}

#[tokio::test]
async fn the_layer_handles_each_test_webhook() {
    let once_paid = |event: &VerifiedEvent| EventKey::of_object(event);
    for layer in [
        IdempotencyLayer::new(MemoryStore::new()),
        IdempotencyLayer::new(MemoryStore::new()).with_key(once_paid),
    ] {
        let (app, calls) = counting(layer);
        for _ in 0..3 {
            assert_eq!(deliver(&app, TEST_WEBHOOK).await, (StatusCode::OK, Outcome::Committed));
        }
        assert_eq!(calls.count(), 3);
    }
}

#[tokio::test]
async fn accounts_do_not_share_events() {
    let app = app(IdempotencyLayer::new(MemoryStore::new()), async |_| answer(200));
    for account in ["", r#","account":"acct_1""#, r#","account":"acct_2""#] {
        let json = format!(
            r#"{{"id":"evt_1","object":"event","type":"ping"{account},"data":{{"object":{{}}}}}}"#
        );
        for outcome in [Outcome::Committed, Outcome::Duplicate] {
            let response = app.clone().oneshot(delivery_of(&json)).await.unwrap();
            assert_eq!(outcome_of(&response), outcome, "{account}");
        }
    }
}

#[tokio::test]
async fn two_endpoints_on_one_store_each_handle_the_event_once() {
    let store = Arc::new(MemoryStore::new());
    let endpoint = |scope| {
        let calls = Calls::default();
        let called = calls.clone();
        let app = app(IdempotencyLayer::new(Arc::clone(&store)).with_scope(scope), move |_| {
            called.add();
            async { answer(200) }
        });
        (app, calls)
    };
    let ((billing, billed), (analytics, analysed)) = (endpoint("billing"), endpoint("analytics"));
    for outcome in [Outcome::Committed, Outcome::Duplicate] {
        assert_eq!(deliver(&billing, "evt_1").await, (StatusCode::OK, outcome));
        assert_eq!(deliver(&analytics, "evt_1").await, (StatusCode::OK, outcome));
    }
    assert_eq!((billed.count(), analysed.count()), (1, 1));
}

/// All of the tests' events are about one invoice.
#[tokio::test]
async fn two_events_for_one_fact_are_handled_once_if_the_key_is_the_objects() {
    let once_paid = |event: &VerifiedEvent| match event.event_type() {
        EventType::InvoicePaid => EventKey::of_object(event),
        _ => EventKey::of(event),
    };
    let by_object =
        app(IdempotencyLayer::new(MemoryStore::new()).with_key(once_paid), async |_| answer(200));
    assert_eq!(deliver(&by_object, "evt_1").await, (StatusCode::OK, Outcome::Committed));
    assert_eq!(deliver(&by_object, "evt_2").await, (StatusCode::OK, Outcome::Duplicate));

    let by_event = app(IdempotencyLayer::new(MemoryStore::new()), async |_| answer(200));
    assert_eq!(deliver(&by_event, "evt_1").await, (StatusCode::OK, Outcome::Committed));
    assert_eq!(deliver(&by_event, "evt_2").await, (StatusCode::OK, Outcome::Committed));
}
