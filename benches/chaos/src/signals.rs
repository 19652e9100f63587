//! Signals to processes that this program has started.

use std::process::Command;

use tower_stripe_webhook::BoxError;

/// Sends a signal, such as `STOP`.
pub fn send(name: &str, pid: u32) -> Result<(), BoxError> {
    // The shell's own `kill`, because a small container image has no other.
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status()?;
    if status.success() { Ok(()) } else { Err(format!("kill -{name} {pid}: {status}").into()) }
}
