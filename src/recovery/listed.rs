//! What a list has: events, and perhaps something that cannot be read as one.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::Deserialize;

use super::{
    ReplayedEvent,
    list::List,
    outcome::Answer,
    page::{Unexpected, with_account},
};
use crate::event::{Event, EventKind, JsonObject};

/// An entry of a list.
pub(super) enum Listed {
    Event(Event),
    /// An event without a part that each event has. It must not keep a run from the others.
    Unreadable(UnreadableEvent),
}

pub(super) struct UnreadableEvent {
    id: Box<str>,
    event_type: Box<str>,
    created: Option<SystemTime>,
    account: Option<Box<str>>,
    kind: EventKind,
}

impl Listed {
    pub(super) fn read(json: Bytes, list: &List) -> Result<Self, Unexpected> {
        let json = with_account(json, list)?;
        match Event::unverified_from_json(json.clone()) {
            Ok(event) => {
                list.check(&event)?;
                Ok(Self::Event(event))
            }
            Err(_) => UnreadableEvent::read(&json, list).map(Self::Unreadable),
        }
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Event(event) => event.id(),
            Self::Unreadable(event) => &event.id,
        }
    }

    pub(super) fn created(&self) -> Option<SystemTime> {
        match self {
            Self::Event(event) => event.created(),
            Self::Unreadable(event) => event.created,
        }
    }
}

impl UnreadableEvent {
    fn read(json: &[u8], list: &List) -> Result<Self, Unexpected> {
        #[derive(Deserialize)]
        struct Fields {
            id: Box<str>,
            #[serde(rename = "type", default)]
            event_type: Box<str>,
            created: Option<Created>,
        }

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Created {
            Seconds(u64),
            Text(Box<str>),
        }

        let JsonObject(fields) =
            serde_json::from_slice::<JsonObject<Fields>>(json).map_err(|_| Unexpected::NoEvent)?;
        let created = fields.created.and_then(|created| match created {
            Created::Seconds(seconds) => {
                SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
            }
            Created::Text(text) => humantime::parse_rfc3339(&text).ok(),
        });
        Ok(Self {
            id: fields.id,
            event_type: fields.event_type,
            created,
            account: list.account.clone(),
            kind: list.kind,
        })
    }

    /// Returns the event as one that failed.
    pub(super) fn failed(self, time: SystemTime) -> ReplayedEvent {
        let answer = Answer::failed("unreadable_event");
        ReplayedEvent::of_parts(self.id, self.event_type, time, self.account, self.kind, answer)
    }
}
