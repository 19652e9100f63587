//! The billing rules, without input or output.

pub mod credits;
pub mod customer_email;
pub mod outcome;
pub mod reversal;
pub mod subscription;
