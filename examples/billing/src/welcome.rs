//! The lines that are printed at startup.

use std::{
    io::{self, Write},
    net::SocketAddr,
};

use tower_stripe_webhook::{EventType, Mode, event::SUBSCRIPTION_EVENT_TYPES};

use crate::{admin_token::AdminToken, optional_events::OPTIONAL_EVENTS, webhook};

/// Prints the addresses, the commands to try, and the admin token if it was generated.
///
/// `address` is the one at which this machine reaches the server. The line for thin events is
/// printed if they are accepted.
pub fn print(
    listening: SocketAddr,
    address: SocketAddr,
    mode: Mode,
    new_token: Option<&AdminToken>,
    secret_is_set: bool,
    accepts_thin: bool,
) -> io::Result<()> {
    let events = SUBSCRIPTION_EVENT_TYPES.each_ref().map(EventType::as_str).join(",");
    let optional: Vec<_> = OPTIONAL_EVENTS.iter().flat_map(|optional| optional.names()).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{listening}")?;
    if let Some(token) = new_token {
        writeln!(
            out,
            "admin token:   {} (generated, shown once; set ADMIN_TOKEN to choose one)",
            token.expose()
        )?;
    }
    writeln!(out, "admin portal:  http://{address}/admin")?;
    writeln!(out, "webhook URL:   http://{address}{} ({mode} mode)", webhook::PATH)?;
    writeln!(
        out,
        "from Stripe:   stripe listen --events {events} --forward-to {address}{}",
        webhook::PATH
    )?;
    if accepts_thin {
        let thin: Vec<_> =
            SUBSCRIPTION_EVENT_TYPES.iter().filter_map(EventType::thin_name).collect();
        writeln!(
            out,
            "thin events:   stripe listen --thin-events {} --forward-thin-to {address}{}",
            thin.join(","),
            webhook::PATH
        )?;
    }
    writeln!(out, "to try:        stripe trigger checkout.session.completed")?;
    writeln!(out, "optional:      {} (see README.md)", optional.join(","))?;
    writeln!(
        out,
        "who has paid:  curl -H \"Authorization: Bearer $ADMIN_TOKEN\" 'http://{address}/api/v1/subscription/verify?user=zoe@example.com'"
    )?;
    if !secret_is_set {
        writeln!(
            out,
            "Events are answered 503 until a webhook secret is set: in the portal, or by STRIPE_WEBHOOK_SECRET."
        )?;
    }
    if !accepts_thin {
        writeln!(
            out,
            "Thin events are answered 503 until STRIPE_API_KEY is set: their objects are fetched from Stripe."
        )?;
    }
    out.flush()
}
