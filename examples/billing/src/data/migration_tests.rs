//! Tests that migrations keep the stored data.

use std::env;

use sqlx::Executor;
use tower_stripe_webhook::Mode;
use uuid::Uuid;

use super::{deliveries::Kinds, users::User, *};
use crate::billing::{
    customer_email::{CustomerEmail, ObservedEmail, OwnEmail},
    reversal::{Reversal, Reversals},
    subscription::{
        Fact, Facts, Invoice, InvoiceEvent, Known, Moment, Newest, Previous, Snapshot,
        SnapshotKind, SubscriptionEvent,
    },
};

/// Runs the migrations up to a version, adds rows, and opens the database, which runs the others.
async fn migrated(url: &DatabaseUrl, version: i64, rows: &'static str) -> Database {
    let _ = install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]);
    let mut connection = connect_once(&url.connect_options().unwrap()).await.unwrap();
    let before = MIGRATOR.iter().filter(|migration| migration.version <= version).cloned();
    Migrator::with_migrations(before.collect()).run(&mut connection).await.unwrap();
    connection.execute(rows).await.unwrap();
    connection.close().await.unwrap();
    Database::open(url).await.unwrap()
}

async fn status_of(database: &Database, customer_id: &str) -> Option<(String, Option<i64>)> {
    let user = User::new(customer_id);
    let found = subscriptions::current(database.reader(), Mode::Test, &user).await.unwrap();
    found.map(|(_, known)| {
        let subscription = known.subscription();
        (subscription.status.unwrap().to_string(), subscription.changed_at)
    })
}

#[tokio::test]
async fn migration_4_keeps_the_state_of_subscriptions() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "INSERT INTO subscriptions (id, livemode, customer_id, email, status, price_id, current_period_end,
            cancel_at_period_end, canceled_at, created, snapshot_at, changed_at)
        VALUES ('sub_1', 0, 'cus_1', 'zoe@example.com', 'past_due', 'price_1', 90, 1, 80, 70, 100, 110),
            ('sub_2', 0, 'cus_2', NULL, 'canceled', NULL, NULL, 0, NULL, NULL, 100, 100),
            ('sub_3', 0, 'cus_3', NULL, 'active', NULL, NULL, NULL, NULL, NULL, NULL, 100),
            ('sub_4', 0, 'cus_4', NULL, 'past_due', NULL, NULL, NULL, NULL, NULL, NULL, 100),
            ('sub_5', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)";
    let database = migrated(&DatabaseUrl::in_folder(folder.path()), 3, rows).await;
    for (number, status, changed_at) in
        [(1, "past_due", 110), (2, "canceled", 100), (3, "active", 100), (4, "past_due", 100)]
    {
        let found = status_of(&database, &format!("cus_{number}")).await;
        assert_eq!(found, Some((status.to_owned(), Some(changed_at))), "{number}");
    }
    let mut connection = database.writer().acquire().await.unwrap();
    let unknown = subscriptions::lock(&mut connection, "sub_5", false).await.unwrap();
    assert_eq!(unknown, Known::default());
    let known = subscriptions::lock(&mut connection, "sub_1", false).await.unwrap();
    let subscription = known.subscription();
    assert_eq!(subscription.email.as_deref(), Some("zoe@example.com"));
    let expected = Facts {
        price_id: Some("price_1".into()),
        prices: vec!["price_1".into()],
        current_period_end: Some(90),
        cancel_at_period_end: Some(true),
        cancel_at: None,
        canceled_at: Some(80),
        created: Some(70),
    };
    assert_eq!(subscription.facts, expected);
    // Newer events change the state, and older ones do not.
    for (at, status) in [(109, "past_due"), (111, "active")] {
        let mut known = known.clone();
        known.learn(SubscriptionEvent {
            moment: Moment { at, event_id: "evt_1".into() },
            customer_id: None,
            email: None,
            fact: Fact::Snapshot(Box::new(Snapshot {
                event_id: "evt_1".into(),
                at,
                fetched_at: None,
                kind: SnapshotKind::Updated,
                status: "active".into(),
                latest_invoice_id: None,
                has_pending_update: false,
                facts: Facts::default(),
                previous: Previous::default(),
            })),
            current: None,
        });
        assert_eq!(known.subscription().status, Some(status.into()), "{at}");
    }
}

