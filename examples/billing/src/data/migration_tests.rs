//! Tests that migrations keep the stored data.

use sqlx::Executor;

use super::*;
use crate::{data::users::User, mode::Mode};

#[tokio::test]
async fn migration_5_keeps_the_ledger_and_the_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let url =
        DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("billing.db").display()))
            .unwrap();
    install_drivers(&[sqlx::sqlite::any::DRIVER]).ok();
    let mut connection = connect_once(&url.connect_options().unwrap()).await.unwrap();
    let before = MIGRATOR.iter().filter(|migration| migration.version < 5).cloned().collect();
    Migrator::with_migrations(before).run(&mut connection).await.unwrap();
    connection
        .execute(
            "INSERT INTO customers (customer_id, livemode, email, seen_at) VALUES ('cus_1', 0, 'zoe@example.com', 7);
             INSERT INTO credit_transactions (id, livemode, session_id, event_id, customer_id, amount, reason, created_at)
                 VALUES ('1', 0, 'cs_1', 'evt_1', 'cus_1', 500, 'credits_topup', 8),
                        ('2', 1, 'cs_2', 'evt_2', 'cus_2', 900, 'credits_topup', 9)",
        )
        .await
        .unwrap();
    connection.close().await.unwrap();

    let database = Database::open(&url).await.unwrap();
    for (mode, user, balance, event_id) in [
        (Mode::Test, "ZOE@example.com", 500, "evt_1"),
        (Mode::Test, "cus_1", 500, "evt_1"),
        (Mode::Live, "cus_2", 900, "evt_2"),
    ] {
        let account = credits::account(database.reader(), mode, &User::new(user)).await.unwrap();
        assert_eq!(
            (account.balance, &*account.transactions[0].event_id),
            (balance, event_id),
            "{user}"
        );
    }
    // A session's credits are not added again.
    let mut connection = database.writer().acquire().await.unwrap();
    let again = credits::TopUp {
        session_id: "cs_1",
        payment_id: Some("pi_1"),
        paid: 50,
        event_id: "evt_3",
        livemode: false,
        customer_id: Some("cus_1"),
        email: None,
        amount: 500,
    };
    assert!(!credits::add(&mut connection, again).await.unwrap());
    // A newer address replaces the migrated one, and an older one does not.
    for (at, email) in [(6, "older@example.com"), (8, "newer@example.com")] {
        let observed =
            crate::billing::customer_email::ObservedEmail { at, as_of: at, email: email.into() };
        customers::remember_email(&mut connection, "cus_1", false, observed).await.unwrap();
        let user = User::new(if at == 6 { "zoe@example.com" } else { email });
        assert_eq!(
            credits::account(database.reader(), Mode::Test, &user).await.unwrap().balance,
            500,
            "{email}"
        );
    }
}
