//! Reading the app's response to a replayed event.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body::Body;
use serde::Deserialize;

use super::{ReplayOutcome, outcome::Answer};
use crate::{
    body,
    error::BoxError,
    idempotency::Outcome,
    rejection::{Rejection, RejectionKind},
    response::OtherModeEvent,
};

/// The layer's own bodies have some hundred bytes. A longer one is the handler's and not read.
const MAX_BODY: usize = 16 * 1024;

/// Longer than any code, in bytes.
const MAX_CODE: usize = 64;

/// What follows from a response.
pub(super) enum Verdict {
    /// The event is done, or another attempt is useless.
    Final(Answer),
    /// Another attempt may succeed, after the time that the app asked for.
    TryAgain { answer: Answer, wait: Option<Duration> },
    /// The app has another signing secret.
    SignatureMismatch,
    /// The app serves the other mode.
    OtherMode,
}

/// The codes of the crate's JSON responses.
#[derive(Default)]
struct Codes {
    error: Option<Box<str>>,
    ignored: Option<Box<str>>,
}

pub(super) async fn read<B>(response: Response<B>) -> Verdict
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (head, body) = response.into_parts();
    let codes = match body::read(body, MAX_BODY, |_| ()).await {
        Ok(body) => codes(&body),
        // A body that is too long, or that broke off, has no code. The status stands.
        Err(_) => Codes::default(),
    };
    let rejection = head.extensions.get().map(Rejection::kind);
    let is_mismatch = rejection == Some(RejectionKind::SignatureMismatch)
        || head.status == StatusCode::BAD_REQUEST
            && codes.error.as_deref() == Some(RejectionKind::SignatureMismatch.code());
    if is_mismatch {
        return Verdict::SignatureMismatch;
    }
    if head.extensions.get::<OtherModeEvent>().is_some()
        || head.status.is_success() && codes.ignored.as_deref() == Some("other_mode")
    {
        return Verdict::OtherMode;
    }

    let of_app = head.extensions.get::<ReplayOutcome>().copied();
    let of_layer = head.extensions.get::<Outcome>().copied();
    let is_in_flight =
        of_layer == Some(Outcome::InFlight) || codes.error.as_deref() == Some("event_in_flight");
    let outcome = if head.status.is_success() {
        match (of_app, of_layer, codes.ignored.as_deref()) {
            (Some(outcome), _, _) => outcome,
            (None, Some(Outcome::Duplicate), _) | (None, _, Some("duplicate")) => {
                ReplayOutcome::Duplicate
            }
            (None, _, Some(_)) => ReplayOutcome::Ignored,
            (None, _, None) => ReplayOutcome::Applied,
        }
    } else if is_in_flight {
        ReplayOutcome::InFlight
    } else {
        ReplayOutcome::Failed
    };
    let answer =
        Answer { outcome, reason: codes.error.or(codes.ignored), status: Some(head.status) };
    if is_in_flight || !outcome.is_settled() && is_retryable(head.status) {
        let wait = head.headers.get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok());
        let wait = wait.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        return Verdict::TryAgain { answer, wait };
    }
    Verdict::Final(answer)
}

fn is_retryable(status: StatusCode) -> bool {
    status.is_server_error()
        || [StatusCode::REQUEST_TIMEOUT, StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS]
            .contains(&status)
}

fn codes(body: &[u8]) -> Codes {
    #[derive(Deserialize)]
    struct Json {
        error: Option<Coded>,
        ignored: Option<Coded>,
    }
    #[derive(Deserialize)]
    struct Coded {
        code: Box<str>,
    }

    let Ok(json) = serde_json::from_slice::<Json>(body) else { return Codes::default() };
    let code = |coded: Option<Coded>| Some(coded?.code).filter(|code| is_code(code));
    Codes { error: code(json.error), ignored: code(json.ignored) }
}

/// Whether a text is a code, and not a message that may have personal data.
fn is_code(text: &str) -> bool {
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(is_code)
}
