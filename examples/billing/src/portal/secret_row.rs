//! The rows of the active secrets, with advice during a rotation.

use super::moment::Moment;
use crate::secrets::{SecretInfo, Source};

#[derive(Debug)]
pub struct SecretRow {
    pub id: String,
    pub preview: String,
    pub source: &'static str,
    pub removable: bool,
    pub added: Option<Moment>,
    pub last_used: Option<Moment>,
    /// Whether the secret can be removed. `None` for the newest.
    pub advice: Option<Advice>,
}

/// What to do with a secret if there is a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Stripe signs with the newest secret, and no longer with this one.
    CanGo,
    /// Stripe has signed with this secret since it last used the newest one.
    StillInUse,
    /// Stripe has not signed with the newest secret yet.
    NewestUnused,
}

impl SecretRow {
    /// Takes the active secrets, the newest first.
    pub fn all(secrets: Vec<SecretInfo>) -> Vec<Self> {
        let newest_used_at = secrets.first().and_then(|newest| newest.last_used_at);
        let row = |(place, secret): (usize, SecretInfo)| Self {
            advice: (place > 0).then(|| advice(secret.last_used_at, newest_used_at)),
            id: secret.id,
            preview: secret.preview,
            source: match secret.source {
                Source::Database => "database",
                Source::Environment => "environment",
            },
            removable: secret.source == Source::Database,
            added: secret.added_at.map(Moment::new),
            last_used: secret.last_used_at.map(Moment::new),
        };
        secrets.into_iter().enumerate().map(row).collect()
    }
}

fn advice(last_used_at: Option<i64>, newest_used_at: Option<i64>) -> Advice {
    match (last_used_at, newest_used_at) {
        (_, None) => Advice::NewestUnused,
        (Some(old), Some(newest)) if old >= newest => Advice::StillInUse,
        _ => Advice::CanGo,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_secret_can_go_once_the_newest_was_used_later() {
        for (old, newest, expected) in [
            (None, None, Advice::NewestUnused),
            (Some(10), None, Advice::NewestUnused),
            (Some(10), Some(9), Advice::StillInUse),
            (Some(10), Some(10), Advice::StillInUse),
            (Some(10), Some(11), Advice::CanGo),
            (None, Some(1), Advice::CanGo),
        ] {
            assert_eq!(advice(old, newest), expected, "{old:?} {newest:?}");
        }
    }
}
