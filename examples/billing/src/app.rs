//! The application: what its handlers share, and its routes with the layers around them.

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
use tracing::{Level, Span, info_span};

use crate::{
    admin_token::AdminToken,
    api::{self, ApiError, Health},
    billing::credits::CreditRate,
    connect::ConnectedAccounts,
    data::Database,
    mode::Mode,
    portal,
    refusals::Refusals,
    secrets::Secrets,
    webhook,
};

/// Longer than everything that has a deadline of its own: the body of an event (10 s), and a connection to the database (5 s).
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

const CONTENT_SECURITY_POLICY: HeaderName = HeaderName::from_static("content-security-policy");

/// Pages have their scripts, styles and forms from this program alone, nothing inline, and are in no frame.
const OWN_CONTENT_ALONE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every handler needs. Clones are cheap.
#[derive(Clone, Debug)]
pub struct AppState {
    pub database: Database,
    pub secrets: Secrets,
    pub refusals: Refusals,
    pub health: Health,
    pub admin_token: AdminToken,
    pub mode: Mode,
    pub connected_accounts: ConnectedAccounts,
    pub credit_rate: CreditRate,
    /// Where this program can reach itself.
    pub local_address: SocketAddr,
}

pub fn router(app: AppState) -> Router {
    let sensitive = [AUTHORIZATION, COOKIE, HeaderName::from_static("stripe-signature")];
    // From the outside in.
    let layers = ServiceBuilder::new()
        .set_x_request_id(MakeRequestUuid)
        .layer(SetSensitiveRequestHeadersLayer::new(sensitive))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(DefaultOnResponse::new().level(Level::INFO)))
        .layer(SetSensitiveResponseHeadersLayer::new([SET_COOKIE]))
        .propagate_x_request_id()
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(header(CONTENT_SECURITY_POLICY, OWN_CONTENT_ALONE))
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

/// The route, and not the URL, which may name a user.
fn span(request: &Request<Body>) -> Span {
    let request_id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    info_span!("request", method = %request.method(), route, request_id)
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::internal().into_response()
}

async fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here: README.md lists the routes")
}

async fn method_not_allowed() -> ApiError {
    let message = "this route has other methods: the Allow header lists them";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
