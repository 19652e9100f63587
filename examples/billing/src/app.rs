//! The state that handlers share, and the routes with their layers.

use std::{any::Any, net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::MatchedPath,
    http::{
        HeaderName, HeaderValue, Request, StatusCode,
        header::{AUTHORIZATION, COOKIE, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use tower::ServiceBuilder;
use tower_http::{
    ServiceBuilderExt,
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, RequestId},
    sensitive_headers::{SetSensitiveRequestHeadersLayer, SetSensitiveResponseHeadersLayer},
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
    trace::{DefaultOnResponse, TraceLayer},
};
use tower_stripe_webhook::{Mode, api::SharedApiClient};
use tracing::{Level, Span, info_span};

use crate::{
    admin_token::AdminToken,
    api::{self, ApiError, Health},
    billing::credits::CreditRate,
    connect::ConnectedAccounts,
    data::Database,
    portal,
    rejections::RejectionCounts,
    request_id,
    secrets::Secrets,
    webhook::{self, StoreLimit},
};

/// Longer than each timeout inside a request: the body of an event (10 s), a fetch from Stripe
/// (8 s), a database connection (5 s) and a statement (10 s in Postgres).
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

const CONTENT_SECURITY_POLICY: HeaderName = HeaderName::from_static("content-security-policy");

/// Pages only load scripts and styles from this server, nothing inline, and cannot be framed.
const SAME_ORIGIN_ONLY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The state of every handler. Clones are cheap.
#[derive(Clone, Debug)]
pub struct AppState {
    pub database: Database,
    pub secrets: Secrets,
    pub rejections: RejectionCounts,
    pub health: Health,
    pub admin_token: AdminToken,
    pub mode: Mode,
    pub connected_accounts: ConnectedAccounts,
    pub credit_rate: CreditRate,
    /// `None` without an API key: then thin events are not accepted.
    pub stripe_api: Option<SharedApiClient>,
    pub store_limit: StoreLimit,
    /// The address at which this program reaches itself.
    pub local_address: SocketAddr,
}

pub fn router(app: AppState) -> Router {
    let sensitive = [AUTHORIZATION, COOKIE, HeaderName::from_static("stripe-signature")];
    // The first layer is the outermost.
    let layers = ServiceBuilder::new()
        .map_request(request_id::remove_invalid)
        .set_x_request_id(MakeRequestUuid)
        .layer(SetSensitiveRequestHeadersLayer::new(sensitive))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_response(DefaultOnResponse::new().level(Level::INFO)),
        )
        .layer(SetSensitiveResponseHeadersLayer::new([SET_COOKIE]))
        .propagate_x_request_id()
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(header(CONTENT_SECURITY_POLICY, SAME_ORIGIN_ONLY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        .layer(CatchPanicLayer::custom(panicked));
    Router::new()
        .merge(webhook::routes(&app))
        .merge(api::routes(&app))
        .merge(portal::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(layers)
        .with_state(app)
}

fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Names the route and not the URL, which may contain an email address.
fn span(request: &Request<Body>) -> Span {
    let request_id =
        request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    info_span!("request", method = %request.method(), route, request_id)
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::internal().into_response()
}

async fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "no such route: README.md lists the routes")
}

async fn method_not_allowed() -> ApiError {
    let message = "this route does not take the method: see the Allow header";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
