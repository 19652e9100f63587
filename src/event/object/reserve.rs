//! Reserves of connected accounts.

use super::{Charge, Expandable, Metadata, macros::object};

object! {
    /// An amount in a reserve: <https://docs.stripe.com/connect>
    pub struct Hold named "reserve.hold" {
        /// Returns the hold's id.
        pub id: required String,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the amount that can be released, in the smallest unit of `currency`.
        pub amount_releasable: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns who created the hold: `application` or `stripe`.
        pub created_by: Option<String>,
        /// Returns whether the hold can be released.
        pub is_releasable: Option<bool>,
        /// Returns the reason: `charge` or `standalone`.
        pub reason: Option<String>,
        /// Returns the plan.
        pub reserve_plan (reserve_plan_id): Option<Expandable<Plan>>,
        /// Returns the charge that the money came from.
        pub source_charge (source_charge_id): Option<Expandable<Charge>>,
        /// Returns the balance that the money came from: `card`, `bank_account` or `fpx`.
        pub source_type: Option<String>,
        /// Returns when the hold was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the hold.
        pub metadata: Metadata,
    }
}

object! {
    /// A plan of a reserve: <https://docs.stripe.com/connect>
    pub struct Plan named "reserve.plan" {
        /// Returns the plan's id.
        pub id: required String,
        /// Returns the status: `active`, `disabled` or `expired`.
        pub status: Option<String>,
        /// Returns the type, such as `rolling_release`.
        pub plan_type as "type": Option<String>,
        /// Returns who created the plan: `application` or `stripe`.
        pub created_by: Option<String>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the reserved share of each payment, in percent.
        pub percent: Option<f64>,
        /// Returns when the plan was disabled, in Unix seconds.
        pub disabled_at: Option<i64>,
        /// Returns when the plan was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the plan.
        pub metadata: Metadata,
    }
}

object! {
    /// A release from a reserve: <https://docs.stripe.com/connect>
    pub struct Release named "reserve.release" {
        /// Returns the release's id.
        pub id: required String,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns who created the release: `application` or `stripe`.
        pub created_by: Option<String>,
        /// Returns the reason, such as `hold_expired`.
        pub reason: Option<String>,
        /// Returns when the money was released, in Unix seconds.
        pub released_at: Option<i64>,
        /// Returns the hold.
        pub reserve_hold (reserve_hold_id): Option<Expandable<Hold>>,
        /// Returns the plan.
        pub reserve_plan (reserve_plan_id): Option<Expandable<Plan>>,
        /// Returns when the release was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the release.
        pub metadata: Metadata,
    }
}
