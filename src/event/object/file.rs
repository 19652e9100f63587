//! Files.

use super::macros::object;

object! {
    /// A file on Stripe's servers: <https://docs.stripe.com/api/files/object>
    pub struct File named "file" {
        /// Returns the file's id, `file_…`.
        pub id: required String,
        /// Returns the name of the file.
        pub filename: Option<String>,
        /// Returns the purpose, such as `dispute_evidence`.
        pub purpose: Option<String>,
        /// Returns the size in bytes.
        pub size: Option<i64>,
        /// Returns the title.
        pub title: Option<String>,
        /// Returns the type of the file, such as `pdf`.
        pub file_type as "type": Option<String>,
        /// Returns the URL of the content, for requests with the API key.
        pub url: Option<String>,
        /// Returns when the file expires, in Unix seconds.
        pub expires_at: Option<i64>,
        /// Returns when the file was created, in Unix seconds.
        pub created: Option<i64>,
    }
}
