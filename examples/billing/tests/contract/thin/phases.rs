//! The phases of the migration from snapshot to thin events, and the portal's page about them.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tower_stripe_webhook::test_util::FakeApiFailure;

use super::{EMAIL, fetch_failed, rejection};
use crate::{
    harness::{
        Billing, SECRET, Setup, Store,
        events::*,
        stripe::{Stripe, twin},
    },
    on_both,
    portal::Browser,
};

on_both! {
    the_portal_leads_through_the_migration,
    duplicates_of_snapshot_events_are_not_ready_for_thin_only,
    a_failed_thin_event_counts_whatever_its_snapshot_event_did,
    a_missing_object_does_not_count_as_fetched,
    the_portal_names_the_missing_api_key,
    two_destinations_are_not_taken_for_a_rotation,
}

/// The signing secret of the thin destination.
const THIN_SECRET: &str = "whsec_of_the_thin_destination";

const PAGE: &str = "/admin/thin-events";

/// Returns the counts of the page: both kinds, only snapshot, only thin, failed, fetched.
fn counts(page: &str) -> Vec<i64> {
    let (_, list) = page.split_once("As both kinds").expect("the page has the counts");
    list.split("<dd class=\"number\">")
        .skip(1)
        .take(5)
        .map(|rest| rest.split('<').next().unwrap().parse().expect("a number"))
        .collect()
}

/// The six events of a new subscription, and a top-up.
fn facts() -> Vec<Value> {
    let (customer, id, number) = (new_id("cus"), new_id("sub"), new_id("in"));
    let of = |what: &str, status| with_invoice(subscription(what, &id, &customer, status), &number);
    vec![
        checkout(EMAIL, &customer, &id),
        of("created", "active"),
        at(with_invoice(invoice("paid", EMAIL, &customer, &id), &number), NOON + 1),
        at(with_invoice(invoice("payment_failed", EMAIL, &customer, &id), &number), NOON - 1),
        at(of("updated", "active"), NOON + 2),
        at(of("deleted", "canceled"), NOON + 9),
        top_up(EMAIL, 100),
    ]
}

