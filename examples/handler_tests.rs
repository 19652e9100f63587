//! The tests of a handler: a trial, an upgrade, a failed payment and a failed payout.
//!
//! ```console
//! $ cargo test --example handler_tests
//! ```
//!
//! The app gives its customers access to a plan, and keeps a list of mails to send. The tests below
//! deliver sample events to its route, signed as Stripe signs them.

use std::{
    collections::HashMap,
    env,
    error::Error,
    sync::{Arc, Mutex},
    time::SystemTime,
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use tokio::net::TcpListener;
use tower_stripe_webhook::{
    EnvSecret, Event, EventData, SecretProvider, StripeWebhookLayer, VerifiedEvent,
    clock::{Clock, SystemClock},
    event::{
        Recency,
        object::{Subscription, SubscriptionStatus},
    },
};

const PATH: &str = "/api/v1/webhooks/stripe";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}{PATH}", listener.local_addr()?);
    let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
    axum::serve(listener, app(secret, SystemClock, Shop::default())).await?;
    Ok(())
}

/// Takes the secret and the clock, so that a test can pass its own.
fn app(secret: impl SecretProvider, clock: impl Clock, shop: Shop) -> Router {
    let layer = StripeWebhookLayer::new(secret).with_clock(clock);
    Router::new()
        .route(PATH, post(receive).route_layer(layer))
        .route("/customers/{id}", get(customer))
        .with_state(shop)
}

/// What the app knows, in place of a database.
#[derive(Clone, Default)]
struct Shop {
    customers: Arc<Mutex<HashMap<String, Customer>>>,
    mails: Arc<Mutex<Vec<String>>>,
}

struct Customer {
    access: Access,
    /// When the event occurred that set the access.
    since: Option<SystemTime>,
}

#[derive(Clone, Debug, PartialEq)]
enum Access {
    Trial {
        until: i64,
    },
    Plan(String),
    /// The plan, while Stripe retries the payment.
    GracePeriod(String),
    None,
}

async fn receive(State(shop): State<Shop>, event: VerifiedEvent) -> StatusCode {
    let Ok(data) = event.data() else { return StatusCode::INTERNAL_SERVER_ERROR };
    match data {
        EventData::CustomerSubscriptionCreated(subscription)
        | EventData::CustomerSubscriptionUpdated(subscription)
        | EventData::CustomerSubscriptionDeleted(subscription) => {
            shop.set_access(&event, &subscription);
        }
        EventData::InvoicePaymentFailed(invoice) => {
            let customer = invoice.customer_email().unwrap_or("a customer without an address");
            shop.mail(format!("{customer}: please update your card"));
        }
        EventData::PayoutFailed(payout) => {
            let reason = payout.failure_message().unwrap_or("for an unknown reason");
            shop.mail(format!("finance: {} failed: {reason}", payout.id()));
        }
        _ => {}
    }
    StatusCode::OK
}

/// Shows the access of a customer.
async fn customer(State(shop): State<Shop>, Path(id): Path<String>) -> String {
    format!("{:?}", shop.access(&id))
}

impl Shop {
    fn access(&self, customer: &str) -> Access {
        let customers = self.customers.lock().unwrap();
        customers.get(customer).map_or(Access::None, |customer| customer.access.clone())
    }

    /// Events come in any order: an older one does not change what a newer one has set.
    fn set_access(&self, event: &Event, subscription: &Subscription) {
        let price = subscription.items().first().and_then(|item| item.price());
        let plan = price.and_then(|price| price.lookup_key()).unwrap_or("basic").to_owned();
        let access = match subscription.status() {
            SubscriptionStatus::Trialing => {
                Access::Trial { until: subscription.trial_end().unwrap_or_default() }
            }
            SubscriptionStatus::Active => Access::Plan(plan),
            SubscriptionStatus::PastDue => Access::GracePeriod(plan),
            _ => Access::None,
        };
        let customer = subscription.customer_id().to_owned();
        let mut customers = self.customers.lock().unwrap();
        let last = customers.get(&customer).and_then(|customer| customer.since);
        if event.recency(last) != Recency::Older {
            customers.insert(customer, Customer { access, since: event.created() });
        }
    }

