//! What an event's envelope says, and what a body must have to be one.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use tower_stripe_webhook::{
    EventType, Rejection, RejectionKind, SigningSecret, Tolerance, VerifiedEvent,
    event::{EventKind, Recency, RelatedObject, SUBSCRIPTION_EVENT_TYPES},
    test_util::{samples, sign},
    verify,
};

const NOW: u64 = 1_795_447_015;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Signed right, so that what is left is the envelope.
fn receive(body: impl Into<Vec<u8>>) -> Result<VerifiedEvent, Rejection> {
    let body = body.into();
    let secret = SigningSecret::new("whsec_test").unwrap();
    verify(sign(&body, &secret, at(NOW)), body, &secret.into(), at(NOW), Tolerance::default())
}

fn event(body: &Value) -> VerifiedEvent {
    receive(body.to_string()).unwrap_or_else(|rejection| panic!("{rejection}: {body}"))
}

fn snapshot(field: &str, value: Value) -> Value {
    let mut event =
        json!({"id": "evt_1", "object": "event", "type": "invoice.paid", "data": {"object": {}}});
    event[field] = value;
    event
}

#[test]
fn a_snapshot_event_has_each_field_of_its_envelope() {
    let event = event(&json!({
        "id": "evt_1Abc",
        "object": "event",
        "account": "acct_1",
        "api_version": "2025-03-31.basil",
        "context": "acct_1/acct_2",
        "created": 1_795_447_000,
        "data": {"object": {"id": "sub_1", "object": "subscription"}, "previous_attributes": {"status": "incomplete"}},
        "livemode": true,
        "pending_webhooks": 1,
        "request": {"id": "req_1", "idempotency_key": "key"},
        "type": "customer.subscription.updated",
    }));
    assert_eq!(event.id(), "evt_1Abc");
    assert_eq!(event.event_type(), &EventType::CustomerSubscriptionUpdated);
    assert_eq!(event.kind(), EventKind::Snapshot);
    assert_eq!(event.created(), Some(at(1_795_447_000)));
    assert!(event.livemode());
    assert_eq!(event.api_version(), Some("2025-03-31.basil"));
    assert_eq!(event.account(), Some("acct_1"));
    assert_eq!(event.context(), Some("acct_1/acct_2"));
    let request = event.request().unwrap();
    assert_eq!((request.id(), request.idempotency_key()), (Some("req_1"), Some("key")));
    assert_eq!(event.related_object(), None);
    assert_eq!(event.signed_at(), at(NOW));
}

#[test]
fn the_account_of_an_old_event_is_its_user_id() {
    for (values, account) in [
        (json!({ "user_id": "acct_1" }), Some("acct_1")),
        (json!({ "account": null, "user_id": "acct_1" }), Some("acct_1")),
        (json!({ "account": "acct_2", "user_id": "acct_1" }), Some("acct_2")),
        (json!({ "user_id": null }), None),
        (json!({ "user_id": 1 }), None),
    ] {
        let mut old = snapshot("api_version", json!("2016-03-07"));
        old.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
        assert_eq!(event(&old).account(), account, "{values}");
    }
}

#[test]
fn a_thin_event_has_each_field_of_its_envelope() {
    let event = receive(samples::V2_CORE_ACCOUNT_UPDATED).unwrap();
    assert_eq!(event.id(), "evt_test_65SampleThinEvent0000000000");
    assert_eq!(event.event_type(), "v2.core.account[requirements].updated");
    assert_eq!(event.kind(), EventKind::Thin);
    assert_eq!(event.created(), Some(at(1_795_447_015) + Duration::from_millis(123)));
    assert_eq!(event.api_version(), None);
    assert_eq!(event.context(), None);
    assert_eq!(event.request().unwrap().id(), Some("req_v2SampleRequest"));
    let related = event.related_object().unwrap();
    assert_eq!(related.id(), "acct_1SampleAccount00000");
    assert_eq!(related.object_type(), "v2.core.account");
    assert_eq!(related.url(), "/v2/core/accounts/acct_1SampleAccount00000");
    let error = event.object::<Value>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "event evt_test_65SampleThinEvent0000000000 (v2.core.account[requirements].updated): data.object: a thin event has no object: \
         fetch it with `FetchLayer` or `Event::fetch` of the module `api`"
    );
}

