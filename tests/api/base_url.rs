//! The server that gets the requests.

use proptest::prelude::*;
use tower_stripe_webhook::api::ApiBaseUrl;

fn error_of(url: &str) -> String {
    ApiBaseUrl::new(url).expect_err(url).to_string()
}

#[test]
fn https_is_accepted_for_each_host() {
    for url in [
        "https://api.stripe.com",
        "https://api.stripe.com/",
        "https://proxy.example:8443",
        "https://[2001:db8::1]:443",
        "HTTPS://API.STRIPE.COM",
    ] {
        let base = ApiBaseUrl::new(url).unwrap();
        let expected = url.trim_end_matches('/').replace("HTTPS", "https");
        assert_eq!(base.to_string(), expected);
    }
    assert_eq!(ApiBaseUrl::default(), ApiBaseUrl::new("https://api.stripe.com").unwrap());
}

#[test]
fn plain_http_is_accepted_for_a_loopback_host_only() {
    for url in [
        "http://localhost",
        "http://LocalHost:80",
        "http://127.0.0.1:12111",
        "http://127.255.255.254",
        "http://[::1]:12111",
        "http://[0:0:0:0:0:0:0:1]",
    ] {
        assert!(ApiBaseUrl::new(url).is_ok(), "{url}");
    }
    for url in [
        "http://api.stripe.com",
        "http://localhost.example",
        "http://localhost.",
        "http://127.0.0.1.example",
        "http://127.0.0.1.",
        "http://128.0.0.1",
        "http://0.0.0.0",
        "http://127.1",
        "http://0177.0.0.1",
        "http://[::]",
        "http://[::2]",
        "http://[::ffff:127.0.0.1]",
        "http://10.0.0.1",
        "http://169.254.169.254",
    ] {
        assert!(error_of(url).contains("unencrypted"), "{url}");
    }
}

#[test]
fn anything_but_a_host_is_an_error() {
    for (url, mistake) in [
        ("", "not a URL"),
        ("api.stripe.com", "not a URL"),
        ("/v1", "not a URL"),
        ("//api.stripe.com", "not a URL"),
        ("https://", "not a URL"),
        ("https://:443", "not a URL"),
        ("https://api.stripe.com:", "not a URL"),
        ("https://api.stripe.com:65536", "not a URL"),
        ("https://api.stripe.com\n", "not a URL"),
        (" https://api.stripe.com", "not a URL"),
        ("https://user:pass@api.stripe.com", "user name"),
        ("https://api.stripe.com@evil.example", "user name"),
        ("http://user@127.0.0.1", "user name"),
        ("https://api.stripe.com/v1", "no path"),
        ("https://api.stripe.com//", "no path"),
        ("https://api.stripe.com?a=b", "no path"),
        ("https://api.stripe.com/?", "no path"),
        ("https://api.stripe.com#v1", "no path"),
        ("https://api.stripe.com/#", "no path"),
        ("ftp://api.stripe.com", "must start with `https://`"),
        ("ws://localhost", "must start with `https://`"),
    ] {
        assert!(error_of(url).contains(mistake), "{url}: {}", error_of(url));
    }
}

#[test]
fn no_error_shows_the_url() {
    let error = ApiBaseUrl::new("https://user:Hidden7Q@api.stripe.com").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Hidden7Q"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "(https?://)?\\PC{0,30}") {
        if let Ok(base) = ApiBaseUrl::new(&text) {
            prop_assert!(base.to_string().starts_with("http"));
        }
    }
}
