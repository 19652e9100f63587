//! The token that opens the API and the portal.

use std::{fmt, sync::Arc};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// In characters.
const SAFE_LENGTH: usize = 16;

/// What `ADMIN_TOKEN` holds. `Debug` does not show it.
#[derive(Clone)]
pub struct AdminToken(Arc<str>);

impl AdminToken {
    /// Takes a token, or says why it cannot be one.
    pub fn new(token: String) -> Result<Self, InvalidToken> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidToken);
        }
        Ok(Self(token.into()))
    }

    /// Makes one that nobody can guess: 256 bits.
    pub fn random() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
    }

    /// Whether it can be guessed sooner or later: as the login, and the API even more, can be asked again and again.
    pub fn is_short(&self) -> bool {
        self.0.len() < SAFE_LENGTH
    }

    /// Whether `given` is the token, in a time that tells nothing of it, its length included.
    pub fn matches(&self, given: &str) -> bool {
        Sha256::digest(given).ct_eq(&Sha256::digest(&*self.0)).into()
    }

    /// The token itself, for the one line that shows it to the operator.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken(…)")
    }
}

/// A header cannot carry it.
#[derive(Clone, Copy, Debug)]
pub struct InvalidToken;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_matches_itself_alone_and_is_not_shown() {
        let token = AdminToken::new("correct-horse".into()).unwrap();
        assert!(token.matches("correct-horse"));
        for other in ["", "correct-hors", "correct-horsf", "correct-horse ", "Correct-horse"] {
            assert!(!token.matches(other), "{other:?}");
        }
        assert!(!format!("{token:?}").contains("horse"));
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_refused() {
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