#[test]
fn a_singleton_related_object_has_no_id() {
    let related = |object: Value| {
        let thin = json!({
            "id": "evt_1", "object": "v2.core.event", "type": "v1.balance.available", "related_object": object,
        });
        event(&thin).related_object().cloned()
    };
    for object in [
        json!({"type": "balance", "url": "/v1/balance"}),
        json!({"id": null, "type": "balance", "url": "/v1/balance"}),
    ] {
        let related = related(object).unwrap();
        assert_eq!((related.id(), related.object_type()), ("", "balance"));
        assert_eq!(related.url(), "/v1/balance");
    }
    assert_eq!(related(json!({"id": 1, "type": "balance", "url": "/v1/balance"})), None);
    assert_eq!(related(json!({"id": "ba_1", "type": "balance"})), None);
}

#[test]
fn a_thin_events_time_has_up_to_nanoseconds() {
    for (text, nanos) in [("", 0), (".5", 500_000_000), (".123456789", 123_456_789)] {
        let event = event(&json!({
            "id": "evt_1", "object": "v2.core.event", "type": "v1.invoice.paid", "created": format!("2026-11-23T15:16:55{text}Z"),
        }));
        assert_eq!(event.created(), Some(at(1_795_447_015) + Duration::from_nanos(nanos)));
    }
}

#[test]
fn the_request_is_null_or_a_text_or_an_object() {
    assert_eq!(event(&snapshot("request", Value::Null)).request(), None);

    let text = event(&snapshot("request", json!("req_1")));
    assert_eq!(text.request().unwrap().id(), Some("req_1"));

    let object = event(&snapshot("request", json!({"id": null, "idempotency_key": "key"})));
    let request = object.request().unwrap();
    assert_eq!((request.id(), request.idempotency_key()), (None, Some("key")));
}

#[test]
fn a_body_other_than_json_is_rejected() {
    for body in [
        &b""[..],
        b" ",
        b"not json",
        b"{",
        b"{\"id\":\"evt_1\"",
        b"{\"id\":\"evt_1\",}",
        b"[1, 2",
        b"{}{}",
        b"\xef\xbb\xbf{}",
        b"\"\xff\"",
        b"{\"id\":\"\xff\"}",
    ] {
        let rejection = receive(body).unwrap_err();
        assert_eq!(rejection.kind(), RejectionKind::InvalidJson, "{}", body.escape_ascii());
        assert_eq!(rejection.status(), 400);
        assert_eq!(rejection.to_string(), "the signature is right, but the body is not valid JSON");
        assert!(std::error::Error::source(&rejection).is_some());
    }
}

#[test]
fn a_missing_id_type_or_snapshot_object_is_rejected_by_name() {
    let no_id = "it has no `id`";
    let no_type = "it has no `type`";
    let no_object = "it has no `data.object`";
    let no_form = "it does not have an event's form";
    let batch = "it is an array of events, such as a CloudEvents batch: split the batch, and handle each event by itself";
    for (body, what) in [
        (json!({}), no_id),
        (json!({"type": "invoice.paid", "data": {"object": {}}}), no_id),
        (snapshot("id", Value::Null), no_id),
        (snapshot("id", json!("")), no_id),
        (snapshot("id", json!(1)), no_id),
        (json!({"id": "evt_1", "data": {"object": {}}}), no_type),
        (snapshot("type", json!("")), no_type),
        (snapshot("type", json!(["invoice.paid"])), no_type),
        (json!({"id": "evt_1", "object": "event", "type": "invoice.paid"}), no_object),
        (snapshot("data", Value::Null), no_object),
        (snapshot("data", json!({})), no_object),
        (snapshot("data", json!({"object": null})), no_object),
        (snapshot("data", json!({"object": "in_1"})), no_object),
        (snapshot("data", json!({"object": [{}]})), no_object),
        (snapshot("data", json!([{}, {}])), no_object),
        (snapshot("data", json!("in_1")), no_object),
        (json!({"object": "v2.core.event", "type": "v1.invoice.paid"}), no_id),
        (json!({"object": "v2.core.event", "id": "evt_1"}), no_type),
        (
            json!(["event", "evt_1", "invoice.paid", 1, false, null, null, null, null, null, null, {"object": {}}]),
            no_form,
        ),
        (json!([snapshot("id", json!("evt_1"))]), batch),
        (json!([{}, 1]), batch),
        (json!([]), no_form),
        (json!([[{}]]), no_form),
        (json!("evt_1"), no_form),
        (json!(null), no_form),
        (json!(1), no_form),
    ] {
        let rejection = receive(body.to_string()).expect_err(&body.to_string());
        assert_eq!(rejection.kind(), RejectionKind::InvalidEvent, "{body}");
        assert_eq!(rejection.status(), 400);
        assert_eq!(
            rejection.to_string(),
            format!("the signature is right, but the body is not an event: {what}"),
            "{body}"
        );
    }
}

