//! Runs of scheduled Sigma queries.

use super::{file::File, macros::object};

object! {
    /// A run of a scheduled query: <https://docs.stripe.com/api/sigma/scheduled_queries/object>
    pub struct ScheduledQueryRun named "scheduled_query_run" {
        /// Returns the run's id, `sqr_…`.
        pub id: required String,
        /// Returns the status, such as `completed`.
        pub status: Option<String>,
        /// Returns the title of the query.
        pub title: Option<String>,
        /// Returns the error of a failed run.
        pub error: Option<QueryError>,
        /// Returns the file with the result.
        pub file: Option<File>,
        /// Returns when the data was loaded, in Unix seconds.
        pub data_load_time: Option<i64>,
        /// Returns when the result expires, in Unix seconds.
        pub result_available_until: Option<i64>,
        /// Returns when the run was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The error of a failed run.
    pub struct QueryError {
        /// Returns the message, for people.
        pub message: Option<String>,
    }
}