#[tokio::test]
async fn migration_5_keeps_the_ledger_and_the_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "INSERT INTO customers (customer_id, livemode, email, seen_at) VALUES ('cus_1', 0, 'zoe@example.com', 7);
         INSERT INTO credit_transactions (id, livemode, session_id, event_id, customer_id, amount, reason, created_at)
             VALUES ('1', 0, 'cs_1', 'evt_1', 'cus_1', 500, 'credits_topup', 8),
                    ('2', 1, 'cs_2', 'evt_2', 'cus_2', 900, 'credits_topup', 9)";
    let database = migrated(&DatabaseUrl::in_folder(folder.path()), 4, rows).await;
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
    let again = credits::Entry {
        session_id: Some("cs_1".into()),
        paid: Some(50),
        customer_id: Some("cus_1".into()),
        email: None,
        amount: 500,
        reason: credits::TOP_UP.into(),
    };
    assert!(!credits::append(&mut connection, false, Some("pi_1"), "evt_3", &again).await.unwrap());
    // A newer address replaces the migrated one, and an older one does not.
    for (at, email) in [(6, "older@example.com"), (8, "newer@example.com")] {
        let observed = ObservedEmail { at, as_of: at, email: email.into() };
        let learn = |known: &mut CustomerEmail| known.learn_observed(observed);
        customers::learn(&mut connection, "cus_1", false, learn).await.unwrap();
        let user = User::new(if at == 6 { "zoe@example.com" } else { email });
        let account = credits::account(database.reader(), Mode::Test, &user).await.unwrap();
        assert_eq!(account.balance, 500, "{email}");
    }
}

#[tokio::test]
async fn migration_7_keeps_all_facts_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    assert_migration_7_keeps_all_facts(&DatabaseUrl::in_folder(folder.path())).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn migration_7_keeps_all_facts_on_postgres() {
    let server = env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a Postgres server");
    let _ = install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]);
    let mut connection = AnyConnection::connect(&server).await.unwrap();
    let name = format!("billing_{}", Uuid::now_v7().simple());
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(create).await.unwrap();
    let (authority, options) = server.split_once('?').unwrap_or((&server, ""));
    let host = authority.rsplit_once('/').map_or(authority, |(host, _)| host);
    let url = DatabaseUrl::parse(&format!("{host}/{name}?{options}")).unwrap();
    assert_migration_7_keeps_all_facts(&url).await;
}

