//! Events that do not belong at this endpoint: they are acknowledged, and have no effect.

use tower_stripe_webhook::{VerifiedEvent, event::EventKind};

use crate::{billing::outcome::Verdict, config, connect::ConnectedAccounts};

/// Why an event is ignored whatever its type is. `None` if it is not.
pub(super) fn out_of_scope(connected: &ConnectedAccounts, event: &VerifiedEvent) -> Option<Verdict> {
    let mut reasons = Vec::new();
    if event.kind() == EventKind::Thin {
        reasons.push(
            "this is a thin event, without the object, and this endpoint needs snapshot events: in Stripe under \
             Workbench, Webhooks, add a destination with the payload style Snapshot for this URL, and remove this one"
                .to_owned(),
        );
    }
    if let Some(account) = event.account().or(event.context()).filter(|account| !connected.include(account)) {
        let variable = config::CONNECTED_ACCOUNTS;
        reasons.push(format!(
            "the event is of the connected account {account}, not of this business: {variable} does not list it"
        ));
    }
    (!reasons.is_empty()).then(|| Verdict::ignored(reasons.join("; ")))
}
