//! The admin portal in Chromium, driven through chromedriver as an operator would use it.

mod chromium;
#[allow(dead_code, reason = "the tests of the contract use the rest")]
#[path = "../contract/harness/mod.rs"]
mod harness;
mod phone;
mod screenshots;

use fantoccini::key::Key;
use sqlx::{AnyConnection, Connection, any::install_default_drivers};

use self::{
    chromium::Chromium,
    harness::{Billing, SECRET, Setup, Store, TOKEN, events},
};

const SETTINGS: &str = "/admin/customization/stripe-settings";

#[tokio::test]
#[ignore = "needs Chromium: .ci/run installs it"]
async fn an_operator_sets_a_secret_and_sees_a_test_event_live() {
    let billing = Setup::new(&Store::sqlite()).start();
    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.goto("/admin").await;
        browser.fill("#token", "wrong").await;
        browser.click("form button").await;
        browser.wait_for_text("main", "This is not the admin token.").await;
        browser.log_in().await;
        browser.wait_for_text("main", "Nothing has arrived yet.").await;
        browser.script("window.loaded = 'once'").await;

        let deliveries = browser.tab().await;
        browser.open_tab(SETTINGS).await;
        browser.wait_for_text("main", "No signing secret is set yet.").await;
        browser.fill("#add-secret", SECRET).await;
        browser.click_button("Set secret").await;
        browser.wait_for_text("[role=status]", "The secret is in force.").await;
        browser.fill("#test-email", "ada@example.com").await;
        browser.click_button("Send test event").await;
        browser.wait_for_text("[role=status]", "The test event was answered 200 OK.").await;

        browser.switch_to(deliveries).await;
        browser.wait_for_text(".feed", "checkout.session.completed").await;
        // Also while the page is visible.
        billing.deliver(&events::top_up("ada@example.com", 2_000)).await;
        browser.wait_for_text(".feed", "20000 credits").await;
        browser.wait_for_text("[data-live-news]", "new deliver").await;
        assert_eq!(browser.script("return window.loaded").await, "once");

        browser.click_button("Pause").await;
        billing.deliver(&events::top_up("ada@example.com", 1)).await;
        browser.click_button("Resume").await;
        browser.wait_for_text(".feed", "10 credits").await;
        browser.wait_for_text(".legend", "applied 3").await;

        browser.click_link("Customers").await;
        browser.fill("#q", "ADA@").await;
        browser.click_button("Search").await;
        browser.wait_for_text("main", "20,010").await;
        browser.assert_no_complaints().await;
    })
    .await;
}

#[tokio::test]
#[ignore = "needs Chromium: .ci/run installs it"]
async fn an_operator_rotates_removes_and_logs_out() {
    let billing = Setup::new(&Store::sqlite()).start();
    billing.set_secret(SECRET).await;
    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.log_in().await;
        browser.goto(SETTINGS).await;
        browser.fill("#add-secret", "whsec_the_new_one_Yz").await;
        browser.click_button("Add secret").await;
        browser.wait_for_text("main", "A rotation is under way.").await;
        browser.click_button("Send test event").await;
        browser.wait_for_text("[role=status]", "The test event was answered 200 OK.").await;
        browser.wait_for_text("main", "Keep it until Stripe has signed with the newest.").await;
        billing
            .deliver_signed(&events::top_up("ada@example.com", 100), "whsec_the_new_one_Yz")
            .await;
        browser.goto(SETTINGS).await;
        browser.wait_for_text("main", "was never used, before the newest: it can go.").await;

        // The old secret is the last one. Its confirmation can be closed.
        browser.click(".rows li:last-child summary").await;
        browser.wait_for_text(".rows li:last-child form", "Remove whsec_…ts?").await;
        browser.press(&Key::Escape).await;
        assert_eq!(
            browser.script("return document.querySelectorAll('details[open]').length").await,
            0
        );
        browser.click(".rows li:last-child summary").await;
        browser.click(".rows li:last-child form button").await;
        browser.wait_for_text("[role=status]", "The secret is removed.").await;
        assert_eq!(billing.secrets().await.len(), 1);
        assert_eq!(billing.deliver(&events::top_up("ada@example.com", 100)).await.status, 400);

        // The browser requires the checkbox.
        browser.fill("#replace-secret", SECRET).await;
        browser.click_button("Replace").await;
        assert_eq!(billing.secrets().await[0]["preview"], "whsec_…Yz");
        browser.click("[name=confirmed]").await;
        browser.click_button("Replace").await;
        browser.wait_for_text("[role=status]", "The secret is replaced.").await;

        browser.click_button("Log out").await;
        browser.wait_for_text("main", "You are logged out.").await;
        browser.goto(SETTINGS).await;
        browser.wait_for_text("main", "Admin token").await;
        browser.assert_no_complaints().await;
    })
    .await;
}

