//! The rejection of a request that matches no secret.

use std::{
    convert::Infallible,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::{BodyExt, Full};
use tower::{ServiceBuilder, ServiceExt};
use tower_stripe_webhook::{
    BoxError, Mode, Rejection, RejectionKind, SecretProvider, SigningSecret, SigningSecrets,
    StripeWebhookLayer,
    rejection::MismatchDiagnosis,
    test_util::{FixedClock, sign},
};

const CLI: &str = "whsec_9d0c1f6e8a3b5d7f2e4c6a8091b3d5f7e9c1a3b5d7f90e2c4a6b8d0f1e3c5a79";
const BODY: &str = "{\n  \"id\": \"evt_1\"\n}";

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

fn secret() -> SigningSecret {
    SigningSecret::new("whsec_a").unwrap().with_id("dashboard")
}

fn layer<P: SecretProvider>(provider: P) -> StripeWebhookLayer<P> {
    StripeWebhookLayer::new(provider).with_clock(FixedClock::new(now()))
}

/// Returns the rejection of `body` with this signature.
async fn rejection<P: SecretProvider>(
    layer: StripeWebhookLayer<P>,
    signature: &str,
    body: &'static str,
) -> Rejection {
    let service = ServiceBuilder::new().layer(layer).service_fn(async |_: Request<Full<Bytes>>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let request =
        Request::post("/").header("stripe-signature", signature).body(Full::from(body)).unwrap();
    service.oneshot(request).await.unwrap().extensions().get::<Rejection>().unwrap().clone()
}

async fn diagnosis(signed: &str, arrived: &'static str) -> String {
    let rejection = rejection(
        layer(secret()).with_mismatch_diagnosis(),
        &sign(signed, &secret(), now()),
        arrived,
    )
    .await;
    assert_eq!(
        (rejection.kind(), rejection.status().as_u16()),
        (RejectionKind::SignatureMismatch, 400)
    );
    let message = rejection.to_string();
    let is_found_out = !message.contains("Likely causes: the secret of another endpoint");
    assert_eq!(rejection.diagnosis().is_some(), is_found_out, "{message}");
    message
        .strip_prefix("no signature matches: 1 signing secret tried (dashboard). ")
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_diagnosis_names_the_change_to_the_body() {
    for (signed, arrived, message) in [
        (
            "{\r\n  \"id\": \"evt_1\"\r\n}",
            BODY,
            "It was signed with CRLF line ends and arrived with LF: a proxy, gateway or body parser changed them.",
        ),
        (
            BODY,
            "{\r\n  \"id\": \"evt_1\"\r\n}",
            "It was signed with LF line ends and arrived with CRLF: a proxy, gateway or body parser changed them.",
        ),
        (
            "\r\n{}\r\n",
            "\n{}\n",
            "It was signed with CRLF line ends and arrived with LF: a proxy, gateway or body parser changed them.",
        ),
        (
            "{\n  \"id\": \"evt_1\"\n}\n",
            BODY,
            "The body was signed with a newline at its end: a proxy, gateway or body parser cut it.",
        ),
        (
            "{}\r\n",
            "{}",
            "The body was signed with a newline at its end: a proxy, gateway or body parser cut it.",
        ),
        (
            "{}",
            "{}\n",
            "The body was signed without the newline at its end: a proxy, gateway or body parser added it.",
        ),
        (
            "{}",
            "{}\r\n",
            "The body was signed without the newline at its end: a proxy, gateway or body parser added it.",
        ),
    ] {
        assert_eq!(diagnosis(signed, arrived).await, message, "{signed:?} {arrived:?}");
    }
}

#[tokio::test]
async fn a_diagnosis_names_white_space_at_the_end_of_the_senders_secret() {
    // Made with `printf '1795447015.{}' | openssl dgst -sha256 -hmac …`, because a `SigningSecret`
    // cannot have white space.
    for (sender, signature) in [
        ("a newline", "b263fbc8456402867547ad1482d8b160d15fc510601300f5f52337a0294346a1"),
        (
            "a carriage return and a newline",
            "afcf8613940bba37db68a1899a8455fe3b300d85e1534c00522f3a25b1464960",
        ),
        ("a space", "0fe51f5cecc5abd14970fd22e88d06f349650eb37cccc63465350158d27917c5"),
    ] {
        let header = format!("t=1795447015,v1={signature}");
        let rejection = rejection(layer(secret()).with_mismatch_diagnosis(), &header, "{}").await;
        let code = rejection.diagnosis().map(MismatchDiagnosis::code);
        assert_eq!(code, Some("secret_with_white_space"));
        let message = rejection.to_string();
        assert!(
            message.contains("It was signed with this secret and white space at its end"),
            "{sender}: {message}"
        );
    }
}

#[tokio::test]
async fn an_undiagnosed_mismatch_lists_causes_and_stays_rejected() {
    for (signed, arrived) in
        [("{}", "{ }"), ("{}", ""), ("a\r\nb", "a\r\nc"), ("{}\n\n", "{}"), ("a\rb", "a\nb")]
    {
        let message = diagnosis(signed, arrived).await;
        assert!(
            message
                .starts_with("Likely causes: the secret of another endpoint or of the other mode"),
            "{signed:?} {message}"
        );
    }
}

#[tokio::test]
async fn a_layer_without_the_option_makes_no_diagnosis() {
    let message =
        rejection(layer(secret()), &sign("{}\n", &secret(), now()), "{}").await.to_string();
    assert!(message.contains("Likely causes: the secret of another endpoint"), "{message}");
}

/// Has one secret, and then another.
struct Rolled;

impl SecretProvider for Rolled {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(SigningSecret::new("whsec_old")?.with_id("old").into())
    }

    async fn newer_secrets(
        &self,
        _: &Parts,
        _: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        Ok(Some(SigningSecrets::from([secret(), SigningSecret::new("whsec_old")?.with_id("old")])))
    }
}

#[tokio::test]
async fn a_diagnosis_is_made_with_the_newer_secrets_too() {
    let rejection =
        rejection(layer(Rolled).with_mismatch_diagnosis(), &sign("{}\n", &secret(), now()), "{}")
            .await;
    assert_eq!(
        rejection.to_string(),
        "no signature matches: 2 signing secrets tried (old, dashboard). The body was signed with a newline at its end: a proxy, \
         gateway or body parser cut it."
    );
}

#[tokio::test]
async fn two_secrets_with_one_label_are_two() {
    let labelled =
        ["whsec_a", "whsec_b"].map(|text| SigningSecret::new(text).unwrap().with_id("dashboard"));
    let other = SigningSecret::new("whsec_other").unwrap();
    let rejection =
        rejection(layer(SigningSecrets::from(labelled)), &sign("{}", &other, now()), "{}").await;
    let message = rejection.to_string();
    assert!(message.contains("2 signing secrets tried (dashboard, dashboard)"), "{message}");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_diagnosed() {
    for (size, kind) in [(2, RejectionKind::SignatureMismatch), (1, RejectionKind::BodyTooLarge)] {
        let layer = layer(secret()).with_mismatch_diagnosis().with_max_body_size(size);
        let rejection = rejection(layer, &sign("{}\n", &secret(), now()), "{}").await;
        assert_eq!(rejection.kind(), kind);
    }
}

#[tokio::test]
async fn the_form_of_the_tried_secrets_is_named_if_it_is_a_likely_cause() {
    let cli = || SigningSecret::new(CLI).unwrap().with_id("cli");
    let too_short = || SigningSecret::new(&CLI[..CLI.len() - 1]).unwrap().with_id("short");
    let no_digits = || SigningSecret::new(CLI.replace('9', "g")).unwrap().with_id("letters");
    for (secrets, livemode, message) in [
        (
            vec![secret(), too_short(), no_digits()],
            true,
            "Likely causes: the secret of another endpoint or of the other mode",
        ),
        (
            vec![secret(), too_short(), no_digits()],
            false,
            "Likely causes: the secret of another endpoint or of the other mode",
        ),
        (
            vec![cli()],
            true,
            "One has the form of `stripe listen`'s, but this endpoint only serves live events.",
        ),
        (
            vec![cli(), secret()],
            true,
            "One has the form of `stripe listen`'s, but this endpoint only serves live events.",
        ),
        (
            vec![cli()],
            false,
            "The form is that of `stripe listen`'s secret, which only signs what that command forwards.",
        ),
        (vec![cli(), secret()], false, "One has the form of `stripe listen`'s, another has not."),
    ] {
        let layer =
            layer(SigningSecrets::from(secrets.clone())).with_mode(Mode::from_livemode(livemode));
        let other = SigningSecret::new("whsec_other").unwrap();
        let rejection = rejection(layer, &sign("{}", &other, now()), "{}").await.to_string();
        assert!(rejection.contains(&format!("). {message}")), "{secrets:?} {livemode} {rejection}");
        assert!(!rejection.contains("whsec_"), "{rejection}");
    }
}

/// The body of the response to a request that none of the secrets has signed.
async fn response(secrets: Vec<SigningSecret>, livemode: Option<bool>) -> String {
    let mut layer = layer(SigningSecrets::from(secrets));
    if let Some(livemode) = livemode {
        layer = layer.with_mode(Mode::from_livemode(livemode));
    }
    let service = ServiceBuilder::new().layer(layer).service_fn(async |_: Request<Full<Bytes>>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let signature = sign("{}", &SigningSecret::new("whsec_other").unwrap(), now());
    let request =
        Request::post("/").header("stripe-signature", signature).body(Full::from("{}")).unwrap();
    let body =
        service.oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.into()).unwrap()
}

#[tokio::test]
async fn a_response_has_no_id_of_a_secret_and_a_likely_cause() {
    let fingerprinted = SigningSecret::new("whsec_dragon99").unwrap();
    let named = SigningSecret::new("whsec_b").unwrap().with_id("row-17");
    let response = response(vec![fingerprinted.clone(), named.clone()], None).await;
    assert!(
        !response.contains(fingerprinted.id().as_str()) && !response.contains(named.id().as_str()),
        "{response}"
    );
    assert_eq!(
        response,
        "{\"error\":{\"code\":\"signature_mismatch\",\"message\":\"no signature matches. Likely causes: the secret of another \
         endpoint or of the other mode; the dashboard's secret while `stripe listen` signs with its own; a proxy, gateway or body \
         parser that changed the body.\"}}"
    );
}

#[tokio::test]
async fn a_response_does_not_show_the_number_of_secrets() {
    let dashboard = |n: u32| SigningSecret::new(format!("whsec_{n}")).unwrap();
    let cli = |n: u32| SigningSecret::new(format!("whsec_{n:064x}")).unwrap();
    for livemode in [None, Some(true), Some(false)] {
        let one = response(vec![dashboard(1)], livemode).await;
        assert_eq!(response((1..9).map(dashboard).collect(), livemode).await, one);

        let one = response(vec![cli(1)], livemode).await;
        assert!(one.contains("`stripe listen`'s"), "{one}");
        assert_eq!(response(vec![cli(1), cli(2)], livemode).await, one);
        assert_eq!(response(vec![cli(1), dashboard(1)], livemode).await, one);
        assert_eq!(response(vec![dashboard(1), dashboard(2), cli(1)], livemode).await, one);
    }
}

#[tokio::test]
async fn other_rejections_have_one_text_for_the_response_and_the_log() {
    let rejection = rejection(layer(secret()), "t=1", "{}").await;
    assert_eq!(rejection.kind(), RejectionKind::MalformedSignatureHeader);
    assert_eq!(rejection.public_message(), rejection.to_string());
}

#[tokio::test]
async fn one_diagnosis_a_second_is_made() {
    let clock = FixedClock::new(now());
    let layer =
        StripeWebhookLayer::new(secret()).with_clock(clock.clone()).with_mismatch_diagnosis();
    let diagnosed = async |layer: &StripeWebhookLayer<SigningSecret>| {
        let rejection = rejection(layer.clone(), &sign("{}\n", &secret(), now()), "{}").await;
        assert_eq!(rejection.kind(), RejectionKind::SignatureMismatch);
        rejection.diagnosis().is_some()
    };
    let millisecond = Duration::from_millis(1);
    assert!(diagnosed(&layer).await);
    assert!(!diagnosed(&layer).await);
    clock.advance(Duration::from_secs(1) - millisecond);
    assert!(!diagnosed(&layer).await);
    clock.advance(millisecond);
    assert!(diagnosed(&layer).await, "a second after the first");
    assert!(!diagnosed(&layer.clone()).await, "clones count together");

    clock.set(now());
    assert!(diagnosed(&layer).await, "a clock that was set back switches nothing off");
    let other = StripeWebhookLayer::new(secret()).with_clock(clock).with_mismatch_diagnosis();
    assert!(diagnosed(&other).await, "each layer counts by itself");
}

/// A genuine request in between costs no diagnosis.
#[tokio::test]
async fn a_diagnosis_is_not_used_up_by_other_rejections() {
    let layer = layer(secret()).with_mismatch_diagnosis();
    assert_eq!(
        rejection(layer.clone(), "t=1", "{}").await.kind(),
        RejectionKind::MalformedSignatureHeader
    );
    let right = sign("[]", &secret(), now());
    assert_eq!(rejection(layer.clone(), &right, "[]").await.kind(), RejectionKind::InvalidEvent);
    assert!(rejection(layer, &sign("{}\n", &secret(), now()), "{}").await.diagnosis().is_some());
}
