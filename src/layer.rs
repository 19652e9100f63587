//! The layer: every option, its default, its reason.

#[cfg(feature = "tokio")]
use std::time::Duration;
use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::Response;
use tower_layer::Layer;

#[cfg(feature = "tokio")]
use crate::body_memory::BodyMemory;
use crate::{
    admission::Admission,
    clock::{Clock, SystemClock},
    event::Mode,
    rejection::Rejection,
    response::{RejectionResponse, default_rejection_response},
    secret::SecretProvider,
    service::StripeWebhook,
    signature::Tolerance,
};

/// 2 MiB, as axum's extractors have it. Stripe's events have 3 to 5 kB, rarely over 50 kB.
const DEFAULT_MAX_BODY_SIZE: usize = 2 * 1024 * 1024;

/// Stripe sends the body at once, with the head.
#[cfg(feature = "tokio")]
const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Hands verified Stripe events to the service within: a [`Layer`] that makes a [`StripeWebhook`].
///
/// | option | default |
/// |---|---|
/// | [`with_tolerance`](Self::with_tolerance) | 300 s, to the past and to the future |
/// | [`with_max_body_size`](Self::with_max_body_size) | 2 MiB |
/// | `with_body_timeout` | 10 s, with the feature `tokio`, which is on by default; without it, none |
/// | `with_body_memory` | no bound for all bodies together; with the feature `tokio` |
/// | [`with_mode`](Self::with_mode) | live and test events |
/// | [`with_mismatch_diagnosis`](Self::with_mismatch_diagnosis) | off |
/// | [`with_rejection_response`](Self::with_rejection_response) | JSON with a code and a message |
/// | [`with_clock`](Self::with_clock) | the operating system's |
///
/// The service within gets the body as [`Full<Bytes>`](http_body_util::Full), the bytes that were verified, and a
/// [`VerifiedEvent`](crate::VerifiedEvent) in the request's extensions. It is called for verified events alone. Put the layer
/// on the webhook's route and not on the whole app: it turns away everything that Stripe did not sign.
///
/// # Example
///
/// With axum:
///
/// ```
/// use axum::{Router, http::StatusCode, routing::post};
/// use tower_stripe_webhook::{EnvSecret, StripeWebhookLayer, VerifiedEvent};
///
/// async fn receive(event: VerifiedEvent) -> StatusCode {
///     println!("{} {}", event.id(), event.event_type());
///     StatusCode::OK
/// }
///
/// let layer = StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET"));
/// let app: Router = Router::new().route("/api/v1/webhooks/stripe", post(receive).route_layer(layer));
/// ```
///
/// `Router::route_layer` works as well, but puts the layer before axum's `405`, too, and `Router::layer` also before its `404`: a `GET`
/// is then told that it has no signature.
///
/// With any other service over HTTP:
///
/// ```
/// use std::convert::Infallible;
///
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tower::ServiceBuilder;
/// use tower_stripe_webhook::{SigningSecret, StripeWebhookLayer, VerifiedEvent};
///
/// let service = ServiceBuilder::new()
///     .layer(StripeWebhookLayer::new(SigningSecret::new("whsec_example")?))
///     .service_fn(|request: Request<Full<Bytes>>| async move {
///         if let Some(event) = request.extensions().get::<VerifiedEvent>() {
///             println!("{} {}", event.id(), event.event_type());
///         }
///         Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
///     });
/// # fn is_service<S: tower::Service<Request<Full<Bytes>>>>(_: S) {}
/// # is_service(service);
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
///
/// A middleware below it in the same [`ServiceBuilder`](https://docs.rs/tower/0.5/tower/struct.ServiceBuilder.html) that names
/// its request body, such as `axum::middleware::from_fn`, wants that body: put `.map_request(|request: Request<Full<Bytes>>|
/// request.map(axum::body::Body::new))` between the two.
pub struct StripeWebhookLayer<P> {
    admission: Admission<P>,
    rejection_response: RejectionResponse,
}

impl<P: SecretProvider> StripeWebhookLayer<P> {
    /// Checks signatures against the secrets of `provider`, with the default of every option.
    pub fn new(provider: P) -> Self {
        let admission = Admission {
            provider: Arc::new(provider),
            clock: Arc::new(SystemClock),
            tolerance: Tolerance::default(),
            max_body_size: DEFAULT_MAX_BODY_SIZE,
            mode: None,
            diagnosis: None,
            #[cfg(feature = "tokio")]
            body_timeout: Some(DEFAULT_BODY_TIMEOUT),
            #[cfg(feature = "tokio")]
            body_memory: None,
        };
        Self { admission, rejection_response: Arc::new(default_rejection_response) }
    }

