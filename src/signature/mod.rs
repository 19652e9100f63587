//! Stripe's signature scheme: header, timestamp tolerance and MAC, without I/O.
//!
//! Source: <https://docs.stripe.com/webhooks#verify-manually>

mod header;
mod mac;
mod tolerance;

pub use self::tolerance::Tolerance;
pub(crate) use self::{
    header::{HeaderError, Signature, SignatureHeader},
    mac::{PayloadMac, PreparedKey},
    tolerance::Skew,
};
