//! Escapes without a character that text can store.
//!
//! These are half of a surrogate pair, and NUL.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tower_stripe_webhook::{
    Event, EventData, EventType, SigningSecret, Tolerance,
    event::object::{PreviousSubscription, Subscription},
    test_util::{samples, sign},
    verify,
};

/// Stands for an escape in a [`Value`], which cannot hold it.
const MARK: &str = "<escape>";

/// Escapes of what text cannot hold.
const UNSTORABLE: [&str; 6] =
    [r"\ud83d", r"\uD83D", r"\udc00", r"\ud83d\ud83d", r"\udc00\ud83d", r"\u0000"];

fn parse(event: &Value, escape: &str) -> Event {
    let body = event.to_string().replace(MARK, escape);
    assert!(body.contains(escape), "{body}");
    Event::unverified_from_json(body).unwrap_or_else(|error| panic!("{escape}: {error}"))
}

fn event(event_type: &str, object: &Value) -> Value {
    json!({"id": "evt_1", "object": "event", "type": event_type, "livemode": false, "data": {"object": object}})
}

fn top_up() -> Value {
    event(
        "checkout.session.completed",
        &json!({
            "id": "cs_1", "object": "checkout.session", "payment_status": "paid", "amount_total": 2000, "currency": "usd",
            "customer_details": {"email": "zoe@example.com", "name": format!("Zo{MARK}")},
            "metadata": {"session_type": "credits_topup", "note": MARK, MARK: "x"},
        }),
    )
}

#[test]
fn a_truncated_name_does_not_lose_a_top_up() {
    for escape in UNSTORABLE {
        let Ok(EventData::CheckoutSessionCompleted(session)) = parse(&top_up(), escape).data()
        else {
            panic!("{escape}")
        };
        assert!(session.is_paid());
        assert_eq!(
            (session.amount_total(), session.email()),
            (Some(2000), Some("zoe@example.com"))
        );
        let name = session.customer_details().unwrap().name().unwrap();
        assert!(name.starts_with("Zo\u{fffd}") && !name.contains('\0'), "{escape}: {name:?}");
        assert_eq!(session.metadata()["session_type"], "credits_topup");
        assert!(session.metadata()["note"].starts_with('\u{fffd}'), "{escape}");
        assert_eq!(session.metadata().len(), 3, "{escape}");
    }
}

#[test]
fn a_broken_text_does_not_fail_the_verification_and_the_body_keeps_it() {
    let body = top_up().to_string().replace(MARK, r"\ud83d");
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let secret = SigningSecret::new("whsec_test").unwrap();
    let header = sign(&body, &secret, now);
    let event = verify(header, body.clone(), &secret.into(), now, Tolerance::default()).unwrap();
    assert_eq!(event.body(), &body);
    assert!(matches!(event.data(), Ok(EventData::CheckoutSessionCompleted(_))));
    assert_eq!(serde_json::to_string(&event.into_event()).unwrap(), body);
}

#[test]
fn whole_pairs_and_other_escapes_stay_unchanged() {
    for (escape, text) in [
        (r"\ud83d\ude00", "😀"),
        (r"\uD83D\uDE00", "😀"),
        (r"\u00eb", "ë"),
        (r"\u0001", "\u{1}"),
        (r"\ud7ff\ue000", "\u{d7ff}\u{e000}"),
        (r"\n\/\t", "\n/\t"),
        (r"\\ud83d", r"\ud83d"),
        (r"\\\\u0000", r"\\u0000"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r"\ud83d\n", "\u{fffd}\n"),
        (r"\ud83d\\ude00", "\u{fffd}\\ude00"),
        (r"\\\ud83d", "\\\u{fffd}"),
    ] {
        let Ok(EventData::CustomerUpdated(customer)) =
            parse(&event("customer.updated", &json!({"id": "cus_1", "name": MARK})), escape).data()
        else {
            panic!("{escape}")
        };
        assert_eq!(customer.name(), Some(text), "{escape}");
    }
}

/// One event of each family.
fn families() -> Vec<Value> {
    let samples = samples::ALL.iter().map(|sample| serde_json::from_str::<Value>(sample).unwrap());
    let objects = [
        (
            "customer.created",
            json!({"id": "cus_1", "object": "customer", "email": "a", "address": {"city": "b"}}),
        ),
        (
            "payment_intent.created",
            json!({
                "id": "pi_1", "object": "payment_intent", "amount": 1, "currency": "usd", "status": "succeeded",
                "payment_method_types": ["card"], "last_payment_error": {"message": "a", "source": {"id": "src_1"}},
                "charges": {"data": [{"id": "ch_1"}]},
            }),
        ),
        (
            "charge.succeeded",
            json!({
                "id": "ch_1", "object": "charge", "amount": 1, "currency": "usd", "status": "succeeded",
                "source": {"id": "card_1", "object": "card", "brand": "Visa", "name": "a", "address_line1": "b"},
                "refunds": [{"id": "re_1", "amount": 1, "currency": "usd"}], "outcome": {"reason": "c"},
            }),
        ),
        (
            "charge.dispute.created",
            json!({
                "id": "dp_1", "object": "dispute", "amount": 1, "currency": "usd", "status": "lost",
                "balance_transactions": [{"id": "txn_1", "currency": "usd"}],
            }),
        ),
        (
            "refund.created",
            json!({"id": "re_1", "object": "refund", "amount": 1, "currency": "usd", "charge": {"id": "ch_1"}}),
        ),
        (
            "invoice_payment.paid",
            json!({"id": "inpay_1", "object": "invoice_payment", "payment": {"type": "charge", "charge": "ch_1"}}),
        ),
    ];
    samples.chain(objects.iter().map(|(event_type, object)| event(event_type, object))).collect()
}

