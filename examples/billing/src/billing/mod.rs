//! The rules, without any input or output: what an event makes of what was known.

pub mod credits;
pub mod customer_email;
pub mod outcome;
pub mod reversal;
pub mod subscription;