#[test]
fn a_thin_event_needs_no_data() {
    for data in [json!(null), json!({"a": 1}), json!([]), json!("x"), json!(5)] {
        let thin = json!({"id": "evt_1", "object": "v2.core.event", "type": "v2.something.new", "data": data});
        assert_eq!(event(&thin).kind(), EventKind::Thin);
    }
    let thin = json!({"id": "evt_1", "object": "v2.core.event", "type": "v2.something.new"});
    assert_eq!(event(&thin).kind(), EventKind::Thin);
}

#[test]
fn any_other_missing_or_malformed_field_counts_as_absent() {
    for (field, value) in [
        ("created", json!("yesterday")),
        ("created", json!(-1)),
        ("created", json!(1.5)),
        ("created", json!(u64::MAX)),
        ("created", Value::Null),
        ("livemode", json!("true")),
        ("livemode", Value::Null),
        ("api_version", json!(20250331)),
        ("account", json!({"id": "acct_1"})),
        ("context", json!([])),
        ("request", json!([1])),
        ("related_object", json!("in_1")),
        ("object", Value::Null),
        ("object", json!("some_new_object")),
        ("a field of tomorrow", json!({"deep": [[[]]]})),
    ] {
        let event = event(&snapshot(field, value));
        assert_eq!(event.created(), None);
        assert!(!event.livemode());
        assert_eq!((event.api_version(), event.account(), event.context()), (None, None, None));
        assert_eq!((event.request(), event.related_object()), (None, None));
    }
}

/// Serde's derive reads an array into a struct, element by element.
#[test]
fn an_array_is_not_read_as_an_object() {
    for (field, value) in [
        ("request", json!(["req_1", "key"])),
        ("request", json!(["req_1"])),
        ("request", json!([null, null])),
        ("reason", json!([{"id": "req_1", "idempotency_key": "key"}])),
        ("reason", json!(["req_1"])),
        ("reason", json!({"type": "request", "request": ["req_1", "key"]})),
        ("related_object", json!(["in_1", "invoice", "/v1/invoices/in_1"])),
    ] {
        let event = event(&snapshot(field, value.clone()));
        assert_eq!((event.request(), event.related_object()), (None, None), "{field} {value}");
    }
    let related = ["in_1", "invoice", "/v1/invoices/in_1"];
    assert!(serde_json::from_value::<RelatedObject>(json!(related)).is_err());
    let related = serde_json::from_value::<RelatedObject>(
        json!({"id": "in_1", "type": "invoice", "url": "/v1/in_1"}),
    );
    assert_eq!(related.unwrap().object_type(), "invoice");
}

