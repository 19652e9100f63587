//! The events of a run.

use std::{collections::VecDeque, sync::Arc, time::SystemTime};

use super::{
    ReplayedEvent, list::List, listed::Listed, lister::get, outcome::Answer, page::read_one,
    stream::Merged,
};
use crate::{
    api::{ApiClient, ApiError, ApiErrorKind},
    event::{Event, Mode},
};

/// Where the events of a run come from.
pub(super) enum Source<A> {
    /// Stripe's lists.
    Lists(Merged<A>),
    /// The events of an earlier run, which are fetched by their ids.
    Failures { api: Arc<A>, mode: Option<Mode>, events: VecDeque<ReplayedEvent> },
}

/// An event of a run, with the time by which it is sorted.
pub(super) enum Item {
    Event(SystemTime, Event),
    /// Stripe no longer has the event, or it cannot be read.
    Failed(ReplayedEvent),
}

impl<A: ApiClient> Source<A> {
    pub(super) async fn next(&mut self) -> Result<Option<Item>, ApiError> {
        match self {
            Self::Lists(lists) => Ok(lists.next().await?.map(|(time, listed)| match listed {
                Listed::Event(event) => Item::Event(time, event),
                Listed::Unreadable(event) => Item::Failed(event.failed(time)),
            })),
            Self::Failures { api, mode, events } => match events.pop_front() {
                Some(event) => fetch(&**api, *mode, event).await.map(Some),
                None => Ok(None),
            },
        }
    }
}

async fn fetch(
    api: &impl ApiClient,
    mode: Option<Mode>,
    failed: ReplayedEvent,
) -> Result<Item, ApiError> {
    let missing = || Item::Failed(failed.with_answer(Answer::failed("event_not_found")));
    let list = List::of_one(failed.kind(), failed.account(), mode);
    let Some(request) = list.event_request(failed.id()) else { return Ok(missing()) };
    match get(api, &request).await {
        Ok(response) => Ok(Item::Event(failed.created(), read_one(&response, &list)?)),
        Err(error) if error.kind() == ApiErrorKind::NotFound => Ok(missing()),
        Err(error) => Err(error),
    }
}
