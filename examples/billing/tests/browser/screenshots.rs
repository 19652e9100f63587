//! The pictures in README.md: `screenshots/take.sh` makes them anew.

use std::{env, fs, path::Path, time::SystemTime};

use crate::{
    SETTINGS,
    chromium::{Chromium, Scheme},
    harness::{Billing, SECRET, Setup, Store, events},
};

#[tokio::test]
#[ignore = "makes pictures and tests nothing: screenshots/take.sh runs it"]
async fn take_screenshots() {
    let folder = env::var("SCREENSHOTS").expect("SCREENSHOTS names the folder for the pictures");
    let billing = Setup::new(&Store::sqlite()).start();
    fill(&billing).await;
    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.log_in().await;
        // The refused request is counted in memory first.
        browser.wait_for_text(".feed", "signature_mismatch").await;
        for (name, path, width, height, scheme) in [
            ("deliveries-light", "/admin", 1_280, 860, Scheme::Light),
            ("deliveries-dark", "/admin", 1_280, 860, Scheme::Dark),
            ("deliveries-phone", "/admin", 390, 844, Scheme::Light),
            ("customers-light", "/admin/customers", 1_280, 860, Scheme::Light),
            ("stripe-settings-light", SETTINGS, 1_280, 1_230, Scheme::Light),
            ("stripe-settings-dark", SETTINGS, 1_280, 1_230, Scheme::Dark),
        ] {
            browser.set_screen(width, height, scheme).await;
            browser.goto(path).await;
            let picture = browser.screenshot().await;
            fs::write(Path::new(&folder).join(name).with_extension("png"), picture).expect("the folder is there");
        }
    })
    .await;
}

/// A small business, on one of its better days, in the middle of a rotation.
async fn fill(billing: &Billing) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970").as_secs();
    let now = |event| events::at(event, i64::try_from(now).expect("it is before the year 292277026596"));
    let new = "whsec_the_new_one_Yz";
    billing.set_secret(SECRET).await;
    for (email, customer, subscription, status) in [
        ("grace@example.com", "cus_Grace", "sub_1QGrace", "past_due"),
        ("linus@example.com", "cus_Linus", "sub_1QLinus", "trialing"),
        ("ada@example.com", "cus_Ada", "sub_1QAda", "active"),
    ] {
        billing.deliver(&now(events::checkout(email, customer, subscription))).await;
        billing.deliver(&now(events::subscription("updated", subscription, customer, status))).await;
    }
    billing.deliver(&now(events::top_up("grace@example.com", 5_000))).await;
    billing.add_secret(new).await;
    let event = now(events::top_up("ada@example.com", 2_000));
    for _ in 0..2 {
        billing.deliver_signed(&event, new).await;
    }
    billing.deliver_signed(&events::subscription("created", "sub_1QAda", "cus_Ada", "incomplete"), new).await;
    billing.deliver_signed(&now(events::top_up("ada@example.com", -2_000)), new).await;
    billing.deliver_signed(&now(events::top_up("ada@example.com", 100)), "whsec_of_another_endpoint").await;
}