async fn the_portal_leads_through_the_migration(store: Store) {
    let stripe = Stripe::start().await;
    let mut billing = stripe.setup(&store).without("STRIPE_API_KEY").start();
    billing.set_secret(SECRET).await;
    let browser = Browser::logged_in(&billing).await;
    let page = browser.page(PAGE).await;
    assert!(page.contains("Nothing has arrived in the last 24 hours."), "{page}");
    assert!(
        page.contains("Not set") && page.contains("create a <em>restricted key</em>"),
        "{page}"
    );

    // Before the migration.
    let mut credits = 0;
    for event in facts() {
        billing.deliver(&event).await;
    }
    credits += 1_000;
    let page = browser.page(PAGE).await;
    assert!(page.contains("No thin event has arrived in the last 24 hours."), "{page}");
    assert_eq!(counts(&page), [0, 7, 0, 0, 0]);

    // Shadow: a thin destination beside the snapshot destination, with a secret of its own.
    billing.stop();
    let billing = stripe.billing(&store);
    assert_eq!(billing.add_secret(THIN_SECRET).await.status, 201);
    let browser = Browser::logged_in(&billing).await;
    let events = facts();
    let twins: Vec<_> = events.iter().map(|event| stripe.publish(event)).collect();
    for (place, (event, twin)) in events.iter().zip(&twins).enumerate() {
        // Either kind may come first.
        let first_is_thin = place % 2 == 0;
        if first_is_thin {
            assert_eq!(billing.deliver_signed(twin, THIN_SECRET).await.status, 200);
        }
        assert_eq!(billing.deliver(event).await.status, 200);
        assert_eq!(billing.deliver_signed(twin, THIN_SECRET).await.json()["outcome"], "duplicate");
    }
    credits += 1_000;
    assert_eq!(billing.balance_of(EMAIL).await, credits);
    let page = browser.page(PAGE).await;
    assert!(page.contains("Not everything has arrived as both kinds"), "{page}");
    assert_eq!(counts(&page), [7, 7, 0, 0, 4]);

    // Both: a day later, nothing arrives only as a snapshot event.
    store.let_a_day_pass().await;
    let page = browser.page(PAGE).await;
    assert!(page.contains("Nothing has arrived in the last 24 hours."), "{page}");
    for (place, event) in facts().iter().enumerate() {
        let thin = stripe.publish(event);
        let mut kinds = [(event, SECRET), (&thin, THIN_SECRET)];
        if place % 2 == 0 {
            kinds.reverse();
        }
        for (event, secret) in kinds {
            assert_eq!(billing.deliver_signed(event, secret).await.status, 200);
        }
    }
    credits += 1_000;
    let page = browser.page(PAGE).await;
    assert!(page.contains("No thin event was missing in the last 24 hours."), "{page}");
    assert!(page.contains("The object was fetched for 4 of them."), "{page}");
    assert_eq!(counts(&page), [7, 0, 0, 0, 4]);

    // A thin event whose object was not fetched.
    let missing = top_up(EMAIL, 100);
    let thin = twin(&missing);
    assert_eq!(billing.deliver_signed(&thin, THIN_SECRET).await.status, 503);
    let page = browser.page(PAGE).await;
    assert!(page.contains("Some thin events have failed."), "{page}");
    assert_eq!(counts(&page), [7, 0, 1, 1, 4]);
    stripe.publish(&missing);
    assert_eq!(billing.deliver_signed(&thin, THIN_SECRET).await.json()["outcome"], "applied");
    credits += 1_000;
    assert_eq!(counts(&browser.page(PAGE).await), [7, 0, 1, 0, 5]);

    // Thin only, a day later. The snapshot destination's last retries are duplicates.
    store.let_a_day_pass().await;
    for twin in &twins {
        assert_eq!(billing.deliver_signed(twin, THIN_SECRET).await.json()["outcome"], "duplicate");
    }
    for event in facts() {
        let thin = stripe.publish(&event);
        assert_eq!(billing.deliver_signed(&thin, THIN_SECRET).await.status, 200);
    }
    credits += 1_000;
    assert_eq!(billing.balance_of(EMAIL).await, credits);
    let page = browser.page(PAGE).await;
    assert!(page.contains("Only thin events have arrived in the last 24 hours."), "{page}");
    assert_eq!(counts(&page), [0, 0, 14, 0, 7]);
    for event in &events {
        assert_eq!(billing.outcome_of(event).await, "duplicate");
    }
    assert_eq!(billing.balance_of(EMAIL).await, credits);
}

const READY: &str = "No thin event was missing in the last 24 hours.";

async fn duplicates_of_snapshot_events_are_not_ready_for_thin_only(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let browser = Browser::logged_in(&billing).await;
    // The key is wrong, and the snapshot events arrive first.
    stripe.api.fail(FakeApiFailure::new(StatusCode::UNAUTHORIZED).times(usize::MAX));
    for _ in 0..5 {
        let snapshot = top_up(EMAIL, 100);
        let thin = stripe.publish(&snapshot);
        assert_eq!(billing.outcome_of(&snapshot).await, "applied");
        assert_eq!(billing.outcome_of(&thin).await, "duplicate");
    }
    assert_eq!(stripe.paths(), Vec::<String>::new());
    let page = browser.page(PAGE).await;
    assert!(!page.contains(READY), "{page}");
    assert!(page.contains("No object was fetched for a thin event"), "{page}");
    assert_eq!(counts(&page), [5, 0, 0, 0, 0]);

    // A fetch for a snapshot event does not show that thin events are handled.
    stripe.api.recover();
    let snapshot = subscription("updated", "sub_1", "cus_1", "active");
    let thin = stripe.publish(&snapshot);
    assert_eq!(billing.outcome_of(&snapshot).await, "applied");
    assert_eq!(billing.outcome_of(&thin).await, "duplicate");
    assert_eq!(stripe.paths(), ["/v1/subscriptions/sub_1"]);
    let page = browser.page(PAGE).await;
    assert!(!page.contains(READY), "{page}");
    assert_eq!(counts(&page), [6, 0, 0, 0, 0]);

    // One fetch does.
    let snapshot = top_up(EMAIL, 100);
    let thin = stripe.publish(&snapshot);
    assert_eq!(billing.outcome_of(&thin).await, "applied");
    assert_eq!(billing.outcome_of(&snapshot).await, "duplicate");
    let page = browser.page(PAGE).await;
    assert!(page.contains(READY), "{page}");
    assert!(page.contains("The object was fetched for 1 of them."), "{page}");
    assert_eq!(counts(&page), [7, 0, 0, 0, 1]);
}

