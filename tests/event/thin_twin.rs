//! The thin twin of a snapshot event, and the samples of thin events.

use std::time::Duration;

use serde_json::{Value, json};
use tower_stripe_webhook::{
    Event, EventType,
    event::EventKind,
    test_util::{samples, thin_twin, verified_event},
};

fn twin_of(snapshot: &Value) -> Value {
    serde_json::from_str(&thin_twin(&snapshot.to_string())).unwrap()
}

fn snapshot(fields: &Value) -> Value {
    let mut event = json!({
        "id": "evt_1", "object": "event", "type": "invoice.paid",
        "data": {"object": {"id": "in_1", "object": "invoice"}},
    });
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    event
}

#[test]
fn a_thin_twin_has_each_field_of_stripes_thin_events() {
    let snapshot = snapshot(&json!({
        "type": "customer.subscription.updated", "created": 1_795_169_472, "livemode": true,
        "account": "acct_1", "request": {"id": "req_1", "idempotency_key": "key"},
        "data": {
            "object": {"id": "sub_1", "object": "subscription", "status": "active", "metadata": {}},
            "previous_attributes": {"status": "incomplete"},
        },
    }));
    assert_eq!(
        twin_of(&snapshot),
        json!({
            "id": "evt_thin_1", "object": "v2.core.event", "type": "v1.customer.subscription.updated",
            "created": "2026-11-20T10:11:12.000Z", "livemode": true, "context": "acct_1",
            "reason": {"type": "request", "request": {"id": "req_1", "idempotency_key": "key"}},
            "related_object": {"id": "sub_1", "type": "subscription", "url": "/v1/subscriptions/sub_1"},
            "snapshot_event": "evt_1",
            "changes": {"before": {"status": "incomplete"}, "after": {"status": "active"}},
        })
    );
}

#[test]
fn a_thin_twin_lacks_what_its_snapshot_event_lacks() {
    let twin = twin_of(&snapshot(&json!({
        "id": "1", "type": "invoice.upcoming", "request": {"id": null, "idempotency_key": null},
        "data": {"object": {"object": "invoice"}},
    })));
    assert_eq!(
        twin,
        json!({
            "id": "thin_1", "object": "v2.core.event", "type": "v1.invoice.upcoming",
            "created": null, "livemode": false, "context": null, "reason": null,
            "related_object": null, "snapshot_event": "1",
        })
    );
}

#[test]
fn the_url_of_a_thin_twin_follows_the_name_of_the_object() {
    for (event_type, object, url) in [
        ("checkout.session.completed", "checkout.session", "/v1/checkout/sessions/x_1"),
        ("charge.dispute.created", "dispute", "/v1/disputes/x_1"),
        ("payment_intent.succeeded", "payment_intent", "/v1/payment_intents/x_1"),
    ] {
        let twin = twin_of(&snapshot(&json!({
            "type": event_type, "data": {"object": {"id": "x_1", "object": object}},
        })));
        assert_eq!(twin["related_object"]["url"], url);
        assert_eq!(twin["related_object"]["type"], object);
    }
}

#[test]
fn a_context_comes_before_an_account_in_a_thin_twin() {
    let both = snapshot(&json!({"account": "acct_2", "context": "org_1/acct_2"}));
    assert_eq!(twin_of(&both)["context"], "org_1/acct_2");
}

#[test]
#[should_panic = "`snapshot` must be a snapshot event"]
fn a_thin_event_has_no_thin_twin() {
    let _ = thin_twin(samples::V2_CORE_ACCOUNT_UPDATED);
}

#[test]
#[should_panic = "the type must have a thin name"]
fn a_type_without_a_thin_name_has_no_thin_twin() {
    let _ = twin_of(&snapshot(&json!({"type": "treasury.received_debit.created"})));
}

#[test]
fn each_thin_sample_is_the_twin_of_its_snapshot_sample() {
    for (snapshot, thin) in samples::ALL.iter().zip(samples::thin::ALL).take(6) {
        let twin: Value = serde_json::from_str(&thin_twin(snapshot)).unwrap();
        assert_eq!(serde_json::from_str::<Value>(thin).unwrap(), twin);

        let [snapshot, thin] = [snapshot, thin].map(verified_event);
        assert_eq!(thin.kind(), EventKind::Thin);
        assert_eq!(thin.event_type(), snapshot.event_type());
        assert_eq!(thin.snapshot_event(), Some(snapshot.id()));
        assert_eq!(thin.created(), snapshot.created());
        assert_eq!(
            thin.previous_attributes::<Value>().unwrap(),
            snapshot.previous_attributes::<Value>().unwrap()
        );
    }
}

#[test]
fn the_sample_of_a_thin_only_type_has_no_snapshot_event() {
    let event = Event::unverified_from_json(samples::thin::CUSTOMER_SUBSCRIPTION_PAST_DUE).unwrap();
    assert_eq!(event.event_type(), &EventType::CustomerSubscriptionPastDue);
    assert_eq!(event.snapshot_event(), None);
    assert_eq!(event.related_object().unwrap().id(), "sub_1SampleSubscription00000");
    let changes = event.changes().unwrap();
    assert_eq!(changes.before::<Value>().unwrap(), Some(json!({"status": "active"})));
    assert_eq!(changes.after::<Value>().unwrap(), Some(json!({"status": "past_due"})));
    let failed = Event::unverified_from_json(samples::INVOICE_PAYMENT_FAILED).unwrap();
    assert!(event.created().unwrap() > failed.created().unwrap() + Duration::from_secs(60));
}
