//! Runs and types of reports.

use super::{file::File, macros::object};

object! {
    /// A run of a report: <https://docs.stripe.com/api/reporting/report_run/object>
    pub struct ReportRun named "reporting.report_run" {
        /// Returns the report run's id, `frr_…`.
        pub id: required String,
        /// Returns the status: `pending`, `succeeded` or `failed`.
        pub status: Option<String>,
        /// Returns the error of a failed run.
        pub error: Option<String>,
        /// Returns the id of the report type.
        pub report_type: Option<String>,
        /// Returns the file with the report.
        pub result: Option<File>,
        /// Returns when the run succeeded, in Unix seconds.
        pub succeeded_at: Option<i64>,
        /// Returns when the report run was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// A type of reports: <https://docs.stripe.com/api/reporting/report_type/object>
    pub struct ReportType named "reporting.report_type" {
        /// Returns the report type's id, such as `balance.summary.1`.
        pub id: required String,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the start of the available data, in Unix seconds.
        pub data_available_start: Option<i64>,
        /// Returns the end of the available data, in Unix seconds.
        pub data_available_end: Option<i64>,
        /// Returns the columns of the report.
        pub default_columns: Vec<String>,
        /// Returns the version.
        pub version: Option<i64>,
        /// Returns when the report type was last changed, in Unix seconds.
        pub updated: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}
