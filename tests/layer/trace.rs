//! One `tracing` event for each decision, without payload and secret.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{ServiceBuilder, ServiceExt};
use tower_stripe_webhook::{
    BoxError, EnvSecret, Mode, SecretProvider, SigningSecret, StripeWebhookLayer,
    secret::secret_provider_fn,
    test_util::{FixedClock, samples, signed_request},
};

use crate::log::Log;

/// What is logged while `f` runs.
fn log_while(f: impl FnOnce()) -> String {
    let log = Log::begin();
    f();
    log.end()
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

fn secret() -> SigningSecret {
    SigningSecret::new("whsec_hidden").unwrap().with_id("dashboard")
}

fn log_of(provider: impl SecretProvider, signed_by: &SigningSecret) -> String {
    let service = ServiceBuilder::new()
        .layer(StripeWebhookLayer::new(provider).with_clock(FixedClock::new(now())))
        .service_fn(async |_: Request<Full<Bytes>>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        });
    let request = signed_request("/", samples::CHECKOUT_SESSION_COMPLETED, signed_by, now());
    log_while(|| {
        let _ = tokio_test::block_on(service.oneshot(request)).unwrap();
    })
}

#[test]
fn an_accepted_event_is_logged_at_debug_with_its_id_type_secret_and_size() {
    assert_eq!(
        log_of(secret(), &secret()),
        format!(
            "DEBUG tower_stripe_webhook::trace: accepted a Stripe webhook event.id=\"evt_1SampleCheckoutCompleted0\" \
             event.type=\"checkout.session.completed\" secret.id=\"dashboard\" body.size={}\n",
            samples::CHECKOUT_SESSION_COMPLETED.len(),
        )
    );
}

#[test]
fn an_event_of_the_other_mode_is_logged_at_debug_with_its_mode() {
    let service = ServiceBuilder::new()
        .layer(
            StripeWebhookLayer::new(secret())
                .with_clock(FixedClock::new(now()))
                .with_mode(Mode::Live),
        )
        .service_fn(async |_: Request<Full<Bytes>>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        });
    let request = signed_request("/", samples::CHECKOUT_SESSION_COMPLETED, &secret(), now());
    let log = log_while(|| {
        let _ = tokio_test::block_on(service.oneshot(request)).unwrap();
    });
    assert_eq!(
        log,
        "DEBUG tower_stripe_webhook::trace: acknowledged a Stripe webhook of the other mode \
         event.id=\"evt_1SampleCheckoutCompleted0\" event.type=\"checkout.session.completed\" event.livemode=false \
         secret.id=\"dashboard\"\n"
    );
}

#[test]
fn a_rejected_request_is_logged_at_warn_with_its_kind() {
    let log = log_of(secret(), &SigningSecret::new("whsec_other").unwrap());
    assert!(
        log.starts_with(
            " WARN tower_stripe_webhook::trace: rejected a Stripe webhook: no signature matches"
        ),
        "{log}"
    );
    assert!(log.ends_with("kind=\"signature_mismatch\"\n"), "{log}");
    assert_eq!(log.lines().count(), 1);
    assert!(log.contains("1 signing secret tried (dashboard)"), "{log}");
    for hidden in ["hidden", "example.com", "v1="] {
        assert!(!log.contains(hidden), "{log}");
    }
}

#[test]
fn a_diagnosis_is_logged_with_the_option() {
    let service = ServiceBuilder::new()
        .layer(
            StripeWebhookLayer::new(secret())
                .with_clock(FixedClock::new(now()))
                .with_mismatch_diagnosis(),
        )
        .service_fn(async |_: Request<Full<Bytes>>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        });
    let cut = signed_request("/", format!("{}\n", samples::INVOICE_PAID), &secret(), now())
        .map(|_| Full::from(samples::INVOICE_PAID));
    let log = log_while(|| {
        let _ = tokio_test::block_on(service.oneshot(cut)).unwrap();
    });
    assert!(log.ends_with("kind=\"signature_mismatch\" diagnosis=\"newline_cut\"\n"), "{log}");
}

#[test]
fn the_providers_error_is_in_the_log_because_it_is_not_in_the_response() {
    let failing = secret_provider_fn(|_| async { Err(BoxError::from("the database is away")) });
    let log = log_of(failing, &secret());
    assert!(log.contains("kind=\"secret_provider_failed\" error=the database is away"), "{log}");
}