    fn mail(&self, text: String) {
        self.mails.lock().unwrap().push(text);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower::ServiceExt;
    use tower_stripe_webhook::{
        SigningSecret,
        test_util::{
            FixedClock,
            samples::{self, Sample, sequence},
        },
    };

    use super::*;

    const TRIAL_END: i64 = 1_796_656_598;

    /// Delivers events to a new app, and returns what the app knows then.
    async fn deliver(events: impl IntoIterator<Item = Sample>) -> Shop {
        let secret = SigningSecret::new("whsec_test").unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
        let shop = Shop::default();
        let app = app(secret.clone(), FixedClock::new(now), shop.clone());
        for event in events {
            let request = event.signed_request(PATH, &secret, now);
            let response = app.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{}", event.json());
        }
        shop
    }

    fn trial() -> Sample {
        let created = samples::customer_subscription_created().customer("cus_1");
        created.status("trialing").trial_end(TRIAL_END)
    }

    fn upgrade() -> Sample {
        samples::customer_subscription_updated()
            .customer("cus_1")
            .created(1_795_447_600)
            .price("price_business")
            .lookup_key("business")
            .previous("status", "trialing")
    }

    #[tokio::test]
    async fn a_trial_gives_access_until_its_end() {
        let shop = deliver([trial()]).await;
        assert_eq!(shop.access("cus_1"), Access::Trial { until: TRIAL_END });
    }

    #[tokio::test]
    async fn an_upgrade_changes_the_plan() {
        let shop = deliver([trial(), upgrade()]).await;
        assert_eq!(shop.access("cus_1"), Access::Plan("business".into()));
    }

    #[tokio::test]
    async fn an_upgrade_that_comes_first_or_twice_changes_the_plan() {
        let shop = deliver([upgrade(), trial(), upgrade()]).await;
        assert_eq!(shop.access("cus_1"), Access::Plan("business".into()));
    }

    #[tokio::test]
    async fn an_upgrade_in_an_old_api_version_changes_the_plan() {
        let shop = deliver([upgrade().api_version("2020-08-27")]).await;
        assert_eq!(shop.access("cus_1"), Access::Plan("business".into()));
    }

    #[tokio::test]
    async fn a_failed_payment_asks_the_customer_for_another_card() {
        let failed = samples::invoice_payment_failed().email("jenny@example.com").attempt_count(1);
        let shop = deliver([failed]).await;
        let mails = shop.mails.lock().unwrap();
        assert_eq!(*mails, ["jenny@example.com: please update your card"]);
    }

    #[tokio::test]
    async fn a_failed_payout_is_reported_and_a_paid_one_is_not() {
        let failed = samples::payout_failed().object_id("po_1").amount(50_000);
        let shop = deliver([samples::payout_paid(), failed]).await;
        let mails = shop.mails.lock().unwrap();
        assert_eq!(*mails, ["finance: po_1 failed: The bank account has been closed."]);
    }

    #[tokio::test]
    async fn a_canceled_subscription_ends_the_access_in_any_order() {
        let life = sequence::subscription().each(|event| event.customer("cus_1"));
        for (count, expected) in [
            (1, Access::Trial { until: TRIAL_END }),
            (5, Access::Plan("pro_monthly".into())),
            (8, Access::GracePeriod("pro_monthly".into())),
            (9, Access::None),
        ] {
            let shop = deliver(life[..count].iter().cloned()).await;
            assert_eq!(shop.access("cus_1"), expected, "after {count} events");
        }
        for seed in 0..10 {
            let shop = deliver(life.clone().shuffled(seed)).await;
            assert_eq!(shop.access("cus_1"), Access::None, "seed {seed}");
        }
    }
}
