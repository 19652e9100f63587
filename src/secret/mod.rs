//! Signing secrets, and where they come from.
//!
//! A [`SigningSecret`] is the `whsec_…` text with which Stripe signs the events of one endpoint. While it is
//! rolled two are alive at once, so the layer always works with [`SigningSecrets`], which it asks a
//! [`SecretProvider`] for, once a request:
//!
//! | provider | the secrets come from |
//! |---|---|
//! | [`SigningSecret`], [`SigningSecrets`] | the program itself |
//! | [`EnvSecret`] | an environment variable, read once |
//! | [`FileSecret`] | a file, read again when it changes |
//! | [`watch::Receiver`](tokio::sync::watch::Receiver) | a channel that the app feeds |
//! | [`secret_provider_fn`] | a closure |
//! | your own type | wherever you keep them: [`SecretProvider`] shows how |
//!
//! Around them: [`Cached`] keeps what a slow one said, [`CachedByKey`] does so for each tenant or endpoint,
//! [`Fallback`] asks another one when the first has none, and [`SharedSecretProvider`] makes one type of any of them.

#[cfg(feature = "tokio")]
mod cached;
#[cfg(feature = "tokio")]
mod cached_by_key;
mod check;
mod diagnosis;
mod env;
mod fallback;
mod file;
mod placeholder;
mod provider;
mod provider_fn;
mod shared;
#[cfg(feature = "tracing")]
mod short;
mod signing_secret;
mod signing_secrets;
#[cfg(feature = "tokio")]
mod watch;

#[cfg(feature = "tokio")]
pub use self::{
    cached::{CacheOptions, CacheState, Cached},
    cached_by_key::{CachedByKey, KeyedCacheOptions},
};
pub(crate) use self::{
    check::{SignatureCheck, check_whole},
    diagnosis::diagnose,
};
pub use self::{
    diagnosis::MismatchDiagnosis,
    env::{EnvSecret, EnvSecretError},
    fallback::Fallback,
    file::FileSecret,
    provider::SecretProvider,
    provider_fn::{SecretProviderFn, secret_provider_fn},
    shared::SharedSecretProvider,
    signing_secret::{SecretId, SigningSecret, SigningSecretError},
    signing_secrets::SigningSecrets,
};
