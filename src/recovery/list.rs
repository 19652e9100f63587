//! One list of Stripe: its path, account, types and mode.

use std::time::{Duration, SystemTime};

use super::{EventFilter, page::PageCursor, page::Unexpected};
use crate::{
    api::{ApiRequest, ApiScope, ListQuery},
    event::{Event, EventKind, EventType, Mode},
};

/// Stripe accepts this number of types in a query.
const MAX_TYPES: usize = 20;

/// A list of events, and the part of it that is asked for.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) kind: EventKind,
    pub(super) account: Option<Box<str>>,
    /// Names as this list has them. Empty for all types.
    types: Vec<Box<str>>,
    delivered: bool,
    mode: Option<Mode>,
}

impl List {
    /// Returns the lists that a filter needs: one for each kind, each account and each 20 types.
    pub(super) fn all(filter: &EventFilter) -> Vec<Self> {
        let mut lists = Vec::new();
        for &kind in &filter.kinds {
            let types = filter.types.as_deref().map(|types| names(types, kind));
            let chunks: Vec<Vec<Box<str>>> = match types {
                None => vec![Vec::new()],
                Some(types) => types.chunks(MAX_TYPES).map(<[_]>::to_vec).collect(),
            };
            for account in &filter.accounts {
                lists.extend(chunks.iter().map(|types| Self {
                    kind,
                    account: account.clone(),
                    types: types.clone(),
                    delivered: filter.delivered,
                    mode: filter.mode,
                }));
            }
        }
        lists
    }

    /// The list that an event with an id belongs to.
    pub(super) fn of_one(kind: EventKind, account: Option<&str>, mode: Option<Mode>) -> Self {
        let account = account.map(Into::into);
        Self { kind, account, types: Vec::new(), delivered: true, mode }
    }

    pub(super) fn path(&self) -> &'static str {
        match self.kind {
            EventKind::Snapshot => "/v1/events",
            EventKind::Thin => "/v2/core/events",
        }
    }

    /// The resolution of `created`.
    pub(super) fn resolution(&self) -> Duration {
        match self.kind {
            EventKind::Snapshot => Duration::from_secs(1),
            EventKind::Thin => Duration::from_millis(1),
        }
    }

    /// Rounds a time down to the resolution.
    pub(super) fn floor(&self, time: SystemTime) -> SystemTime {
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let rest = since_1970.as_nanos() % self.resolution().as_nanos();
        // The rest is less than a second.
        let rest = Duration::from_nanos(u64::try_from(rest).unwrap_or_default());
        SystemTime::UNIX_EPOCH + (since_1970 - rest)
    }

    /// Makes the request for a page of the events within a time.
    pub(super) fn request(
        &self,
        from: SystemTime,
        until: Option<SystemTime>,
        cursor: Option<&PageCursor>,
        limit: u8,
    ) -> ApiRequest {
        let query = match cursor {
            Some(PageCursor::Url(query)) => query.clone(),
            cursor => {
                let mut query = ListQuery::new().with_limit(limit).with_created_from(from);
                if let Some(until) = until {
                    query = query.with_created_before(until);
                }
                if self.kind == EventKind::Snapshot && !self.delivered {
                    query = query.with("delivery_success", "false");
                }
                for name in &self.types {
                    query = query.with("types[]", name);
                }
                match cursor {
                    Some(PageCursor::After(id)) => query.with_starting_after(id),
                    Some(PageCursor::Before(id)) => query.with_ending_before(id),
                    Some(PageCursor::Url(_)) | None => query,
                }
            }
        };
        self.scoped(ApiRequest::new(self.path()).expect("the paths of the lists are valid"))
            .with_query(query)
    }

    /// Makes the request for one event. `None` if the id cannot be part of a path.
    pub(super) fn event_request(&self, id: &str) -> Option<ApiRequest> {
        let request = ApiRequest::new(&format!("{}/{id}", self.path())).ok()?;
        Some(self.scoped(request))
    }

    fn scoped(&self, mut request: ApiRequest) -> ApiRequest {
        if let Some(account) = &self.account {
            request = request.with_scope(match self.kind {
                EventKind::Snapshot => ApiScope::Account(account.clone()),
                EventKind::Thin => ApiScope::Context(account.clone()),
            });
        }
        match self.mode {
            Some(mode) => request.with_mode(mode),
            None => request,
        }
    }

    /// Checks that an event can be one of this list.
    pub(super) fn check(&self, event: &Event) -> Result<(), Unexpected> {
        if event.kind() != self.kind {
            return Err(Unexpected::Kind);
        }
        if self.kind == EventKind::Snapshot
            && self.account.as_deref().is_some_and(|account| event.account() != Some(account))
        {
            return Err(Unexpected::Account);
        }
        match (event.mode(), self.mode) {
            (Some(listed), Some(expected)) if listed != expected => Err(Unexpected::Mode),
            _ => Ok(()),
        }
    }
}

/// Returns the names of the types in a list. The other list's types are left out.
fn names(types: &[EventType], kind: EventKind) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    for event_type in types {
        let own = event_type.as_str();
        let is_thin = own.starts_with("v1.") || own.starts_with("v2.");
        let name = match kind {
            EventKind::Snapshot => (!is_thin).then_some(own),
            EventKind::Thin => event_type.thin_name().or_else(|| is_thin.then_some(own)),
        };
        if let Some(name) = name.filter(|name| !names.iter().any(|other| &**other == *name)) {
            names.push(name.into());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_its_own_names_of_the_types() {
        let types = [
            EventType::InvoicePaid,
            EventType::CustomerSubscriptionPastDue,
            EventType::from("v2.core.account.created"),
            EventType::from("v1.invoice.paid"),
            EventType::from("new.type"),
        ];
        let names = |kind| names(&types, kind);
        assert_eq!(
            names(EventKind::Snapshot),
            ["invoice.paid".into(), "new.type".into()] as [Box<str>; 2]
        );
        assert_eq!(
            names(EventKind::Thin),
            [
                "v1.invoice.paid".into(),
                "v1.customer.subscription.past_due".into(),
                "v2.core.account.created".into()
            ] as [Box<str>; 3]
        );
    }

    #[test]
    fn a_list_has_20_types_at_most() {
        let types = |count: usize| (0..count).map(|n| EventType::from(&*format!("type.{n}")));
        for (count, lists) in [(0, 0), (1, 1), (20, 1), (21, 2), (40, 2), (41, 3)] {
            let filter = EventFilter::new().with_types(types(count));
            assert_eq!(List::all(&filter).len(), lists, "{count}");
        }
        assert_eq!(List::all(&EventFilter::new()).len(), 1);
    }
}
