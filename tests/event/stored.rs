//! Events that are stored as JSON, in a struct or by themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower_stripe_webhook::{Event, test_util::samples};

#[derive(Serialize, Deserialize)]
struct Job {
    attempt: u32,
    event: Event,
}

/// Serde buffers the fields of both, so that the event is not read from text.
#[derive(Serialize, Deserialize)]
struct Flattened {
    #[serde(flatten)]
    job: Job,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
enum Tagged {
    Work { event: Event },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Work(Event),
}

/// Numbers and escapes that a decoded copy would lose or could not have, and unusual white space.
const UNUSUAL: &str = r#"{ "id":"evt_1","object":"event",  "type":"payout.paid", "created": 1795447000,
    "data":{"object":{"object":"payout","id":"po_1","amount":12345678901234567890123,"rate":0.10000000000000000555,
    "description":"Zo\ud83d \u0000 Zo\u00eb", "a":1, "a":2}}}"#;

fn event(json: &str) -> Event {
    Event::unverified_from_json(json.to_owned()).unwrap()
}

fn all() -> impl Iterator<Item = &'static str> {
    samples::ALL.into_iter().chain(samples::thin::ALL).map(str::trim).chain([UNUSUAL])
}

#[track_caller]
fn assert_kept(stored: &Event, json: &str) {
    let original = event(json);
    assert_eq!(stored.body(), json);
    assert_eq!(stored.id(), original.id());
    assert_eq!(stored.kind(), original.kind());
    assert_eq!(stored.raw_type(), original.raw_type());
    assert_eq!(stored.idempotency_key(), original.idempotency_key());
    assert_eq!(stored.data().ok(), original.data().ok());
}

#[test]
fn an_event_keeps_its_bytes_as_text_slice_and_reader() {
    for json in all() {
        let text = serde_json::to_string(&event(json)).unwrap();
        assert_eq!(text, json);
        assert_kept(&serde_json::from_str(&text).unwrap(), json);
        assert_kept(&serde_json::from_slice(text.as_bytes()).unwrap(), json);
        assert_kept(&serde_json::from_reader(text.as_bytes()).unwrap(), json);
    }
}

#[test]
fn an_event_keeps_its_bytes_in_a_struct_a_vec_and_a_map() {
    for json in all() {
        let text = serde_json::to_string_pretty(&Job { attempt: 3, event: event(json) }).unwrap();
        let job: Job = serde_json::from_str(&text).unwrap();
        assert_eq!(job.attempt, 3);
        assert_kept(&job.event, json);

        let text = serde_json::to_string(&vec![Some(event(json)), None]).unwrap();
        let stored: Vec<Option<Event>> = serde_json::from_slice(text.as_bytes()).unwrap();
        assert_kept(stored[0].as_ref().unwrap(), json);
        assert!(stored[1].is_none());

        let text = serde_json::to_string(&BTreeMap::from([("next", event(json))])).unwrap();
        let stored: BTreeMap<String, Event> = serde_json::from_str(&text).unwrap();
        assert_kept(&stored["next"], json);
    }
}

#[test]
fn an_event_keeps_its_values_in_a_json_value_and_a_buffered_struct() {
    for json in samples::ALL.into_iter().chain(samples::thin::ALL) {
        let original: Value = serde_json::from_str(json).unwrap();
        let kept = |stored: &Event| {
            assert_eq!(serde_json::from_slice::<Value>(stored.body()).unwrap(), original);
            assert_eq!(stored.idempotency_key(), event(json).idempotency_key());
            assert_eq!(stored.data().ok(), event(json).data().ok());
        };
        let job = || Job { attempt: 3, event: event(json) };

        let value = serde_json::to_value(job()).unwrap();
        kept(&Job::deserialize(&value).unwrap().event);
        kept(&serde_json::from_value::<Job>(value).unwrap().event);

        let text = serde_json::to_string(&Flattened { job: job() }).unwrap();
        kept(&serde_json::from_str::<Flattened>(&text).unwrap().job.event);

        let text = serde_json::to_string(&Tagged::Work { event: event(json) }).unwrap();
        let Tagged::Work { event: stored } = serde_json::from_str(&text).unwrap();
        kept(&stored);

        let text = serde_json::to_string(&Untagged::Work(event(json))).unwrap();
        let Untagged::Work(stored) = serde_json::from_str(&text).unwrap();
        kept(&stored);
    }
}

#[test]
fn a_buffered_unpaired_surrogate_is_an_error() {
    assert!(serde_json::to_value(event(UNUSUAL)).is_err());
    let text = serde_json::to_string(&Untagged::Work(event(UNUSUAL))).unwrap();
    assert!(serde_json::from_str::<Untagged>(&text).is_err());
}

#[test]
fn a_buffered_number_beyond_64_bits_is_rounded() {
    let json = UNUSUAL.replace("\\ud83d", "");
    let stored: Event =
        serde_json::from_value(serde_json::to_value(event(&json)).unwrap()).unwrap();
    let object: Value = stored.object().unwrap();
    assert_eq!(object["amount"], 12_345_678_901_234_567_890_123_f64);
    assert_eq!(object["a"], 2);
}

#[test]
fn a_text_that_is_no_event_is_an_error() {
    for (json, error) in [
        ("{}", "it has no `id`"),
        (r#"{"id":"evt_1"}"#, "it has no `type`"),
        (r#"{"id":"evt_1","type":"payout.paid"}"#, "it has no `data.object`"),
        ("[]", "it does not have an event's form"),
        ("null", "it does not have an event's form"),
        (r#""evt_1""#, "it does not have an event's form"),
        ("{", "EOF while parsing"),
    ] {
        let of_text = serde_json::from_str::<Event>(json).unwrap_err().to_string();
        assert!(of_text.contains(error), "{json}: {of_text}");
        let of_job = serde_json::from_str::<Job>(&format!(r#"{{"attempt":1,"event":{json}}}"#));
        assert!(of_job.is_err(), "{json}");
        if let Ok(value) = serde_json::from_str::<Value>(json) {
            let of_value = serde_json::from_value::<Event>(value).unwrap_err().to_string();
            assert!(of_value.contains(error), "{json}: {of_value}");
        }
    }
}

#[test]
fn a_stored_test_webhook_has_another_idempotency_key() {
    let json = json!({
        "id": "evt_00000000000000", "object": "event", "type": "payout.paid", "data": {"object": {}},
    });
    let webhook = event(&json.to_string());
    let stored: Event = serde_json::from_str(&serde_json::to_string(&webhook).unwrap()).unwrap();
    assert_eq!(stored.id(), webhook.id());
    assert_ne!(stored.idempotency_key(), webhook.idempotency_key());
}
