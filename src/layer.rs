//! The layer: every option with its default and reason.

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

/// 2 MiB, close to the default of axum's extractors.
///
/// Stripe's events have 3 to 5 kB, rarely more than 50 kB.
const DEFAULT_MAX_BODY_SIZE: usize = 2 * 1024 * 1024;

/// Ample for Stripe, which sends the body together with the head.
#[cfg(feature = "tokio")]
const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A [`Layer`] that verifies Stripe webhook requests.
///
/// It passes the event of a verified request to the inner service and rejects every other request.
/// The options:
///
/// | option | default |
/// |---|---|
/// | [`with_tolerance`](Self::with_tolerance) | 300 s, in both directions |
/// | [`with_max_body_size`](Self::with_max_body_size) | 2 MiB |
/// | `with_body_timeout` | 10 s; none without the feature `tokio`, which is on by default |
/// | `with_body_memory` | no limit for all bodies together; with the feature `tokio` |
/// | [`with_mode`](Self::with_mode) | both modes |
/// | [`with_mismatch_diagnosis`](Self::with_mismatch_diagnosis) | off |
/// | [`with_rejection_response`](Self::with_rejection_response) | JSON with a code and a message |
/// | [`with_clock`](Self::with_clock) | the operating system's clock |
///
/// The inner service gets the verified bytes as a [`Full<Bytes>`](http_body_util::Full) body, and a
/// [`VerifiedEvent`](crate::VerifiedEvent) in the request's extensions. It is only called for
/// verified events. Put the layer on the webhook's route, because it rejects every request that
/// Stripe did not sign.
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
/// `Router::route_layer` and `Router::layer` also work, but then the layer runs before axum's
/// `405`, and with `Router::layer` before its `404` too: a `GET` request is rejected for its
/// missing signature.
///
/// With any other HTTP service:
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
/// Some middleware requires its own request body type, such as `axum::middleware::from_fn`. To put
/// one below the layer in the same
/// [`ServiceBuilder`](https://docs.rs/tower/0.5/tower/struct.ServiceBuilder.html), add
/// `.map_request(|request: Request<Full<Bytes>>| request.map(axum::body::Body::new))` between the
/// two.
pub struct StripeWebhookLayer<P> {
    admission: Admission<P>,
    rejection_response: RejectionResponse,
}

impl<P: SecretProvider> StripeWebhookLayer<P> {
    /// Checks signatures against the secrets of `provider`, with the default options.
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

    /// Sets how far a signature's timestamp may be from the clock.
    ///
    /// The tolerance applies in both directions. Default: 300 s, as in Stripe's official libraries.
    /// A request outside the tolerance is rejected with `400`.
    ///
    /// Zero means zero. Only [`Tolerance::danger_accept_any_timestamp`] switches the check off.
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

    /// Sets the maximum length of a body, in bytes.
    ///
    /// Default: 2 MiB. A longer body is rejected with `413`, before it is read if `Content-Length`
    /// is over the limit.
    ///
    /// With axum, a handler that takes `Bytes`, `String` or `Json` is also subject to axum's
    /// `DefaultBodyLimit` of 2 MB. [`VerifiedEvent::body`](crate::Event::body) is not.
    #[must_use]
    pub fn with_max_body_size(mut self, bytes: usize) -> Self {
        self.admission.max_body_size = bytes;
        self
    }

    /// Sets the time in which a body has to arrive.
    ///
    /// It runs from the first poll of the body to its end. Default: 10 s. A slower body is rejected
    /// with `408`.
    ///
    /// While an unverified body arrives, the inner service stays reserved: with a
    /// `ConcurrencyLimit`, a slow sender holds a permit for up to this time.
    ///
    /// # Panics
    ///
    /// The response future panics outside a tokio runtime with a timer, also with the default. For
    /// another runtime use [`without_body_timeout`](Self::without_body_timeout).
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    #[must_use]
    pub fn with_body_timeout(mut self, timeout: Duration) -> Self {
        self.admission.body_timeout = Some(timeout);
        self
    }

    /// Removes the body timeout.
    ///
    /// Use it for a runtime other than tokio, or if the server has a timeout of its own. Without
    /// either, reading the body never times out.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    #[must_use]
    pub fn without_body_timeout(mut self) -> Self {
        self.admission.body_timeout = None;
        self
    }

