//! `GET /healthz`: for load balancers and monitors.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::Instant};

use super::ApiError;
use crate::{app::AppState, data::Database};

/// The shortest time between checks, because each writes to the disk. In between, the last result
/// is returned.
const INTERVAL: Duration = Duration::from_secs(1);

/// The cached health check. Clones share the last result.
#[derive(Clone, Debug, Default)]
pub struct Health {
    last: Arc<Mutex<Option<Check>>>,
}

#[derive(Clone, Copy, Debug)]
struct Check {
    at: Instant,
    has_passed: bool,
}

impl Health {
    /// Returns whether events can be stored, as of the last second. Only one check runs at a time.
    async fn is_good(&self, database: &Database) -> bool {
        let mut last = self.last.lock().await;
        let check = match *last {
            Some(check) if check.at.elapsed() < INTERVAL => check,
            _ => {
                let checked = database.check_writable().await;
                if let Err(error) = &checked {
                    tracing::error!(%error, "the health check failed");
                }
                Check { at: Instant::now(), has_passed: checked.is_ok() }
            }
        };
        *last = Some(check);
        check.has_passed
    }
}

pub async fn show(State(app): State<AppState>) -> Result<Json<Value>, ApiError> {
    if app.health.is_good(&app.database).await {
        Ok(Json(json!({ "status": "ok" })))
    } else {
        Err(ApiError::database_unavailable())
    }
}
