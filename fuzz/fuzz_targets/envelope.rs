//! `verify` and the envelope, against an independent reading with `serde_json::Value`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tower_stripe_webhook::{RejectionKind, Tolerance, event::EventKind, test_util::sign, verify};
use tower_stripe_webhook_fuzz::{Members, now, secret};

/// The members that the crate reads. One of them twice is an error.
const READ: [&str; 13] = [
    "object",
    "id",
    "type",
    "created",
    "livemode",
    "api_version",
    "account",
    "user_id",
    "context",
    "request",
    "reason",
    "related_object",
    "data",
];

fuzz_target!(|body: &[u8]| {
    let header = sign(body, &secret(), now());
    let result = verify(&header, body.to_vec(), &secret().into(), now(), Tolerance::default());

    // One flipped bit anywhere, and the signature no longer matches.
    if let Some(first) = body.first() {
        let mut changed = body.to_vec();
        changed[usize::from(*first) % body.len()] ^= 1;
        let kind = verify(&header, changed, &secret().into(), now(), Tolerance::default())
            .unwrap_err()
            .kind();
        assert_eq!(kind, RejectionKind::SignatureMismatch);
    }

    let Some(members) = Members::read(body) else {
        // `serde_json` cannot read numbers out of range and unpaired surrogates, which the crate skips or replaces.
        if let Ok(event) = result {
            assert!(!event.id().is_empty());
        }
        return;
    };
    let text = |name: &str| members.only(name).and_then(Value::as_str);
    let is_thin = text("object").is_some_and(|object| object.starts_with("v2."));
    let data = members.only("data").and_then(Value::as_object);
    let has_object = data.is_some_and(|data| data.get("object").is_some_and(Value::is_object));
    let is_event = !members.repeats_a_name(&READ)
        && text("id").is_some_and(|id| !id.is_empty())
        && text("type").is_some_and(|name| !name.is_empty())
        && (is_thin || has_object);

    match result {
        Ok(event) => {
            assert!(!members.repeats_a_name(&READ));
            assert_eq!(Some(event.id()), text("id"));
            assert_eq!(event.kind() == EventKind::Thin, is_thin);
            assert_eq!(event.body(), body);
            let livemode = members.only("livemode").and_then(Value::as_bool);
            assert_eq!(event.mode().map(|mode| mode.is_live()), livemode);
            for (name, value) in
                [("api_version", event.api_version()), ("context", event.context())]
            {
                assert_eq!(
                    value.map(str::to_owned),
                    text(name).map(|text| text.replace('\0', "\u{fffd}")),
                    "{name}"
                );
            }
            let account = text("account")
                .or_else(|| text("user_id"))
                .map(|text| text.replace('\0', "\u{fffd}"));
            assert_eq!(event.account().map(str::to_owned), account);
            let _ = format!("{event:?} {:?} {:?}", event.created(), event.request());
        }
        Err(rejection) => {
            assert!(
                matches!(
                    rejection.kind(),
                    RejectionKind::InvalidEvent | RejectionKind::InvalidJson
                ),
                "{rejection}"
            );
            // `data` that repeats `object` is no event for the crate; `Value` takes the last one.
            assert!(!is_event || repeats_within_data(body), "{rejection}");
        }
    }
});

fn repeats_within_data(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Event {
        data: Members,
    }
    serde_json::from_slice::<Event>(body)
        .is_ok_and(|event| event.data.repeats_a_name(&["object", "previous_attributes"]))
}
