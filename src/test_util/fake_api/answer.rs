//! Answers of the fake.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

use super::{FakeConnectionError, error_body, error_type};

pub(super) type Headers = Vec<(HeaderName, HeaderValue)>;

/// What a request gets.
pub(super) enum Answer {
    Http { status: StatusCode, headers: Headers, body: Bytes },
    ConnectionError,
}

impl Answer {
    pub(super) fn http(status: StatusCode, headers: Headers, body: impl Into<Bytes>) -> Self {
        Self::Http { status, headers, body: body.into() }
    }

    pub(super) fn json(json: impl Into<Bytes>) -> Self {
        Self::http(StatusCode::OK, Headers::new(), json)
    }

    pub(super) fn error(status: StatusCode, code: Option<&str>, message: &str) -> Self {
        let body = error_body(error_type(status), code, message);
        Self::http(status, Headers::new(), body)
    }

    /// Makes the response to the request with a number, from which its id is made.
    pub(super) fn into_response(
        self,
        number: usize,
    ) -> Result<Response<Full<Bytes>>, FakeConnectionError> {
        const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

        let Self::Http { status, headers: own, body } = self else {
            return Err(FakeConnectionError(()));
        };
        let mut headers = HeaderMap::new();
        for (name, value) in own {
            headers.append(name, value);
        }
        headers
            .entry(header::CONTENT_TYPE)
            .or_insert(const { HeaderValue::from_static("application/json") });
        headers.entry(REQUEST_ID).or_insert_with(|| {
            let id = format!("req_fake{number:010}");
            HeaderValue::try_from(id).expect("letters and digits are a header value")
        });
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}