    /// Limits the memory of the bodies of all requests together, in bytes.
    ///
    /// Default: no limit.
    ///
    /// A forged request is only rejected after its body has arrived, so many forged requests with
    /// long bodies can use up the memory. A limit for the number of requests does not help:
    /// requests whose body never arrives would use it up, and genuine deliveries would wait.
    ///
    /// This option counts the bytes that have arrived:
    ///
    /// - **Memory.** A body takes memory for the bytes that have arrived. It releases the memory
    ///   when the request is rejected, or when the last clone of the
    ///   [`VerifiedEvent`](crate::VerifiedEvent) is dropped.
    /// - **Waiting.** While the memory is used up, a request waits with the piece of its body that
    ///   has arrived. After 2 s it is rejected with `503` and `Retry-After`
    ///   ([`BodyMemoryUsedUp`](crate::RejectionKind::BodyMemoryUsedUp)). The waiting pieces
    ///   together may take the same amount of memory again; a request beyond that is rejected at
    ///   once.
    /// - **Minimum rate.** The first byte of a body has to arrive within 2 s, and after it 2 KiB or
    ///   the end within each 2 s. A slower body is rejected with `408`
    ///   ([`BodyTimeout`](crate::RejectionKind::BodyTimeout)). Only the time in which the layer
    ///   polls the body counts. [`with_body_timeout`](Self::with_body_timeout) still limits the
    ///   total time.
    ///
    /// The layer, its clones and all of their services share the memory. Choose at least
    /// [`with_max_body_size`](Self::with_max_body_size), or the longest body never fits. 16 to 64
    /// MiB hold several thousand of Stripe's events.
    ///
    /// The limit does not count two things: the spare capacity of the buffer for a body of several
    /// frames, which may be up to the body's length, and the bytes that the HTTP server has read
    /// ahead.
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
    /// The response future panics outside a tokio runtime with a timer.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    #[must_use]
    pub fn with_body_memory(mut self, bytes: usize) -> Self {
        self.admission.body_memory = Some(BodyMemory::new(bytes));
        self
    }

    /// Serves only the events of one mode.
    ///
    /// Default: both modes.
    ///
    /// A Connect endpoint in live mode also receives the test events of its connected accounts
    /// (<https://docs.stripe.com/connect/webhooks>). The layer acknowledges an event of the other
    /// mode with `200` without calling the inner service, so that Stripe neither retries it nor
    /// disables the endpoint. The response's extensions hold it as an
    /// [`OtherModeEvent`](crate::response::OtherModeEvent).
    ///
    /// An event [without a mode](crate::Event::mode) reaches the inner service, so that it cannot
    /// be lost.
    #[must_use]
    pub fn with_mode(mut self, mode: Mode) -> Self {
        self.admission.mode = Some(mode);
        self
    }

    /// Diagnoses the cause of a signature mismatch.
    ///
    /// Default: off. Switch it on while you set up an endpoint, or after you changed a gateway in
    /// front of it. The request is rejected in any case.
    ///
    /// A diagnosis costs up to 29 more HMACs over the body for each secret, also for forged
    /// requests. So the layer makes at most one per second of its clock; its clones and services
    /// count together. A request in between is rejected without a diagnosis. Accepted requests have
    /// no extra cost.
    ///
    /// The diagnosis checks whether a signature matches after one of these changes:
    ///
    /// | code | change |
    /// |---|---|
    /// | `line_ends_changed` | line ends changed from CRLF to LF or back |
    /// | `newline_cut`, `newline_added` | newline at the end of the body added or removed |
    /// | `secret_with_white_space` | white space added to the end of the secret |
    /// | `byte_order_mark_cut`, `byte_order_mark_added` | byte order mark at the start of the body added or removed |
    /// | `base64_encoded` | body decoded from base64, in which API Gateway passes it to a function |
    /// | `json_reprinted` | JSON printed with Stripe's indentation, or compactly |
    /// | `json_escapes_changed` | JSON printed with other escapes, such as `/` for `\/` or `é` for `\u00e9` |
    ///
    /// The codes `gzip_compressed`, `zstd_compressed` and `deflate_compressed` mean that the body
    /// starts like a compressed one. Base64 and JSON are only tried for bodies of up to 256 KiB,
    /// and JSON only if it becomes at most four times as long plus 1 KiB. The order of keys and the
    /// format of numbers are not changed.
    ///
    /// The result is in the rejection's message and [`diagnosis`](crate::Rejection::diagnosis) and,
    /// with the feature `tracing`, in the log field `diagnosis`.
    #[must_use]
    pub fn with_mismatch_diagnosis(mut self) -> Self {
        self.admission.diagnosis = Some(Arc::default());
        self
    }

    /// Sets the clock against which timestamps are checked, for tests.
    ///
    /// Default: [`SystemClock`].
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.admission.clock = Arc::new(clock);
        self
    }

    /// Sets the function that makes the response to a rejected request.
    ///
    /// Default: the rejection's status, the body
    /// `{"error":{"code":"signature_mismatch","message":"…"}}` and, with a `503`, the header
    /// [`Retry-After`](Rejection::retry_after).
    ///
    /// Stripe treats every status except `2xx` as a failure: it delivers the event again later and
    /// shows the body to the operator. Use [`public_message`](Rejection::public_message) for the
    /// body; the `Display` text has the ids of the secrets, and is for logs. The layer puts the
    /// [`Rejection`] into the extensions of the response.
    ///
    /// The body is any type that converts into [`Bytes`], such as `String` or `Vec<u8>`, but not
    /// axum's `Body`.
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

// A derive would require `P: Clone` and `P: Debug`.
impl<P> Clone for StripeWebhookLayer<P> {
    fn clone(&self) -> Self {
        Self {
            admission: self.admission.clone(),
            rejection_response: Arc::clone(&self.rejection_response),
        }
    }
}

impl<P> fmt::Debug for StripeWebhookLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeWebhookLayer")
            .field("admission", &self.admission)
            .finish_non_exhaustive()
    }
}
