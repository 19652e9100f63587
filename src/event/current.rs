//! The current state of an event's object, fetched from Stripe's API.

#[cfg(feature = "api")]
mod fetched;

use std::fmt;

use bytes::Bytes;

use super::{Event, EventData};

/// The object of an event as it was when it was fetched from Stripe's API.
///
/// [`Event::data`] and [`Event::object`] decode it. The module `api` fetches it. `Debug` does not
/// show the JSON, which contains personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct CurrentObject {
    json: Bytes,
    /// `json`, with unstorable characters replaced.
    pub(super) storable_json: Bytes,
    deleted: Option<DeletedObject>,
}

impl CurrentObject {
    /// The JSON of Stripe's answer.
    ///
    /// For an object that Stripe answers `404` for, it is `{"id":"…","object":"…","deleted":true}`,
    /// which is how Stripe represents other deleted objects.
    #[must_use]
    pub fn json(&self) -> &Bytes {
        &self.json
    }

    /// The id and type of an object that no longer exists. `None` if it exists.
    #[must_use]
    pub fn deleted(&self) -> Option<&DeletedObject> {
        self.deleted.as_ref()
    }
}

impl fmt::Debug for CurrentObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentObject").field("deleted", &self.deleted).finish_non_exhaustive()
    }
}

/// The id and type of an object that no longer exists: see [`EventData::Deleted`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedObject {
    id: Box<str>,
    object_type: Box<str>,
    is_confirmed: bool,
}

impl DeletedObject {
    /// The object's id. Empty for an object without an id, such as a customer's cash balance.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The object's type, such as `customer`.
    #[must_use]
    pub fn object_type(&self) -> &str {
        &self.object_type
    }

    /// Whether Stripe states that the object was deleted, by an object with `"deleted": true`.
    ///
    /// `false` if Stripe only has no such object (`404`). Then it may also exist in another account
    /// than that of the API key. Deleted customers and products, among others, are confirmed, so an
    /// unconfirmed one is probably in another account. Other deleted objects are never confirmed.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }
}

impl Event {
    /// The object as it was when it was fetched. `None` for an event whose object was not fetched.
    ///
    /// `FetchLayer` and `Event::fetch_current` of the module `api` fetch it.
    #[must_use]
    pub fn current(&self) -> Option<&CurrentObject> {
        self.current.as_deref()
    }

    /// The data of an event whose object no longer exists.
    ///
    /// An event that tells the deletion has the variant of its type, as its snapshot event has, if
    /// the little that is left of the object decodes into the type of the variant.
    pub(super) fn data_of_deleted(&self, deleted: &DeletedObject) -> EventData {
        let tells_deletion = self.event_type().as_str().ends_with(".deleted");
        match self.typed_data() {
            Ok(data) if tells_deletion && data != EventData::Other => data,
            _ => EventData::Deleted(deleted.clone()),
        }
    }
}
