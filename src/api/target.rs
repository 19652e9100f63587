//! The object that an event is about: the request for it, and the check of the answer.

use serde::Deserialize;
use thiserror::Error;

use super::{
    ApiClient, ApiError, ApiErrorKind, ApiRequest, ApiResponse, ApiScope, FetchError,
    paths::{Ids, is_replaceable, is_singleton, path_of},
};
use crate::event::{CurrentObject, Event, EventKind, JsonObject, Mode, is_placeholder};

/// The object that an event is about.
#[derive(Debug)]
pub(super) struct Target {
    /// Without the id of the event, so that it is equal for all events about the object.
    pub(super) request: ApiRequest,
    id: Box<str>,
    object_type: Box<str>,
    mode: Option<Mode>,
}

impl Target {
    pub(super) fn of(event: &Event) -> Result<Self, FetchError> {
        let (request, id, object_type) = match event.related_object() {
            Some(object) => {
                let request = ApiRequest::new(object.url());
                let request = request.map_err(|_| FetchError::invalid_path())?;
                (request, object.id().into(), object.object_type().into())
            }
            None => Self::of_snapshot(event)?,
        };
        Ok(Self { request: for_event(request, event), id, object_type, mode: event.mode() })
    }

    fn of_snapshot(event: &Event) -> Result<(ApiRequest, Box<str>, Box<str>), FetchError> {
        let json = event.snapshot_object().ok_or_else(|| {
            FetchError::not_fetchable("the thin event has no related object to fetch")
        })?;
        let JsonObject(ids) =
            serde_json::from_slice::<JsonObject<Ids>>(json).map_err(|_| no_path())?;
        Ok((
            request_for(&ids)?,
            ids.id.unwrap_or_default().into(),
            ids.object.unwrap_or_default().into(),
        ))
    }

    /// Returns an object that the event's object links to, in the account and mode of the event.
    pub(super) fn linked(event: &Event, object_type: &str, id: &str) -> Result<Self, FetchError> {
        let request = request_for(&Ids::new(object_type, id))?;
        Ok(Self {
            request: for_event(request, event),
            id: id.into(),
            object_type: object_type.into(),
            mode: event.mode(),
        })
    }

    /// Fetches the object, because of this event.
    pub(super) async fn fetch(
        &self,
        api: &impl ApiClient,
        event_id: &str,
    ) -> Result<CurrentObject, FetchError> {
        let request = self.request.clone().with_event_id(event_id);
        self.read(api.get(&request).await)
    }

    /// Checks the answer of Stripe's API.
    pub(super) fn read(
        &self,
        answer: Result<ApiResponse, ApiError>,
    ) -> Result<CurrentObject, FetchError> {
        let response = match answer {
            Ok(response) => response,
            Err(error) if is_missing(&error) => return Ok(self.gone()),
            Err(error) => return Err(error.into()),
        };
        let answer = parse(&response)?;
        if answer.object.as_deref().is_none_or(|object| !is_same_type(object, &self.object_type)) {
            return Err(unexpected(&response, Mismatch::Type).into());
        }
        check_mode(&response, &answer, self.mode)?;
        let is_same_id = match answer.id.as_deref() {
            Some(id) => id == &*self.id,
            None => is_singleton(&self.object_type),
        };
        if !self.id.is_empty() && !is_same_id {
            if is_replaceable(&self.object_type) {
                return Ok(self.gone());
            }
            return Err(unexpected(&response, Mismatch::Id).into());
        }
        let json = response.body().clone();
        Ok(match answer.deleted {
            Some(true) => CurrentObject::stub(json, &self.id, &self.object_type),
            _ => CurrentObject::existing(json),
        })
    }

    fn gone(&self) -> CurrentObject {
        CurrentObject::gone(&self.id, &self.object_type)
    }
}

fn no_path() -> FetchError {
    FetchError::not_fetchable("Stripe's API cannot retrieve the object of this event")
}

/// Makes the request for an object that has no path of its own.
fn request_for(ids: &Ids) -> Result<ApiRequest, FetchError> {
    let id = ids.id.as_deref().unwrap_or_default();
    if is_placeholder(id) {
        return Err(FetchError::not_fetchable(
            "the object of a test webhook does not exist, and cannot be fetched",
        ));
    }
    // Stripe's API has no upcoming invoices: it only previews them.
    if id.starts_with("upcoming_") {
        return Err(no_path());
    }
    let path = path_of(ids).ok_or_else(no_path)?;
    ApiRequest::new(&path).map_err(|_| no_path())
}

/// Sets the account and the mode of the event, so that nothing is fetched from another account, and
/// no key of the other mode takes the object for deleted.
pub(super) fn for_event(request: ApiRequest, event: &Event) -> ApiRequest {
    let is_set = |account: &&str| !account.is_empty();
    let account = || event.account().filter(is_set).map(|id| ApiScope::Account(id.into()));
    let context = || event.context().filter(is_set).map(|path| ApiScope::Context(path.into()));
    let scope = match event.kind() {
        EventKind::Thin => context().or_else(account),
        EventKind::Snapshot => account().or_else(context),
    };
    let request = match scope {
        Some(scope) => request.with_scope(scope),
        None => request,
    };
    match event.mode() {
        Some(mode) => request.with_mode(mode),
        None => request,
    }
}

/// The fields of an answer that tell whether it is the one that was asked for.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) id: Option<String>,
    pub(super) object: Option<String>,
    livemode: Option<bool>,
    deleted: Option<bool>,
}

pub(super) fn parse(response: &ApiResponse) -> Result<Answer, FetchError> {
    match serde_json::from_slice(response.body()) {
        Ok(JsonObject(answer)) => Ok(answer),
        Err(_) => Err(unexpected(response, Mismatch::Form).into()),
    }
}

pub(super) fn check_mode(
    response: &ApiResponse,
    answer: &Answer,
    mode: Option<Mode>,
) -> Result<(), FetchError> {
    match (answer.livemode.map(Mode::from_livemode), mode) {
        (Some(answered), Some(expected)) if answered != expected => {
            Err(unexpected(response, Mismatch::Mode).into())
        }
        _ => Ok(()),
    }
}

/// How an answer differs from the one that was asked for.
#[derive(Debug, Error)]
pub(super) enum Mismatch {
    #[error("the answer is not a JSON object with the fields of a Stripe object")]
    Form,
    #[error("the answer has the id of another object")]
    Id,
    #[error("the answer has the type of another object")]
    Type,
    #[error("the answer is of the other mode: the API key may belong to it")]
    Mode,
}

pub(super) fn unexpected(response: &ApiResponse, mismatch: Mismatch) -> ApiError {
    let error = ApiError::new(ApiErrorKind::UnexpectedResponse).with_source(mismatch);
    match response.request_id() {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}

/// Whether Stripe says that it has no such object, in API v1 and v2.
///
/// Any other `404` may come from a proxy, or name a path that Stripe does not know. An error
/// without a status and a code is a client's own, which follows the contract of
/// [`ApiClient`](super::ApiClient).
fn is_missing(error: &ApiError) -> bool {
    error.kind() == ApiErrorKind::NotFound
        && match error.code() {
            Some(code) => matches!(code, "resource_missing" | "not_found"),
            None => error.status().is_none(),
        }
}

/// Whether two names are those of one type.
fn is_same_type(answered: &str, expected: &str) -> bool {
    current_name(answered) == current_name(expected)
}

/// Some objects have a name that differs from the namespace of their resource.
fn current_name(name: &str) -> &str {
    match name {
        "invoice_item" => "invoiceitem",
        "sigma.scheduled_query_run" => "scheduled_query_run",
        name => name,
    }
}
