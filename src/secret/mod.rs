//! Signing secrets and where they come from.
//!
//! A [`SigningSecret`] is the `whsec_…` text with which Stripe signs the events of one endpoint.
//! During a rotation, two secrets are valid at once, so a [`SecretProvider`] returns several:
//! [`SigningSecrets`]. The layer asks its provider once per request.
//!
//! | provider | source of the secrets |
//! |---|---|
//! | [`SigningSecret`], [`SigningSecrets`] | the program itself |
//! | [`EnvSecret`] | an environment variable, read once |
//! | [`FileSecret`] | a file, read again when it changes |
//! | `tokio::sync::watch::Receiver<SigningSecrets>` | a channel that the app feeds (feature `tokio`) |
//! | [`secret_provider_fn`] | a closure |
//! | your own type | any place: [`SecretProvider`] has an example |
//!
//! Providers that wrap others:
//!
//! | provider | adds |
//! |---|---|
//! | `Cached` | keeps the answer of a slow provider and refreshes it in the background (feature `tokio`) |
//! | `CachedByKey` | does so for each tenant or endpoint (feature `tokio`) |
//! | [`Fallback`] | asks a second provider if the first one has no secret |
//! | [`SharedSecretProvider`] | gives providers of different types one type |

#[cfg(feature = "tokio")]
mod cached;
#[cfg(feature = "tokio")]
mod cached_by_key;
mod check;
pub(crate) mod diagnosis;
mod env;
mod fallback;
mod file;
pub(crate) mod placeholder;
mod provider;
mod provider_fn;
mod shared;
mod short;
mod signing_secret;
mod signing_secrets;
#[cfg(feature = "tokio")]
mod watch;

pub(crate) use self::check::{SignatureCheck, check_whole};
#[cfg(feature = "tokio")]
pub use self::{
    cached::{CacheOptions, CacheState, Cached},
    cached_by_key::{CachedByKey, KeyedCacheOptions},
};
pub use self::{
    env::{EnvSecret, EnvSecretError},
    fallback::Fallback,
    file::FileSecret,
    provider::SecretProvider,
    provider_fn::{SecretProviderFn, secret_provider_fn},
    shared::SharedSecretProvider,
    signing_secret::{SecretId, SigningSecret, SigningSecretError},
    signing_secrets::SigningSecrets,
};
