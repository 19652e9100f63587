//! Signing secrets, and the providers that load them.

#[cfg(feature = "tokio")]
mod broken_providers;
#[cfg(feature = "tokio")]
mod cached;
#[cfg(feature = "tokio")]
mod cached_by_key;
#[cfg(feature = "tokio")]
mod no_secret_in_text;
#[cfg(feature = "tokio")]
mod providers;
mod rotation;
mod secrets;
#[cfg(feature = "tokio")]
mod storms;
