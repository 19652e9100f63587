//! Stripe Connect: which connected accounts' events count beside those of this business's own account.

use std::sync::Arc;

/// The connected accounts whose events count. By default none does. Clones share the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectedAccounts {
    All,
    /// These, by their ids `acct_…`.
    These(Arc<[String]>),
}

impl ConnectedAccounts {
    /// Takes `*`, or ids by comma. `None` if one of them is no account's id.
    pub fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::All);
        }
        let ids = text.split(',').map(str::trim).map(|id| is_account_id(id).then(|| id.to_owned()));
        ids.collect::<Option<_>>().map(Self::These)
    }

    /// Whether events of an account count. A thin event's context may be a path of accounts, of which the last has the object.
    pub fn include(&self, account: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.iter().any(|id| Some(&**id) == account.rsplit('/').next()),
        }
    }
}

impl Default for ConnectedAccounts {
    fn default() -> Self {
        Self::These(Arc::default())
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
    fn no_account_counts_by_default() {
        assert!(!ConnectedAccounts::default().include("acct_1"));
    }

    #[test]
    fn listed_accounts_count() {
        let accounts = ConnectedAccounts::parse("acct_1A, acct_2_b").unwrap();
        for (account, counts) in [
            ("acct_1A", true),
            ("acct_2_b", true),
            ("acct_1a", false),
            ("acct_1", false),
            ("", false),
            ("acct_9/acct_1A", true),
            ("acct_1A/acct_9", false),
        ] {
            assert_eq!(accounts.include(account), counts, "{account}");
        }
    }

    #[test]
    fn an_asterisk_stands_for_all_accounts() {
        assert!(ConnectedAccounts::parse(" * ").unwrap().include("acct_1"));
    }

    #[test]
    fn a_list_with_another_text_is_refused() {
        for text in ["acct_", "acct_1,", ",", "*,acct_1", "1A", "ACCT_1", "acct_1 acct_2", "sk_test_1", "acct_é"] {
            assert_eq!(ConnectedAccounts::parse(text), None, "{text}");
        }
    }
}
