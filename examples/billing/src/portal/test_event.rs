//! Test events, which this server signs and passes to its own routes.

mod payload;

use std::time::SystemTime;

use axum::body::{Body, to_bytes};
use tower::ServiceExt;
use tower_stripe_webhook::test_util::{samples, signed_request};

use self::payload::Subject;
use super::{error::PortalError, flash::Flash};
use crate::{
    app::{self, AppState},
    billing::subscription::Known,
    data::{subscriptions, users::User},
    email, time, webhook,
};

/// The longest response body that is shown, in bytes.
const MAX_ANSWER: usize = 4 * 1024;

/// An event that can be sent.
#[derive(Debug)]
pub struct TestEvent {
    /// The name in the form: the event's type, except for a top-up.
    pub code: &'static str,
    pub label: &'static str,
    sample: &'static str,
}

const TOP_UP: &str = "credits_topup";
const INVOICE_PAID: &str = "invoice.paid";
const INVOICE_PAYMENT_FAILED: &str = "invoice.payment_failed";

impl TestEvent {
    pub const ALL: [Self; 7] = [
        Self {
            label: "checkout.session.completed (a subscription)",
            ..Self::of_type("checkout.session.completed", samples::CHECKOUT_SESSION_COMPLETED)
        },
        Self {
            label: "checkout.session.completed (credits for $20)",
            ..Self::of_type(TOP_UP, samples::CHECKOUT_SESSION_COMPLETED)
        },
        Self::of_type("customer.subscription.created", samples::CUSTOMER_SUBSCRIPTION_CREATED),
        Self {
            label: "customer.subscription.updated (will not be renewed)",
            ..Self::of_type("customer.subscription.updated", samples::CUSTOMER_SUBSCRIPTION_UPDATED)
        },
        Self::of_type("customer.subscription.deleted", samples::CUSTOMER_SUBSCRIPTION_DELETED),
        Self::of_type(INVOICE_PAID, samples::INVOICE_PAID),
        Self::of_type(INVOICE_PAYMENT_FAILED, samples::INVOICE_PAYMENT_FAILED),
    ];

    const fn of_type(code: &'static str, sample: &'static str) -> Self {
        Self { code, label: code, sample }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.code == code)
    }
}

/// Sends an event about a user, and returns a message with the response.
pub async fn send(app: &AppState, event: &TestEvent, email: &str) -> Result<Flash, PortalError> {
    let email = email::normalize(email);
    if !is_email(&email) {
        return Ok(Flash::bad("Give an email address, for example zoe@example.com."));
    }
    let Some(secret) = app.secrets.newest().await? else {
        return Ok(Flash::bad("Set a webhook secret first: test events are signed with it."));
    };
    let payload = payload::of(event, &subject(app, event, email).await?, time::now())?;
    let request = signed_request(webhook::PATH, payload, &secret, SystemTime::now()).map(Body::new);
    let Ok(response) = app::router(app.clone()).oneshot(request).await;
    let status = response.status();
    let body = to_bytes(response.into_body(), MAX_ANSWER).await.unwrap_or_default();
    let text = format!("The test event was answered {status}.");
    let flash = if status.is_success() { Flash::good(text) } else { Flash::bad(text) };
    Ok(flash.with_detail(String::from_utf8_lossy(&body)))
}

/// Returns the user's customer and current subscription, or new ones if there are none or it has
/// ended.
async fn subject(app: &AppState, event: &TestEvent, email: String) -> Result<Subject, PortalError> {
    let user = User::new(&email);
    let known = subscriptions::current(app.database.reader(), app.mode, &user).await?;
    let mut subject = Subject::new(email);
    if let Some((id, known)) = known {
        let subscription = known.subscription();
        if !subscription.has_ended() {
            if let Some(invoice_id) = invoice_of(event, &known) {
                subject.invoice_id = invoice_id.to_owned();
            }
            subject.subscription_id = id;
        }
        if let Some(customer_id) = subscription.customer_id {
            subject.customer_id = customer_id;
        }
    }
    Ok(subject)
}

/// Returns the invoice whose payment changes a subscription's status. `None` if the payment of a
/// paid invoice would have to fail.
fn invoice_of<'a>(event: &TestEvent, known: &'a Known) -> Option<&'a str> {
    let id = known.current_invoice_id()?;
    let is_paid = known.invoices.get(id).is_some_and(|invoice| invoice.paid_at.is_some());
    (event.code != INVOICE_PAYMENT_FAILED || !is_paid).then_some(id)
}

/// Checks the address again, because the browser's check of the field can be bypassed.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let fits = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control())
    };
    text.len() <= 254 && fits(local) && fits(domain)
}
