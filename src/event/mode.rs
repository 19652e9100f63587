//! Stripe's mode: live or test.

use std::fmt;

/// Stripe's two modes: `livemode` in an event and in its object.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{Mode, SigningSecret, StripeWebhookLayer};
///
/// let secret = SigningSecret::new("whsec_example")?;
/// let layer = StripeWebhookLayer::new(secret).with_mode(Mode::Live);
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Real money: `"livemode": true`.
    Live,
    /// Test data, also of a sandbox: `"livemode": false`.
    Test,
}

impl Mode {
    /// Returns the mode that a `livemode` means.
    #[must_use]
    pub const fn from_livemode(livemode: bool) -> Self {
        if livemode { Self::Live } else { Self::Test }
    }

    /// Returns whether it is [`Live`](Self::Live).
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live)
    }
}

/// `live` or `test`.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "live",
            Self::Test => "test",
        })
    }
}
