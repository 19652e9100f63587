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
    /// Takes a token of printable ASCII characters without spaces.
    pub fn new(token: String) -> Result<Self, InvalidToken> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidToken);
        }
        Ok(Self(token.into()))
    }

    /// Generates a token of 256 random bits.
    pub fn random() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
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

/// The token cannot be sent in a header.
#[derive(Clone, Copy, Debug)]
pub struct InvalidToken;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_only_matches_itself_and_is_not_shown() {
        let token = AdminToken::new("correct-horse".into()).unwrap();
        assert!(token.matches("correct-horse"));
        for other in ["", "correct-hors", "correct-horsf", "correct-horse ", "Correct-horse"] {
            assert!(!token.matches(other), "{other:?}");
        }
        assert!(!format!("{token:?}").contains("horse"));
    }

    #[test]
    fn a_token_that_fits_no_header_is_invalid() {
        for token in ["", "two words", "line\n", "zoë"] {
            assert!(AdminToken::new(token.into()).is_err(), "{token:?}");
        }
    }

    #[test]
    fn random_tokens_are_long_and_differ() {
        let [a, b] = [AdminToken::random(), AdminToken::random()];
        assert_eq!(a.expose().len(), 64);
        assert_ne!(a.expose(), b.expose());
    }
}
