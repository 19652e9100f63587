//! The layer: what it rejects, what the inner service sees, and Tower's contract.

mod body_limit;
#[cfg(feature = "tokio")]
mod body_memory;
mod early_answers;
#[path = "../support/log.rs"]
mod log;
mod mismatch;
mod mismatch_causes;
mod options;
mod server;
mod signature;
#[path = "../support/layer.rs"]
mod support;
mod tower_contract;
mod trace;