    /// How far a signature's timestamp may be from the clock, in the past and in the future. Default: 300 s, as Stripe's
    /// official libraries have it. Beyond it: `400`.
    ///
    /// The check is switched off by [`Tolerance::danger_accept_any_timestamp`] alone; zero means zero.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_stripe_webhook::{SigningSecret, StripeWebhookLayer};
    /// # let secret = SigningSecret::new("whsec_example")?;
    /// let layer = StripeWebhookLayer::new(secret).with_tolerance(Duration::from_secs(60));
    /// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
    /// ```
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: impl Into<Tolerance>) -> Self {
        self.admission.tolerance = tolerance.into();
        self
    }

    /// The longest body that is read, in bytes. Default: 2 MiB. Beyond it: `413`, at once if `Content-Length` says so.
    ///
    /// With axum, a handler that takes `Bytes`, `String` or `Json` also meets axum's own limit of 2 MB (`DefaultBodyLimit`), which
    /// [`VerifiedEvent::body`](crate::Event::body) does not.
    #[must_use]
    pub fn with_max_body_size(mut self, bytes: usize) -> Self {
        self.admission.max_body_size = bytes;
        self
    }

    /// How long a body may take to arrive, from the first time that it is asked for to its end. Default: 10 s. Beyond it:
    /// `408`.
    ///
    /// While an unverified body arrives, the inner service stays reserved: under a `ConcurrencyLimit` whoever sends slowly takes up a
    /// place for as long as this.
    ///
    /// # Panics
    ///
    /// The response future panics outside of a tokio runtime with a timer, for the default as well:
    /// [`without_body_timeout`](Self::without_body_timeout) is for other runtimes.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    #[must_use]
    pub fn with_body_timeout(mut self, timeout: Duration) -> Self {
        self.admission.body_timeout = Some(timeout);
        self
    }

    /// Waits for a body without a deadline: for another runtime than tokio, or where the server has a deadline of its own.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    #[must_use]
    pub fn without_body_timeout(mut self) -> Self {
        self.admission.body_timeout = None;
        self
    }

    /// Bounds the memory that the bodies of all requests take up together, in bytes. Default: no bound.
    ///
    /// A request whose signature is made up is only rejected after its body has arrived. Without a bound, many such requests with long
    /// bodies can take up as much memory as there is. A limit for the number of requests does not help: requests whose body never comes
    /// would use it up, and genuine deliveries would wait.
    ///
    /// So this option counts bytes, as they arrive:
    ///
    /// - A body takes what it has sent, and nothing before. It gives it back when the request is rejected, or else when the last clone of
    ///   the [`VerifiedEvent`](crate::VerifiedEvent) is dropped.
    /// - While the memory is used up, a request waits with the piece of its body that has arrived. After 2 s it is rejected with `503` and
    ///   `Retry-After` ([`BodyMemoryUsedUp`](crate::RejectionKind::BodyMemoryUsedUp)). The pieces that wait take up as much memory again
    ///   at most; a request beyond that is rejected at once.
    /// - The first byte of a body has to arrive within 2 s, and then 2 KiB, or the end, within each 2 s. A slower one is rejected with
    ///   `408` ([`BodyTimeout`](crate::RejectionKind::BodyTimeout)). Stripe sends the body at once, with the head. The time counts only
    ///   while the layer reads, and besides [`with_body_timeout`](Self::with_body_timeout), which bounds all of it.
    ///
    /// The layer, its clones and all of their services share the memory. It has to hold the longest body
    /// ([`with_max_body_size`](Self::with_max_body_size)) at least; 16 to 64 MiB hold several thousand of Stripe's events. A body that
    /// arrives in several pieces is copied into a buffer that may be twice as long, and what the server has read and the layer has not
    /// asked for yet is the server's.
    ///
    /// ```
    /// # use tower_stripe_webhook::{SigningSecret, StripeWebhookLayer};
    /// # let secret = SigningSecret::new("whsec_example")?;
    /// let layer = StripeWebhookLayer::new(secret).with_body_memory(32 * 1024 * 1024);
    /// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// The response future panics outside of a tokio runtime with a timer.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    #[must_use]
    pub fn with_body_memory(mut self, bytes: usize) -> Self {
        self.admission.body_memory = Some(BodyMemory::new(bytes));
        self
    }

    /// Serves one mode only. Default: both.
    ///
    /// A Connect endpoint in live mode also receives the test events of its connected accounts
    /// (<https://docs.stripe.com/connect/webhooks>). An event of the other mode is acknowledged with `200` without a call of the inner
    /// service, so that Stripe neither repeats it nor disables the endpoint. The response's extensions hold it as an
    /// [`OtherModeEvent`](crate::response::OtherModeEvent).
    ///
    /// Only an event that states the other mode is acknowledged in this way. An event that states [none](crate::Event::mode) reaches the
    /// inner service, so that it cannot be lost.
    #[must_use]
    pub fn with_mode(mut self, mode: Mode) -> Self {
        self.admission.mode = Some(mode);
        self
    }

    /// Finds out why no signature matches, where that can be found out. Default: off, because it costs up to 29 more HMACs over the
    /// body for each secret, also for forged requests. So it is done once a second at most, by the layer's clock; clones of the layer and
    /// its services count together. A request in between is rejected without a diagnosis. One that is accepted costs nothing more.
    ///
    /// The rejection's message, its [`diagnosis`](crate::Rejection::diagnosis) and, with the feature `tracing`, the field `diagnosis`
    /// of its log line then say whether a signature would have matched
    ///
    /// - with the line ends changed, from CRLF to LF or back (`line_ends_changed`);
    /// - with a newline put to the body's end or taken from it (`newline_cut`, `newline_added`);
    /// - with white space at the end of the secret with which it was signed (`secret_with_white_space`);
    /// - with a byte order mark put to the body's start or taken from it (`byte_order_mark_cut`, `byte_order_mark_added`);
    /// - with the body decoded from base64, in which API Gateway hands it on (`base64_encoded`);
    /// - with the body's JSON printed in Stripe's indentation or compactly (`json_reprinted`), or with other escapes, such as `/` for
    ///   `\/` or `é` for `\u00e9` (`json_escapes_changed`). The order of keys and the spelling of numbers are not tried.
    ///
    /// They also say so if the body begins as a compressed one does (`gzip_compressed`, `zstd_compressed`, `deflate_compressed`). Base64
    /// and JSON are tried for bodies of up to 256 KiB, and JSON that would become more than four times as long (and 1 KiB) is not.
    ///
    /// The request is turned away all the same. For while an endpoint is set up, or after a gateway in front of it has changed.
    #[must_use]
    pub fn with_mismatch_diagnosis(mut self) -> Self {
        self.admission.diagnosis = Some(Arc::default());
        self
    }

    /// The clock against which timestamps are held. Default: [`SystemClock`]. For tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.admission.clock = Arc::new(clock);
        self
    }

    /// Makes the response to a request that was turned away. Default: the rejection's status and small JSON,
    /// `{"error":{"code":"signature_mismatch","message":"…"}}`, with [`Retry-After`](Rejection::retry_after) beside a `503`.
    ///
    /// Stripe takes any status but `2xx` for a failure, delivers the event again later, and shows the body to the operator.
    /// Whatever the response is, the layer puts the [`Rejection`] into its extensions. Its text for a response is
    /// [`public_message`](Rejection::public_message); its `Display` has the ids of the secrets, and is for a log.
    ///
    /// The body is anything that turns into [`Bytes`]: a `String`, a `Vec<u8>`, but not axum's `Body`.
    ///
    /// ```
    /// # use http::Response;
    /// # use tower_stripe_webhook::{Rejection, SigningSecret, StripeWebhookLayer};
    /// # let secret = SigningSecret::new("whsec_example")?;
    /// let layer = StripeWebhookLayer::new(secret).with_rejection_response(|rejection: &Rejection| {
    ///     let mut response = Response::builder().status(rejection.status());
    ///     if let Some(wait) = rejection.retry_after() {
    ///         response = response.header("retry-after", wait.as_secs());
    ///     }
    ///     response.body(rejection.public_message()).unwrap()
    /// });
    /// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
    /// ```
    #[must_use]
    pub fn with_rejection_response<F, B>(mut self, response: F) -> Self
    where
        F: Fn(&Rejection) -> Response<B> + Send + Sync + 'static,
        B: Into<Bytes>,
    {
        self.rejection_response = Arc::new(move |rejection| response(rejection).map(Into::into));
        self
    }
}

impl<S, P> Layer<S> for StripeWebhookLayer<P> {
    type Service = StripeWebhook<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        StripeWebhook::new(inner, self.admission.clone(), Arc::clone(&self.rejection_response))
    }
}

// By hand, because a provider need not be `Clone` or `Debug`.
impl<P> Clone for StripeWebhookLayer<P> {
    fn clone(&self) -> Self {
        Self { admission: self.admission.clone(), rejection_response: Arc::clone(&self.rejection_response) }
    }
}

impl<P> fmt::Debug for StripeWebhookLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeWebhookLayer").field("admission", &self.admission).finish_non_exhaustive()
    }
}
