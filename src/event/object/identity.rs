//! Verifications of identities.

use super::{
    Expandable, Metadata, OtherObject,
    macros::{object, value},
};

object! {
    /// A verification of a person:
    /// <https://docs.stripe.com/api/identity/verification_sessions/object>
    pub struct VerificationSession named "identity.verification_session" {
        /// Returns the verification session's id, `vs_…`.
        pub id: required String,
        /// Returns the status.
        pub status: Option<VerificationSessionStatus>,
        /// Returns the type, such as `document`.
        pub verification_session_type as "type": Option<String>,
        /// Returns the reference that the app chose.
        pub client_reference_id: Option<String>,
        /// Returns the last error.
        pub last_error: Option<LastError>,
        /// Returns the last report.
        pub last_verification_report (last_verification_report_id): Option<Expandable<OtherObject>>,
        /// Returns the deletion of the collected data.
        pub redaction: Option<Redaction>,
        /// Returns the id of the customer, `cus_…`.
        pub related_customer: Option<String>,
        /// Returns the id of the verification flow.
        pub verification_flow: Option<String>,
        /// Returns when the verification session was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the verification session.
        pub metadata: Metadata,
    }
}

value! {
    /// The status of a verification session: <https://docs.stripe.com/identity/how-sessions-work>
    pub enum VerificationSessionStatus {
        /// The session was canceled.
        Canceled => "canceled",
        /// The data is being verified.
        Processing => "processing",
        /// The session waits for data. The last attempt may have failed.
        RequiresInput => "requires_input",
        /// The data was verified.
        Verified => "verified",
    }
}

object! {
    /// The last error.
    pub struct LastError {
        /// Returns the error, as a code.
        pub code: Option<String>,
        /// Returns the error, for people.
        pub reason: Option<String>,
    }
}

object! {
    /// The deletion of the collected data.
    pub struct Redaction {
        /// Returns the status: `processing`, `redacted` or `validated`.
        pub status: Option<String>,
    }
}
