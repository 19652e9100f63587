//! Several nodes on one Postgres database.

use std::collections::HashSet;

use sqlx::{Connection, PgConnection};

use crate::harness::{Billing, Setup, Store, events::*};

const EMAIL: &str = "zoe@example.com";

async fn two_nodes() -> [Billing; 2] {
    two_nodes_on(&Store::postgres().await)
}

fn two_nodes_on(store: &Store) -> [Billing; 2] {
    let setup = Setup::new(store);
    [setup.start(), setup.start()]
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn both_nodes_may_start_at_once_on_an_empty_database() {
    let setup = Setup::new(&Store::postgres().await);
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let setup = setup.clone();
            std::thread::spawn(move || setup.start())
        })
        .collect();
    for start in starts {
        let node = start.join().expect("it starts");
        assert_eq!(node.get("/healthz").await.status, 200);
    }
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn events_delivered_to_both_nodes_are_applied_once() {
    let nodes = two_nodes().await;
    nodes[0].set_secret("whsec_shared").await;
    // Each event is delivered to both nodes at once, and twice to each.
    let events: Vec<_> = (1..=50).map(|cents| top_up(EMAIL, cents)).collect();
    let deliveries = events.iter().flat_map(|event| {
        [0, 1, 1, 0].map(|node| nodes[node].deliver_signed(event, "whsec_shared"))
    });
    for answer in futures_util::future::join_all(deliveries).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    for node in &nodes {
        let credits = node.credits_of(EMAIL).await;
        assert_eq!(credits["balance"], 10 * (1..=50).sum::<i64>());
        let transactions = credits["transactions"].as_array().expect("a list");
        let of_events: HashSet<_> =
            transactions.iter().map(|transaction| transaction["event_id"].to_string()).collect();
        assert_eq!((transactions.len(), of_events.len()), (50, 50));
        let deliveries = node.deliveries().await;
        let applied = deliveries.iter().filter(|delivery| delivery["outcome"] == "applied").count();
        assert_eq!((deliveries.len(), applied), (200, 50));
    }
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_top_up_and_its_refund_on_two_nodes_end_in_one_balance() {
    let nodes = two_nodes().await;
    nodes[0].set_secret("whsec_shared").await;
    for round in 0..20 {
        let [payment, email] = [format!("pi_{round}"), format!("{round}@example.com")];
        let events = [
            top_up_paid_by(&payment, &email, 2_000),
            charge_refunded(&payment, 2_000, 500),
            refund("refund.created", "re_1", &payment, 500, "succeeded"),
            dispute("charge.dispute.closed", &payment, 1_000, "lost"),
        ];
        let deliveries = events
            .iter()
            .zip([0, 1, 0, 1])
            .map(|(event, node)| nodes[node].deliver_signed(event, "whsec_shared"));
        for answer in futures_util::future::join_all(deliveries).await {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        assert_eq!(nodes[round % 2].balance_of(&email).await, 5_000, "{round}");
    }
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn events_about_one_subscription_on_both_nodes_end_in_one_state() {
    let nodes = two_nodes().await;
    nodes[0].set_secret("whsec_shared").await;
    let mut events: Vec<_> = (0..40)
        .map(|later| {
            let status = if later % 2 == 0 { "active" } else { "past_due" };
            at(subscription("updated", "sub_1", "cus_1", status), NOON + later)
        })
        .collect();
    events.push(at(checkout(EMAIL, "cus_1", "sub_1"), NOON));
    events.push(at(invoice("paid", EMAIL, "cus_1", "sub_1"), NOON + 5));
    let deliveries = events
        .iter()
        .enumerate()
        .map(|(i, event)| nodes[i % 2].deliver_signed(event, "whsec_shared"));
    for answer in futures_util::future::join_all(deliveries).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    for node in &nodes {
        let subscription = node.subscription_of(EMAIL).await;
        assert_eq!(
            (&subscription["state"], &subscription["updated_at"]),
            (&"past_due".into(), &(NOON + 39).into())
        );
    }
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_secret_rolled_on_one_node_works_on_the_other() {
    let nodes = two_nodes().await;
    let deliver = async |node: usize, secret| {
        nodes[node].deliver_signed(&top_up(EMAIL, 1), secret).await.status
    };

    // The second node has cached that there is no secret.
    assert_eq!(deliver(1, "whsec_the_old_one").await, 503);
    nodes[0].set_secret("whsec_the_old_one").await;
    let old = nodes[0].secrets().await.remove(0);
    let mut answers = Vec::new();
    for node in [1, 0] {
        answers.push(deliver(node, "whsec_the_old_one").await);
    }

    // Rolled on the first node: both secrets work on both nodes.
    let new = nodes[0].add_secret("whsec_the_new_one").await.json();
    for (node, secret) in
        [(1, "whsec_the_new_one"), (1, "whsec_the_old_one"), (0, "whsec_the_old_one")]
    {
        answers.push(deliver(node, secret).await);
    }
    assert_eq!(answers, [200; 5]);

    // Both nodes show the last use on any node.
    for node in &nodes {
        let listed = node.secrets().await;
        assert_eq!((&listed[0]["id"], &listed[1]["id"]), (&new["id"], &old["id"]));
        assert!(listed.iter().all(|secret| secret["last_used_at"].is_i64()), "{listed:?}");
    }
    assert_eq!(nodes[0].deliveries().await[0]["secret_id"], old["id"]);

    // Removed on the second node, where it is rejected immediately.
    let id = old["id"].as_str().expect("an id");
    assert_eq!(nodes[1].remove_secret(id).await.status, 204);
    assert_eq!(deliver(1, "whsec_the_old_one").await, 400);
    // The first node may still have it in its cache, and checks the database.
    let answer = nodes[0].deliver_signed(&top_up(EMAIL, 1), "whsec_the_old_one").await;
    assert_eq!((answer.status, &*answer.error_code()), (400, "signing_secret_removed"));
    for node in [0, 1] {
        assert_eq!(deliver(node, "whsec_the_new_one").await, 200);
    }

    // Replaced on the first node: the second one rejects the old secret from the next delivery on.
    nodes[0].set_secret("whsec_after_the_leak").await;
    assert_eq!(deliver(1, "whsec_the_new_one").await, 400);
    assert_eq!(deliver(1, "whsec_after_the_leak").await, 200);
    assert_eq!(nodes[1].deliveries().await.len(), 8);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn an_event_with_a_secret_removed_on_another_node_is_counted() {
    let store = Store::postgres().await;
    let nodes = two_nodes_on(&store);
    let old = nodes[0].add_secret("whsec_the_old_one").await.json();
    nodes[0].add_secret("whsec_the_new_one").await;
    assert_eq!(nodes[0].deliver_signed(&top_up(EMAIL, 1), "whsec_the_old_one").await.status, 200);
    nodes[1].remove_secret(old["id"].as_str().expect("an id")).await;
    let answer = nodes[0].deliver_signed(&top_up(EMAIL, 1), "whsec_the_old_one").await;
    assert_eq!((answer.status, &*answer.error_code()), (400, "signing_secret_removed"));

    // Counts are written once a second, and at shutdown.
    let [mut first, _] = nodes;
    first.stop();
    let mut database = PgConnection::connect(store.url()).await.expect("the database answers");
    let counted: i64 =
        sqlx::query_scalar("SELECT count FROM refusals WHERE kind = 'signing_secret_removed'")
            .fetch_one(&mut database)
            .await
            .expect("a count");
    assert_eq!(counted, 1);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn concurrent_secret_changes_on_both_nodes_are_serialized() {
    let nodes = two_nodes().await;
    for round in 0..10 {
        let replaced = [0, 1].map(|node: usize| (node, format!("whsec_round{round}node{node}")));
        let answers = replaced.iter().map(|(node, secret)| nodes[*node].set_secret(secret));
        for answer in futures_util::future::join_all(answers).await {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        assert_eq!(nodes[0].secrets().await.len(), 1, "{round}");
    }
    let added: Vec<_> = (0..16).map(|nth| (nth % 2, format!("whsec_added{nth}"))).collect();
    let answers = added.iter().map(|(node, secret)| nodes[*node].add_secret(secret));
    let answers = futures_util::future::join_all(answers).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(201), count(409)), (9, 7));
    assert_eq!(nodes[1].secrets().await.len(), 10);
}
