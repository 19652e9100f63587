//! Thin events whose object no longer exists.

use sqlx::AnyConnection;
use tower_stripe_webhook::event::DeletedObject;

use super::{
    Failure, customer,
    received::Received,
    subscription::{self, no_such_object},
};
use crate::billing::outcome::Verdict;

/// Handles an event whose object Stripe no longer has.
///
/// Stripe deletes customers, and states it. It deletes no checkout session, invoice, charge, refund
/// or dispute. An object that is missing otherwise may be in another account than that of the API
/// key. Then the content of the event would be lost if it were acknowledged, so it is not.
pub(super) async fn apply(
    tx: &mut AnyConnection,
    event: &Received,
    object: &DeletedObject,
) -> Result<Verdict, Failure> {
    match object.object_type() {
        "customer" => customer::apply_deleted(tx, event, object).await,
        "subscription" => subscription::apply_gone(tx, event, object.id()).await,
        _ => Err(no_such_object()),
    }
}
