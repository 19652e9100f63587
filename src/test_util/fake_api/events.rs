//! The lists of events: `/v1/events` and `/v2/core/events`.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::{Value, json};

use super::{answer::Answer, query::Query, store::Account};

const SNAPSHOT_EVENTS: &str = "/v1/events";
const THIN_EVENTS: &str = "/v2/core/events";

/// The maximal number of types in a query.
const MAX_TYPES: usize = 20;

/// Events, newest first. Of two with the same time, the one that was inserted last is newer.
#[derive(Default)]
pub(super) struct Events(Vec<ListedEvent>);

struct ListedEvent {
    list: &'static str,
    account: Account,
    id: String,
    event_type: String,
    object_id: Option<String>,
    created: SystemTime,
    is_delivered: bool,
    json: Value,
}

impl ListedEvent {
    fn path(&self) -> String {
        format!("{}/{}", self.list, self.id)
    }

    fn is_at(&self, account: &Account, path: &str) -> bool {
        let id = path.strip_prefix(self.list).and_then(|rest| rest.strip_prefix('/'));
        id == Some(&*self.id) && self.account == *account
    }
}

impl Events {
    /// Adds an event, or replaces the one with its id, and returns its account and its path.
    pub(super) fn insert(&mut self, json: &str) -> (Account, String) {
        let event =
            parse(json).expect("an event must have an `id`, an `object`, a `type` and a `created`");
        let place = (event.account.clone(), event.path());
        self.remove(&place.0, &place.1);
        let newer = self.0.partition_point(|other| other.created > event.created);
        self.0.insert(newer, event);
        place
    }

    pub(super) fn remove(&mut self, account: &Account, path: &str) {
        self.0.retain(|event| !event.is_at(account, path));
    }

    pub(super) fn mark_delivered(&mut self, id: &str) {
        let mut found = self.0.iter_mut().filter(|event| event.id == id).peekable();
        assert!(found.peek().is_some(), "there is no event `{id}`");
        found.for_each(|event| event.is_delivered = true);
    }

    /// Returns a page, or `None` if the path is not the one of a list.
    pub(super) fn page(
        &self,
        account: &Account,
        path: &str,
        query: &str,
    ) -> Option<Result<Answer, Answer>> {
        let query = Query::parse(query);
        let events =
            || self.0.iter().filter(|event| event.list == path && event.account == *account);
        match path {
            SNAPSHOT_EVENTS => Some(snapshot_page(events().collect(), &query)),
            THIN_EVENTS => Some(thin_page(events().collect(), &query)),
            _ => None,
        }
    }
}

fn parse(json: &str) -> Option<ListedEvent> {
    let json: Value = serde_json::from_str(json).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (list, account, object_id, created) = match json["object"].as_str()? {
        "event" => {
            let created = Duration::from_secs(json["created"].as_u64()?);
            let created = SystemTime::UNIX_EPOCH.checked_add(created)?;
            (SNAPSHOT_EVENTS, &json["account"], &json["data"]["object"]["id"], created)
        }
        "v2.core.event" => {
            let created = humantime::parse_rfc3339(json["created"].as_str()?).ok()?;
            (THIN_EVENTS, &json["context"], &json["related_object"]["id"], created)
        }
        _ => return None,
    };
    Some(ListedEvent {
        list,
        account: account.as_str().map(Into::into),
        id: text(&json["id"])?,
        event_type: text(&json["type"])?,
        object_id: text(object_id),
        created,
        is_delivered: false,
        json,
    })
}

