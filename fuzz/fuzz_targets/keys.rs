//! Idempotency keys: equal exactly if what they are made of is equal, and storable in any database.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use tower_stripe_webhook::{Event, idempotency::EventKey};

#[derive(Arbitrary, Clone, Debug, PartialEq)]
struct Parts {
    id: String,
    account: Option<String>,
    scopes: Vec<String>,
}

fuzz_target!(|pair: (Parts, Parts)| {
    let (a, b) = pair;
    let (Some(key_a), Some(key_b)) = (key(&a), key(&b)) else { return };
    for key in [&key_a, &key_b] {
        assert!(key.as_str().len() <= 255);
        assert!(!key.as_str().chars().any(char::is_control));
    }
    assert_eq!(key_a == key_b, normalized(&a) == normalized(&b), "{key_a} {key_b}");
    assert_eq!(key(&a), Some(key_a));
});

/// `None` if the parts are no event, or a test webhook, whose key is random.
fn key(parts: &Parts) -> Option<EventKey> {
    let event = json!({
        "id": parts.id, "object": "event", "type": "ping", "account": parts.account, "data": {"object": {}},
    });
    let event = Event::unverified_from_json(event.to_string()).ok()?;
    if event.idempotency_key() != event.id() {
        return None;
    }
    Some(parts.scopes.iter().fold(EventKey::of(&event), |key, scope| key.in_scope(scope)))
}

/// No account and an empty one are the same; NUL in an account is read as U+FFFD.
fn normalized(parts: &Parts) -> Parts {
    let account = parts.account.clone().unwrap_or_default().replace('\0', "\u{fffd}");
    Parts { account: Some(account), ..parts.clone() }
}
