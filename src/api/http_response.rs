//! HTTP answers of Stripe's API.
//!
//! Nothing of an answer is trusted: neither its `Content-Type` nor its length, nor that a `2xx` has
//! an object.

use bytes::Bytes;
use http::{Response, StatusCode, header::HeaderMap, response::Parts};
use http_body::Body;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};
use thiserror::Error;

use super::{
    ApiError, ApiErrorKind, ApiKey, ApiResponse,
    headers::{REQUEST_ID, retry_after},
};
use crate::{
    body::{self, BodyError},
    error::BoxError,
    event::JsonObject,
};

/// The limit for the body of an error, in bytes.
///
/// Stripe's have about 1 kB. Of a longer one, the status tells enough.
const MAX_ERROR_SIZE: usize = 64 * 1024;

/// Reads an answer.
pub(super) async fn read<B>(
    response: Response<B>,
    max_size: usize,
    key: &ApiKey,
) -> Result<ApiResponse, ApiError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (head, body) = response.into_parts();
    let answer = Answer { head: &head, key };
    if head.status.is_success() {
        let body = read_body(body, max_size).await.map_err(|error| answer.body_error(error))?;
        answer.object(body)
    } else if head.status.is_client_error() || head.status.is_server_error() {
        // A body that is too long or breaks off hides the code only.
        let body = read_body(body, MAX_ERROR_SIZE.min(max_size)).await.unwrap_or_default();
        Err(answer.stripe_error(&body))
    } else {
        // Neither an object nor an error. A redirect is not followed, because it would send the API
        // key to another host.
        Err(answer.unexpected(Unexpected::Status))
    }
}

async fn read_body<B>(body: B, max_size: usize) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    if body.size_hint().lower() > max_size as u64 {
        return Err(BodyError::TooLarge);
    }
    body::read(body, max_size, |_| ()).await
}

/// The head of an answer.
struct Answer<'a> {
    head: &'a Parts,
    key: &'a ApiKey,
}

impl Answer<'_> {
    fn object(&self, body: Bytes) -> Result<ApiResponse, ApiError> {
        let text = std::str::from_utf8(&body).map_err(|_| self.unexpected(Unexpected::NoObject))?;
        // Serde's derive would also accept an array.
        if !text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
            return Err(self.unexpected(Unexpected::NoObject));
        }
        let members: Members<'_> =
            serde_json::from_str(text).map_err(|_| self.unexpected(Unexpected::NoObject))?;
        if members.is_error() {
            let error = self.unexpected(Unexpected::ErrorInSuccess);
            return Err(match self.code(&parse_error(&body)) {
                Some(code) => error.with_code(code),
                None => error,
            });
        }
        let response = ApiResponse::new(body);
        Ok(match self.request_id() {
            Some(id) => response.with_request_id(id),
            None => response,
        })
    }

    /// Makes the error of a `4xx` or a `5xx`.
    fn stripe_error(&self, body: &[u8]) -> ApiError {
        let fields = parse_error(body);
        let error = self.error(kind(self.head.status, &fields));
        let error = match self.code(&fields) {
            Some(code) => error.with_code(code),
            None => error,
        };
        match retry_after(&self.head.headers) {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    }

    fn body_error(&self, error: BodyError) -> ApiError {
        match error {
            BodyError::Broken(source) => {
                let error = self.error(ApiErrorKind::Transport);
                match without_key(source, self.key) {
                    Some(source) => error.with_source(source),
                    None => error,
                }
            }
            // `read` has no deadline and no memory limit, which are of the layer.
            BodyError::TooLarge
            | BodyError::NotStarted
            | BodyError::TooSlow
            | BodyError::NoMemory => self.unexpected(Unexpected::TooLong),
        }
    }

    fn unexpected(&self, source: Unexpected) -> ApiError {
        self.error(ApiErrorKind::UnexpectedResponse).with_source(source)
    }

    fn error(&self, kind: ApiErrorKind) -> ApiError {
        let error = ApiError::new(kind).with_status(self.head.status);
        match self.request_id() {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    }

    fn request_id(&self) -> Option<&str> {
        text(&self.head.headers).filter(|id| self.is_free_of_key(id))
    }

    fn code<'f>(&self, fields: &'f Value) -> Option<&'f str> {
        fields["code"].as_str().filter(|code| self.is_free_of_key(code))
    }

    /// A server that repeats the request must not bring the key into a log.
    fn is_free_of_key(&self, text: &str) -> bool {
        !text.contains(self.key.expose_secret())
    }
}

