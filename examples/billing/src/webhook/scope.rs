//! Events of other accounts, which this endpoint does not handle.

use tower_stripe_webhook::{Event, event::EventKind};

use crate::{billing::outcome::Verdict, config, connect::ConnectedAccounts};

/// Returns why an event is ignored regardless of its type. `None` if it is not.
pub(super) fn out_of_scope(connected: &ConnectedAccounts, event: &Event) -> Option<Verdict> {
    let account = account(event).filter(|account| !connected.include(account))?;
    let variable = config::CONNECTED_ACCOUNTS;
    Some(Verdict::ignored(format!(
        "the event is of the connected account {account}, which {variable} does not list"
    )))
}

/// Returns the account, or the path of accounts, from which the object of an event is fetched.
fn account(event: &Event) -> Option<&str> {
    let [account, context] =
        [event.account(), event.context()].map(|id| id.filter(|id| !id.is_empty()));
    match event.kind() {
        EventKind::Thin => context.or(account),
        _ => account.or(context),
    }
}