async fn a_failed_thin_event_counts_whatever_its_snapshot_event_did(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let browser = Browser::logged_in(&billing).await;
    let is_failing = |page: &str| page.contains("Some thin events have failed.");
    // Another permission suffices.
    let fetched = stripe.publish(&customer("customer.created", "cus_1", Some(EMAIL)));
    assert_eq!(billing.outcome_of(&fetched).await, "applied");
    let forbidden = FakeApiFailure::new(StatusCode::FORBIDDEN).times(usize::MAX);
    stripe.api.fail(forbidden);
    for _ in 0..5 {
        let snapshot = top_up(EMAIL, 100);
        let thin = stripe.publish(&snapshot);
        assert_eq!(rejection(&billing, &thin).await, fetch_failed());
        assert_eq!(billing.outcome_of(&snapshot).await, "applied");
        assert_eq!(billing.outcome_of(&thin).await, "duplicate");
    }
    let page = browser.page(PAGE).await;
    assert!(is_failing(&page) && !page.contains(READY), "{page}");
    assert_eq!(counts(&page), [5, 0, 1, 5, 1]);

    // Later facts are fetched, but the failures are of the same day.
    stripe.api.recover();
    let event = stripe.publish(&top_up(EMAIL, 100));
    assert_eq!(billing.outcome_of(&event).await, "applied");
    let page = browser.page(PAGE).await;
    assert!(is_failing(&page) && !page.contains(READY), "{page}");
    assert_eq!(counts(&page), [5, 0, 2, 5, 2]);

    // A thin event that is fetched after a failure counts as fetched, also if it is a duplicate.
    store.let_a_day_pass().await;
    let snapshot = top_up(EMAIL, 100);
    let first = stripe.publish(&snapshot);
    let second = twin(&with_new_id(snapshot));
    stripe.api.fail(FakeApiFailure::new(StatusCode::FORBIDDEN).times(2));
    for thin in [&first, &second] {
        assert_eq!(rejection(&billing, thin).await, fetch_failed());
    }
    let page = browser.page(PAGE).await;
    assert!(page.contains("badge warn\">Thin only"), "{page}");
    assert_eq!(counts(&page), [0, 0, 2, 2, 0]);
    assert_eq!(billing.outcome_of(&first).await, "applied");
    assert_eq!(billing.outcome_of(&second).await, "duplicate");
    let page = browser.page(PAGE).await;
    assert!(page.contains("badge good\">Thin only"), "{page}");
    assert_eq!(counts(&page), [0, 0, 2, 0, 2]);
}

