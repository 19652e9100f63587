//! Makes current objects, and events that carry them, of what Stripe's API answers.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{CurrentObject, DeletedObject};
use crate::event::{DecodeError, Event, characters::replace_unstorable};

impl CurrentObject {
    /// Makes an object that exists of its JSON.
    pub(crate) fn existing(json: Bytes) -> Self {
        Self { storable_json: replace_unstorable(&json), json, deleted: None }
    }

    /// Makes an object that no longer exists of what Stripe answers for it.
    pub(crate) fn stub(json: Bytes, id: &str, object_type: &str) -> Self {
        Self::deleted_as(json, id, object_type, true)
    }

    fn deleted_as(json: Bytes, id: &str, object_type: &str, is_confirmed: bool) -> Self {
        let deleted =
            DeletedObject { id: id.into(), object_type: object_type.into(), is_confirmed };
        Self { deleted: Some(deleted), ..Self::existing(json) }
    }

    /// Makes an object that no longer exists, and for which Stripe has no JSON.
    pub(crate) fn gone(id: &str, object_type: &str) -> Self {
        #[derive(Serialize)]
        struct Stub<'a> {
            #[serde(skip_serializing_if = "str::is_empty")]
            id: &'a str,
            object: &'a str,
            deleted: bool,
        }

        // Serializing strings into memory cannot fail.
        let json = serde_json::to_vec(&Stub { id, object: object_type, deleted: true });
        Self::deleted_as(json.unwrap_or_default().into(), id, object_type, false)
    }
}

impl Event {
    /// Returns the `data.object` of a snapshot event.
    pub(crate) fn snapshot_object(&self) -> Option<&Bytes> {
        self.inner.object.as_ref()
    }

    /// Returns the event with its object as it is now.
    pub(crate) fn with_current(mut self, current: CurrentObject) -> Self {
        self.current = Some(Arc::new(current));
        self
    }

    /// Decodes JSON that was fetched for the event. `part` names it in the error.
    pub(crate) fn decode_fetched<T: DeserializeOwned>(
        &self,
        part: &'static str,
        json: &Bytes,
    ) -> Result<T, DecodeError> {
        self.decode_as(part, &replace_unstorable(json))
    }
}
