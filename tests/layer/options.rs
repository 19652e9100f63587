//! The options of the layer and their defaults.

use std::{
    convert::Infallible,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, header::RETRY_AFTER};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};
use tower_stripe_webhook::{
    Rejection, RejectionKind, SecretProvider, SigningSecret, SigningSecrets, StripeWebhookLayer,
    Tolerance,
    response::ResponseBody,
    secret::secret_provider_fn,
    test_util::{FixedClock, samples, signed_request},
};

const EVENT: &str = samples::INVOICE_PAID;

fn secret() -> SigningSecret {
    SigningSecret::new("whsec_of_the_tests").unwrap()
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

fn layer<P: SecretProvider>(provider: P) -> StripeWebhookLayer<P> {
    StripeWebhookLayer::new(provider).with_clock(FixedClock::new(now()))
}

fn genuine() -> Request<Full<Bytes>> {
    signed_request("/webhook", EVENT, &secret(), now())
}

fn kind_of<B>(response: &Response<B>) -> Option<RejectionKind> {
    response.extensions().get().map(Rejection::kind)
}

async fn app(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::default()))
}

async fn respond<P: SecretProvider>(
    layer: StripeWebhookLayer<P>,
    request: Request<Full<Bytes>>,
) -> Response<ResponseBody<Full<Bytes>>> {
    layer.layer(service_fn(app)).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn the_tolerance_takes_effect_in_both_directions() {
    const SECOND: Duration = Duration::from_secs(1);
    for (tolerance, seconds) in [(None, 300), (Some(60), 60), (Some(0), 0), (Some(3600), 3600)] {
        for (off_by, kind) in
            [(seconds, None), (seconds + 1, Some(RejectionKind::TimestampOutsideTolerance))]
        {
            for clock in [now() + SECOND * off_by, now() - SECOND * off_by] {
                let mut layer = layer(secret()).with_clock(FixedClock::new(clock));
                if let Some(tolerance) = tolerance {
                    layer = layer.with_tolerance(Duration::from_secs(tolerance));
                }
                assert_eq!(
                    kind_of(&respond(layer, genuine()).await),
                    kind,
                    "{tolerance:?} {off_by}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_tolerance_is_disabled_by_name() {
    let clock = FixedClock::new(now() + Duration::from_secs(1 << 30));
    let off =
        layer(secret()).with_clock(clock).with_tolerance(Tolerance::danger_accept_any_timestamp());
    assert_eq!(kind_of(&respond(off, genuine()).await), None);
}

#[tokio::test]
async fn the_body_limit_takes_effect() {
    for (limit, kind) in [(EVENT.len(), None), (EVENT.len() - 1, Some(RejectionKind::BodyTooLarge))]
    {
        assert_eq!(
            kind_of(&respond(layer(secret()).with_max_body_size(limit), genuine()).await),
            kind,
            "{limit}"
        );
    }
}

#[tokio::test]
async fn the_body_limit_is_2_mib_by_default() {
    const LIMIT: usize = 2 * 1024 * 1024;
    for (size, kind) in [(LIMIT, None), (LIMIT + 1, Some(RejectionKind::BodyTooLarge))] {
        let body = format!("{EVENT}{}", " ".repeat(size - EVENT.len()));
        let request = signed_request("/webhook", body, &secret(), now());
        assert_eq!(kind_of(&respond(layer(secret()), request).await), kind, "{size}");
    }
}

#[tokio::test]
async fn a_503_has_a_retry_after_of_30_seconds() {
    let failing = secret_provider_fn(|_| async { Err("down".into()) });
    for response in [
        respond(layer(failing), genuine()).await,
        respond(layer(SigningSecrets::default()), genuine()).await,
    ] {
        assert_eq!(
            (response.status().as_u16(), &response.headers()[RETRY_AFTER]),
            (503, &"30".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn the_inner_service_can_be_reached() {
    let mut service = layer(secret()).layer("inner".to_owned());
    assert_eq!(service.get_ref(), "inner");
    service.get_mut().push_str(" service");
    assert_eq!(service.get_ref(), "inner service");
    assert_eq!(service.into_inner(), "inner service");
}

#[test]
fn a_kind_of_rejection_prints_as_its_code() {
    assert_eq!(RejectionKind::BodyTooLarge.to_string(), "body_too_large");
    assert_eq!(format!("{:>16}", RejectionKind::BodyTimeout), "    body_timeout");
}
