//! The page Customization → Stripe Settings.

use reqwest::Method;
use serde_json::json;

use super::{Browser, SETTINGS};
use crate::{
    harness::{Billing, SECRET, Setup, Store, events, send},
    on_both,
};

on_both! {
    the_page_says_what_to_do_without_a_secret,
    a_secret_is_made_up_only_while_there_is_none,
    a_new_secret_takes_effect_and_only_its_preview_is_shown,
    a_rotation_says_when_the_old_secret_can_go,
    a_rotation_from_the_environments_secret_loses_no_event,
    a_test_event_does_not_count_as_stripes_use_of_a_secret,
    replacing_needs_a_confirmation_and_ends_the_old_secrets,
    an_invalid_signing_secret_is_rejected_with_a_reason,
    the_environments_secret_cannot_be_removed,
    removing_a_removed_secret_is_no_error,
    the_endpoint_url_has_the_browsers_host,
    test_events_are_delivered_applied_and_listed,
    test_events_of_one_address_are_about_one_subscription_until_it_ends,
    test_payments_change_the_status_back_and_forth,
    test_events_need_a_secret_and_a_valid_address,
    live_mode_ignores_test_events_and_makes_up_no_secret,
}

const NEW: &str = "whsec_the_new_one_Yz";

async fn the_page_says_what_to_do_without_a_secret(store: Store) {
    let billing = Setup::new(&store).start();
    let browser = Browser::logged_in(&billing).await;
    let page = browser.page(SETTINGS).await;
    for text in [
        "Not set",
        "No signing secret is set yet.",
        "stripe listen --print-secret",
        "Set a webhook secret first",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let page = browser.submit_and_follow(&format!("{SETTINGS}/secrets/generate"), &[]).await;
    assert!(page.contains("A made-up secret is in force."), "{page}");
    assert_eq!(billing.secrets().await.len(), 1);
}

async fn a_secret_is_made_up_only_while_there_is_none(store: Store) {
    let generate = format!("{SETTINGS}/secrets/generate");
    let billing = Billing::start(&store);
    let page = Browser::logged_in(&billing).await.submit_and_follow(&generate, &[]).await;
    assert!(page.contains("A secret is in force already: none was made up."), "{page}");
    assert_eq!(billing.secrets().await[0]["source"], "environment");

    for nth in 0..10 {
        billing.add_secret(&format!("whsec_number_{nth}")).await;
    }
    let before = billing.secrets().await;
    assert_eq!(before.len(), 10);
    let browser = Browser::logged_in(&billing).await;
    let page = browser.submit_and_follow(&generate, &[]).await;
    assert!(page.contains("A secret is in force already: none was made up."), "{page}");
    // An eleventh is rejected with a reason.
    let answer = browser.submit(&format!("{SETTINGS}/secrets"), &[("webhook_secret", NEW)]).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("there are 10 secrets already"), "{}", answer.text);
    assert_eq!(billing.secrets().await, before);
}

async fn a_new_secret_takes_effect_and_only_its_preview_is_shown(store: Store) {
    let billing = Setup::new(&store).start();
    let browser = Browser::logged_in(&billing).await;
    let page = browser
        .submit_and_follow(
            &format!("{SETTINGS}/secrets"),
            &[("webhook_secret", &format!(" {SECRET}\n"))],
        )
        .await;
    assert!(page.contains("The secret is in force."), "{page}");
    assert!(
        page.contains("whsec_…ts") && page.contains("database") && page.contains("never"),
        "{page}"
    );
    assert!(!page.contains(SECRET));
    assert_eq!(billing.outcome_of(&events::top_up("zoe@example.com", 100)).await, "applied");
    assert!(!browser.page(SETTINGS).await.contains("never"));
    // A message is only shown once.
    assert!(!browser.page(SETTINGS).await.contains("The secret is in force."));
}

