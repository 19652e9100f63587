//! Names that no other test has, in this run or another.

use std::hash::{BuildHasher, RandomState};

pub fn unique(prefix: &str) -> String {
    format!("{prefix}{:016x}", RandomState::new().hash_one(prefix))
}
