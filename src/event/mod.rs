//! Events: the envelope, the type, and the object, which is decoded on demand.
//!
//! Stripe sends two kinds of events, each to an endpoint of its own:
//!
//! | | snapshot event | thin event |
//! |---|---|---|
//! | [`Event::kind`] | [`EventKind::Snapshot`] | [`EventKind::Thin`] |
//! | [`Event::raw_type`] | `invoice.paid` | `v1.invoice.paid` |
//! | [`Event::event_type`] | [`EventType::InvoicePaid`] | the same |
//! | the object | [`Event::object`] and [`Event::data`], as it was | [`Event::related_object`]: fetch it as it is now |
//! | what changed | [`Event::previous_attributes`] | the same, and [`Event::changes`] |
//! | account | [`Event::account`] | [`Event::context`] |
//! | [`Event::idempotency_key`] | its id | the id of its [snapshot event](Event::snapshot_event), if it has one |

mod characters;
mod current;
mod data;
mod decode;
mod envelope;
mod event_type;
mod json_object;
mod mode;
pub mod object;
mod open_enum;
mod parse;
mod recency;
mod stored;
mod test_webhook;
mod unverified;

#[cfg(feature = "api")]
pub(crate) use self::json_object::JsonObject;
pub(crate) use self::parse::EnvelopeError;
#[cfg(feature = "tokio")]
pub(crate) use self::test_webhook::is_placeholder;
pub use self::{
    current::{CurrentObject, DeletedObject},
    data::EventData,
    decode::DecodeError,
    envelope::{Changes, Event, EventKind, EventReason, EventRequest, RelatedObject},
    event_type::{EventType, SUBSCRIPTION_EVENT_TYPES},
    mode::Mode,
    open_enum::Unlisted,
    recency::Recency,
    unverified::InvalidEvent,
};