#[test]
fn a_repeated_field_of_the_envelope_makes_the_body_no_event() {
    for field in [
        r#""id":"evt_1""#,
        r#""type":"ping""#,
        r#""object":"event""#,
        r#""livemode":true"#,
        r#""account":"acct_1""#,
        r#""snapshot_event":"evt_2""#,
        r#""changes":{}"#,
        r#""data":{"object":{}}"#,
    ] {
        let body =
            format!(r#"{{"id":"evt_1","type":"ping","data":{{"object":{{}}}},{field},{field}}}"#);
        assert_eq!(receive(body).unwrap_err().kind(), RejectionKind::InvalidEvent, "{field}");
    }
    let body = r#"{"id":"evt_1","type":"ping","data":{"object":{},"object":{}},"a field of tomorrow":1,"a field of tomorrow":2}"#;
    assert_eq!(receive(body).unwrap_err().kind(), RejectionKind::InvalidEvent);
}

#[test]
fn an_escaped_name_is_the_same_name() {
    let event =
        receive(r#"{"id":"evt_\u0031","type":"invoice\u002epaid","data":{"object":{}}}"#).unwrap();
    assert_eq!(event.id(), "evt_1");
    assert_eq!(event.event_type(), &EventType::InvoicePaid);
}

#[test]
fn the_object_and_the_previous_attributes_decode_into_the_apps_own_types() {
    #[derive(Deserialize)]
    struct Subscription<'a> {
        id: &'a str,
        cancel_at_period_end: bool,
    }
    #[derive(Deserialize)]
    struct Previous {
        cancel_at_period_end: Option<bool>,
        status: Option<String>,
    }

    let event = receive(samples::CUSTOMER_SUBSCRIPTION_UPDATED).unwrap();
    let subscription: Subscription<'_> = event.object().unwrap();
    assert_eq!(subscription.id, "sub_1SampleSubscription00000");
    assert!(subscription.cancel_at_period_end);
    let previous: Previous = event.previous_attributes().unwrap().unwrap();
    assert_eq!(previous.cancel_at_period_end, Some(false));
    assert_eq!(previous.status, None);

    let event = receive(samples::INVOICE_PAID).unwrap();
    assert!(event.previous_attributes::<Previous>().unwrap().is_none());
}

#[test]
fn the_error_of_a_misfit_object_names_its_event() {
    let event = receive(samples::INVOICE_PAID).unwrap();
    let error = event.object::<Vec<u8>>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "event evt_1SampleInvoicePaid000000 (invoice.paid): data.object: invalid type: map, expected a sequence"
    );
    assert_eq!(
        (error.event_id(), error.event_type()),
        ("evt_1SampleInvoicePaid000000", "invoice.paid")
    );
    assert_eq!(error.path(), "data.object");
}

#[test]
fn a_decode_error_has_the_path_of_the_field() {
    #[derive(Debug, Deserialize)]
    struct Invoice {
        #[expect(dead_code, reason = "never read, because it does not decode")]
        lines: Lines,
    }
    #[derive(Debug, Deserialize)]
    struct Lines {
        #[expect(dead_code, reason = "never read, because it does not decode")]
        data: Vec<Line>,
    }
    #[derive(Debug, Deserialize)]
    struct Line {
        #[expect(dead_code, reason = "never read, because it does not decode")]
        amount: String,
    }

    let event = receive(samples::INVOICE_PAID).unwrap();
    let error = event.object::<Invoice>().unwrap_err();
    assert_eq!(error.path(), "data.object.lines.data[0].amount");
    assert!(
        error.to_string().ends_with(
            "data.object.lines.data[0].amount: invalid type: integer, expected a string"
        ),
        "{error}"
    );

    let event = receive(samples::CUSTOMER_SUBSCRIPTION_UPDATED).unwrap();
    let error = event.previous_attributes::<Invoice>().unwrap_err();
    assert_eq!(error.path(), "data.previous_attributes");
    assert!(error.to_string().contains("missing field `lines`"), "{error}");
}

#[test]
fn a_decode_error_has_the_expected_form_and_not_the_value() {
    for value in ["Zoë 4242", "a \"quoted\" `name`, expected ", "at line 1 column 2"] {
        let event = event(&snapshot("data", json!({"object": {"amount": value}})));
        #[derive(Debug, Deserialize)]
        struct Amount {
            #[expect(dead_code, reason = "never read, because it does not decode")]
            amount: i64,
        }
        let error = event.object::<Amount>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "event evt_1 (invoice.paid): data.object.amount: invalid type: string, expected i64"
        );
        assert!(!format!("{error:?}").contains(value));
    }
}

