//! The token for the API and the portal.

use std::{fmt, sync::Arc};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The shortest length without a warning, in characters.
const MIN_SAFE_LENGTH: usize = 16;

/// The value of `ADMIN_TOKEN`. `Debug` does not show it.
#[derive(Clone)]
pub struct AdminToken(Arc<str>);

impl AdminToken {
    /// Takes a token of printable ASCII characters without spaces. Others cannot be sent in a
    /// header.
    pub fn new(token: &str) -> Option<Self> {
        let is_valid = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then(|| Self(token.into()))
    }

    /// Generates a token of 256 random bits.
    pub fn random() -> Self {
        Self(random_hex().into())
    }

    /// Returns whether the token is short enough to be guessed: requests to the API are not
    /// limited.
    pub fn is_short(&self) -> bool {
        self.0.len() < MIN_SAFE_LENGTH
    }

    /// Compares in constant time. Hashing first also hides the length.
    pub fn matches(&self, given: &str) -> bool {
        Sha256::digest(given).ct_eq(&Sha256::digest(&*self.0)).into()
    }

    /// Returns the token, for the one line that shows it to the operator.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken(…)")
    }
}

/// Returns 256 random bits.
pub fn random_hex() -> String {
    hex(&rand::random::<[u8; 32]>())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_only_matches_itself_and_is_not_shown() {
        let token = AdminToken::new("correct-horse").unwrap();
        assert!(token.matches("correct-horse"));
        for other in ["", "correct-hors", "correct-horsf", "correct-horse ", "Correct-horse"] {
            assert!(!token.matches(other), "{other:?}");
        }
        assert!(!format!("{token:?}").contains("horse"));
    }

    #[test]
    fn a_token_that_fits_no_header_is_invalid() {
        for token in ["", "two words", "line\n", "zoë"] {
            assert!(AdminToken::new(token).is_none(), "{token:?}");
        }
    }

    #[test]
    fn random_tokens_are_long_and_differ() {
        let [a, b] = [AdminToken::random(), AdminToken::random()];
        assert_eq!(a.expose().len(), 64);
        assert_ne!(a.expose(), b.expose());
    }
}
