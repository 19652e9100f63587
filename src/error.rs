//! The error type for code outside this crate, such as providers and bodies.

/// A boxed error, the same type as `tower::BoxError` and `axum::BoxError`.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
