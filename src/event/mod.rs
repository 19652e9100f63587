//! What Stripe says: the envelope of an event, its type, and its object on demand.

mod decode_error;
mod envelope;
mod event_type;
mod open_enum;
mod parse;

pub(crate) use self::parse::EnvelopeError;
pub use self::{
    decode_error::DecodeError,
    envelope::{Event, EventKind, EventRequest, RelatedObject},
    event_type::{EventType, REQUIRED_EVENT_TYPES},
    open_enum::Unlisted,
};
