//! The layer that handles each event once: what the handler sees of deliveries, and what Stripe sees of the handler.
#![cfg(feature = "tokio")]

mod app;
mod deliveries;
mod endings;
mod faults;
mod faulty_store;
mod keys;
mod leases;
mod readiness;
mod served;
