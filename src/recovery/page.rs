//! Pages of the lists of events.

use std::time::SystemTime;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::{list::List, listed::Listed};
use crate::{
    api::{ApiError, ApiErrorKind, ApiResponse, ListQuery},
    event::{Event, EventKind, JsonObject},
};

/// A page, newest event first.
pub(super) struct Page {
    pub(super) events: Vec<Listed>,
    /// The page with older events.
    pub(super) older: Option<PageCursor>,
    /// The page with newer events.
    ///
    /// Below `/v1/` there is always one, which may be empty.
    pub(super) newer: Option<PageCursor>,
}

/// Where a page is.
#[derive(Clone, Debug)]
pub(super) enum PageCursor {
    /// After an event of `/v1/events`.
    After(Box<str>),
    /// Before an event of `/v1/events`.
    Before(Box<str>),
    /// The query of a page's URL of `/v2/core/events`.
    Url(ListQuery),
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    #[serde(default)]
    has_more: bool,
    next_page_url: Option<String>,
    previous_page_url: Option<String>,
}

impl Page {
    /// Reads an answer. `cursor` is where the page is, and `None` for the first one.
    pub(super) fn read(
        response: &ApiResponse,
        list: &List,
        cursor: Option<&PageCursor>,
    ) -> Result<Self, ApiError> {
        let unexpected = |reason| unexpected(response, reason);
        let body = response.body();
        let JsonObject(fields) = serde_json::from_slice::<JsonObject<Fields<'_>>>(body)
            .map_err(|_| unexpected(Unexpected::NoPage))?;
        let events = fields.data.iter().map(|json| {
            // A copy, so that an app that keeps an event does not keep the page.
            let json = Bytes::copy_from_slice(json.get().as_bytes());
            Listed::read(json, list).map_err(unexpected)
        });
        let events: Vec<_> = events.collect::<Result<_, _>>()?;

        let url = |url: Option<String>| {
            url.map(|url| ListQuery::from_page_url(&url, list.path()).map(PageCursor::Url))
                .map(|cursor| cursor.ok_or(Unexpected::PageUrl))
                .transpose()
                .map_err(unexpected)
        };
        let (older, newer) = match list.kind {
            EventKind::Thin => (url(fields.next_page_url)?, url(fields.previous_page_url)?),
            EventKind::Snapshot => {
                // Before an event, `has_more` is about newer events.
                let is_upwards = matches!(cursor, Some(PageCursor::Before(_)));
                let has_newer = !is_upwards || fields.has_more;
                let oldest = events.last().filter(|_| fields.has_more && !is_upwards);
                let newest = events.first().filter(|_| has_newer);
                (
                    oldest.map(|event| PageCursor::After(event.id().into())),
                    newest.map(|event| PageCursor::Before(event.id().into())),
                )
            }
        };
        Ok(Self { events, older, newer })
    }
}

impl Page {
    /// Drops events outside of the time that was asked for, so that none is listed twice.
    ///
    /// # Errors
    ///
    /// If no event is within the time although there are more pages: the list ignores the time, and
    /// would be read without end.
    pub(super) fn retain_within(
        &mut self,
        response: &ApiResponse,
        from: SystemTime,
        until: Option<SystemTime>,
    ) -> Result<(), ApiError> {
        self.events.retain(|event| {
            event
                .created()
                .is_none_or(|created| created >= from && until.is_none_or(|until| created < until))
        });
        match self.events.is_empty() && self.older.is_some() {
            true => Err(unexpected(response, Unexpected::Time)),
            false => Ok(()),
        }
    }
}

/// Reads the answer to a request for one event.
pub(super) fn read_one(response: &ApiResponse, list: &List) -> Result<Event, ApiError> {
    match Listed::read(response.body().clone(), list) {
        Ok(Listed::Event(event)) => Ok(event),
        Ok(Listed::Unreadable(_)) => Err(unexpected(response, Unexpected::NoEvent)),
        Err(reason) => Err(unexpected(response, reason)),
    }
}

fn unexpected(response: &ApiResponse, reason: Unexpected) -> ApiError {
    let kind = match reason {
        Unexpected::Mode => ApiErrorKind::WrongMode,
        _ => ApiErrorKind::UnexpectedResponse,
    };
    let error = ApiError::new(kind).with_source(reason);
    match response.request_id() {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}

/// Adds the `account` of a connected account's event, if the list leaves it out.
pub(super) fn with_account(event: Bytes, list: &List) -> Result<Bytes, Unexpected> {
    #[derive(Deserialize)]
    struct Account<'a> {
        #[serde(borrow)]
        account: Option<&'a RawValue>,
    }

    let Some(account) = list.account.as_deref().filter(|_| list.kind == EventKind::Snapshot) else {
        return Ok(event);
    };
    let JsonObject(fields) = serde_json::from_slice::<JsonObject<Account<'_>>>(&event)
        .map_err(|_| Unexpected::NoEvent)?;
    if fields.account.is_some() {
        return Ok(event);
    }
    // `event` is a JSON object that has an `id`, so a member can follow.
    let rest = event.strip_prefix(b"{").ok_or(Unexpected::NoEvent)?;
    let account = serde_json::to_string(account).map_err(|_| Unexpected::NoEvent)?;
    Ok([b"{\"account\":", account.as_bytes(), b",", rest].concat().into())
}

/// How a page differs from the one that was asked for.
#[derive(Clone, Copy, Debug, Error)]
pub(super) enum Unexpected {
    #[error("the answer is not a page of a list")]
    NoPage,
    #[error("the list has something other than an event")]
    NoEvent,
    #[error("the list has an event of the other kind")]
    Kind,
    #[error("the list has an event of another account")]
    Account,
    #[error("the list has an event of the other mode")]
    Mode,
    #[error("the list has events of another time than was asked for")]
    Time,
    #[error("the URL of the next page is not one of this list")]
    PageUrl,
}
