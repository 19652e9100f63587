//! Sessions. They are stored in the database, so every node knows them. The cookie has a random
//! token, and the database only its hash.

use std::time::{Duration, SystemTime};

use axum::{extract::FromRequestParts, http::request::Parts};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{error::PortalError, flash::Flash};
use crate::{
    admin_token::{hex, random_hex},
    app::AppState,
    data::sessions,
    time,
};

const COOKIE: &str = "billing_session";

/// The lifetime of a session, whether it is used or not.
const LIFETIME: Duration = Duration::from_secs(8 * 60 * 60);

#[derive(Debug)]
pub struct Session {
    token_hash: String,
    csrf_token: String,
    flash: Option<Flash>,
}

impl Session {
    /// Opens a session and returns its cookie. With `secure`, the browser only sends it over TLS.
    pub async fn open(app: &AppState, secure: bool) -> Result<Cookie<'static>, sqlx::Error> {
        let token = random_hex();
        sessions::insert(
            app.database.writer(),
            &token_hash(app, &token),
            time::unix_seconds(SystemTime::now() + LIFETIME),
        )
        .await?;
        Ok(cookie(token, secure))
    }

    pub async fn close(self, app: &AppState) -> Result<(), sqlx::Error> {
        sessions::delete(app.database.writer(), &self.token_hash).await
    }

    /// Returns the token that each form of this session must send.
    pub fn csrf_token(&self) -> &str {
        &self.csrf_token
    }

    /// Compares a form's token with [`csrf_token`](Self::csrf_token) in constant time.
    pub fn has_csrf_token(&self, csrf_token: &str) -> bool {
        self.csrf_token.as_bytes().ct_eq(csrf_token.as_bytes()).into()
    }

    /// Shows a message on the next page.
    pub async fn flash(&self, app: &AppState, flash: Flash) -> Result<(), PortalError> {
        let json = serde_json::to_string(&flash)?;
        Ok(sessions::set_flash(app.database.writer(), &self.token_hash, Some(&json)).await?)
    }

    /// Takes the message for this page.
    pub async fn take_flash(&mut self, app: &AppState) -> Result<Option<Flash>, sqlx::Error> {
        if self.flash.is_some() {
            sessions::set_flash(app.database.writer(), &self.token_hash, None).await?;
        }
        Ok(self.flash.take())
    }
}

impl FromRequestParts<AppState> for Session {
    type Rejection = PortalError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PortalError> {
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(token) = jar.get(COOKIE).map(Cookie::value) else {
            return Err(PortalError::NotLoggedIn);
        };
        let token_hash = token_hash(app, token);
        match sessions::find(app.database.reader(), &token_hash).await? {
            Some(row) if row.expires_at > time::now() => Ok(Self {
                csrf_token: csrf_token(token),
                flash: row.flash.and_then(|json| serde_json::from_str(&json).ok()),
                token_hash,
            }),
            _ => Err(PortalError::SessionEnded),
        }
    }
}

/// Returns the cookie that removes the session's cookie from the browser.
pub fn removal_cookie() -> Cookie<'static> {
    let mut cookie = cookie(String::new(), false);
    cookie.make_removal();
    cookie
}

fn cookie(token: String, secure: bool) -> Cookie<'static> {
    let mut cookie = Cookie::build((COOKIE, token))
        .path("/admin")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .build();
    cookie.set_max_age(LIFETIME.try_into().ok());
    cookie
}

/// Includes the admin token, so that changing it ends all sessions.
fn token_hash(app: &AppState, token: &str) -> String {
    let admin_token = Sha256::digest(app.admin_token.expose());
    hex(&Sha256::new().chain_update(admin_token).chain_update(token).finalize())
}

/// Derived from the session's token, so it need not be stored. The token cannot be computed from
/// it.
fn csrf_token(token: &str) -> String {
    hex(&Sha256::new().chain_update("csrf:").chain_update(token).finalize())
}
