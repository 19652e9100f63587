//! Installs of Stripe Apps.

use super::macros::object;

object! {
    /// An install of a Stripe App: <https://docs.stripe.com/stripe-apps>
    pub struct Install named "apps.install" {
        /// Returns the install's id.
        pub id: required String,
        /// Returns the id of the account that installed the app, `acct_…`.
        pub account: Option<String>,
        /// Returns the id of the app.
        pub app: Option<String>,
        /// Returns the status: `installing`, `installed`, `install_failed`, `uninstalling` or
        /// `uninstall_failed`.
        pub status: Option<String>,
        /// Returns the channel: `public`, `private_live`, `private_test`, `testing` or `review`.
        pub channel: Option<String>,
        /// Returns the permissions that the app has.
        pub permissions_granted: Vec<String>,
        /// Returns the permissions that wait for approval.
        pub permissions_pending: Vec<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}
