//! The token for the API and the portal.

use std::{fmt, sync::Arc, time::Duration};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::wrong_tokens::WrongTokens;

/// The shortest length without a warning, in characters.
const MIN_SAFE_LENGTH: usize = 16;

/// The value of `ADMIN_TOKEN`, and the limit of wrong ones. Clones share the limit. `Debug` does not
/// show the token.
#[derive(Clone)]
pub struct AdminToken {
    token: Arc<str>,
    wrong: Arc<WrongTokens>,
}

/// Why a token is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    Wrong,
    /// The token is wrong, and so were too many before it.
    TooManyWrong {
        retry_after: Duration,
    },
}

impl AdminToken {
    /// Takes a token of printable ASCII characters without spaces. Others cannot be sent in a
    /// header.
    pub fn new(token: &str) -> Option<Self> {
        let is_valid = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then(|| Self::of(token))
    }

    /// Generates a token of 256 random bits.
    pub fn random() -> Self {
        Self::of(&random_hex())
    }

    fn of(token: &str) -> Self {
        Self { token: token.into(), wrong: Arc::new(WrongTokens::new()) }
    }

    /// Returns whether the token is short enough to be guessed.
    pub fn is_short(&self) -> bool {
        self.token.len() < MIN_SAFE_LENGTH
    }

    /// Checks a token of the portal's login or of a request to the API.
    ///
    /// The right token is always accepted, so that wrong ones of others do not lock it out.
    pub fn check(&self, given: &str) -> Result<(), TokenError> {
        if self.matches(given) {
            return Ok(());
        }
        Err(match self.wrong.count() {
            Ok(()) => TokenError::Wrong,
            Err(retry_after) => TokenError::TooManyWrong { retry_after },
        })
    }

    /// Compares in constant time. Hashing first also hides the length.
    fn matches(&self, given: &str) -> bool {
        Sha256::digest(given).ct_eq(&Sha256::digest(&*self.token)).into()
    }

    /// Returns the token, for the one line that shows it to the operator.
    pub fn expose(&self) -> &str {
        &self.token
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
    fn the_right_token_is_accepted_after_too_many_wrong_ones() {
        let token = AdminToken::random();
        // Ten at once, and one more every six seconds on a slow machine.
        let rejected: Vec<_> = (0..40).map(|_| token.clone().check("wrong").unwrap_err()).collect();
        assert_eq!(rejected[..10], [TokenError::Wrong; 10]);
        let TokenError::TooManyWrong { retry_after } = rejected[39] else {
            panic!("wrong tokens are not limited");
        };
        assert!(retry_after <= Duration::from_secs(6), "{retry_after:?}");
        for _ in 0..20 {
            assert_eq!(token.check(token.expose()), Ok(()));
        }
        assert!(matches!(token.check("wrong"), Err(TokenError::TooManyWrong { .. })));
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
