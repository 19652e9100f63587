//! What each answer becomes.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::json;
use tower::service_fn;
use tower_stripe_webhook::api::{
    ApiClient, ApiError, ApiErrorKind, ApiErrorKind::*, ApiResponse, StripeApi,
};

use crate::support::{INVOICE, invoice, key, response};

async fn answered(response: Response<Full<Bytes>>) -> Result<ApiResponse, ApiError> {
    let client = service_fn(move |_| {
        let response = response.clone();
        async { Ok::<_, Infallible>(response) }
    });
    StripeApi::new(key(), client).get(&invoice()).await
}

fn error(status: u16, code: Option<&str>, message: &str) -> Response<Full<Bytes>> {
    let error = json!({ "type": "invalid_request_error", "code": code, "message": message });
    response(status, json!({ "error": error }).to_string())
}

async fn kind_of(response: Response<Full<Bytes>>) -> ApiErrorKind {
    answered(response).await.unwrap_err().kind()
}

#[tokio::test]
async fn an_object_of_any_content_type_is_the_answer() {
    for content_type in [None, Some("text/html"), Some("application/json")] {
        let mut answer = response(200, INVOICE);
        answer.headers_mut().insert("request-id", "req_1".parse().unwrap());
        if let Some(value) = content_type {
            answer.headers_mut().insert("content-type", value.parse().unwrap());
        }
        let answer = answered(answer).await.unwrap();
        assert_eq!((&**answer.body(), answer.request_id()), (INVOICE.as_bytes(), Some("req_1")));
    }
    for body in [" \n{}\n", r#"{"error":null}"#] {
        assert!(answered(response(200, body)).await.is_ok(), "{body}");
    }
}

#[tokio::test]
async fn each_status_has_its_kind() {
    for (status, kind) in [
        (400, InvalidRequest),
        (401, Authentication),
        (402, InvalidRequest),
        (403, Permission),
        (409, InvalidRequest),
        (410, InvalidRequest),
        (424, InvalidRequest),
        (429, RateLimited),
        (499, InvalidRequest),
        (500, Stripe),
        (502, Stripe),
        (503, Stripe),
        (599, Stripe),
        (600, UnexpectedResponse),
        (999, UnexpectedResponse),
    ] {
        // The status tells, even if the body is a proxy's.
        for answer in [error(status, Some("x"), "x"), response(status, "<html>")] {
            let error = answered(answer).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{status}");
            assert_eq!(error.status().unwrap().as_u16(), status);
        }
    }
    assert_eq!(kind_of(error(400, Some("rate_limit"), "")).await, RateLimited);
}

#[tokio::test]
async fn only_a_missing_object_is_not_found() {
    assert_eq!(kind_of(error(404, Some("resource_missing"), "No such invoice")).await, NotFound);
    assert_eq!(kind_of(error(404, Some("not_found"), "")).await, NotFound);
    let unknown_path = "Unrecognized request URL (GET: /v1/invoices/in_1).";
    for answer in [
        error(404, None, unknown_path),
        error(404, Some("resource_missing"), unknown_path),
        error(404, Some("other"), "No such invoice"),
        response(404, ""),
        response(404, "<html>Not Found</html>"),
        response(404, r#"{"code":"resource_missing"}"#),
        response(404, r#"{"error":"resource_missing"}"#),
        response(404, r#"[{"error":{"code":"resource_missing"}}]"#),
        response(404, r#"{"error":{"code":["resource_missing"]}}"#),
        response(404, r#"{"error":{"code":"resource_missing"}"#),
        // The code does not make another status one of a missing object.
        error(400, Some("resource_missing"), ""),
        error(410, Some("resource_missing"), ""),
    ] {
        assert_eq!(kind_of(answer).await, InvalidRequest);
    }
    assert_eq!(kind_of(error(200, Some("resource_missing"), "")).await, UnexpectedResponse);
}

#[tokio::test]
async fn an_object_of_the_other_mode_is_not_a_missing_one() {
    let message = "No such customer: 'cus_1'; a similar object exists in live mode, but a test mode key was used to make \
                   this request.";
    assert_eq!(kind_of(error(404, Some("resource_missing"), message)).await, WrongMode);
}

#[tokio::test]
async fn code_and_request_id_are_kept_and_the_message_is_not() {
    let mut answer = error(404, Some("resource_missing"), "No such invoice: in_hidden");
    answer.headers_mut().insert("request-id", "req_1".parse().unwrap());
    let error = answered(answer).await.unwrap_err();
    assert_eq!(error.code(), Some("resource_missing"));
    assert_eq!(error.request_id(), Some("req_1"));
    assert!(error.to_string().ends_with(" (request req_1)"), "{error}");
    assert!(!format!("{error} {error:?}").contains("in_hidden"));
}

#[tokio::test]
async fn code_and_request_id_are_at_most_128_bytes() {
    for (len, kept) in [(128, 128), (129, 128), (5000, 128)] {
        let text = "a".repeat(len);
        let mut answer = error(400, Some(&text), "");
        answer.headers_mut().insert("request-id", text.parse().unwrap());
        let error = answered(answer).await.unwrap_err();
        assert_eq!(error.code().unwrap().len(), kept);
        assert_eq!(error.request_id().unwrap().len(), kept);

        let mut answer = response(200, INVOICE);
        answer.headers_mut().insert("request-id", text.parse().unwrap());
        assert_eq!(answered(answer).await.unwrap().request_id().unwrap().len(), kept);
    }
}

#[tokio::test]
async fn a_binary_request_id_is_none() {
    for id in [&b"req_\xff"[..], b""] {
        let mut answer = response(500, "");
        answer.headers_mut().insert("request-id", http::HeaderValue::from_bytes(id).unwrap());
        assert_eq!(answered(answer).await.unwrap_err().request_id(), None);
    }
}

#[tokio::test]
async fn retry_after_is_readable() {
    for status in [429, 503] {
        let mut answer = response(status, "");
        answer.headers_mut().insert("retry-after", "7".parse().unwrap());
        let error = answered(answer).await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
    assert_eq!(answered(response(429, "")).await.unwrap_err().retry_after(), None);
}