async fn a_rotation_says_when_the_old_secret_can_go(store: Store) {
    let billing = Setup::new(&store).start();
    let browser = Browser::logged_in(&billing).await;
    let secrets = format!("{SETTINGS}/secrets");
    browser.submit_and_follow(&secrets, &[("webhook_secret", SECRET)]).await;
    let page = browser.submit_and_follow(&secrets, &[("webhook_secret", NEW)]).await;
    assert!(
        page.contains("A rotation is under way.")
            && page.contains("Keep it until Stripe has signed with the newest."),
        "{page}"
    );

    billing.deliver_signed(&events::top_up("zoe@example.com", 100), NEW).await;
    let page = browser.page(SETTINGS).await;
    assert!(page.contains("was never used, before the newest: it can go."), "{page}");
    billing.deliver(&events::top_up("zoe@example.com", 100)).await;
    let page = browser.page(SETTINGS).await;
    assert!(page.contains("Stripe still signs with it, so keep it."), "{page}");

    let old = billing.secrets().await[1]["id"].as_str().expect("an id").to_owned();
    let page = browser.submit_and_follow(&format!("{secrets}/{old}/remove"), &[]).await;
    assert!(page.contains("The secret is removed."), "{page}");
    assert!(!page.contains("A rotation is under way."));
    assert_eq!(billing.deliver(&events::top_up("zoe@example.com", 100)).await.status, 400);
    assert_eq!(
        billing.deliver_signed(&events::top_up("zoe@example.com", 100), NEW).await.status,
        200
    );
}

async fn a_rotation_from_the_environments_secret_loses_no_event(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let secrets = format!("{SETTINGS}/secrets");
    let page = browser.page(SETTINGS).await;
    assert!(
        page.contains("first set here the same one that <code>STRIPE_WEBHOOK_SECRET</code> has"),
        "{page}"
    );

    browser.submit_and_follow(&secrets, &[("webhook_secret", SECRET)]).await;
    assert_eq!(billing.outcome_of(&events::top_up("zoe@example.com", 100)).await, "applied");
    let page = browser.submit_and_follow(&secrets, &[("webhook_secret", NEW)]).await;
    assert!(page.contains("A rotation is under way."), "{page}");
    for secret in [SECRET, NEW] {
        let answer = billing.deliver_signed(&events::top_up("zoe@example.com", 100), secret).await;
        assert_eq!(answer.status, 200, "{secret}: {}", answer.text);
    }
    let listed = billing.secrets().await;
    let previews: Vec<_> =
        listed.iter().map(|secret| (&secret["preview"], &secret["source"])).collect();
    let database = json!("database");
    assert_eq!(previews, [(&json!("whsec_…Yz"), &database), (&json!("whsec_…ts"), &database)]);

    let old = listed[1]["id"].as_str().expect("an id");
    browser.submit_and_follow(&format!("{secrets}/{old}/remove"), &[]).await;
    assert_eq!(billing.deliver(&events::top_up("zoe@example.com", 100)).await.status, 400);
    assert_eq!(
        billing.deliver_signed(&events::top_up("zoe@example.com", 100), NEW).await.status,
        200
    );
}

async fn a_test_event_does_not_count_as_stripes_use_of_a_secret(store: Store) {
    let billing = Setup::new(&store).start();
    billing.set_secret(SECRET).await;
    billing.deliver(&events::top_up("zoe@example.com", 100)).await;
    billing.add_secret(NEW).await;
    let browser = Browser::logged_in(&billing).await;

    let fields = [("event", "credits_topup"), ("email", "ada@example.com")];
    let page = browser.submit_and_follow(&format!("{SETTINGS}/test-event"), &fields).await;
    assert!(page.contains("The test event was answered 200 OK."), "{page}");
    assert!(page.contains("Keep it until Stripe has signed with the newest."), "{page}");
    assert!(!page.contains("it can go"), "{page}");
    let [newest, old] = &*billing.secrets().await else { panic!("there are two") };
    assert!(newest["last_used_at"].is_null() && old["last_used_at"].is_i64(), "{newest} {old}");
    let sent = &billing.deliveries().await[0];
    assert_eq!((&sent["outcome"], &sent["secret_id"]), (&json!("applied"), &newest["id"]));
    assert!(browser.page("/admin").await.contains("test event of this portal"));

    // An event from Stripe counts.
    billing.deliver_signed(&events::top_up("zoe@example.com", 100), NEW).await;
    assert!(billing.secrets().await[0]["last_used_at"].is_i64());
    assert!(
        !browser.page(SETTINGS).await.contains("Keep it until Stripe has signed with the newest.")
    );
}

