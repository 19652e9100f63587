//! A server that lies, breaks off, or sends the client elsewhere.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use tower::service_fn;
use tower_stripe_webhook::api::{ApiClient, ApiError, ApiErrorKind, ApiResponse, StripeApi};

use crate::support::{INVOICE, chain, invoice, key, response};

async fn answered<B>(response: Response<B>) -> Result<ApiResponse, ApiError>
where
    B: Body<Data = Bytes, Error: Into<tower::BoxError>> + Clone + Send + Sync + 'static,
{
    let client = service_fn(move |_| {
        let response = response.clone();
        async { Ok::<_, Infallible>(response) }
    });
    StripeApi::new(key(), client).get(&invoice()).await
}

async fn assert_unexpected(response: Response<Full<Bytes>>, cause: &str) {
    let text = format!("{response:?}");
    let error = answered(response).await.expect_err(&text);
    assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse, "{text}");
    assert!(chain(&error).contains(cause), "{text}: {}", chain(&error));
}

#[tokio::test]
async fn a_success_without_an_object_is_unexpected() {
    let deep = format!("{{\"a\":{}", "[".repeat(200_000));
    for status in [200, 201, 204, 206, 299] {
        for body in [
            "",
            " ",
            "null",
            "true",
            "1",
            "\"text\"",
            "[]",
            r#"[{"id":"in_1"}]"#,
            "{",
            r#"{"id":"in_1""#,
            r#"{"id":"in_1"}}"#,
            "{} {}",
            "{'id':'in_1'}",
            "\u{feff}{}",
            "<html></html>",
            &deep,
        ] {
            assert_unexpected(response(status, body.to_owned()), "not a JSON object").await;
        }
        let not_utf8 = Bytes::from_static(b"{\"id\":\"\xff\"}");
        assert_unexpected(response(status, not_utf8), "not a JSON object").await;
    }
}

#[tokio::test]
async fn a_success_with_an_error_is_unexpected() {
    for body in [
        r#"{"error":{"type":"api_error","code":"x"}}"#,
        r#"{"object":"invoice","id":"in_1","error":{"code":"x"}}"#,
        r#"{"error":"invalid_grant"}"#,
        r#" {"error": {} }"#,
    ] {
        assert_unexpected(response(200, body), "its body is an error").await;
    }
    let body = r#"{"error":{"code":"lock_timeout"}}"#;
    let error = answered(response(200, body)).await.unwrap_err();
    assert_eq!(error.code(), Some("lock_timeout"));
}

#[tokio::test]
async fn an_object_with_an_error_of_its_own_is_an_object() {
    for body in [
        r#"{"id":"frr_1","object":"reporting.report_run","error":"it failed"}"#,
        r#"{"id":"sqr_1","object":"scheduled_query_run","error":{"message":"it failed"}}"#,
        r#"{"id":"in_1","object":"invoice","error":null}"#,
    ] {
        assert_eq!(answered(response(200, body)).await.unwrap().body(), body);
    }
}

#[tokio::test]
async fn a_redirect_is_unexpected_and_not_followed() {
    let calls = Arc::new(AtomicUsize::new(0));
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let mut redirect = response(status, INVOICE);
        redirect.headers_mut().insert("location", "https://evil.example/".parse().unwrap());
        let count = Arc::clone(&calls);
        let client = service_fn(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            let redirect = redirect.clone();
            async { Ok::<_, Infallible>(redirect) }
        });
        let error = StripeApi::new(key(), client).get(&invoice()).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse);
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert!(!format!("{error:?} {}", chain(&error)).contains("evil"));
    }
    assert_eq!(calls.load(Ordering::Relaxed), 7);
}

#[tokio::test]
async fn an_interim_response_is_unexpected() {
    for status in [100, 101, 103] {
        assert_unexpected(response(status, INVOICE), "its status").await;
    }
}

/// A body of zeros that counts the bytes that were taken from it.
#[derive(Clone)]
struct Zeros {
    left: usize,
    is_declared: bool,
    taken: Arc<AtomicUsize>,
}

impl Body for Zeros {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let len = self.left.min(16 * 1024);
        self.left -= len;
        self.taken.fetch_add(len, Ordering::Relaxed);
        Poll::Ready((len > 0).then(|| Ok(Frame::data(Bytes::from(vec![b'0'; len])))))
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_declared { SizeHint::with_exact(self.left as u64) } else { SizeHint::default() }
    }
}

#[tokio::test]
async fn a_body_of_10_mb_is_not_read_to_its_end() {
    for (is_declared, limit) in [(true, 0), (false, 8 * 1024 * 1024 + 16 * 1024)] {
        for (status, kind) in [(200, ApiErrorKind::UnexpectedResponse), (500, ApiErrorKind::Stripe)]
        {
            let taken = Arc::new(AtomicUsize::new(0));
            let zeros = Zeros { left: 10_000_000, is_declared, taken: Arc::clone(&taken) };
            let error = answered(response(status, "").map(|_| zeros)).await.unwrap_err();
            assert_eq!(error.kind(), kind);
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken <= limit, "{taken}");
            // Of an error, no more is read than it may need.
            assert!(status == 200 || taken <= 80 * 1024, "{taken}");
        }
    }
}

#[tokio::test]
async fn the_maximal_size_is_accepted_and_one_byte_more_is_not() {
    let body = |len: usize| format!("{{\"a\":\"{}\"}}", "0".repeat(len - 8));
    let answered = async |max: Option<usize>, len: usize| {
        let client =
            service_fn(move |_| async move { Ok::<_, Infallible>(response(200, body(len))) });
        let mut api = StripeApi::new(key(), client);
        if let Some(max) = max {
            api = api.with_max_response_size(max);
        }
        api.get(&invoice()).await
    };
    for (max, limit) in [(Some(100), 100), (None, 8 * 1024 * 1024)] {
        assert_eq!(answered(max, limit).await.unwrap().body().len(), limit);
        let error = answered(max, limit + 1).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse);
        assert!(chain(&error).contains("longer than the limit"), "{}", chain(&error));
    }
}

/// A body that begins well.
#[derive(Clone)]
struct BreaksOff {
    begins: bool,
}

impl Body for BreaksOff {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let begins = std::mem::take(&mut self.begins);
        let frame = Frame::data(Bytes::from_static(b"{\"id\":"));
        Poll::Ready(Some(if begins { Ok(frame) } else { Err(io::Error::other("reset")) }))
    }
}

#[tokio::test]
async fn a_broken_body_is_a_transport_error() {
    for begins in [true, false] {
        let error = answered(response(200, "").map(|_| BreaksOff { begins })).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::Transport);
        assert_eq!(error.status().unwrap().as_u16(), 200);
        assert!(chain(&error).ends_with(": reset"), "{}", chain(&error));
        // The status of an error tells enough.
        let error = answered(response(403, "").map(|_| BreaksOff { begins })).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::Permission);
    }
}
