//! Events and objects of the tests.

use serde_json::{Value, json};
use tower_stripe_webhook::{VerifiedEvent, test_util::verified_event};

/// A thin event about the object at `url`, with more fields of its own.
pub fn thin_json(event_type: &str, url: &str, object_type: &str, more: Value) -> Value {
    let id = url.rsplit('/').next().unwrap_or_default();
    let mut event = json!({
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": event_type,
        "created": "2026-11-20T10:11:12.345Z",
        "livemode": false,
        "related_object": {"id": id, "type": object_type, "url": url},
    });
    merge(&mut event, more);
    event
}

pub fn thin(event_type: &str, url: &str, object_type: &str) -> VerifiedEvent {
    verified_event(thin_json(event_type, url, object_type, json!({})).to_string())
}

/// A snapshot event with this object, and with more fields of its own.
pub fn snapshot_json(event_type: &str, object: Value, more: Value) -> Value {
    let mut event = json!({
        "id": "evt_snapshot",
        "object": "event",
        "type": event_type,
        "created": 1_795_447_000,
        "livemode": false,
        "data": {"object": object},
    });
    merge(&mut event, more);
    event
}

pub fn snapshot(event_type: &str, object: Value) -> VerifiedEvent {
    verified_event(snapshot_json(event_type, object, json!({})).to_string())
}

fn merge(event: &mut Value, more: Value) {
    let fields = more.as_object().expect("the fields are in an object").clone();
    event.as_object_mut().expect("an event is an object").extend(fields);
}

/// An invoice as Stripe's API answers it.
pub fn invoice(id: &str, status: &str) -> Value {
    json!({
        "id": id, "object": "invoice", "livemode": false, "status": status, "currency": "usd",
        "amount_due": 900, "amount_paid": 900, "amount_remaining": 0, "total": 900, "subtotal": 900,
        "lines": {"object": "list", "data": [], "has_more": false},
    })
}

pub fn customer(id: &str) -> Value {
    json!({"id": id, "object": "customer", "livemode": false, "email": "jo@example.com"})
}

/// What Stripe answers for a deleted object.
pub fn stub(id: &str, object: &str) -> Value {
    json!({"id": id, "object": object, "deleted": true})
}
