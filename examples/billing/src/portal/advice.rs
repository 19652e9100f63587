//! Advice during a rotation.

use crate::secrets::SecretInfo;

/// What to do with a secret if there is a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Stripe signs with the newest secret, and no longer with this one.
    CanGo,
    /// Stripe has signed with this secret since it last used the newest one.
    StillInUse,
    /// Stripe has not signed with the newest secret yet.
    NewestUnused,
    /// The two secrets sign events of different kinds, so they belong to two destinations.
    OtherKind,
}

impl Advice {
    pub fn of(secret: &SecretInfo, newest: &SecretInfo) -> Self {
        if let (Some(kind), Some(of_newest)) = (&secret.kind, &newest.kind)
            && kind != of_newest
        {
            return Self::OtherKind;
        }
        Self::by_use(secret.last_used_at, newest.last_used_at)
    }

    fn by_use(last_used_at: Option<i64>, newest_used_at: Option<i64>) -> Self {
        match (last_used_at, newest_used_at) {
            (_, None) => Self::NewestUnused,
            (Some(old), Some(newest)) if old >= newest => Self::StillInUse,
            _ => Self::CanGo,
        }
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
            assert_eq!(Advice::by_use(old, newest), expected, "{old:?} {newest:?}");
        }
    }
}
