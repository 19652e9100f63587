//! The page Customization → Stripe Settings: secrets, endpoint URL, and test events.

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
    advice::Advice,
    endpoint::Endpoint,
    error::PortalError,
    flash::Flash,
    form::{NoFields, SessionForm},
    frame::{Frame, Section, page},
    moment::Moment,
    session::Session,
    test_event::{self, TestEvent},
};
use crate::{
    admin_token::random_hex,
    app::AppState,
    secrets::{Added, SecretInfo, SecretsError},
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
        // A page with a form error has the URL of the form, and may be reloaded.
        .method_not_allowed_fallback(async || Redirect::to(PATH))
}

#[derive(Template)]
#[template(path = "stripe_settings.html")]
struct SettingsPage {
    frame: Frame,
    /// The newest first.
    secrets: Vec<SecretInfo>,
    in_database: usize,
    has_environment_secret: bool,
    add_error: Option<String>,
    replace_error: Option<String>,
    endpoint: Endpoint,
}

impl SettingsPage {
    /// Returns whether each secret beside the newest signs the other kind of events.
    fn has_two_destinations(&self) -> bool {
        let mut others = self.secrets.iter().skip(1);
        others.all(|secret| Advice::of(secret, &self.secrets[0]) == Advice::OtherKind)
    }

    async fn new(
        app: &AppState,
        session: Session,
        headers: &HeaderMap,
    ) -> Result<Self, PortalError> {
        let secrets = app.secrets.list().await?;
        Ok(Self {
            frame: Frame::new(app, session, Section::StripeSettings, "Stripe Settings").await?,
            in_database: secrets.iter().filter(|secret| secret.is_in_database()).count(),
            secrets,
            has_environment_secret: app.secrets.has_environment_secret(),
            add_error: None,
            replace_error: None,
            endpoint: Endpoint::new(app, headers),
        })
    }
}

async fn show(
    State(app): State<AppState>,
    headers: HeaderMap,
    session: Session,
) -> Result<Response, PortalError> {
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
    // Copying often includes a newline, which no secret contains.
    match app.secrets.add(fields.webhook_secret.trim()).await {
        Ok((added, _)) => {
            let text = match added {
                Added::New => "The secret is in force.",
                Added::Known => "This secret was already in force.",
            };
            redirect(&app, &session, Flash::good(text)).await
        }
        Err(error) => {
            let (status, text) = form_error(error)?;
            let mut settings = SettingsPage::new(&app, session, &headers).await?;
            settings.add_error = Some(text);
            Ok((status, page(&settings)?).into_response())
        }
    }
}

async fn replace(
    State(app): State<AppState>,
    headers: HeaderMap,
    SessionForm { session, fields }: SessionForm<SecretFields>,
) -> Result<Response, PortalError> {
    let (status, text) = if fields.confirmed.is_none() {
        let text = "Nothing was replaced. Confirm below that the old secrets are to be rejected.";
        (StatusCode::UNPROCESSABLE_ENTITY, text.to_owned())
    } else if let Err(error) = app.secrets.replace(fields.webhook_secret.trim()).await {
        form_error(error)?
    } else {
        let flash = Flash::good("The secret is replaced. The old ones are rejected.");
        return redirect(&app, &session, flash).await;
    };
    let mut settings = SettingsPage::new(&app, session, &headers).await?;
    settings.replace_error = Some(text);
    Ok((status, page(&settings)?).into_response())
}

/// Generates a secret, to try the program without Stripe. Not in live mode.
async fn generate(
    State(app): State<AppState>,
    SessionForm { session, .. }: SessionForm<NoFields>,
) -> Result<Response, PortalError> {
    if app.mode.is_live() {
        return Err(PortalError::NotFound);
    }
    // Only while there is none: it would replace the environment's secret or stay beside Stripe's.
    if !app.secrets.list().await?.is_empty() {
        let flash = Flash::bad("A secret is in force already: none was made up.");
        return redirect(&app, &session, flash).await;
    }
    let flash = match app.secrets.add(&format!("whsec_{}", random_hex())).await {
        Ok(_) => Flash::good("A made-up secret is in force. Send a test event below."),
        Err(error) => Flash::bad(form_error(error)?.1),
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
        Err(error) => Flash::bad(form_error(error)?.1),
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
        Some(event) => test_event::send(&app, &event, &fields.email).await?,
        None => Flash::bad("Choose one of the events."),
    };
    redirect(&app, &session, flash).await
}

async fn redirect(
    app: &AppState,
    session: &Session,
    flash: Flash,
) -> Result<Response, PortalError> {
    session.flash(app, flash).await?;
    Ok(Redirect::to(PATH).into_response())
}

/// Returns the status and text of an error that the operator can correct. Other errors get a page.
fn form_error(error: SecretsError) -> Result<(StatusCode, String), PortalError> {
    match error.status_and_code() {
        (StatusCode::SERVICE_UNAVAILABLE | StatusCode::NOT_FOUND, _) => Err(error.into()),
        (status, _) => Ok((status, error.to_string())),
    }
}