#[cfg(feature = "tokio")]
#[test]
fn a_caches_failed_load_is_logged_once_for_any_number_of_requests() {
    let failing = secret_provider_fn(|_| async { Err(BoxError::from("the database is away")) });
    let head = Request::new(()).into_parts().0;
    let log = log_while(|| {
        tokio_test::block_on(async {
            let cached = tower_stripe_webhook::Cached::new(failing);
            for _ in 0..100 {
                cached.secrets(&head).await.unwrap_err();
            }
        });
    });
    let line = " WARN tower_stripe_webhook::secret::cached: cannot load the signing secrets error=the database is away\n";
    assert_eq!(log, line);
}

#[test]
fn a_missing_variable_is_logged_once_as_a_warning_at_startup() {
    let log = log_while(|| {
        EnvSecret::new("A_VARIABLE_THAT_NOBODY_SETS");
    });
    assert!(log.starts_with(" WARN tower_stripe_webhook::secret::env: "), "{log}");
    assert!(log.contains("A_VARIABLE_THAT_NOBODY_SETS is not set"), "{log}");
    assert_eq!(log.lines().count(), 1);
}

/// The secret is this test's own, because each is warned of once in a process.
#[test]
fn a_secret_shorter_than_stripes_is_logged_once_as_a_warning() {
    let short = format!("whsec_{}", "k".repeat(31));
    let log = log_while(|| {
        for _ in 0..3 {
            SigningSecret::new(short.as_str()).unwrap();
        }
    });
    let id = SigningSecret::new(short.as_str()).unwrap().id().to_string();
    assert!(
        log.starts_with(" WARN tower_stripe_webhook::secret::short: a signing secret is shorter than Stripe's own"),
        "{log}"
    );
    assert!(log.ends_with(&format!("secret.id=\"{id}\"\n")), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(!log.contains("kkk"), "{log}");
}

#[test]
fn a_secret_as_long_as_stripes_is_not_logged() {
    let log = log_while(|| drop(SigningSecret::new(format!("whsec_{}", "m".repeat(32))).unwrap()));
    assert_eq!(log, "");
}

#[test]
fn a_short_secret_made_before_the_log_is_logged_later() {
    let short = || SigningSecret::new("whsec_made_before_the_log").unwrap();
    short();
    assert_eq!(log_while(|| drop(short())).lines().count(), 1);
    assert_eq!(log_while(|| drop(short())), "");
}

/// A subscriber that prints texts as they are.
struct Raw(Arc<Mutex<String>>);

impl tracing::Subscriber for Raw {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Fields<'a>(&'a mut String);

        impl tracing::field::Visit for Fields<'_> {
            fn record_str(&mut self, _: &tracing::field::Field, text: &str) {
                self.0.push_str(text);
            }

            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{value:?}"));
            }
        }

        event.record(&mut Fields(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn no_text_of_a_sender_starts_a_line_in_the_log() {
    let log = Arc::new(Mutex::new(String::new()));
    let body = r#"{"id":"evt_1\nforged\u001b[2K","type":"ping\rforged","livemode":false,"data":{"object":{}}}"#;
    let label = SigningSecret::new("whsec_hidden").unwrap().with_id("tenant\nforged");
    let _guard = tracing::subscriber::set_default(Raw(Arc::clone(&log)));
    for livemode in [true, false] {
        for signed_by in [&label, &SigningSecret::new("whsec_other").unwrap()] {
            let layer = StripeWebhookLayer::new(label.clone())
                .with_clock(FixedClock::new(now()))
                .with_mode(Mode::from_livemode(livemode));
            let service =
                ServiceBuilder::new().layer(layer).service_fn(async |_: Request<Full<Bytes>>| {
                    Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
                });
            let _ =
                tokio_test::block_on(service.oneshot(signed_request("/", body, signed_by, now())))
                    .unwrap();
        }
    }
    let log = log.lock().unwrap();
    assert!(
        log.contains(r"evt_1\u{a}forged\u{1b}[2K") && log.contains(r"ping\u{d}forged"),
        "{log}"
    );
    assert!(log.contains(r"tenant\u{a}forged") && !log.contains(char::is_control), "{log:?}");
}
