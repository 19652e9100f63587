//! Tests that the known facts survive storage.

use super::*;
use crate::{
    billing::subscription::{
        Fact, Facts, Invoice, InvoiceEvent, Moment, Previous, Snapshot, SnapshotKind,
        SubscriptionEvent,
    },
    data::{Database, DatabaseUrl},
};

fn event(event_id: &str, at: i64, fact: Fact) -> SubscriptionEvent {
    let moment = Moment { at, event_id: event_id.into() };
    SubscriptionEvent {
        moment,
        customer_id: Some("cus_1".into()),
        email: Some("zoe@example.com".into()),
        fact,
        current: None,
    }
}

fn snapshot(event_id: &str, at: i64, status: &str) -> Snapshot {
    Snapshot {
        event_id: event_id.into(),
        at,
        fetched_at: Some(at * 1_000_000),
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
    let mut known = lock(connection, "sub_1", false).await.unwrap();
    known.learn(event);
    store(connection, "sub_1", &known).await.unwrap();
    known
}

#[tokio::test]
async fn known_facts_are_read_as_they_were_stored() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&DatabaseUrl::in_folder(folder.path())).await.unwrap();
    let mut connection = database.writer().acquire().await.unwrap();
    assert_eq!(lock(&mut connection, "sub_1", false).await.unwrap(), Known::default());

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
        assert_eq!(lock(&mut connection, "sub_1", false).await.unwrap(), known, "{event_id}");
        let user = User::new("cus_1");
        let found = current(database.reader(), Mode::Test, &user).await.unwrap();
        assert_eq!(found, Some(("sub_1".into(), known)), "{event_id}");
    }
}
