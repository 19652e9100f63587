//! Sessions and configurations of the customer portal.

use super::{Expandable, Metadata, account::Application, macros::object};

object! {
    /// A configuration of the customer portal:
    /// <https://docs.stripe.com/api/customer_portal/configurations/object>
    pub struct Configuration named "billing_portal.configuration" {
        /// Returns the configuration's id, `bpc_…`.
        pub id: required String,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns whether the configuration can be used.
        pub active: bool,
        /// Returns the Connect application that created the configuration.
        pub application (application_id): Option<Expandable<Application>>,
        /// Returns the URL to which customers return.
        pub default_return_url: Option<String>,
        /// Returns whether it is the default configuration.
        pub is_default: bool,
        /// Returns when the configuration was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns when the configuration was last changed, in Unix seconds.
        pub updated: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the configuration.
        pub metadata: Metadata,
    }
}

object! {
    /// A session of the customer portal:
    /// <https://docs.stripe.com/api/customer_portal/sessions/object>
    pub struct Session named "billing_portal.session" {
        /// Returns the session's id, `bps_…`.
        pub id: required String,
        /// Returns the configuration.
        pub configuration (configuration_id): Option<Expandable<Configuration>>,
        /// Returns the customer's id, `cus_…`.
        pub customer: Option<String>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the id of the connected account that the session is made for.
        pub on_behalf_of: Option<String>,
        /// Returns the URL to which the customer returns.
        pub return_url: Option<String>,
        /// Returns when the session was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}
