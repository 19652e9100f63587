//! Entitlements: the features that a customer has paid for.

use super::{Expandable, List, OtherObject, list::Listed, macros::object};

object! {
    /// The features of a customer: <https://docs.stripe.com/billing/entitlements>
    pub struct ActiveEntitlementSummary named "entitlements.active_entitlement_summary" {
        /// Returns the customer's id, `cus_…`.
        pub customer: Option<String>,
        /// Returns the entitlements.
        ///
        /// If [`has_more`](List::has_more) is `true`, fetch the others.
        pub entitlements: List<ActiveEntitlement>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The entitlements.
    pub struct ActiveEntitlement {
        /// Returns the entitlement's id, `ent_…`.
        pub id: Option<String>,
        /// Returns the feature.
        pub feature (feature_id): Option<Expandable<OtherObject>>,
        /// Returns the feature's lookup key, which the app chose.
        pub lookup_key: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

impl Listed for ActiveEntitlement {}
