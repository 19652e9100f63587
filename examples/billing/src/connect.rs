//! Stripe Connect: the connected accounts whose events are handled.

use std::sync::Arc;

/// The connected accounts whose events are handled: none by default. Clones share the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectedAccounts {
    All,
    /// Accounts with these ids (`acct_…`).
    Listed(Arc<[String]>),
}

impl ConnectedAccounts {
    /// Parses `*` or a comma-separated list of ids. Returns `None` if an id is invalid.
    pub fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::All);
        }
        let ids = text.split(',').map(str::trim).map(|id| is_account_id(id).then(|| id.to_owned()));
        ids.collect::<Option<_>>().map(Self::Listed)
    }

    /// Returns whether an account's events are handled. A thin event's context may be a path of
    /// accounts, of which the last one owns the object.
    pub fn include(&self, account: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed(ids) => ids.iter().any(|id| Some(&**id) == account.rsplit('/').next()),
        }
    }
}

impl Default for ConnectedAccounts {
    fn default() -> Self {
        Self::Listed(Arc::default())
    }
}

fn is_account_id(id: &str) -> bool {
    let unique = id.strip_prefix("acct_").unwrap_or_default();
    !unique.is_empty() && unique.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_account_is_included_by_default() {
        assert!(!ConnectedAccounts::default().include("acct_1"));
    }

    #[test]
    fn only_listed_accounts_are_included() {
        let accounts = ConnectedAccounts::parse("acct_1A, acct_2_b").unwrap();
        for (account, is_included) in [
            ("acct_1A", true),
            ("acct_2_b", true),
            ("acct_1a", false),
            ("acct_1", false),
            ("", false),
            ("acct_9/acct_1A", true),
            ("acct_1A/acct_9", false),
        ] {
            assert_eq!(accounts.include(account), is_included, "{account}");
        }
    }

    #[test]
    fn an_asterisk_includes_all_accounts() {
        assert!(ConnectedAccounts::parse(" * ").unwrap().include("acct_1"));
    }

    #[test]
    fn a_list_with_an_invalid_id_is_rejected() {
        for text in [
            "acct_",
            "acct_1,",
            ",",
            "*,acct_1",
            "1A",
            "ACCT_1",
            "acct_1 acct_2",
            "sk_test_1",
            "acct_é",
        ] {
            assert_eq!(ConnectedAccounts::parse(text), None, "{text}");
        }
    }
}
