//! Answers of Stripe's API.

use std::fmt;

use bytes::Bytes;

use super::bounded::bounded;

/// A successful answer of Stripe's API.
///
/// `Debug` shows the length of the body only, because it has personal data.
#[derive(Clone)]
pub struct ApiResponse {
    body: Bytes,
    request_id: Option<Box<str>>,
}

impl ApiResponse {
    /// Makes an answer of its body, which is JSON.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), request_id: None }
    }

    /// Sets the id of the request, `req_…`, from the header `request-id`.
    ///
    /// At most 128 bytes of it are kept.
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.request_id = Some(bounded(id).into());
        self
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the id of the request, for Stripe's logs and support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl fmt::Debug for ApiResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiResponse")
            .field("body.size", &self.body.len())
            .field("request_id", &self.request_id)
            .finish()
    }
}
