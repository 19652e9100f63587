//! What is printed at startup: where everything is, and what to do next.

use std::{
    io::{self, Write},
    net::SocketAddr,
};

use tower_stripe_webhook::{EventType, event::SUBSCRIPTION_EVENT_TYPES};

use crate::{admin_token::AdminToken, mode::Mode, optional_events::OPTIONAL_EVENTS, webhook};

/// Prints it to stdout, with the address at which this machine reaches it. The admin token is shown if it was made now, once.
pub fn print(
    listening: SocketAddr,
    address: SocketAddr,
    mode: Mode,
    new_token: Option<&AdminToken>,
    secret_is_set: bool,
) -> io::Result<()> {
    let events = SUBSCRIPTION_EVENT_TYPES.each_ref().map(EventType::as_str).join(",");
    let optional: Vec<_> = OPTIONAL_EVENTS.iter().flat_map(|optional| optional.names()).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{listening}")?;
    if let Some(token) = new_token {
        writeln!(out, "admin token:   {} (made now, shown once; ADMIN_TOKEN sets a lasting one)", token.expose())?;
    }
    writeln!(out, "admin portal:  http://{address}/admin")?;
    writeln!(out, "webhook URL:   http://{address}{} ({mode} mode)", webhook::PATH)?;
    writeln!(out, "from Stripe:   stripe listen --events {events} --forward-to {address}{}", webhook::PATH)?;
    writeln!(out, "for some:      {} (README.md says for whom)", optional.join(","))?;
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
    out.flush()
}
