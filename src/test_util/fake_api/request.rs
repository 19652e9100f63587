//! The log of requests.

use http::{
    HeaderMap, Method, Request, Uri,
    header::{self, Entry},
};

/// A request that arrived at a [`FakeApi`](super::FakeApi).
///
/// `Debug` does not show the API key.
#[derive(Clone, Debug)]
pub struct FakeApiRequest {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl FakeApiRequest {
    pub(super) fn new<B>(request: Request<B>) -> Self {
        let (mut head, _) = request.into_parts();
        // A server does not know which headers the client marked.
        if let Entry::Occupied(mut authorization) = head.headers.entry(header::AUTHORIZATION) {
            authorization.iter_mut().for_each(|value| value.set_sensitive(true));
        }
        Self { method: head.method, uri: head.uri, headers: head.headers }
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// Returns the query, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// Returns the URL as it was sent. On a socket it has no host.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the value of a header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
