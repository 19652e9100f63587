//! HTTP requests to Stripe's API.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::Full;
use thiserror::Error;

use super::{
    ApiBaseUrl, ApiError, ApiErrorKind, ApiKey, ApiRequest, ApiScope, ApiVersion,
    headers::{STRIPE_ACCOUNT, STRIPE_CONTEXT, STRIPE_REQUEST_TRIGGER, STRIPE_VERSION},
};

const USER_AGENT: &str = concat!("tower-stripe-webhook/", env!("CARGO_PKG_VERSION"));

/// Makes the HTTP request, with the headers of Stripe's own libraries.
///
/// # Errors
///
/// [`ApiErrorKind::InvalidRequest`] if an id is not one, and [`ApiErrorKind::WrongMode`] if the key
/// cannot read objects of the request's mode.
pub(super) fn http_request(
    request: &ApiRequest,
    base_url: &ApiBaseUrl,
    key: &ApiKey,
    version: &ApiVersion,
) -> Result<Request<Full<Bytes>>, ApiError> {
    if let (Some(of_key), Some(of_object)) = (key.mode(), request.mode())
        && of_key != of_object
    {
        return Err(ApiError::new(ApiErrorKind::WrongMode));
    }

    let invalid =
        |source: InvalidId| ApiError::new(ApiErrorKind::InvalidRequest).with_source(source);
    let query = request.query();
    let path_and_query = match &query {
        Some(query) => &*format!("{}?{query}", request.path()),
        None => request.path(),
    };
    let uri = base_url
        .with_path(path_and_query)
        .map_err(|error| ApiError::new(ApiErrorKind::InvalidRequest).with_source(error))?;
    let mut http_request = Request::new(Full::default());
    *http_request.method_mut() = Method::GET;
    *http_request.uri_mut() = uri;
    let headers = http_request.headers_mut();
    headers.insert(header::AUTHORIZATION, key.authorization());
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers.insert(STRIPE_VERSION, version.header());
    match request.scope() {
        Some(ApiScope::Account(account)) => {
            headers.insert(STRIPE_ACCOUNT, id(account, InvalidId::Account).map_err(invalid)?);
        }
        Some(ApiScope::Context(context)) => {
            headers.insert(STRIPE_CONTEXT, path_of_ids(context).map_err(invalid)?);
        }
        None => {}
    }
    if let Some(trigger) = request.event_id().and_then(trigger) {
        headers.insert(STRIPE_REQUEST_TRIGGER, trigger);
    }
    Ok(http_request)
}

/// Longer than any id of Stripe, and than any path of accounts, in bytes.
const MAX_ID: usize = 512;

fn id(text: &str, invalid: InvalidId) -> Result<HeaderValue, InvalidId> {
    if text.len() > MAX_ID || !is_id(text) {
        return Err(invalid);
    }
    HeaderValue::from_str(text).map_err(|_| invalid)
}

/// Returns the header that names the event, or `None` if its id does not fit. The answer does not
/// depend on it.
fn trigger(event_id: &str) -> Option<HeaderValue> {
    if event_id.len() > MAX_ID || !is_id(event_id) {
        return None;
    }
    HeaderValue::from_maybe_shared(Bytes::from(["event=", event_id].concat())).ok()
}

/// `acct_…`, or several ids joined by `/`.
fn path_of_ids(text: &str) -> Result<HeaderValue, InvalidId> {
    if text.len() > MAX_ID || !text.split('/').all(is_id) {
        return Err(InvalidId::Context);
    }
    HeaderValue::from_str(text).map_err(|_| InvalidId::Context)
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// The error for an id that cannot be sent as a header.
#[derive(Clone, Copy, Debug, Error)]
enum InvalidId {
    #[error("the account is not an id such as `acct_123`")]
    Account,
    #[error("the context is not an id such as `acct_123`, or a path of ids")]
    Context,
}
