//! Tests that the known facts survive storage and the migration.

use sqlx::{Connection, Executor, any::install_drivers};

use super::*;
use crate::{
    billing::subscription::{
        Fact, Invoice, InvoiceEvent, Known, Moment, Previous, Snapshot, SnapshotKind,
        SubscriptionEvent,
    },
    data::{Database, DatabaseUrl, MIGRATOR, connect_once},
};

fn url(folder: &tempfile::TempDir) -> DatabaseUrl {
    DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("billing.db").display())).unwrap()
}

fn event(event_id: &str, at: i64, fact: Fact) -> SubscriptionEvent {
    let moment = Moment { at, event_id: event_id.into() };
    SubscriptionEvent {
        moment,
        customer_id: Some("cus_1".into()),
        email: Some("zoe@example.com".into()),
        fact,
    }
}

fn snapshot(event_id: &str, at: i64, status: &str) -> Snapshot {
    Snapshot {
        event_id: event_id.into(),
        at,
        kind: SnapshotKind::Updated,
        status: status.into(),
        latest_invoice_id: Some("in_1".into()),
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
            status: Some("active".into()),
            latest_invoice_id: Some(None),
            prices: Some(vec!["price_0".into()]),
            cancel_at: Some(Some(5)),
            cancel_at_period_end: Some(false),
        },
    }
}

async fn learn(connection: &mut sqlx::AnyConnection, event: SubscriptionEvent) -> Known {
    let before = lock(connection, "sub_1", false).await.unwrap();
    let mut known = before.clone();
    known.learn(event);
    store(connection, "sub_1", &before, &known).await.unwrap();
    known
}

#[tokio::test]
async fn known_facts_are_read_as_they_were_stored() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&url(&folder)).await.unwrap();
    let mut connection = database.writer().acquire().await.unwrap();
    assert_eq!(find(&mut connection, "sub_1").await.unwrap(), None);

    let invoice = |id: &str, paid_at, failed_at| {
        let invoice = Invoice { created: Some(1), is_first: Some(false), paid_at, failed_at };
        Fact::Invoice(InvoiceEvent { id: id.into(), invoice })
    };
    let unchanged = Snapshot { previous: Previous::default(), ..snapshot("evt_3", 4, "paused") };
    for (event_id, at, fact) in [
        (
            "evt_1",
            3,
            Fact::Snapshot(Box::new(Snapshot {
                kind: SnapshotKind::Created,
                ..snapshot("evt_1", 3, "active")
            })),
        ),
        ("evt_2", 4, Fact::Snapshot(Box::new(snapshot("evt_2", 4, "past_due")))),
        // Two snapshots of one second are kept.
        ("evt_3", 4, Fact::Snapshot(Box::new(unchanged))),
        ("evt_4", 5, invoice("in_1", None, Some(5))),
        ("evt_5", 6, invoice("in_1", Some(6), None)),
        ("evt_6", 7, invoice("in_2", None, Some(7))),
        ("evt_7", 8, Fact::Checkout),
        (
            "evt_8",
            9,
            Fact::Snapshot(Box::new(Snapshot {
                kind: SnapshotKind::Deleted,
                ..snapshot("evt_8", 9, "canceled")
            })),
        ),
    ] {
        let known = learn(&mut connection, event(event_id, at, fact)).await;
        assert_eq!(
            find(&mut connection, "sub_1").await.unwrap(),
            Some(known.clone()),
            "{event_id}"
        );
        let user = User::new("cus_1");
        let found = current(database.reader(), Mode::Test, &user).await.unwrap();
        assert_eq!(found, Some(("sub_1".into(), known.subscription())), "{event_id}");
    }
}

#[tokio::test]
async fn subscriptions_keep_their_state_in_the_migration() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(&folder);
    let _ = install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]);
    let mut connection = connect_once(&url.connect_options().unwrap()).await.unwrap();
    let before = MIGRATOR.iter().filter(|migration| migration.version < 4).cloned().collect();
    sqlx::migrate::Migrator::with_migrations(before).run(&mut connection).await.unwrap();
    let rows = "INSERT INTO subscriptions (id, livemode, customer_id, email, status, price_id, current_period_end,
            cancel_at_period_end, canceled_at, created, snapshot_at, changed_at)
        VALUES ('sub_1', 0, 'cus_1', 'zoe@example.com', 'past_due', 'price_1', 90, 1, 80, 70, 100, 110),
            ('sub_2', 0, 'cus_2', NULL, 'canceled', NULL, NULL, 0, NULL, NULL, 100, 100),
            ('sub_3', 0, 'cus_3', NULL, 'active', NULL, NULL, NULL, NULL, NULL, NULL, 100),
            ('sub_4', 0, 'cus_4', NULL, 'past_due', NULL, NULL, NULL, NULL, NULL, NULL, 100),
            ('sub_5', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)";
    connection.execute(rows).await.unwrap();
    connection.close().await.unwrap();

    let database = Database::open(&url).await.unwrap();
    let mut connection = database.writer().acquire().await.unwrap();
    for (number, status, changed_at) in [
        (1, Some("past_due"), Some(110)),
        (2, Some("canceled"), Some(100)),
        (3, Some("active"), Some(100)),
        (4, Some("past_due"), Some(100)),
        (5, None, None),
    ] {
        let known = find(&mut connection, &format!("sub_{number}")).await.unwrap().unwrap();
        let subscription = known.subscription();
        assert_eq!(
            subscription.status.as_ref().map(SubscriptionStatus::as_str),
            status,
            "{number}"
        );
        assert_eq!(subscription.changed_at, changed_at, "{number}");
        // The derived state is the stored one.
        let user = User::new(&format!("cus_{number}"));
        let found = current(database.reader(), Mode::Test, &user).await.unwrap();
        assert_eq!(found.map(|(_, found)| found), status.map(|_| subscription), "{number}");
    }
    let facts = find(&mut connection, "sub_1").await.unwrap().unwrap().subscription().facts;
    assert_eq!(
        (facts.price_id.as_deref(), &facts.prices[..]),
        (Some("price_1"), &["price_1".to_owned()][..])
    );
    assert_eq!((facts.current_period_end, facts.cancel_at_period_end), (Some(90), Some(true)));
    assert_eq!((facts.canceled_at, facts.created, facts.cancel_at), (Some(80), Some(70), None));

    // Newer events change the state, and older ones do not.
    for (at, status) in [(109, "past_due"), (111, "active")] {
        let fact = Fact::Snapshot(Box::new(snapshot("evt_1", at, "active")));
        let known = learn(&mut connection, event("evt_1", at, fact)).await;
        assert_eq!(
            known.subscription().status.as_ref().map(SubscriptionStatus::as_str),
            Some(status),
            "{at}"
        );
    }
}