/// The event with one text or one name in its object broken: one for each place.
fn broken_ones(event: &Value) -> Vec<Value> {
    fn paths(value: &Value, at: &str, texts: &mut Vec<String>, objects: &mut Vec<String>) {
        match value {
            Value::String(_) => texts.push(at.to_owned()),
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    paths(element, &format!("{at}/{index}"), texts, objects);
                }
            }
            Value::Object(fields) => {
                objects.push(at.to_owned());
                for (name, field) in fields {
                    paths(field, &format!("{at}/{name}"), texts, objects);
                }
            }
            _ => {}
        }
    }

    let (mut texts, mut objects) = (Vec::new(), Vec::new());
    paths(event.pointer("/data/object").unwrap(), "/data/object", &mut texts, &mut objects);
    // The name of the object decides whether it is typed.
    texts.retain(|path| path != "/data/object/object");
    let with_broken_text = texts.iter().map(|path| {
        let mut event = event.clone();
        *event.pointer_mut(path).unwrap() = json!(format!("a{MARK}b"));
        event
    });
    let with_broken_name = objects.iter().map(|path| {
        let mut event = event.clone();
        event.pointer_mut(path).unwrap()[MARK] = json!({MARK: [MARK]});
        event
    });
    with_broken_text.chain(with_broken_name).collect()
}

#[test]
fn no_broken_text_or_name_fails_the_data_of_an_event() {
    let mut broken = 0;
    for event in families().into_iter().filter(|event| event["object"] == "event") {
        let whole = Event::unverified_from_json(event.to_string()).unwrap().data().unwrap();
        for damaged in broken_ones(&event) {
            for escape in UNSTORABLE {
                let data = parse(&damaged, escape)
                    .data()
                    .unwrap_or_else(|error| panic!("{escape}: {error}"));
                assert_eq!(
                    std::mem::discriminant(&data),
                    std::mem::discriminant(&whole),
                    "{damaged}"
                );
                broken += 1;
            }
        }
    }
    assert!(broken > 1_000, "{broken}");
}

#[test]
fn an_apps_own_type_and_the_previous_attributes_take_a_broken_text() {
    let object =
        json!({"id": "sub_1", "status": "active", "customer": {"id": "cus_1", "name": MARK}});
    let mut updated = event("customer.subscription.updated", &object);
    updated["data"]["previous_attributes"] =
        json!({"metadata": {"note": MARK}, "cancel_at_period_end": true});
    for escape in UNSTORABLE {
        let event = parse(&updated, escape);
        let value: Value = event.object().unwrap();
        assert!(value["customer"]["name"].as_str().unwrap().starts_with('\u{fffd}'), "{escape}");
        let subscription: Subscription = event.object().unwrap();
        assert!(
            subscription.customer().object().unwrap().name().unwrap().starts_with('\u{fffd}'),
            "{escape}"
        );
        let before = event.previous_attributes::<PreviousSubscription>().unwrap().unwrap();
        assert_eq!(before.cancel_at_period_end(), Some(true));
        assert!(before.metadata()["note"].as_ref().unwrap().starts_with('\u{fffd}'), "{escape}");
    }
}

#[test]
fn different_broken_ids_stay_different() {
    let parse = |id: &str| {
        // The other texts make a copy with replaced characters necessary.
        let body = r#"{"\ud83d":"\u0000","id":"ID","type":"invoice.paid","data":{"object":{"number":"\udc00"}}}"#;
        Event::unverified_from_json(body.replace("ID", id))
    };
    for escape in UNSTORABLE {
        match parse(&format!("evt_{escape}")) {
            Ok(event) => assert_eq!((escape, event.id()), (r"\u0000", "evt_\0")),
            Err(error) => assert_eq!(error.to_string(), "not an event: it has no `id`", "{escape}"),
        }
    }
    assert_eq!(parse(r"evt_\ud83d\ude00").unwrap().id(), "evt_😀");
    assert_eq!(parse("evt_1").unwrap().id(), "evt_1");
}

#[test]
fn the_rest_of_the_envelope_may_have_a_broken_text() {
    let envelope = json!({
        "id": "evt_1", "type": MARK, "account": MARK, "api_version": MARK, "request": {"id": MARK}, MARK: MARK,
        "data": {"object": {}, MARK: MARK},
    });
    for escape in UNSTORABLE {
        let event = parse(&envelope, escape);
        assert!(matches!(event.event_type(), EventType::Other(_)), "{escape}");
        assert!(event.account().unwrap().starts_with('\u{fffd}'), "{escape}");
        assert_eq!(event.data().unwrap(), EventData::Other, "{escape}");
    }
}

#[test]
fn an_escape_unknown_to_json_is_still_invalid_json() {
    for escape in [r"\ud83", r"\u", r"\x", r"\ud83d\u", r"\ud83d\udcg0", r"\ud83d\", r"\ud83dë\ë"]
    {
        let body =
            format!(r#"{{"id":"evt_1","type":"x","data":{{"object":{{"name":"{escape}"}}}}}}"#);
        let error = Event::unverified_from_json(body).unwrap_err();
        assert!(error.to_string().contains("not valid JSON"), "{escape}: {error}");
    }
}
