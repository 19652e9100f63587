//! Names that are unique across tests and runs.

use std::hash::{BuildHasher, RandomState};

pub fn unique(prefix: &str) -> String {
    format!("{prefix}{:016x}", RandomState::new().hash_one(prefix))
}
