//! Thin events: what they tell beside their type, in every form.

use serde::Deserialize;
use serde_json::{Value, json};
use tower_stripe_webhook::{
    DecodeError, EventData, EventType, VerifiedEvent,
    event::{EventKind, Recency},
    test_util::verified_event,
};

/// One value of each form that a field may have.
fn forms() -> [Value; 9] {
    [
        json!(null),
        json!(true),
        json!(7),
        json!(1.5),
        json!(""),
        json!([]),
        json!([{"id": "req_1"}]),
        json!({}),
        json!({"of": {"tomorrow": []}}),
    ]
}

fn thin(fields: &Value) -> VerifiedEvent {
    let mut event = json!({
        "id": "evt_thin_1", "object": "v2.core.event", "type": "v1.invoice.paid", "livemode": false,
        "created": "2026-11-20T10:11:12.345Z", "context": null,
        "related_object": {"id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1"},
    });
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    verified_event(event.to_string())
}

fn snapshot(fields: &Value) -> VerifiedEvent {
    let mut event = json!({
        "id": "evt_1", "object": "event", "type": "invoice.paid", "livemode": false,
        "created": 1_795_169_472, "data": {"object": {"id": "in_1", "object": "invoice"}},
    });
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    verified_event(event.to_string())
}

#[derive(Debug, Deserialize, PartialEq)]
struct Status<'a> {
    #[serde(borrow)]
    status: Option<&'a str>,
}

fn status(status: &str) -> Status<'_> {
    Status { status: Some(status) }
}

#[test]
fn a_thin_event_names_its_snapshot_event() {
    let event = thin(&json!({"snapshot_event": "evt_1"}));
    assert_eq!(event.snapshot_event(), Some("evt_1"));
    assert_eq!(event.id(), "evt_thin_1");
    assert_eq!(event.idempotency_key(), "evt_1");
    assert_eq!(event.clone().into_event().snapshot_event(), Some("evt_1"));
}

#[test]
fn an_unusable_snapshot_event_counts_as_absent() {
    let unusable = [json!("evt_00000000000000"), json!("evt_0000000000"), json!({"id": "evt_1"})];
    for value in unusable.into_iter().chain(forms()) {
        let event = thin(&json!({ "snapshot_event": value }));
        assert_eq!(event.snapshot_event(), None, "{value}");
        assert_eq!(event.idempotency_key(), "evt_thin_1", "{value}");
    }
    let event = thin(&json!({}));
    assert_eq!((event.snapshot_event(), event.idempotency_key()), (None, "evt_thin_1"));
}

/// Nine zeros may be a counter of the app's own tests.
#[test]
fn a_short_number_of_zeros_is_no_placeholder() {
    let event = thin(&json!({"snapshot_event": "evt_000000000"}));
    assert_eq!(event.snapshot_event(), Some("evt_000000000"));
}

#[test]
fn the_snapshot_event_has_the_exact_characters_of_the_id() {
    for id in [r"evt_\u0000", r"evt_\u00e9", r"evt_\u0031"] {
        let event = verified_event(format!(
            r#"{{"id":"evt_2","object":"v2.core.event","type":"ping","snapshot_event":"{id}"}}"#
        ));
        let snapshot = verified_event(format!(
            r#"{{"id":"{id}","object":"event","type":"ping","data":{{"object":{{}}}}}}"#
        ));
        assert_eq!(event.snapshot_event(), Some(snapshot.id()), "{id}");
    }
    let surrogate =
        r#"{"id":"evt_2","object":"v2.core.event","type":"ping","snapshot_event":"evt_\ud83d"}"#;
    assert_eq!(verified_event(surrogate).snapshot_event(), None);
}

#[test]
fn a_snapshot_event_names_no_other_snapshot_event() {
    let event = snapshot(&json!({"snapshot_event": "evt_2", "changes": {"before": {"a": 1}}}));
    assert_eq!((event.snapshot_event(), event.idempotency_key()), (None, "evt_1"));
    assert!(event.changes().is_none());
}

#[test]
fn a_thin_test_webhook_has_a_key_of_its_own() {
    let key = |fields: Value| thin(&fields).idempotency_key().to_owned();
    let placeholder = json!({"id": "evt_00000000000000"});
    assert_ne!(key(placeholder.clone()), key(placeholder));
    let named = json!({"id": "evt_00000000000000", "snapshot_event": "evt_1"});
    assert_eq!(key(named), "evt_1");
}

