//! Requests to Stripe's API.

use thiserror::Error;

use super::{ListQuery, percent::is_unreserved};
use crate::event::Mode;

/// A `GET` request to Stripe's API.
///
/// The path is checked: it names an object below `/v1/` or `/v2/` and can name no other host. It
/// comes from a signed event, but is input nevertheless.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ApiRequest {
    path: Box<str>,
    query: Option<ListQuery>,
    scope: Option<ApiScope>,
    event_id: Option<Box<str>>,
    mode: Option<Mode>,
}

/// The account that a request is about, if it is not the account of the API key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiScope {
    /// A connected account, `acct_…`: the header `Stripe-Account`. Snapshot events name it in
    /// `account`.
    Account(Box<str>),
    /// An account, or a path of accounts: the header `Stripe-Context`. Thin events name it in
    /// `context`.
    Context(Box<str>),
}

impl ApiRequest {
    /// Makes a request for a path, such as `/v1/invoices/in_123`.
    ///
    /// # Errors
    ///
    /// [`InvalidPath`] unless the path begins with `/v1/` or `/v2/`, has at most 512 bytes, no empty
    /// segment, no `.` or `..`, no query and no fragment, and consists of letters, digits, `_-.~`
    /// and escapes. Apps choose the ids of coupons, plans and products, so an id may need escapes
    /// (`50%25%20off`). An escape of `/`, `\`, `.`, `?`, `#`, a control character or another escape
    /// is an error, because a server that decodes it could read another path.
    pub fn new(path: &str) -> Result<Self, InvalidPath> {
        let segments = path.strip_prefix("/v1/").or_else(|| path.strip_prefix("/v2/"));
        let is_valid = segments.is_some_and(|segments| segments.split('/').all(is_segment));
        if path.len() > MAX_PATH || !is_valid {
            return Err(InvalidPath(()));
        }
        Ok(Self { path: path.into(), query: None, scope: None, event_id: None, mode: None })
    }

    /// Sets the query, for the path of a list such as `/v1/customers`.
    #[must_use]
    pub fn with_query(mut self, query: ListQuery) -> Self {
        self.query = Some(query);
        self
    }

    /// Sets the account that the request is about.
    #[must_use]
    pub fn with_scope(mut self, scope: ApiScope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Sets the id of the event that causes the request: the header `Stripe-Request-Trigger`.
    #[must_use]
    pub fn with_event_id(mut self, event_id: &str) -> Self {
        self.event_id = Some(event_id.into());
        self
    }

    /// Sets the mode of the object, which the event tells.
    ///
    /// A key of the other mode gets the answer that the object does not exist, as if it was deleted.
    /// With the mode set, [`StripeApi`](super::StripeApi) returns
    /// [`WrongMode`](super::ApiErrorKind::WrongMode) instead, without a request.
    #[must_use]
    pub fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the query, percent-encoded and without the question mark. `None` if it has no
    /// parameters.
    #[must_use]
    pub fn query(&self) -> Option<String> {
        let text = self.query.as_ref()?.text(&self.path);
        (!text.is_empty()).then_some(text)
    }

    /// Returns the account that the request is about. `None` for the account of the API key.
    #[must_use]
    pub fn scope(&self) -> Option<&ApiScope> {
        self.scope.as_ref()
    }

    /// Returns the id of the event that causes the request.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.event_id.as_deref()
    }

    /// Returns the mode of the object, if it is set.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }
}

/// Longer than any path of Stripe's API, in bytes.
const MAX_PATH: usize = 512;

fn is_segment(segment: &str) -> bool {
    let mut parts = segment.split('%');
    let is_plain = |text: &str| text.bytes().all(is_unreserved);
    !matches!(segment, "" | "." | "..")
        && parts.next().is_some_and(is_plain)
        && parts.all(|part| {
            let Some((digits, rest)) = part.split_at_checked(2) else { return false };
            is_harmless_escape(digits, rest) && is_plain(rest)
        })
}

/// Whether the character that two hexadecimal digits escape cannot change the path.
fn is_harmless_escape(digits: &str, rest: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u8::from_str_radix(digits, 16) {
        Ok(_) if !is_hex(digits) => false,
        Ok(b'/' | b'\\' | b'.' | b'?' | b'#') | Err(_) => false,
        Ok(b'%') => !rest.get(..2).is_some_and(is_hex),
        Ok(byte) => !byte.is_ascii_control(),
    }
}

/// The error for a path that is not one of Stripe's API.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the path is not one of an object of Stripe's API, which begins with `/v1/` or `/v2/`")]
pub struct InvalidPath(());
