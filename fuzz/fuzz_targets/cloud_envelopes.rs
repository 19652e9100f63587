//! Envelopes of Amazon EventBridge and Azure Event Grid: what they contain equals the event itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_stripe_webhook::Event;

fuzz_target!(|input: &[u8]| {
    // As it is: any envelope.
    let bridge = Event::unverified_from_event_bridge(input.to_vec());
    let grid = Event::unverified_from_event_grid(input.to_vec());
    for event in [bridge, grid].into_iter().flatten() {
        assert!(!event.id().is_empty() && !event.event_type().as_str().is_empty());
    }

    // As the event in an envelope.
    let direct = Event::unverified_from_json(input.to_vec());
    let mut detail = br#"{"version":"0","detail":"#.to_vec();
    detail.extend(input);
    detail.push(b'}');
    let bridge = Event::unverified_from_event_bridge(detail);
    let mut data = br#"{"specversion":"1.0","data":"#.to_vec();
    data.extend(input);
    data.push(b'}');
    let grid = Event::unverified_from_event_grid(data);
    let Ok(direct) = direct else {
        // The input may close the envelope and open another one, so it can be more than the event was.
        return;
    };
    for event in [bridge, grid] {
        let event = event.expect("an event in an envelope is the event");
        assert_eq!(event.id(), direct.id());
        assert_eq!(event.event_type(), direct.event_type());
        assert_eq!(event.kind(), direct.kind());
        assert_eq!(event.account(), direct.account());
        assert_eq!(event.body(), direct.body().trim_ascii());
    }
});
