//! Bank accounts that customers have connected.

use std::collections::BTreeMap;

use super::{Customer, Expandable, OtherObject, macros::object};

object! {
    /// A connected bank account:
    /// <https://docs.stripe.com/api/financial_connections/accounts/object>
    pub struct Account named "financial_connections.account" {
        /// Returns the account's id, `fca_…`.
        pub id: required String,
        /// Returns the status: `active`, `inactive` or `disconnected`.
        pub status: Option<String>,
        /// Returns the holder.
        pub account_holder: Option<AccountHolder>,
        /// Returns the balance.
        pub balance: Option<Balance>,
        /// Returns the state of the last read of the balance.
        pub balance_refresh: Option<Refresh>,
        /// Returns the state of the last read of the owners.
        pub ownership_refresh: Option<Refresh>,
        /// Returns the state of the last read of the transactions.
        pub transaction_refresh: Option<Refresh>,
        /// Returns the category: `cash`, `credit`, `investment` or `other`.
        pub category: Option<String>,
        /// Returns the subcategory, such as `checking`.
        pub subcategory: Option<String>,
        /// Returns the name that the institution gives.
        pub display_name: Option<String>,
        /// Returns the name of the institution.
        pub institution_name: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the owners.
        pub ownership (ownership_id): Option<Expandable<OtherObject>>,
        /// Returns what the app may read, such as `balances`.
        pub permissions: Vec<String>,
        /// Returns what is read regularly: `transactions`.
        pub subscriptions: Vec<String>,
        /// Returns the types of payment methods that can be made from it.
        pub supported_payment_method_types: Vec<String>,
        /// Returns when the account was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The holder.
    pub struct AccountHolder {
        /// Returns the account.
        pub account (account_id): Option<Expandable<Account>>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the type of the holder: `account` or `customer`.
        pub holder_type as "type": Option<String>,
    }
}

object! {
    /// The balance.
    pub struct Balance {
        /// Returns when the balance was read, in Unix seconds.
        pub as_of: Option<i64>,
        /// Returns the balance, in the smallest unit of each currency.
        pub current: BTreeMap<String, i64>,
        /// Returns the type: `cash` or `credit`.
        pub balance_type as "type": Option<String>,
    }
}

object! {
    /// The state of the last read of the balance.
    pub struct Refresh {
        /// Returns when it was last tried, in Unix seconds.
        pub last_attempted_at: Option<i64>,
        /// Returns when it can be tried again, in Unix seconds.
        pub next_refresh_available_at: Option<i64>,
        /// Returns the status: `pending`, `succeeded` or `failed`.
        pub status: Option<String>,
    }
}

object! {
    /// A customer's permission to read their accounts at an institution:
    /// <https://docs.stripe.com/financial-connections>
    pub struct Authorization named "financial_connections.authorization" {
        /// Returns the authorization's id, `fcauth_…`.
        pub id: required String,
        /// Returns the name of the institution.
        pub institution_name: Option<String>,
        /// Returns the status: `active` or `inactive`.
        pub status: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}