async fn assert_migration_7_keeps_all_facts(url: &DatabaseUrl) {
    let rows = r#"
        INSERT INTO subscriptions (id, livemode, customer_id, customer_told_at, customer_told_by, email, email_told_at,
                email_told_by, checkout_at, checkout_event_id, status, price_id, prices, changed_at, created)
            VALUES ('sub_1', 0, 'cus_\1', 3, 'evt_"3', '"zoe\"@example.com', 4, 'evt_4', 5, 'evt_5', 'active', 'price_1',
                    '["price_1"]', 9, 6),
                ('sub_2', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
        INSERT INTO subscription_snapshots (subscription_id, event_id, event_at, kind, status, latest_invoice_id,
                has_pending_update, price_id, prices, current_period_end, cancel_at_period_end, cancel_at, canceled_at,
                created, previous)
            VALUES ('sub_1', 'evt_7', 9, 'updated', 'active', 'in_"1', 1, 'price_"1', '["price_0","price_\"1"]',
                    9, 1, 8, 7, 6, '{"status":"new\\ status","latest_invoice_id":null,"cancel_at":5}'),
                ('sub_1', 'evt_6', 9, 'updated', 'a "new" \ status', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                    '{}');
        INSERT INTO subscription_invoices (subscription_id, id, created, is_first, paid_at, failed_at)
            VALUES ('sub_1', 'in_"1', 6, 1, 7, 8), ('sub_1', 'in_2', NULL, NULL, NULL, NULL),
                ('sub_1', 'in_3', 9, 0, NULL, 9);
        INSERT INTO customers (customer_id, livemode, email, own_at, own_is_update, own_email, told_at, told_as_of,
                told_email)
            VALUES ('cus_1', 0, 'zoe@example.com', 1, 1, 'zoe"\@example.com', 3, 2, 'told"\@example.com'),
                ('cus_2', 0, NULL, 5, 0, NULL, NULL, NULL, NULL);
        INSERT INTO credit_payments (livemode, payment_id, unmatched_at)
            VALUES (0, 'pi_1', NULL), (1, 'pi_1', 7), (0, 'pi_2', 8);
        INSERT INTO credit_reversals (livemode, payment_id, id, kind, cents, said_at, lost)
            VALUES (0, 'pi_1', 'ch_"\', 'refunds_of_charge', 10, 1, NULL), (0, 'pi_1', 're_1', 'refund', 20, NULL, NULL),
                (0, 'pi_1', 're_2', 'refund', 30, 3, NULL), (0, 'pi_1', 'du_1', 'dispute', 40, 4, 1),
                (0, 'pi_1', 'du_2', 'dispute', 50, 5, 0), (1, 'pi_1', 're_3', 'refund', 60, NULL, NULL)"#;
    let database = migrated(url, 6, rows).await;
    let mut connection = database.begin().await.unwrap();

    let known = subscriptions::lock(&mut connection, "sub_1", false).await.unwrap();
    let newest = |value: &str, at, event_id: &str| {
        Some(Newest { moment: Moment { at, event_id: event_id.into() }, value: value.into() })
    };
    let changed = Snapshot {
        event_id: "evt_7".into(),
        at: 9,
        fetched_at: None,
        kind: SnapshotKind::Updated,
        status: "active".into(),
        latest_invoice_id: Some("in_\"1".into()),
        has_pending_update: true,
        facts: Facts {
            price_id: Some("price_\"1".into()),
            prices: vec!["price_0".into(), "price_\"1".into()],
            current_period_end: Some(9),
            cancel_at_period_end: Some(true),
            cancel_at: Some(8),
            canceled_at: Some(7),
            created: Some(6),
        },
        previous: Previous {
            status: Some("new\\ status".into()),
            latest_invoice_id: Some(None),
            cancel_at: Some(Some(5)),
            ..Previous::default()
        },
    };
    let unchanged = Snapshot {
        event_id: "evt_6".into(),
        status: "a \"new\" \\ status".into(),
        latest_invoice_id: None,
        has_pending_update: false,
        facts: Facts::default(),
        previous: Previous::default(),
        ..changed.clone()
    };
    let mut expected = Known {
        snapshots: vec![changed, unchanged].into(),
        checkout: Some(Newest { moment: Moment { at: 5, event_id: "evt_5".into() }, value: () }),
        customer_id: newest("cus_\\1", 3, "evt_\"3"),
        email: newest("\"zoe\\\"@example.com", 4, "evt_4"),
        ..Known::default()
    };
    for (id, created, is_first, paid_at, failed_at) in [
        ("in_\"1", Some(6), Some(true), Some(7), Some(8)),
        ("in_2", None, None, None, None),
        ("in_3", Some(9), Some(false), None, Some(9)),
    ] {
        let invoice = Invoice { created, is_first, paid_at, failed_at };
        expected.invoices.add(InvoiceEvent { id: id.into(), invoice });
    }
    assert_eq!(known, expected);
    let user = User::new("cus_\\1");
    let found = subscriptions::current(database.reader(), Mode::Test, &user).await.unwrap();
    assert_eq!(found, Some(("sub_1".into(), expected)));
    let unknown = subscriptions::lock(&mut connection, "sub_2", true).await.unwrap();
    assert_eq!(unknown, Known::default());

    for (id, expected) in [
        (
            "cus_1",
            CustomerEmail {
                own: Some(OwnEmail {
                    at: 1,
                    is_update: true,
                    email: Some("zoe\"\\@example.com".into()),
                }),
                observed: Some(ObservedEmail {
                    at: 3,
                    as_of: 2,
                    email: "told\"\\@example.com".into(),
                }),
            },
        ),
        (
            "cus_2",
            CustomerEmail {
                own: Some(OwnEmail { at: 5, is_update: false, email: None }),
                observed: None,
            },
        ),
    ] {
        let check = |known: &mut CustomerEmail| assert_eq!(*known, expected, "{id}");
        assert!(!customers::learn(&mut connection, id, false, check).await.unwrap());
    }

    for (livemode, id, statements) in [
        (
            false,
            "pi_1",
            &[
                ("ch_\"\\", Reversal::RefundsOfCharge { cents: 10, reported_at: 1, as_of: None }),
                ("re_1", Reversal::Refund { cents: 20, failed_at: None }),
                ("re_2", Reversal::Refund { cents: 30, failed_at: Some(3) }),
                ("du_1", Reversal::Dispute { cents: 40, decided_at: 4, lost: true }),
                ("du_2", Reversal::Dispute { cents: 50, decided_at: 5, lost: false }),
            ][..],
        ),
        (true, "pi_1", &[("re_3", Reversal::Refund { cents: 60, failed_at: None })][..]),
        (false, "pi_2", &[][..]),
    ] {
        let mut expected = Reversals::default();
        for (id, reversal) in statements {
            expected.learn(id, *reversal);
        }
        let payment = payments::Payment { livemode, id };
        let reversals = payments::lock(&mut connection, payment, None).await.unwrap();
        assert_eq!(reversals, expected, "{livemode} {id}");
    }
    connection.rollback().await.unwrap();
    database.close().await;
}

#[tokio::test]
async fn migration_9_counts_handled_thin_events_as_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "INSERT INTO deliveries (id, event_id, event_type, livemode, received_at, outcome, secret_id, kind,
            snapshot_event)
        VALUES ('01', 'evt_1', 'v1.invoice.paid', 0, 1, 'applied', '0a1b2c3d', 'thin', NULL),
            ('02', 'evt_2', 'v1.invoice.paid', 0, 1, 'stale', '0a1b2c3d', 'thin', NULL),
            ('03', 'evt_3', 'v1.invoice.paid', 0, 1, 'failed', '0a1b2c3d', 'thin', NULL),
            ('04', 'evt_4', 'v1.invoice.paid', 0, 1, 'duplicate', '0a1b2c3d', 'thin', 'evt_5'),
            ('05', 'evt_5', 'invoice.paid', 0, 1, 'applied', '0a1b2c3d', 'snapshot', NULL)";
    let database = migrated(&DatabaseUrl::in_folder(folder.path()), 8, rows).await;
    let kinds = deliveries::kinds(database.reader(), Mode::Test, 0).await.unwrap();
    let expected =
        Kinds { only_snapshot: 0, only_thin: 3, both: 1, failed_thin: 1, fetched_thin: 2 };
    assert_eq!(kinds, expected);
    database.close().await;
}
