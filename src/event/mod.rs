//! Events: the envelope, the type, and the object, which is decoded on demand.

mod characters;
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
mod test_webhook;
mod unverified;

pub(crate) use self::parse::EnvelopeError;
#[cfg(feature = "tokio")]
pub(crate) use self::test_webhook::is_placeholder;
pub use self::{
    data::EventData,
    decode::DecodeError,
    envelope::{Changes, Event, EventKind, EventReason, EventRequest, RelatedObject},
    event_type::{EventType, SUBSCRIPTION_EVENT_TYPES},
    mode::Mode,
    open_enum::Unlisted,
    recency::Recency,
    unverified::InvalidEvent,
};
