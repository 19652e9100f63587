//! Thin events, snapshot events and any answer of Stripe's API: only the object of the event is taken, from a path of
//! Stripe's API.
//!
//! The first line is the answer. The rest is the event.

#![no_main]

use std::{
    future::Future,
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tower_stripe_webhook::{
    Event,
    api::{ApiClient, ApiError, ApiErrorKind, ApiRequest, ApiResponse},
    event::EventKind,
};

/// A client that gives any answer, and keeps the path of the request.
struct Client {
    answer: Vec<u8>,
    path: Mutex<Option<String>>,
}

impl ApiClient for Client {
    async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
        *self.path.lock().unwrap() = Some(request.path().to_owned());
        match self.answer.as_slice() {
            b"404" => Err(ApiError::new(ApiErrorKind::NotFound)),
            b"500" => Err(ApiError::new(ApiErrorKind::Stripe)),
            answer => Ok(ApiResponse::new(answer.to_vec())),
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (answer, event) = (&input[..end], &input[end + 1..]);
    let Ok(event) = Event::unverified_from_json(event.to_vec()) else { return };
    let client = Client { answer: answer.to_vec(), path: Mutex::new(None) };
    let fetched = run(event.fetch_current(&client));

    if let Some(path) = client.path.into_inner().unwrap() {
        assert!(path.starts_with("/v1/") || path.starts_with("/v2/"), "{path}");
        assert!(
            path.is_ascii() && !path[1..].split('/').any(|part| ["", ".", ".."].contains(&part)),
            "{path}"
        );
        assert!(!path.contains(['?', '#', '@', '\\', ' ']), "{path}");
    }
    let Ok(fetched) = fetched else { return };
    assert_eq!(fetched.body(), event.body());
    let current = fetched.current().expect("a fetched event has its object");
    if current.deleted().is_some() {
        let _ = fetched.data().map(|data| format!("{data:?}"));
        return;
    }
    // `Value` cannot read unpaired surrogates and numbers out of range, which the crate skips or replaces.
    let Ok(answer) = serde_json::from_slice::<Value>(answer) else { return };
    assert!(answer.is_object());
    if event.kind() == EventKind::Thin {
        let related = event.related_object().expect("it was fetched");
        let id = answer.get("id").and_then(Value::as_str);
        assert!(related.id().is_empty() || id.is_none_or(|id| id == related.id()), "{id:?}");
    }
    let livemode = answer.get("livemode").and_then(Value::as_bool);
    if let (Some(livemode), Some(mode)) = (livemode, event.mode()) {
        assert_eq!(livemode, mode.is_live());
    }
    let _ = fetched.data().map(|data| format!("{data:?}"));
});

fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}
