//! The error of code that is not this crate's.

/// Any error, like `tower::BoxError` and `axum::BoxError`.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
