//! Reports of errors in usage events.

use super::macros::{object, value};

object! {
    /// The data of the thin events `v1.billing.meter.error_report_triggered` and
    /// `v1.billing.meter.no_meter_found`: usage events that Stripe could not process.
    ///
    /// A delivered event does not have it: fetch it with `Event::fetch_data` of the module `api`.
    /// `no_meter_found` has no related object, and `error_report_triggered` is about a meter.
    pub struct MeterErrorReport {
        /// A summary of the errors, for developers.
        pub developer_message_summary: Option<String>,
        /// The start of the time window of the report, in RFC 3339.
        pub validation_start: Option<String>,
        /// The end of the time window of the report, in RFC 3339.
        pub validation_end: Option<String>,
        /// The errors.
        pub reason: required MeterErrors,
    }
}

object! {
    /// The errors of a [`MeterErrorReport`].
    pub struct MeterErrors {
        /// The number of errors in the time window.
        pub error_count: required i64,
        /// The errors by their code.
        pub error_types: Vec<MeterErrorType>,
    }
}

object! {
    /// The errors of one code in a [`MeterErrorReport`].
    pub struct MeterErrorType {
        /// The code.
        pub code: Option<MeterErrorCode>,
        /// The number of errors of this code.
        pub error_count: Option<i64>,
        /// Some of the errors.
        pub sample_errors: Vec<MeterSampleError>,
    }
}

object! {
    /// One usage event that Stripe could not process.
    pub struct MeterSampleError {
        /// The message of the error.
        pub error_message: Option<String>,
        request: Option<Request>,
    }
}

object! {
    /// The request that sent the usage event.
    struct Request {
        identifier: Option<String>,
    }
}

impl MeterSampleError {
    /// The identifier of the usage event, which the app chose.
    #[must_use]
    pub fn identifier(&self) -> Option<&str> {
        self.request.as_ref()?.identifier.as_deref()
    }
}

value! {
    /// The code of an error in usage events.
    pub enum MeterErrorCode {
        /// The meter is archived.
        ArchivedMeter => "archived_meter",
        /// The customer does not exist.
        MeterEventCustomerNotFound => "meter_event_customer_not_found",
        /// The usage event has too many dimensions.
        MeterEventDimensionCountTooHigh => "meter_event_dimension_count_too_high",
        /// The value is not a number, or is out of range.
        MeterEventInvalidValue => "meter_event_invalid_value",
        /// The usage event names no customer.
        MeterEventNoCustomerDefined => "meter_event_no_customer_defined",
        /// The value has too many digits.
        MeterEventValueTooManyDigits => "meter_event_value_too_many_digits",
        /// The usage event lacks dimensions that the meter requires.
        MissingDimensionPayloadKeys => "missing_dimension_payload_keys",
        /// There is no meter of the event's name.
        NoMeter => "no_meter",
        /// The timestamp is in the future.
        TimestampInFuture => "timestamp_in_future",
        /// The timestamp is too long ago.
        TimestampTooFarInPast => "timestamp_too_far_in_past",
    }
}
