//! Takes the screenshots of README.md. `screenshots/take.sh` runs it with `SCREENSHOTS` as the
//! folder.

use std::{env, fs, path::Path, time::SystemTime};

use sqlx::{AnyConnection, Connection, any::install_default_drivers};
use uuid::Builder;

use crate::{
    SETTINGS,
    chromium::{Chromium, Scheme},
    harness::{
        Billing, SECRET, Setup, Store,
        events::{at, checkout, subscription, top_up},
    },
};

const NEW: &str = "whsec_the_new_one_Yz";

#[tokio::test]
#[ignore = "needs Chromium: .ci/run installs it"]
async fn take_screenshots() {
    let folder = env::var("SCREENSHOTS").unwrap_or_else(|_| env!("CARGO_TARGET_TMPDIR").into());
    let store = Store::sqlite();
    let billing = Setup::new(&store).start();
    fill(&billing, &store).await;
    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.log_in().await;
        // Rejections are written once a second.
        browser.wait_for_text(".feed", "signature_mismatch").await;
        for (name, path, width, height, scheme) in [
            ("deliveries-light", "/admin", 1_280, 860, Scheme::Light),
            ("deliveries-dark", "/admin", 1_280, 860, Scheme::Dark),
            ("deliveries-phone", "/admin", 390, 844, Scheme::Light),
            ("customers-light", "/admin/customers", 1_280, 860, Scheme::Light),
            ("stripe-settings-light", SETTINGS, 1_280, 1_420, Scheme::Light),
            ("stripe-settings-dark", SETTINGS, 1_280, 1_420, Scheme::Dark),
        ] {
            browser.set_screen(width, height, scheme).await;
            browser.goto(path).await;
            let picture = browser.screenshot().await;
            fs::write(Path::new(&folder).join(name).with_extension("png"), picture)
                .expect("the folder is there");
        }
    })
    .await;
}

/// Fills the database: a small business with an hour of deliveries, during a rotation.
async fn fill(billing: &Billing, store: &Store) {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("it is after 1970")
        .as_secs();
    let now = i64::try_from(now).expect("it is before the year 292277026596");
    billing.set_secret(SECRET).await;
    write_history(store, billing.secrets().await[0]["id"].as_str().expect("an id"), now).await;
    billing.add_secret(NEW).await;

    for (email, customer, id, status) in [
        ("grace@example.com", "cus_Grace", "sub_1QGrace", "past_due"),
        ("linus@example.com", "cus_Linus", "sub_1QLinus", "trialing"),
        ("ada@example.com", "cus_Ada", "sub_1QAda", "active"),
    ] {
        billing.deliver_signed(&at(checkout(email, customer, id), now), NEW).await;
        billing.deliver_signed(&at(subscription("updated", id, customer, status), now), NEW).await;
    }
    billing.deliver_signed(&at(top_up("grace@example.com", 5_000), now), NEW).await;
    let event = at(top_up("ada@example.com", 2_000), now);
    for _ in 0..2 {
        billing.deliver_signed(&event, NEW).await;
    }
    billing
        .deliver_signed(&subscription("created", "sub_1QAda", "cus_Ada", "incomplete"), NEW)
        .await;
    billing.deliver_signed(&at(top_up("ada@example.com", -2_000), now), NEW).await;
    billing
        .deliver_signed(&at(top_up("ada@example.com", 100), now), "whsec_of_another_endpoint")
        .await;
}

/// Inserts an hour of deliveries that a secret has verified, and some rejections.
async fn write_history(store: &Store, secret_id: &str, now: i64) {
    install_default_drivers();
    let mut database = AnyConnection::connect(store.url()).await.expect("the database answers");
    let mut tx = database.begin().await.expect("a transaction");
    for minute in 3..60_i64 {
        let at = now - minute * 60;
        for nth in 0..=(minute * 7 % 11 + minute * 5 % 7) {
            let outcome = match (minute * 13 + nth * 7) % 29 {
                0 | 1 => "duplicate",
                2 => "stale",
                3 | 4 => "ignored",
                5 if minute > 40 => "failed",
                _ => "applied",
            };
            let millis = u64::try_from(at * 1_000 + nth).expect("it is after 1970");
            let id = Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid().to_string();
            let insert = "INSERT INTO deliveries (id, event_id, event_type, livemode, received_at, outcome, secret_id)
                VALUES ($1, $2, 'invoice.paid', 0, $3, $4, $5)";
            let query = sqlx::query(insert)
                .bind(&*id)
                .bind(format!("evt_{id}"))
                .bind(at)
                .bind(outcome)
                .bind(secret_id);
            query.execute(&mut *tx).await.expect("a delivery");
        }
    }
    let update = "UPDATE signing_secrets SET added_at = $1";
    sqlx::query(update)
        .bind(now - 60 * 24 * 60 * 60)
        .execute(&mut *tx)
        .await
        .expect("the secret is older");
    tx.commit().await.expect("all of it");
}
