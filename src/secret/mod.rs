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
//! | [`secret_provider_fn`] | a closure |
//! | your own type | wherever you keep them: [`SecretProvider`] shows how |
//!
//! [`SharedSecretProvider`] makes one type of any of them.

mod check;
mod env;
mod provider;
mod provider_fn;
mod shared;
mod signing_secret;
mod signing_secrets;

pub(crate) use self::check::SignatureCheck;
pub use self::{
    env::{EnvSecret, EnvSecretError},
    provider::SecretProvider,
    provider_fn::{SecretProviderFn, secret_provider_fn},
    shared::SharedSecretProvider,
    signing_secret::{SecretId, SigningSecret, SigningSecretError},
    signing_secrets::SigningSecrets,
};