async fn replacing_needs_a_confirmation_and_ends_the_old_secrets(store: Store) {
    let billing = Setup::new(&store).start();
    billing.set_secret(SECRET).await;
    let browser = Browser::logged_in(&billing).await;
    let replace = format!("{SETTINGS}/secrets/replace");
    let answer = browser.submit(&replace, &[("webhook_secret", NEW)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("Nothing was replaced"), "{}", answer.text);
    assert_eq!(billing.deliver(&events::top_up("zoe@example.com", 100)).await.status, 200);

    let page =
        browser.submit_and_follow(&replace, &[("webhook_secret", NEW), ("confirmed", "yes")]).await;
    assert!(page.contains("The secret is replaced."), "{page}");
    assert_eq!(billing.deliver(&events::top_up("zoe@example.com", 100)).await.status, 400);
    assert_eq!(
        billing.deliver_signed(&events::top_up("zoe@example.com", 100), NEW).await.status,
        200
    );
}

async fn an_invalid_signing_secret_is_rejected_with_a_reason(store: Store) {
    let billing = Setup::new(&store).start();
    billing.set_secret(SECRET).await;
    let browser = Browser::logged_in(&billing).await;
    let before = billing.secrets().await;
    for (path, given, reason) in [
        ("/secrets", "", "the signing secret is empty"),
        ("/secrets", "sk_test_hidden", "this is an API secret key"),
        ("/secrets/replace", "we_hidden", "this is the id of a webhook endpoint"),
        ("/secrets/replace", "whsec_", "the signing secret ends after"),
    ] {
        let answer = browser
            .submit(
                &format!("{SETTINGS}{path}"),
                &[("webhook_secret", given), ("confirmed", "yes")],
            )
            .await;
        assert_eq!(answer.status, 422, "{given}");
        assert!(
            answer.text.contains(reason) && answer.text.contains("aria-invalid"),
            "{given} {}",
            answer.text
        );
        assert_eq!(
            browser.get(&format!("{SETTINGS}{path}")).await.header("location"),
            Some(SETTINGS)
        );
        assert!(
            !answer.text.contains("sk_test_hidden") && !answer.text.contains("we_hidden"),
            "{given}"
        );
    }
    assert_eq!(billing.secrets().await, before);
}

async fn the_environments_secret_cannot_be_removed(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let page = browser.page(SETTINGS).await;
    assert!(
        page.contains("environment")
            && page.contains("STRIPE_WEBHOOK_SECRET")
            && !page.contains("Yes, remove it")
    );

    let id = billing.secrets().await[0]["id"].as_str().expect("an id").to_owned();
    let page = browser.submit_and_follow(&format!("{SETTINGS}/secrets/{id}/remove"), &[]).await;
    assert!(page.contains("this secret comes from the environment variable"), "{page}");
    assert_eq!(billing.secrets().await.len(), 1);

    assert!(page.contains("The environment’s does not count from then on."), "{page}");

    // Removing the last one in the database activates the environment's, as the confirmation says.
    let page =
        browser.submit_and_follow(&format!("{SETTINGS}/secrets"), &[("webhook_secret", NEW)]).await;
    assert!(page.contains("then the one of the environment counts."), "{page}");
}

async fn removing_a_removed_secret_is_no_error(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let page = browser.submit_and_follow(&format!("{SETTINGS}/secrets/0badc0de/remove"), &[]).await;
    assert!(page.contains("The secret was removed before."), "{page}");
}

async fn the_endpoint_url_has_the_browsers_host(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let page = browser.page(SETTINGS).await;
    let address = format!("{}/api/v1/webhooks/stripe", billing.address());
    assert!(page.contains(&format!("<code id=\"endpoint-url\">http://{address}</code>")), "{page}");
    let line =
        page.replace("<wbr>", "").replace("<span class=\"word\">", "").replace("</span>", "");
    let listen = format!(
        "stripe listen --events checkout.session.completed,customer.subscription.created,customer.subscription.updated,\
         customer.subscription.deleted,invoice.paid,invoice.payment_failed --forward-to {address}<"
    );
    assert!(line.contains(&listen), "{page}");
    // Optional events are listed separately.
    assert_eq!(page.matches("<li><code>").count(), 6, "{page}");
    for optional in [
        "also add <code>checkout.session.async_payment_succeeded</code>",
        "also add <code>customer.updated</code>",
        "also add <code>charge.refunded</code>, <code>refund.created</code>, <code>refund.failed</code>, <code>charge.dispute.closed</code>",
    ] {
        assert!(page.contains(optional), "{optional}: {page}");
    }

    let request = browser.request(Method::GET, SETTINGS);
    let proxied = request.header("host", "billing.example").header("x-forwarded-proto", "https");
    let page = send(proxied).await.text;
    assert!(page.contains("https://billing.example/api/v1/webhooks/stripe"), "{page}");
}

async fn test_events_are_delivered_applied_and_listed(store: Store) {
    let billing = Setup::new(&store).start();
    billing.set_secret(SECRET).await;
    let browser = Browser::logged_in(&billing).await;
    for (event, type_in_list) in [
        ("checkout.session.completed", "checkout.session.completed"),
        ("credits_topup", "checkout.session.completed"),
        ("customer.subscription.created", "customer.subscription.created"),
        ("customer.subscription.updated", "customer.subscription.updated"),
        ("invoice.payment_failed", "invoice.payment_failed"),
        ("invoice.paid", "invoice.paid"),
        ("customer.subscription.deleted", "customer.subscription.deleted"),
    ] {
        let fields = [("event", event), ("email", "Ada@Example.com")];
        let page = browser.submit_and_follow(&format!("{SETTINGS}/test-event"), &fields).await;
        assert!(page.contains("The test event was answered 200 OK."), "{event} {page}");
        let last = &billing.deliveries().await[0];
        assert_eq!(
            (&last["type"], &last["outcome"]),
            (&json!(type_in_list), &json!("applied")),
            "{event}"
        );
        assert!(
            browser.page("/admin").await.contains(last["id"].as_str().expect("an id")),
            "{event}"
        );
    }
    assert_eq!(billing.state_of("ada@example.com").await, "canceled");
    assert_eq!(billing.balance_of("ada@example.com").await, 20_000);
}

async fn test_events_of_one_address_are_about_one_subscription_until_it_ends(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let mut ids = Vec::new();
    for event in [
        "checkout.session.completed",
        "invoice.paid",
        "customer.subscription.deleted",
        "checkout.session.completed",
    ] {
        let fields = [("event", event), ("email", "ada@example.com")];
        browser.submit_and_follow(&format!("{SETTINGS}/test-event"), &fields).await;
        let subscription = billing.subscription_of("ada@example.com").await;
        ids.push(subscription["subscription_id"].as_str().expect("an id").to_owned());
    }
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    assert_eq!(billing.state_of("ada@example.com").await, "active");
}

async fn test_payments_change_the_status_back_and_forth(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    for (event, state) in [
        ("invoice.paid", "active"),
        // For another invoice, because a paid one stays paid.
        ("invoice.payment_failed", "past_due"),
        ("invoice.payment_failed", "past_due"),
        ("invoice.paid", "active"),
        ("invoice.payment_failed", "past_due"),
    ] {
        let fields = [("event", event), ("email", "ada@example.com")];
        browser.submit_and_follow(&format!("{SETTINGS}/test-event"), &fields).await;
        assert_eq!(billing.deliveries().await[0]["outcome"], "applied", "{event}");
        assert_eq!(billing.state_of("ada@example.com").await, state, "{event}");
    }
}

async fn test_events_need_a_secret_and_a_valid_address(store: Store) {
    let billing = Setup::new(&store).start();
    let browser = Browser::logged_in(&billing).await;
    let path = format!("{SETTINGS}/test-event");
    let page = browser
        .submit_and_follow(&path, &[("event", "invoice.paid"), ("email", "ada@example.com")])
        .await;
    assert!(page.contains("Set a webhook secret first"), "{page}");
    billing.set_secret(SECRET).await;
    let long = format!("{}@example.com", "a".repeat(250));
    for email in ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c", &long] {
        let page =
            browser.submit_and_follow(&path, &[("event", "invoice.paid"), ("email", email)]).await;
        assert!(page.contains("Give an email address"), "{email:?}");
    }
    let page =
        browser.submit_and_follow(&path, &[("event", "other"), ("email", "ada@example.com")]).await;
    assert!(page.contains("Choose one of the events."), "{page}");
    assert!(billing.deliveries().await.is_empty());
}

async fn live_mode_ignores_test_events_and_makes_up_no_secret(store: Store) {
    let billing = Setup::new(&store).with("STRIPE_MODE", "live").start();
    let browser = Browser::logged_in(&billing).await;
    assert!(!browser.page(SETTINGS).await.contains("Make up a secret"));
    assert_eq!(browser.submit(&format!("{SETTINGS}/secrets/generate"), &[]).await.status, 404);
    assert!(billing.secrets().await.is_empty());

    billing.set_secret(SECRET).await;
    let fields = [("event", "credits_topup"), ("email", "ada@example.com")];
    let page = browser.submit_and_follow(&format!("{SETTINGS}/test-event"), &fields).await;
    assert!(page.contains("answered 200 OK") && page.contains("other_mode"), "{page}");
    assert_eq!(billing.deliveries().await[0]["outcome"], "other_mode");
    assert_eq!(billing.balance_of("ada@example.com").await, 0);
}