/// Values and keys that a type of the app's own does not take, each of which has the needle in it.
#[test]
fn a_decode_error_never_shows_a_value_of_an_apps_own_type() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Plan {
        Gold,
        Silver,
    }
    #[derive(Debug, Deserialize)]
    enum Never {}
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[expect(dead_code, reason = "never read, because it does not decode")]
        a: Option<i64>,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Empty {}
    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        A,
    }
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        #[expect(dead_code, reason = "never read, because it does not decode")]
        A(i64),
    }
    #[derive(Debug)]
    struct Email;
    impl<'de> Deserialize<'de> for Email {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            Err(serde::de::Error::custom(format!("{text} is no email address, expected another")))
        }
    }
    #[derive(Debug)]
    struct Coded;
    impl<'de> Deserialize<'de> for Coded {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            Err(serde::de::Error::invalid_value(serde::de::Unexpected::Other(&text), &"a code"))
        }
    }
    #[derive(Debug)]
    struct Missing;
    impl<'de> Deserialize<'de> for Missing {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            Err(serde::de::Error::custom(format!("missing field `{text}`")))
        }
    }
    type Map<T> = std::collections::BTreeMap<String, T>;

    fn error<T: for<'de> Deserialize<'de> + std::fmt::Debug>(object: Value) -> String {
        let event = event(&snapshot("data", json!({ "object": object })));
        let error = event.object::<T>().unwrap_err();
        assert!(!format!("{error:?} {error} {}", error.path()).contains("zoe"), "{error:?}");
        error
            .to_string()
            .strip_prefix("event evt_1 (invoice.paid): data.object")
            .unwrap()
            .to_owned()
    }

    for value in [
        "zoe@example.com",
        "zoe`, expected `zoe",
        "zoe\", expected \"zoe",
        "`zoe`, there are no variants",
    ] {
        let field = |value: Value| json!({ "a": value });
        let named = || json!({ value: 1 });
        assert_eq!(
            error::<Map<Plan>>(field(json!(value))),
            ".a: unknown variant, expected `gold` or `silver`"
        );
        assert_eq!(
            error::<Map<Plan>>(field(named())),
            ".a: unknown variant, expected `gold` or `silver`"
        );
        assert_eq!(
            error::<Map<Never>>(field(json!(value))),
            ".a: unknown variant, there are no variants"
        );
        assert_eq!(error::<Map<Strict>>(field(named())), ".a.?: unknown field, expected `a`");
        assert_eq!(error::<Map<Empty>>(field(named())), ".a.?: unknown field, there are no fields");
        assert_eq!(
            error::<Map<Tagged>>(field(json!({"kind": value}))),
            ".a.kind: unknown variant, expected `A`"
        );
        assert_eq!(
            error::<Map<Untagged>>(field(json!(value))),
            ".a: the value does not fit the type"
        );
        assert_eq!(error::<Map<Email>>(field(json!(value))), ".a: the value does not fit the type");
        assert_eq!(
            error::<Map<Missing>>(field(json!(value))),
            ".a: the value does not fit the type"
        );
        assert_eq!(error::<Map<Coded>>(field(json!(value))), ".a: invalid value, expected a code");
        assert_eq!(error::<Map<bool>>(named()), ".?: invalid type: integer, expected a boolean");
        assert_eq!(
            error::<Map<Map<bool>>>(field(named())),
            ".a.?: invalid type: integer, expected a boolean"
        );
        assert_eq!(
            error::<Map<char>>(field(json!(value))),
            ".a: invalid value: string, expected a character"
        );
    }
    assert_eq!(error::<Map<u8>>(json!({"a": -424242})), ".a: invalid value: integer, expected u8");
    assert_eq!(
        error::<Map<(u8, u8)>>(json!({"a": [1]})),
        ".a: invalid length 1, expected a tuple of size 2"
    );
    assert_eq!(error::<Map<u8>>(json!({"a": null})), ".a: invalid type: null, expected u8");
    assert_eq!(
        error::<Map<u8>>(json!({"a": 1.5})),
        ".a: invalid type: floating point, expected u8"
    );
    assert_eq!(error::<Map<u8>>(json!({"a": true})), ".a: invalid type: boolean, expected u8");
    assert_eq!(error::<Map<u8>>(json!({"a": []})), ".a: invalid type: sequence, expected u8");
    assert_eq!(error::<Map<u8>>(json!({"a": {}})), ".a: invalid type: map, expected u8");
}

/// A line of a log that a tenant of a platform would like to forge.
#[test]
fn no_text_of_an_event_starts_a_line() {
    let forged = "\r\nWARN forged \u{1b}[2K\u{85}\u{2028}\u{202e}";
    let id = format!("evt_1{forged}");
    let event_type = format!("invoice.paid{forged}");
    let event = event(&json!({"id": id, "type": event_type, "data": {"object": {"a": 1}}}));
    assert_eq!(
        (event.id(), event.event_type().as_str()),
        (id.as_str(), event_type.as_str()),
        "the texts are as they were sent"
    );

    let error = event.object::<String>().unwrap_err();
    assert_eq!((error.event_id(), error.event_type()), (id.as_str(), event_type.as_str()));
    let EventType::Other(unlisted) = event.event_type() else { panic!("it has no variant") };
    let texts = [
        error.to_string(),
        format!("{error:?}"),
        event.event_type().to_string(),
        unlisted.to_string(),
        format!("{event:?}"),
    ];
    for text in texts {
        assert!(
            !text.contains(char::is_control) && !text.contains(['\u{2028}', '\u{202e}']),
            "{text:?}"
        );
    }
    assert_eq!(
        event.event_type().to_string(),
        r"invoice.paid\u{d}\u{a}WARN forged \u{1b}[2K\u{85}\u{2028}\u{202e}"
    );
}

