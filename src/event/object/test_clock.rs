//! Test clocks.

use super::macros::{object, value};

object! {
    /// A clock that moves objects of a sandbox in time:
    /// <https://docs.stripe.com/api/test_clocks/object>
    pub struct TestClock named "test_helpers.test_clock" {
        /// Returns the test clock's id, `clock_…`.
        pub id: required String,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the status.
        pub status: Option<TestClockStatus>,
        /// Returns details about the status.
        pub status_details: Option<TestClockDetails>,
        /// Returns the time of the clock, in Unix seconds.
        pub frozen_time: Option<i64>,
        /// Returns when Stripe deletes the clock, in Unix seconds.
        pub deletes_after: Option<i64>,
        /// Returns whether the test clock was deleted.
        pub deleted: bool,
        /// Returns when the test clock was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

value! {
    /// The status of a test clock.
    pub enum TestClockStatus {
        /// The clock is advancing.
        Advancing => "advancing",
        /// The clock failed to advance.
        InternalFailure => "internal_failure",
        /// The clock can advance.
        Ready => "ready",
    }
}

object! {
    /// Details about the status.
    pub struct TestClockDetails {
        /// Returns the advance of the clock.
        pub advancing: Option<Advancing>,
    }
}

object! {
    /// The advance of the clock.
    pub struct Advancing {
        /// Returns the time to which the clock advances, in Unix seconds.
        pub target_frozen_time: Option<i64>,
    }
}
