//! The server that gets the requests.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use http::{
    Uri,
    uri::{Authority, PathAndQuery, Scheme},
};
use thiserror::Error;

/// The scheme and the host of the server that gets the requests: `https://api.stripe.com` by
/// default.
///
/// The API key is sent to it, so plain http is only accepted for a loopback host: `localhost`,
/// `127.0.0.0/8` or `[::1]`. Such a server is a fake for tests.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::api::ApiBaseUrl;
///
/// assert!(ApiBaseUrl::new("http://127.0.0.1:12111").is_ok());
///
/// let error = ApiBaseUrl::new("http://stripe.example").unwrap_err();
/// assert!(error.to_string().contains("must start with `https://`"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiBaseUrl {
    scheme: Scheme,
    authority: Authority,
}

impl ApiBaseUrl {
    /// Makes a base URL from its text: a scheme, a host, and perhaps a port.
    ///
    /// # Errors
    ///
    /// [`InvalidApiBaseUrl`] if the text is no URL, has a user name, a path, a query or a fragment,
    /// or has plain http for a host that is not loopback. The error never contains the text.
    pub fn new(url: &str) -> Result<Self, InvalidApiBaseUrl> {
        use ErrorKind::*;

        // `Uri` drops a fragment.
        if url.contains('#') {
            return Err(InvalidApiBaseUrl(MoreThanHost));
        }
        let parts = url.parse::<Uri>().map_err(|_| InvalidApiBaseUrl(NoUrl))?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(InvalidApiBaseUrl(NoUrl));
        };
        let kind = if authority.as_str().contains('@') {
            UserInfo
        } else if authority.host().is_empty() || has_invalid_port(&authority) {
            NoUrl
        } else if parts.path_and_query.is_some_and(|rest| rest != "/") {
            MoreThanHost
        } else if scheme == Scheme::HTTP && !is_loopback(authority.host()) {
            PlainHttp
        } else if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            OtherScheme
        } else {
            return Ok(Self { scheme, authority });
        };
        Err(InvalidApiBaseUrl(kind))
    }

    /// Returns the URL of a path, perhaps with a query.
    pub(super) fn with_path(&self, path: &str) -> Result<Uri, http::Error> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(PathAndQuery::try_from(path)?)
            .build()
    }
}

impl Default for ApiBaseUrl {
    fn default() -> Self {
        Self { scheme: Scheme::HTTPS, authority: Authority::from_static("api.stripe.com") }
    }
}

impl fmt::Display for ApiBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl fmt::Debug for ApiBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiBaseUrl({self})")
    }
}

impl FromStr for ApiBaseUrl {
    type Err = InvalidApiBaseUrl;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        Self::new(url)
    }
}

/// Whether a host can only be this machine.
///
/// The text decides, not the resolver.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .is_some_and(|host| host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()))
}

/// `Authority` accepts a port that is out of range, and a colon without a port.
fn has_invalid_port(authority: &Authority) -> bool {
    let after_host = &authority.as_str()[authority.host().len()..];
    !after_host.is_empty() && authority.port_u16().is_none()
}

/// The error for a text that is no [`ApiBaseUrl`].
///
/// The message never contains the text, which may have a password.
#[derive(Clone, Debug, Error)]
#[error(transparent)]
pub struct InvalidApiBaseUrl(ErrorKind);

#[derive(Clone, Debug, Error)]
enum ErrorKind {
    #[error("the base URL of Stripe's API is not a URL such as `https://api.stripe.com`")]
    NoUrl,
    #[error("the base URL of Stripe's API must have no user name and no password")]
    UserInfo,
    #[error("the base URL of Stripe's API must have no path, no query and no fragment")]
    MoreThanHost,
    #[error(
        "the base URL of Stripe's API must start with `https://`, unless its host is `localhost`, `127.0.0.1` or `[::1]`: \
         the API key would be sent unencrypted"
    )]
    PlainHttp,
    #[error("the base URL of Stripe's API must start with `https://`")]
    OtherScheme,
}
