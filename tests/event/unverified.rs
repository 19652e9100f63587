//! Events from other trusted sources, and through a queue.

use std::time::{Duration, SystemTime};

use serde_json::json;
use tower_stripe_webhook::{
    Event, EventData, SigningSecret, Tolerance,
    test_util::{samples, sign},
    verify,
};

#[test]
fn an_event_from_json_is_the_event_and_keeps_its_bytes() {
    for sample in samples::ALL {
        let event = Event::unverified_from_json(sample).unwrap();
        assert_eq!(event.body(), sample);
    }
}

#[test]
fn an_event_goes_through_a_queue_and_comes_out_with_the_same_bytes() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let secret = SigningSecret::new("whsec_test").unwrap();
    let header = sign(samples::INVOICE_PAID, &secret, now);
    let verified =
        verify(header, samples::INVOICE_PAID, &secret.into(), now, Tolerance::default()).unwrap();

    let job = verified.body().to_vec();
    let event = Event::unverified_from_json(job).unwrap();
    assert_eq!(event.id(), verified.id());
    assert_eq!(event.body(), verified.body());
    assert!(matches!(event.data().unwrap(), EventData::InvoicePaid(_)));
}

#[test]
fn serialising_gives_back_the_text_unchanged() {
    for sample in samples::ALL {
        let event = Event::unverified_from_json(sample).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), sample.trim());

        let job = serde_json::to_string(&json!({"attempt": 1, "event": &event})).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&job).is_ok());
    }
    // Number and order of keys are kept in a struct of the app's own.
    #[derive(serde::Serialize)]
    struct Job<'a> {
        event: &'a Event,
    }
    let text = r#"{"type":"ping", "id":"evt_1", "data":{"object":{"b":1.50,"a":"\u00e9"}}}"#;
    let event = Event::unverified_from_json(text).unwrap();
    assert_eq!(
        serde_json::to_string(&Job { event: &event }).unwrap(),
        format!("{{\"event\":{text}}}")
    );
}

#[test]
fn an_event_bridge_envelope_has_it_as_detail() {
    let envelope = format!(
        r#"{{"version":"0","id":"0a1b","detail-type":"invoice.paid","source":"aws.partner/stripe.com/ed_1",
            "account":"123456789012","time":"2026-11-23T15:16:55Z","region":"eu-central-1","resources":[],"detail":{}}}"#,
        samples::INVOICE_PAID.trim(),
    );
    let event = Event::unverified_from_event_bridge(envelope).unwrap();
    assert_eq!(event.body(), samples::INVOICE_PAID.trim());
    assert!(matches!(event.data().unwrap(), EventData::InvoicePaid(_)));
}

#[test]
fn an_event_grid_envelope_has_it_as_data() {
    let envelope = format!(
        r#"{{"specversion":"1.0","id":"0a1b","source":"/stripe","type":"v2.core.account[requirements].updated","data":{}}}"#,
        samples::V2_CORE_ACCOUNT_UPDATED.trim(),
    );
    let event = Event::unverified_from_event_grid(envelope).unwrap();
    assert_eq!(event.id(), "evt_test_65SampleThinEvent0000000000");
    assert_eq!(event.body(), samples::V2_CORE_ACCOUNT_UPDATED.trim());
}

#[test]
fn other_json_than_an_event_is_rejected_with_the_reason() {
    let bridge =
        |json: &'static str| Event::unverified_from_event_bridge(json).unwrap_err().to_string();
    let grid =
        |json: &'static str| Event::unverified_from_event_grid(json).unwrap_err().to_string();
    assert_eq!(Event::unverified_from_json("{").unwrap_err().to_string(), "not valid JSON");
    assert_eq!(
        Event::unverified_from_json(&b"\xff"[..]).unwrap_err().to_string(),
        "not valid UTF-8"
    );
    assert_eq!(
        Event::unverified_from_json("{}").unwrap_err().to_string(),
        "not an event: it has no `id`"
    );
    assert_eq!(bridge(r#"{"version":"0"}"#), "not an event: it has no `detail`");
    assert_eq!(bridge(r#"{"detail":{}}"#), "not an event: it has no `id`");
    assert_eq!(bridge(r#"{"detail":"evt_1"}"#), "not an event: it does not have an event's form");
    assert_eq!(bridge("[]"), "not an event: it does not have an event's form");
    assert_eq!(grid(r#"{"data":{}}"#), "not an event: it has no `specversion` and `data`");
    let batch = "not an event: it is an array of events, such as a CloudEvents batch: split the batch, and handle each event by \
                 itself";
    assert_eq!(Event::unverified_from_json(" [\n{} ]").unwrap_err().to_string(), batch);
    assert_eq!(bridge(r#"[{"detail":{}}]"#), batch);
    assert_eq!(bridge(r#"{"detail":[{"id":"evt_1"}]}"#), batch);
    assert_eq!(grid(r#"[{"specversion":"1.0","data":{}},{"specversion":"1.0","data":{}}]"#), batch);
    assert_eq!(grid(r#"{"specversion":"1.0","data":[{"id":"evt_1"}]}"#), batch);
    assert_eq!(Event::unverified_from_json("[{}").unwrap_err().to_string(), "not valid JSON");
    assert_eq!(
        grid(r#"{"specversion":"1.0"}"#),
        "not an event: it has no `specversion` and `data`"
    );
    assert_eq!(grid(r#"{"specversion":"1.0","data":{}}"#), "not an event: it has no `id`");
}