#[tokio::test]
#[ignore = "needs Chromium: .ci/run installs it"]
async fn a_form_without_its_csrf_token_is_rejected() {
    let billing = Setup::new(&Store::sqlite()).start();
    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.log_in().await;
        browser.goto(SETTINGS).await;
        browser.script("for (const token of document.querySelectorAll('[name=csrf_token]')) token.remove()").await;
        browser.fill("#add-secret", SECRET).await;
        browser.click_button("Set secret").await;
        browser.wait_for_text("main", "Nothing was changed.").await;
        assert!(billing.secrets().await.is_empty());
        browser.click_link("Back to the portal").await;
        browser.wait_for_text("main", "Last deliveries").await;
        browser.assert_no_complaints().await;
    })
    .await;
}

#[tokio::test]
#[ignore = "needs Chromium: .ci/run installs it"]
async fn an_open_page_goes_to_the_login_when_its_session_expires() {
    let store = Store::sqlite();
    let billing = Setup::new(&store).start();
    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.log_in().await;
        browser.wait_for_text("main", "Last deliveries").await;
        install_default_drivers();
        let mut database = AnyConnection::connect(store.url()).await.expect("the database answers");
        sqlx::query("UPDATE sessions SET expires_at = 1")
            .execute(&mut database)
            .await
            .expect("the table is there");
        browser.wait_for_text("main", "Your session has ended. Log in again.").await;
        browser.log_in().await;
        browser.wait_for_text("main", "Last deliveries").await;
        browser.assert_no_complaints().await;
    })
    .await;
}

#[tokio::test]
#[ignore = "needs Chromium: .ci/run installs it"]
async fn the_portal_works_by_keyboard() {
    let billing = Setup::new(&Store::sqlite()).start();
    billing.set_secret(SECRET).await;
    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.goto("/admin/login").await;
        browser.wait_for_focus("token").await;
        browser.type_keys(TOKEN).await;
        browser.press(&Key::Enter).await;
        browser.wait_for_text("main", "Last deliveries").await;

        browser.press(&Key::Tab).await;
        assert_eq!(browser.focused().await, "Skip to the content");
        browser.press(&Key::Enter).await;
        assert_eq!(browser.script("return document.activeElement.id").await, "content");

        browser.goto(SETTINGS).await;
        browser.tab_to("Remove whsec_…ts").await;
        // The focus is visible.
        let outline =
            browser.script("return getComputedStyle(document.activeElement).outlineStyle").await;
        assert_eq!(outline, "solid");
        browser.press(&Key::Enter).await;
        browser.press(&Key::Tab).await;
        assert_eq!(browser.focused().await, "Yes, remove it");
        browser.press(&Key::Enter).await;
        browser.wait_for_text("[role=status]", "The secret is removed.").await;
        browser.tab_to("Make up a secret").await;
        browser.press(&Key::Enter).await;
        browser.wait_for_text("[role=status]", "A made-up secret is in force.").await;
        browser.tab_to("Send test event").await;
        browser.press(&Key::Enter).await;
        browser.wait_for_text("[role=status]", "The test event was answered 200 OK.").await;
        browser.assert_no_complaints().await;
    })
    .await;
}

#[tokio::test]
#[ignore = "needs Chromium: .ci/run installs it"]
async fn the_endpoint_url_and_the_cli_command_can_be_copied() {
    let billing = Billing::start(&Store::sqlite());
    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.log_in().await;
        browser.goto(SETTINGS).await;
        for (id, begins_with) in [
            ("endpoint-url", "http://127.0.0.1:"),
            ("stripe-listen", "stripe listen --events checkout"),
        ] {
            let text = browser
                .script(&format!("return document.getElementById('{id}').textContent"))
                .await;
            let text = text.as_str().expect("a text").to_owned();
            assert!(text.starts_with(begins_with), "{text}");
            browser.click(&format!("[data-copy={id}]")).await;
            browser.wait_for_text(&format!("[data-copy={id}]"), "Copied").await;
            assert_eq!(browser.clipboard().await, text);
        }
        browser.assert_no_complaints().await;
    })
    .await;
}