fn text(headers: &HeaderMap) -> Option<&str> {
    headers.get(REQUEST_ID)?.to_str().ok().filter(|id| !id.is_empty())
}

fn kind(status: StatusCode, fields: &Value) -> ApiErrorKind {
    let code = fields["code"].as_str().unwrap_or_default();
    let message = fields["message"].as_str().unwrap_or_default();
    match status {
        StatusCode::UNAUTHORIZED => ApiErrorKind::Authentication,
        StatusCode::FORBIDDEN => ApiErrorKind::Permission,
        StatusCode::NOT_FOUND if message.contains(OTHER_MODE) => ApiErrorKind::WrongMode,
        // API v1 has the first code, API v2 the second one. A path that Stripe does not know and a
        // proxy's `404` have neither, and must not look like a deleted object.
        StatusCode::NOT_FOUND
            if ["resource_missing", "not_found"].contains(&code)
                && !message.starts_with(UNKNOWN_PATH) =>
        {
            ApiErrorKind::NotFound
        }
        StatusCode::TOO_MANY_REQUESTS => ApiErrorKind::RateLimited,
        StatusCode::BAD_REQUEST if code == "rate_limit" => ApiErrorKind::RateLimited,
        status if status.is_server_error() => ApiErrorKind::Stripe,
        _ => ApiErrorKind::InvalidRequest,
    }
}

/// Stripe's words if a key of one mode asks for an object of the other mode.
const OTHER_MODE: &str = "a similar object exists in ";

/// Stripe's words for a path that it does not know.
const UNKNOWN_PATH: &str = "Unrecognized request URL";

/// Returns the member `error` of a body, or null.
fn parse_error(body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut members)) => members.remove("error").unwrap_or_default(),
        _ => Value::Null,
    }
}

/// The members that tell an error from an object.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    object: Option<IgnoredAny>,
}

impl Members<'_> {
    /// Whether it is an error: one without an `object`, or with the type or the code of an error.
    ///
    /// Some objects have an `error` of their own: a text in a `reporting.report_run`, and a message
    /// in a `scheduled_query_run`.
    fn is_error(&self) -> bool {
        #[derive(Deserialize)]
        struct Error {
            #[serde(rename = "type")]
            error_type: Option<IgnoredAny>,
            code: Option<IgnoredAny>,
        }

        self.error.is_some_and(|error| {
            self.object.is_none()
                || serde_json::from_str::<JsonObject<Error>>(error.get()).is_ok_and(
                    |JsonObject(error)| error.error_type.is_some() || error.code.is_some(),
                )
        })
    }
}

/// Returns the error, unless one of its texts has the API key.
///
/// An HTTP client's error may show the request.
pub(super) fn without_key(error: BoxError, key: &ApiKey) -> Option<BoxError> {
    let has_key = |text: String| zeroize::Zeroizing::new(text).contains(key.expose_secret());
    let mut current: Option<&(dyn std::error::Error + 'static)> = Some(error.as_ref());
    while let Some(cause) = current {
        if has_key(cause.to_string()) || has_key(format!("{cause:?}")) {
            return None;
        }
        current = cause.source();
    }
    Some(error)
}

/// The reason why an answer is not the one that was asked for.
#[derive(Clone, Copy, Debug, Error)]
enum Unexpected {
    #[error("its status is neither a success nor an error; redirects are not followed")]
    Status,
    #[error("its body is not a JSON object")]
    NoObject,
    #[error("its status is a success, but its body is an error")]
    ErrorInSuccess,
    #[error("its body is longer than the limit")]
    TooLong,
}