async fn a_missing_object_does_not_count_as_fetched(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let browser = Browser::logged_in(&billing).await;
    let snapshot = subscription("deleted", "sub_1", "cus_1", "canceled");
    assert_eq!(billing.outcome_of(&twin(&snapshot)).await, "applied");
    assert_eq!(billing.outcome_of(&snapshot).await, "duplicate");
    let page = browser.page(PAGE).await;
    assert!(!page.contains(READY), "{page}");
    assert_eq!(counts(&page), [1, 0, 0, 0, 0]);

    // Stripe states that this customer was deleted.
    let deleted = json!({ "id": "cus_1", "object": "customer", "deleted": true });
    stripe.api.insert("/v1/customers/cus_1", deleted.to_string());
    let update = changed_from(
        customer("customer.updated", "cus_1", Some("new@example.com")),
        json!({ "email": "old@example.com" }),
    );
    assert_eq!(billing.outcome_of(&twin(&update)).await, "applied");
    let page = browser.page(PAGE).await;
    assert!(page.contains(READY), "{page}");
    assert_eq!(counts(&page), [1, 0, 1, 0, 1]);
}

async fn the_portal_names_the_missing_api_key(store: Store) {
    let notice = "Thin events are waiting for an API key.";
    let mut billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    for page in ["/admin", "/admin/deliveries", PAGE] {
        assert!(!browser.page(page).await.contains(notice), "{page}");
    }
    let snapshot = top_up(EMAIL, 100);
    billing.deliver(&twin(&snapshot)).await;
    for page in ["/admin", "/admin/deliveries", PAGE] {
        assert!(browser.page(page).await.contains(notice), "{page}");
    }
    let list = browser.page("/admin").await;
    assert!(
        list.contains("v1.checkout.session.completed") && list.contains("<span>thin</span>"),
        "{list}"
    );
    assert!(
        list.contains(&format!("twin of <code>{}</code>", snapshot["id"].as_str().unwrap())),
        "{list}"
    );
    let page = browser.page(PAGE).await;
    assert!(page.contains("--thin-events v1.checkout.session.completed,"), "{page}");
    assert!(page.contains("--forward-thin-to"), "{page}");
    let (printed, _) = billing.stop();
    assert!(
        printed.contains("Thin events are answered 503 until STRIPE_API_KEY is set"),
        "{printed}"
    );

    let stripe = Stripe::start().await;
    let mut billing = stripe.billing(&store);
    let browser = Browser::logged_in(&billing).await;
    for page in ["/admin", "/admin/deliveries", PAGE] {
        assert!(!browser.page(page).await.contains(notice), "{page}");
    }
    let address = billing.address();
    let (printed, _) = billing.stop();
    let line = format!(
        "stripe listen --thin-events v1.checkout.session.completed,v1.customer.subscription.created,v1.customer.subscription.updated,\
         v1.customer.subscription.deleted,v1.invoice.paid,v1.invoice.payment_failed --forward-thin-to {address}/api/v1/webhooks/stripe\n"
    );
    assert!(printed.contains(&line), "{printed}");
    assert!(printed.contains("stripe trigger checkout.session.completed"), "{printed}");
    assert!(!printed.contains("Thin events are answered 503"), "{printed}");
}

async fn two_destinations_are_not_taken_for_a_rotation(store: Store) {
    let stripe = Stripe::start().await;
    let setup: Setup = stripe.setup(&store);
    let billing = setup.start();
    billing.set_secret(SECRET).await;
    billing.add_secret(THIN_SECRET).await;
    let browser = Browser::logged_in(&billing).await;
    let path = "/admin/customization/stripe-settings";
    let event = top_up(EMAIL, 100);
    let thin = stripe.publish(&event);
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert!(browser.page(path).await.contains("A rotation is under way."));
    assert_eq!(billing.deliver_signed(&thin, THIN_SECRET).await.status, 200);
    let page = browser.page(path).await;
    assert!(
        page.contains("Two destinations are in use.") && page.contains("it signs snapshot events"),
        "{page}"
    );
    assert!(!page.contains("it can go"), "{page}");
    // A secret shows nothing more in the API.
    let secret = &billing.secrets().await[0];
    assert_eq!(secret.get("kind"), None);
    assert!(json!(secret)["last_used_at"].is_i64());
}