#[test]
fn changes_have_the_values_before_and_after() {
    let event = thin(&json!({
        "changes": {"before": {"status": "open"}, "after": {"status": "paid"}},
    }));
    let changes = event.changes().unwrap();
    assert_eq!(changes.before::<Status<'_>>().unwrap(), Some(status("open")));
    assert_eq!(changes.after::<Status<'_>>().unwrap(), Some(status("paid")));
    assert_eq!(event.previous_attributes::<Status<'_>>().unwrap(), Some(status("open")));
}

#[test]
fn either_side_of_the_changes_may_be_absent() {
    let event = thin(&json!({"changes": {"before": {"status": "open"}}}));
    let changes = event.changes().unwrap();
    assert_eq!(changes.before::<Status<'_>>().unwrap(), Some(status("open")));
    assert_eq!(changes.after::<Status<'_>>().unwrap(), None);

    let event = thin(&json!({"changes": {"after": {"status": "paid"}}}));
    let changes = event.changes().unwrap();
    assert_eq!(changes.before::<Status<'_>>().unwrap(), None);
    assert_eq!(changes.after::<Status<'_>>().unwrap(), Some(status("paid")));
    assert_eq!(event.previous_attributes::<Status<'_>>().unwrap(), None);
}

#[test]
fn previous_attributes_are_the_changes_of_a_snapshot_event() {
    let event = snapshot(&json!({
        "data": {"object": {"status": "paid"}, "previous_attributes": {"status": "open"}},
    }));
    let changes = event.changes().unwrap();
    assert_eq!(changes.before::<Status<'_>>().unwrap(), Some(status("open")));
    assert_eq!(changes.after::<Status<'_>>().unwrap(), None);
    assert_eq!(event.previous_attributes::<Status<'_>>().unwrap(), Some(status("open")));
    assert!(snapshot(&json!({})).changes().is_none());
}

#[test]
fn changes_of_another_form_count_as_absent() {
    for changes in forms() {
        let event = thin(&json!({ "changes": changes }));
        assert!(event.changes().is_none(), "{changes}");
        assert_eq!(event.previous_attributes::<Value>().unwrap(), None, "{changes}");
    }
    let side = json!({"status": "open"});
    for form in forms().into_iter().filter(|form| !form.is_object()) {
        assert!(thin(&json!({"changes": {"before": form, "after": form}})).changes().is_none());
        let event = thin(&json!({"changes": {"before": form, "after": side}}));
        let changes = event.changes().unwrap();
        assert_eq!(changes.before::<Value>().unwrap(), None, "{form}");
        assert_eq!(changes.after::<Value>().unwrap(), Some(side.clone()), "{form}");
        let event = thin(&json!({"changes": {"before": side, "after": form}}));
        let changes = event.changes().unwrap();
        assert_eq!(changes.before::<Value>().unwrap(), Some(side.clone()), "{form}");
        assert_eq!(changes.after::<Value>().unwrap(), None, "{form}");
    }
    // An array is not read as the fields of a struct.
    assert!(thin(&json!({"changes": [side, side]})).changes().is_none());
}

#[test]
fn an_error_names_the_side_of_the_changes() {
    let event = thin(&json!({"changes": {"before": {"status": 1}, "after": {"status": 2}}}));
    let changes = event.changes().unwrap();
    let path = |error: DecodeError| error.path().to_owned();
    assert_eq!(path(changes.before::<Status<'_>>().unwrap_err()), "changes.before.status");
    assert_eq!(path(changes.after::<Status<'_>>().unwrap_err()), "changes.after.status");
    assert_eq!(
        path(event.previous_attributes::<Status<'_>>().unwrap_err()),
        "changes.before.status"
    );
    let event = snapshot(&json!({"data": {"object": {}, "previous_attributes": {"status": 1}}}));
    let error = event.changes().unwrap().before::<Status<'_>>().unwrap_err();
    assert_eq!(path(error), "data.previous_attributes.status");
}

#[test]
fn changes_have_no_unstorable_character() {
    let event = verified_event(
        r#"{"id":"evt_1","object":"v2.core.event","type":"v1.customer.updated","changes":{"before":{"name":"a\u0000"},"after":{"name":"b\ud83d"}}}"#,
    );
    let changes = event.changes().unwrap();
    assert_eq!(changes.before::<Value>().unwrap(), Some(json!({"name": "a\u{fffd}"})));
    assert_eq!(changes.after::<Value>().unwrap(), Some(json!({"name": "b\u{fffd}"})));
}

#[test]
fn a_reason_has_its_type_and_its_request() {
    let event = thin(&json!({
        "reason": {"type": "request", "request": {"id": "req_1", "idempotency_key": "key"}},
    }));
    let reason = event.reason().unwrap();
    assert_eq!(reason.reason_type(), Some("request"));
    let request = reason.request().unwrap();
    assert_eq!((request.id(), request.idempotency_key()), (Some("req_1"), Some("key")));
    assert_eq!(event.request(), Some(request));
}

#[test]
fn a_reason_may_lack_its_type_or_its_request() {
    let parts = |reason: Value| {
        let event = thin(&json!({ "reason": reason }));
        let reason = event.reason().unwrap();
        let request = reason.request().map(|request| request.id().map(str::to_owned));
        assert_eq!(event.request(), reason.request());
        (reason.reason_type().map(str::to_owned), request)
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(parts(json!({})), (None, None));
    assert_eq!(parts(json!({"type": "of_tomorrow"})), (text("of_tomorrow"), None));
    assert_eq!(parts(json!({"type": 1, "request": {"id": "req_1"}})), (None, Some(text("req_1"))));
    assert_eq!(parts(json!({"type": "request", "request": null})), (text("request"), None));
    assert_eq!(parts(json!({"type": "request", "request": []})), (text("request"), None));
    assert_eq!(parts(json!({"type": "request", "request": {}})), (text("request"), Some(None)));
    assert_eq!(parts(json!({"request": "req_1"})), (None, Some(text("req_1"))));
}

#[test]
fn a_reason_of_another_form_counts_as_absent() {
    for form in forms().into_iter().filter(|form| !form.is_object()) {
        let event = thin(&json!({ "reason": form }));
        assert_eq!((event.reason(), event.request()), (None, None), "{form}");
    }
    let event = thin(&json!({"reason": ["request", {"id": "req_1"}]}));
    assert_eq!((event.reason(), event.request()), (None, None));
    assert_eq!(thin(&json!({})).reason(), None);
}

#[test]
fn a_request_of_the_event_comes_before_the_reasons() {
    let event = snapshot(&json!({
        "request": {"id": "req_1", "idempotency_key": null},
        "reason": {"type": "request", "request": {"id": "req_2"}},
    }));
    assert_eq!(event.request().unwrap().id(), Some("req_1"));
}

#[test]
fn no_form_of_a_field_rejects_a_thin_event() {
    let fields =
        ["snapshot_event", "changes", "reason", "context", "related_object", "created", "livemode"];
    for field in fields {
        for form in forms() {
            let event = thin(&json!({ field: form }));
            assert_eq!(event.kind(), EventKind::Thin, "{field} {form}");
            assert_eq!(event.event_type(), &EventType::InvoicePaid, "{field} {form}");
        }
    }
}

#[test]
fn the_data_of_a_thin_event_is_an_error_with_the_remedy() {
    let error = thin(&json!({})).data().unwrap_err();
    assert_eq!(
        error.to_string(),
        "event evt_thin_1 (invoice.paid): data.object: a thin event has no object: \
         fetch it with `FetchLayer` or `Event::fetch` of the module `api`"
    );
}

#[test]
fn the_data_of_a_thin_event_about_no_object_is_other() {
    let event = thin(&json!({"type": "v1.invoice.upcoming", "related_object": null}));
    assert_eq!(event.data().unwrap(), EventData::Other);
    let error = event.object::<Value>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "event evt_thin_1 (invoice.upcoming): data.object: a thin event has no object, \
         and this one has no related object to fetch"
    );
}

/// The types that are about no object: a fetch has nothing to fetch.
const WITHOUT_OBJECT: [&str; 5] = [
    "v1.billing.meter.no_meter_found",
    "v1.customer.discount.source_changed",
    "v1.entitlements.active_entitlement_summary.entitlement_added",
    "v1.entitlements.active_entitlement_summary.entitlement_removed",
    "v2.core.account_link.returned",
];

#[test]
fn every_thin_type_of_typed_data_needs_its_object() {
    let mut typed = 0;
    for name in include_str!("data/event-types-thin.txt").lines() {
        let data = thin(&json!({ "type": name })).data();
        if WITHOUT_OBJECT.contains(&name) {
            assert_eq!(data.unwrap(), EventData::Other, "{name}");
        } else {
            assert!(data.is_err(), "{name}");
            typed += 1;
        }
    }
    assert_eq!(typed, 321);
    assert_eq!(thin(&json!({"type": "v1.of.tomorrow"})).data().unwrap(), EventData::Other);
}

/// An object of a fetched event decodes as that of a snapshot event, whose type is the same.
#[test]
fn every_thin_type_of_typed_data_has_a_variant_of_its_name() {
    let object = json!({
        "id": "x_1", "customer": "cus_1", "status": "active", "amount": 1, "currency": "usd",
    });
    let letters = |text: &str| text.replace(|c: char| !c.is_alphanumeric(), "").to_lowercase();
    for name in include_str!("data/event-types-thin.txt").lines() {
        if thin(&json!({ "type": name })).data().is_ok() {
            continue;
        }
        let data = snapshot(&json!({"type": name, "data": {"object": object}})).data().unwrap();
        let variant = format!("{data:?}").split_once('(').unwrap().0.to_owned();
        assert_eq!(letters(&variant), letters(name.strip_prefix("v1.").unwrap_or(name)));
    }
}

#[test]
fn twins_are_of_the_same_second() {
    let (thin, snapshot) = (thin(&json!({})), snapshot(&json!({})));
    assert_ne!(thin.created(), snapshot.created());
    assert_eq!(thin.recency(snapshot.created()), Recency::SameSecond);
    assert_eq!(snapshot.recency(thin.created()), Recency::SameSecond);
}