/// A page of `/v1/events`: after or before an event, newest first.
fn snapshot_page(mut events: Vec<&ListedEvent>, query: &Query) -> Result<Answer, Answer> {
    let limit = limit(query, 10)?;
    let types = types(query)?;
    events.retain(|event| types.is_empty() || types.contains(&&*event.event_type));
    if let Some(pattern) = query.get("type") {
        events.retain(|event| match pattern.strip_suffix('*') {
            Some(start) => event.event_type.starts_with(start),
            None => event.event_type == pattern,
        });
    }
    match query.get("delivery_success") {
        None => {}
        Some("true") => events.retain(|event| event.is_delivered),
        Some("false") => events.retain(|event| !event.is_delivered),
        Some(_) => return Err(invalid("delivery_success is either true or false.")),
    }
    retain_created(&mut events, query, |text| {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(text.parse().ok()?))
    })?;

    let position = |id: &str| {
        events
            .iter()
            .position(|event| event.id == id)
            .ok_or_else(|| invalid("The event with which the page begins is not in the list."))
    };
    let (page, has_more) = match (query.get("starting_after"), query.get("ending_before")) {
        (Some(_), Some(_)) => {
            return Err(invalid("A list has either starting_after or ending_before."));
        }
        (None, Some(id)) => {
            let end = position(id)?;
            let start = end.saturating_sub(limit);
            (&events[start..end], start > 0)
        }
        (after, None) => {
            let start = after.map(position).transpose()?.map_or(0, |index| index + 1);
            let end = events.len().min(start + limit);
            (&events[start..end], end < events.len())
        }
    };
    let data: Vec<_> = page.iter().map(|event| &event.json).collect();
    let list =
        json!({ "object": "list", "url": SNAPSHOT_EVENTS, "has_more": has_more, "data": data });
    Ok(Answer::json(list.to_string()))
}

/// A page of `/v2/core/events`, with the URLs of the pages beside it.
fn thin_page(mut events: Vec<&ListedEvent>, query: &Query) -> Result<Answer, Answer> {
    let limit = limit(query, 20)?;
    let types = types(query)?;
    events.retain(|event| types.is_empty() || types.contains(&&*event.event_type));
    if let Some(id) = query.get("object_id") {
        events.retain(|event| event.object_id.as_deref() == Some(id));
    }
    retain_created(&mut events, query, |text| humantime::parse_rfc3339(text).ok())?;

    // The token is the number of the events before the page.
    let start = match query.get("page").map(str::parse::<usize>) {
        None => 0,
        Some(Ok(start)) if start <= events.len() => start,
        Some(_) => return Err(invalid("The page is not one of this list.")),
    };
    let end = events.len().min(start + limit);
    let url = |start: usize| format!("{THIN_EVENTS}?{}", query.with("page", &start.to_string()));
    let data: Vec<_> = events[start..end].iter().map(|event| &event.json).collect();
    let list = json!({
        "data": data,
        "next_page_url": (end < events.len()).then(|| url(end)),
        "previous_page_url": (start > 0).then(|| url(start.saturating_sub(limit))),
    });
    Ok(Answer::json(list.to_string()))
}

fn limit(query: &Query, default: usize) -> Result<usize, Answer> {
    match query.get("limit").map(str::parse) {
        None => Ok(default),
        Some(Ok(limit @ 1..=100)) => Ok(limit),
        Some(_) => Err(invalid("The limit is a number from 1 to 100.")),
    }
}

fn types(query: &Query) -> Result<Vec<&str>, Answer> {
    let types = query.all("types");
    if types.len() > MAX_TYPES {
        return Err(invalid("A list has at most 20 types."));
    }
    Ok(types)
}

/// Applies the filters `created[gt]`, `[gte]`, `[lt]` and `[lte]`.
fn retain_created(
    events: &mut Vec<&ListedEvent>,
    query: &Query,
    parse: impl Fn(&str) -> Option<SystemTime>,
) -> Result<(), Answer> {
    type Comparison = fn(&SystemTime, &SystemTime) -> bool;
    let filters: [(&str, Comparison); 4] = [
        ("created[gt]", SystemTime::gt),
        ("created[gte]", SystemTime::ge),
        ("created[lt]", SystemTime::lt),
        ("created[lte]", SystemTime::le),
    ];
    for (name, is_within) in filters {
        if let Some(text) = query.get(name) {
            let bound = parse(text).ok_or_else(|| invalid("The time is not valid."))?;
            events.retain(|event| is_within(&event.created, &bound));
        }
    }
    Ok(())
}

fn invalid(message: &str) -> Answer {
    Answer::error(StatusCode::BAD_REQUEST, None, message)
}
