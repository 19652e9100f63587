//! Answers of Stripe's API.

use bytes::Bytes;

/// A successful answer of Stripe's API.
#[derive(Clone, Debug)]
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
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.request_id = Some(id.into());
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