#[test]
fn the_body_is_the_signed_bytes_and_clones_share_them() {
    let event = receive(samples::INVOICE_PAID).unwrap();
    assert_eq!(event.body(), samples::INVOICE_PAID);
    assert_eq!(event.clone().body().as_ptr(), event.body().as_ptr());
    assert_eq!(event.clone().into_event().body().as_ptr(), event.body().as_ptr());
}

/// With the numbers and escapes as they came, which a `Value` would change, and without the white space around it.
#[test]
fn a_verified_event_serializes_as_its_json() {
    let json =
        r#"{ "id":"evt_1","type":"ping","amount":1.50,"name":"Zo\u00eb","data":{"object":{}} }"#;
    let event = receive(format!(" {json}\n")).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), json);
    assert_eq!(serde_json::to_string(&event.into_event()).unwrap(), json);
}

#[test]
fn debug_shows_no_payload() {
    let event = receive(samples::CHECKOUT_SESSION_COMPLETED).unwrap();
    let debug = format!("{event:?}");
    assert!(
        debug.contains("evt_1SampleCheckoutCompleted0")
            && debug.contains("checkout.session.completed")
    );
    assert!(!debug.contains("example.com"), "{debug}");
}

#[test]
fn deep_nesting_in_the_object_does_not_fail_the_envelope() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    receive(format!(
        r#"{{"id":"evt_1","type":"invoice.paid","data":{{"object":{{"a":{deep}}}}}}}"#
    ))
    .unwrap();
}

#[test]
fn every_sample_is_accepted() {
    let types: Vec<_> =
        samples::ALL.map(|sample| receive(sample).unwrap().event_type().to_string()).into();
    assert_eq!(types[..6], SUBSCRIPTION_EVENT_TYPES.map(|event_type| event_type.to_string()));
    assert_eq!(types[6], "v2.core.account[requirements].updated");
}

#[test]
fn events_of_an_object_are_compared_by_the_second() {
    let event = event(&snapshot("created", json!(1_000)));
    assert_eq!(event.recency(None), Recency::Newer);
    assert_eq!(event.recency(Some(at(999))), Recency::Newer);
    assert_eq!(event.recency(Some(at(1_000) - Duration::from_nanos(1))), Recency::Newer);
    assert_eq!(event.recency(Some(at(1_000))), Recency::SameSecond);
    assert_eq!(event.recency(Some(at(1_000) + Duration::from_millis(999))), Recency::SameSecond);
    assert_eq!(event.recency(Some(at(1_001))), Recency::Older);
}

#[test]
fn an_event_without_a_time_is_neither_newer_nor_older() {
    let event = event(&snapshot("id", json!("evt_1")));
    assert_eq!(event.created(), None);
    assert_eq!(event.recency(None), Recency::Newer);
    assert_eq!(event.recency(Some(at(0))), Recency::SameSecond);
    assert_eq!(event.recency(Some(at(NOW))), Recency::SameSecond);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!("event")),
        Just(json!("v2.core.event")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![
            Just("id".to_owned()),
            Just("object".to_owned()),
            Just("type".to_owned()),
            Just("data".to_owned()),
            Just("created".to_owned()),
            Just("request".to_owned()),
            Just("reason".to_owned()),
            Just("related_object".to_owned()),
            "\\PC{0,4}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_the_envelope_panic(body in any_json()) {
        let _ = receive(body.to_string());
    }

    #[test]
    fn no_bytes_make_the_envelope_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(receive(body).is_err());
    }

    #[test]
    fn no_form_of_a_field_rejects_an_event(field in "created|livemode|api_version|account|user_id|context|request|reason|related_object|snapshot_event|changes|\\PC{1,8}", value in any_json()) {
        prop_assume!(!["id", "type", "data", "object"].contains(&field.as_str()));
        prop_assert!(receive(snapshot(&field, value.clone()).to_string()).is_ok());
        let mut thin = json!({"id": "evt_1", "object": "v2.core.event", "type": "v1.invoice.paid"});
        thin[&field] = value;
        prop_assert!(receive(thin.to_string()).is_ok());
    }
}
