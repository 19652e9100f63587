//! Customization → Stripe Settings: the webhook's secrets, its address, and a test event.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    endpoint::Endpoint,
    error::PortalError,
    flash::Flash,
    form::{NoFields, SessionForm},
    frame::{Frame, Section, page},
    secret_row::{Advice, SecretRow},
    session::{self, Session},
    test_event::{self, TestEvent},
};
use crate::{
    app::AppState,
    secrets::{Added, SecretsError},
};

const PATH: &str = "/admin/customization/stripe-settings";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route(&format!("{PATH}/secrets"), post(add))
        .route(&format!("{PATH}/secrets/generate"), post(generate))
        .route(&format!("{PATH}/secrets/replace"), post(replace))
        .route(&format!("{PATH}/secrets/{{id}}/remove"), post(remove))
        .route(&format!("{PATH}/test-event"), post(send_test_event))
        // A page that told of a mistake has the address of its form, and may be loaded again.
        .method_not_allowed_fallback(async || Redirect::to(PATH))
}

#[derive(Template)]
#[template(path = "stripe_settings.html")]
struct SettingsPage {
    frame: Frame,
    secrets: Vec<SecretRow>,
    in_database: usize,
    environment_is_set: bool,
    add_error: Option<String>,
    replace_error: Option<String>,
    endpoint: Endpoint,
    chosen: TestEvent,
    email: String,
}

impl SettingsPage {
    async fn new(app: &AppState, session: Session, headers: &HeaderMap) -> Result<Self, PortalError> {
        let secrets = SecretRow::all(app.secrets.list().await?);
        Ok(Self {
            frame: Frame::new(app, session, Section::StripeSettings, "Stripe Settings").await?,
            in_database: secrets.iter().filter(|secret| secret.removable).count(),
            secrets,
            environment_is_set: app.secrets.environment_is_set(),
            add_error: None,
            replace_error: None,
            endpoint: Endpoint::new(app, headers),
            chosen: TestEvent::default(),
            email: "zoe@example.com".into(),
        })
    }
}

async fn show(State(app): State<AppState>, headers: HeaderMap, session: Session) -> Result<Response, PortalError> {
    page(&SettingsPage::new(&app, session, &headers).await?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SecretFields {
    webhook_secret: String,
    confirmed: Option<String>,
}

async fn add(
    State(app): State<AppState>,
    headers: HeaderMap,
    SessionForm { session, fields }: SessionForm<SecretFields>,
) -> Result<Response, PortalError> {
    // Whoever copies by hand often takes a newline along; no secret has one.
    match app.secrets.add(fields.webhook_secret.trim()).await {
        Ok((Added::New, _)) => redirect(&app, &session, Flash::good("The secret is in force.")).await,
        Ok((Added::Known, _)) => redirect(&app, &session, Flash::good("This secret was in force already.")).await,
        Err(error) => {
            let (status, problem) = problem(error)?;
            let mut settings = SettingsPage::new(&app, session, &headers).await?;
            settings.add_error = Some(problem);
            Ok((status, page(&settings)?).into_response())
        }
    }
}

async fn replace(
    State(app): State<AppState>,
    headers: HeaderMap,
    SessionForm { session, fields }: SessionForm<SecretFields>,
) -> Result<Response, PortalError> {
    let replaced = if fields.confirmed.is_some() {
        app.secrets.replace(fields.webhook_secret.trim()).await.map_err(problem)
    } else {
        let unconfirmed = "Nothing was replaced: confirm below that the old secrets are to be refused.";
        Err(Ok((StatusCode::UNPROCESSABLE_ENTITY, unconfirmed.into())))
    };
    match replaced {
        Ok(()) => redirect(&app, &session, Flash::good("The secret is replaced. The old ones are refused.")).await,
        Err(error) => {
            let (status, problem) = error?;
            let mut settings = SettingsPage::new(&app, session, &headers).await?;
            settings.replace_error = Some(problem);
            Ok((status, page(&settings)?).into_response())
        }
    }
}

/// For those who try the program without Stripe. In live mode only Stripe makes secrets.
async fn generate(
    State(app): State<AppState>,
    SessionForm { session, .. }: SessionForm<NoFields>,
) -> Result<Response, PortalError> {
    if app.mode.livemode() {
        return Err(PortalError::NotFound);
    }
    // The page offers it while there is none: beside Stripe's, or in the environment's place, it would do harm.
    if !app.secrets.list().await?.is_empty() {
        return redirect(&app, &session, Flash::bad("A secret is in force already: none was made up.")).await;
    }
    let flash = match app.secrets.add(&format!("whsec_{}", session::random_hex())).await {
        Ok(_) => Flash::good("A made-up secret is in force. Send a test event below."),
        Err(error) => Flash::bad(problem(error)?.1),
    };
    redirect(&app, &session, flash).await
}

async fn remove(
    State(app): State<AppState>,
    Path(id): Path<String>,
    SessionForm { session, .. }: SessionForm<NoFields>,
) -> Result<Response, PortalError> {
    let flash = match app.secrets.remove(&id).await {
        Ok(()) => Flash::good("The secret is removed."),
        Err(SecretsError::Unknown) => Flash::good("The secret was removed before."),
        Err(error) => Flash::bad(problem(error)?.1),
    };
    redirect(&app, &session, flash).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TestEventFields {
    event: String,
    email: String,
}

async fn send_test_event(
    State(app): State<AppState>,
    SessionForm { session, fields }: SessionForm<TestEventFields>,
) -> Result<Response, PortalError> {
    let flash = match TestEvent::from_code(&fields.event) {
        Some(event) => test_event::send(&app, event, &fields.email).await?,
        None => Flash::bad("Choose one of the events."),
    };
    redirect(&app, &session, flash).await
}

async fn redirect(app: &AppState, session: &Session, flash: Flash) -> Result<Response, PortalError> {
    session.flash(app, flash).await?;
    Ok(Redirect::to(PATH).into_response())
}

/// What the operator did wrong, for beside the field; what the server did wrong is an error.
fn problem(error: SecretsError) -> Result<(StatusCode, String), PortalError> {
    match error {
        SecretsError::NotASigningSecret(_) => Ok((StatusCode::UNPROCESSABLE_ENTITY, error.to_string())),
        SecretsError::OfEnvironment | SecretsError::TooMany => Ok((StatusCode::CONFLICT, error.to_string())),
        _ => Err(error.into()),
    }
}
