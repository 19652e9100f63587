//! Events that this endpoint does not handle: thin events, and those of other accounts.

use tower_stripe_webhook::{VerifiedEvent, event::EventKind};

use crate::{billing::outcome::Verdict, config, connect::ConnectedAccounts};

/// Returns why an event is ignored regardless of its type. `None` if it is not.
pub(super) fn out_of_scope(
    connected: &ConnectedAccounts,
    event: &VerifiedEvent,
) -> Option<Verdict> {
    let mut reasons = Vec::new();
    if event.kind() == EventKind::Thin {
        reasons.push(
            "this is a thin event, without the object, and this endpoint needs snapshot events: in Stripe under \
             Workbench, Webhooks, add a destination with the payload style Snapshot for this URL, and remove this one"
                .to_owned(),
        );
    }
    if let Some(account) =
        event.account().or(event.context()).filter(|account| !connected.include(account))
    {
        let variable = config::CONNECTED_ACCOUNTS;
        reasons.push(format!(
            "the event is of the connected account {account}, which {variable} does not list"
        ));
    }
    (!reasons.is_empty()).then(|| Verdict::ignored(reasons.join("; ")))
}
