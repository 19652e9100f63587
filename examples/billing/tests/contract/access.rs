//! Authentication and error responses.

use reqwest::Method;
use serde_json::json;

use crate::{
    harness::{Billing, Setup, Store, TOKEN, send},
    on_both,
};

on_both! {
    the_health_check_needs_no_token,
    the_api_requires_the_admin_token,
    a_request_without_a_user_is_answered_400,
    an_invalid_user_is_answered_400,
    an_unknown_route_is_answered_404_and_a_wrong_method_405,
    a_body_is_at_most_16_kib,
    responses_have_a_request_id_and_security_headers,
    a_request_id_of_the_client_has_at_most_128_characters,
}

const ROUTES: [(&str, &str); 7] = [
    ("GET", "/api/v1/subscription/verify?user=zoe@example.com"),
    ("GET", "/api/v1/credits?user=zoe@example.com"),
    ("GET", "/api/v1/admin/settings/stripe"),
    ("PUT", "/api/v1/admin/settings/stripe"),
    ("POST", "/api/v1/admin/settings/stripe/secrets"),
    ("DELETE", "/api/v1/admin/settings/stripe/secrets/1"),
    ("GET", "/api/v1/admin/events"),
];

async fn the_health_check_needs_no_token(store: Store) {
    let billing = Billing::start(&store);
    let answer = send(billing.request(Method::GET, "/healthz")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "status": "ok" })));
}

async fn the_api_requires_the_admin_token(store: Store) {
    for (method, path) in ROUTES {
        // Wrong tokens are limited, so each route has a program of its own.
        let billing = Setup::new(&store).start();
        let request = || {
            billing.request(method.parse().unwrap(), path).body(r#"{"webhook_secret":"whsec_a"}"#)
        };
        for request in [
            request(),
            request().bearer_auth("another-token"),
            request().bearer_auth(""),
            request().bearer_auth(format!("{TOKEN}x")),
            request().bearer_auth(&TOKEN[1..]),
            request().basic_auth("admin", Some(TOKEN)),
            request().header("authorization", TOKEN),
            request().header("x-admin-token", TOKEN),
        ] {
            let answer = send(request).await;
            assert_eq!(
                (answer.status, &*answer.error_code()),
                (401, "unauthorized"),
                "{method} {path}"
            );
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
        let admitted = send(request().header("authorization", format!("bearer {TOKEN}"))).await;
        assert_ne!(admitted.status, 401, "{method} {path}");
    }
}

async fn a_request_without_a_user_is_answered_400(store: Store) {
    let billing = Billing::start(&store);
    for path in ["/api/v1/subscription/verify", "/api/v1/credits"] {
        for query in ["", "?", "?user=", "?user=%20", "?user=%00", "?email=zoe@example.com"] {
            let answer = billing.get(&format!("{path}{query}")).await;
            assert_eq!(
                (answer.status, &*answer.error_code()),
                (400, "missing_user"),
                "{path}{query}"
            );
        }
    }
}

async fn an_invalid_user_is_answered_400(store: Store) {
    let billing = Billing::start(&store);
    for query in ["?user=zoe@example.com&user=cus_1", "?user=a%00b"] {
        let answer = billing.get(&format!("/api/v1/credits{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        assert!(!answer.error_code().is_empty());
    }
}

async fn an_unknown_route_is_answered_404_and_a_wrong_method_405(store: Store) {
    let billing = Billing::start(&store);
    for path in ["/nothing", "/api/v1/nothing", "/api/v1/webhooks/stripe/"] {
        let answer = billing.get(path).await;
        assert_eq!((answer.status, &*answer.error_code()), (404, "not_found"), "{path}");
    }
    for (method, path) in [
        (Method::GET, "/api/v1/webhooks/stripe"),
        (Method::POST, "/api/v1/credits"),
        (Method::POST, "/healthz"),
    ] {
        let answer = billing.change(method, path, &json!({})).await;
        assert_eq!((answer.status, &*answer.error_code()), (405, "method_not_allowed"), "{path}");
        assert!(answer.header("allow").is_some());
    }
}

async fn a_body_is_at_most_16_kib(store: Store) {
    let billing = Setup::new(&store).start();
    let body_of =
        |length: usize| format!("{{\"webhook_secret\":\"whsec_{}\"}}", "a".repeat(length - 27));
    for (length, status) in [(16 * 1024, 200), (16 * 1024 + 1, 413)] {
        let body = body_of(length);
        assert_eq!(body.len(), length);
        let request = billing
            .request(Method::PUT, "/api/v1/admin/settings/stripe")
            .bearer_auth(TOKEN)
            .body(body);
        assert_eq!(send(request).await.status, status, "{length}");
    }
}

async fn responses_have_a_request_id_and_security_headers(store: Store) {
    let billing = Billing::start(&store);
    let answer = send(billing.request(Method::GET, "/healthz")).await;
    assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 36));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
}

async fn a_request_id_of_the_client_has_at_most_128_characters(store: Store) {
    let mut billing = Billing::start(&store);
    let (longest, too_long) = ("x".repeat(128), "y".repeat(129));
    for (given, is_kept) in
        [("from-the-proxy", true), (&*longest, true), (&*too_long, false), ("forged line", false)]
    {
        let request = billing.request(Method::GET, "/healthz").header("x-request-id", given);
        let answer = send(request).await;
        let id = answer.header("x-request-id").expect("an id");
        assert_eq!(id == given, is_kept, "{id}");
        assert!(is_kept || id.len() == 36, "{id}");
    }
    let (_, log) = billing.stop();
    assert!(log.contains(&longest), "{log}");
    assert!(!log.contains("yyyy") && !log.contains("forged line"), "{log}");
}
