//! The fake's lists of events.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_stripe_webhook::test_util::FakeApi;

fn snapshot(number: u64, event_type: &str) -> String {
    json!({
        "id": format!("evt_{number}"),
        "object": "event",
        "type": event_type,
        "created": 1_795_447_000 + number,
        "data": { "object": { "id": "in_1", "object": "invoice" } },
    })
    .to_string()
}

fn thin(number: u64, event_type: &str) -> String {
    json!({
        "id": format!("evt_{number}"),
        "object": "v2.core.event",
        "type": event_type,
        "created": format!("2026-11-20T10:11:{number:02}.500Z"),
        "related_object": { "id": format!("in_{}", number % 2), "type": "invoice" },
    })
    .to_string()
}

/// Ten snapshot events and ten thin ones, of two types by turns.
fn fake() -> FakeApi {
    let fake = FakeApi::new();
    // The order of insertion does not matter.
    for number in [3, 7, 0, 9, 1, 8, 2, 6, 4, 5] {
        let name = if number % 2 == 0 { "invoice.paid" } else { "customer.updated" };
        fake.insert_event(snapshot(number, name));
        fake.insert_event(thin(number, &format!("v1.{name}")));
    }
    fake
}

async fn list(fake: &FakeApi, path: &str) -> (u16, Value) {
    let request = Request::get(path)
        .header("authorization", "Bearer sk_test_1")
        .header("stripe-version", "2026-10-28.endive")
        .body(Empty::<Bytes>::new());
    let response = fake.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

fn numbers(page: &Value) -> Vec<u64> {
    let ids = page["data"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap());
    ids.map(|id| id.strip_prefix("evt_").unwrap().parse().unwrap()).collect()
}

/// The numbers of a page of snapshot events, and whether there are more.
async fn page(fake: &FakeApi, query: &str) -> (Vec<u64>, bool) {
    let (status, page) = list(fake, &format!("/v1/events?{query}")).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!((&page["object"], &page["url"]), (&json!("list"), &json!("/v1/events")));
    (numbers(&page), page["has_more"].as_bool().unwrap())
}

#[tokio::test]
async fn snapshot_events_are_listed_newest_first() {
    let fake = fake();
    assert_eq!(page(&fake, "").await, ((0..10).rev().collect(), false));
    assert_eq!(page(&fake, "limit=4").await, (vec![9, 8, 7, 6], true));
    assert_eq!(page(&fake, "limit=4&starting_after=evt_6").await, (vec![5, 4, 3, 2], true));
    assert_eq!(page(&fake, "limit=4&starting_after=evt_2").await, (vec![1, 0], false));
    assert_eq!(page(&fake, "starting_after=evt_0").await, (vec![], false));
}

#[tokio::test]
async fn pages_before_an_event_go_from_old_to_new() {
    let fake = fake();
    assert_eq!(page(&fake, "limit=4&ending_before=evt_0").await, (vec![4, 3, 2, 1], true));
    assert_eq!(page(&fake, "limit=4&ending_before=evt_4").await, (vec![8, 7, 6, 5], true));
    assert_eq!(page(&fake, "limit=4&ending_before=evt_8").await, (vec![9], false));
    assert_eq!(page(&fake, "ending_before=evt_9").await, (vec![], false));
}

#[tokio::test]
async fn a_page_has_10_snapshot_events_or_up_to_100() {
    let fake = FakeApi::new();
    for number in 0..101 {
        fake.insert_event(snapshot(number, "invoice.paid"));
    }
    assert_eq!(page(&fake, "").await.0.len(), 10);
    assert_eq!(page(&fake, "limit=1").await.0.len(), 1);
    assert_eq!(page(&fake, "limit=100").await.0.len(), 100);
    for limit in ["0", "101", "-1", "x", ""] {
        assert_eq!(list(&fake, &format!("/v1/events?limit={limit}")).await.0, 400, "{limit}");
    }
}

#[tokio::test]
async fn snapshot_events_are_filtered() {
    let fake = fake();
    fake.mark_delivered("evt_9");
    fake.mark_delivered("evt_0");
    for (query, expected) in [
        ("delivery_success=true", vec![9, 0]),
        ("delivery_success=false&limit=2", vec![8, 7]),
        ("type=invoice.paid", vec![8, 6, 4, 2, 0]),
        ("type=customer.*", vec![9, 7, 5, 3, 1]),
        ("types[]=invoice.paid&types[]=other", vec![8, 6, 4, 2, 0]),
        ("types%5B0%5D=other", vec![]),
        ("created[gte]=1795447008", vec![9, 8]),
        ("created[gt]=1795447008", vec![9]),
        ("created[lte]=1795447001", vec![1, 0]),
        ("created[lt]=1795447001&delivery_success=true", vec![0]),
    ] {
        assert_eq!(page(&fake, query).await.0, expected, "{query}");
    }
    // An event that is filtered out is no place to begin.
    for query in [
        "starting_after=evt_10",
        "type=invoice.paid&starting_after=evt_1",
        "starting_after=evt_1&ending_before=evt_2",
        "delivery_success=perhaps",
        "created[gt]=yesterday",
    ] {
        assert_eq!(list(&fake, &format!("/v1/events?{query}")).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn a_list_has_at_most_20_types() {
    let fake = fake();
    let query = |types: usize| {
        (0..types).map(|number| format!("types[]=t{number}")).collect::<Vec<_>>().join("&")
    };
    for list_path in ["/v1/events", "/v2/core/events"] {
        assert_eq!(list(&fake, &format!("{list_path}?{}", query(20))).await.0, 200);
        assert_eq!(list(&fake, &format!("{list_path}?{}", query(21))).await.0, 400);
    }
}

#[tokio::test]
async fn thin_events_are_listed_with_the_urls_of_the_pages_beside() {
    let fake = fake();
    let mut url =
        "/v2/core/events?limit=4&types=v1.invoice.paid&types=v1.customer.updated".to_owned();
    let mut pages = Vec::new();
    loop {
        let (status, page) = list(&fake, &url).await;
        assert_eq!(status, 200, "{page}");
        pages.push(numbers(&page));
        match page["next_page_url"].as_str() {
            Some(next) => url = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(pages, [vec![9, 8, 7, 6], vec![5, 4, 3, 2], vec![1, 0]]);
    let (_, last) = list(&fake, &url).await;
    let (_, before) = list(&fake, last["previous_page_url"].as_str().unwrap()).await;
    assert_eq!(numbers(&before), [5, 4, 3, 2]);
    let (_, first) = list(&fake, before["previous_page_url"].as_str().unwrap()).await;
    assert_eq!((numbers(&first), &first["previous_page_url"]), (vec![9, 8, 7, 6], &Value::Null));
}

#[tokio::test]
async fn thin_events_are_filtered() {
    let fake = fake();
    for (query, expected) in [
        ("types[0]=v1.invoice.paid", vec![8, 6, 4, 2, 0]),
        ("object_id=in_1", vec![9, 7, 5, 3, 1]),
        ("created[gt]=2026-11-20T10%3A11%3A08.500Z", vec![9]),
        ("created[gte]=2026-11-20T10:11:08.500Z", vec![9, 8]),
        ("created[lt]=2026-11-20T10:11:01Z", vec![0]),
    ] {
        let (_, page) = list(&fake, &format!("/v2/core/events?{query}")).await;
        assert_eq!(numbers(&page), expected, "{query}");
    }
    for query in ["page=11", "page=x", "created[gt]=1795447000", "limit=0"] {
        assert_eq!(list(&fake, &format!("/v2/core/events?{query}")).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn an_account_lists_its_own_events() {
    let fake = fake();
    let of_account = |number, name: &str| {
        let mut event: Value = serde_json::from_str(&snapshot(number, "invoice.paid")).unwrap();
        event["account"] = name.into();
        event.to_string()
    };
    fake.insert_event(of_account(20, "acct_1"));
    assert_eq!(page(&fake, "limit=1").await.0, [9]);
    let request = Request::get("/v1/events")
        .header("authorization", "Bearer sk_test_1")
        .header("stripe-account", "acct_1")
        .body(Empty::<Bytes>::new());
    let response = fake.clone().oneshot(request.unwrap()).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(numbers(&serde_json::from_slice(&body).unwrap()), [20]);
}

#[tokio::test]
async fn a_removed_event_is_not_listed_and_a_replaced_one_once() {
    let fake = fake();
    fake.remove("/v1/events/evt_9");
    fake.insert_event(snapshot(8, "invoice.voided"));
    assert_eq!(page(&fake, "").await.0, [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    assert_eq!(page(&fake, "type=invoice.voided").await.0, [8]);
    let (_, thin) = list(&fake, "/v2/core/events").await;
    assert_eq!(numbers(&thin).len(), 10);
}

#[test]
#[should_panic(expected = "there is no event `evt_1`")]
fn a_missing_event_cannot_be_marked_as_delivered() {
    FakeApi::new().mark_delivered("evt_1");
}
