//! The stream of Stripe's lists.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use tower_stripe_webhook::{
    EventType, Mode,
    api::{
        ApiClient, ApiError, ApiErrorKind, ApiKey, ApiRequest, ApiResponse, ListQuery, StripeApi,
    },
    event::EventKind,
    recovery::{Cursor, EventFilter, EventStream},
    test_util::{FakeApi, FakeApiFailure},
};

use crate::support::{
    DAY, NOW, api, at, clock, ids, list, next, snapshot, snapshot_with, thin, thin_with,
};

fn name(number: u64) -> String {
    format!("evt_{number:05}")
}

fn names(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(name).collect()
}

/// A fake with snapshot events, by their numbers and times.
fn fake_with(events: impl Iterator<Item = (u64, u64)>) -> FakeApi {
    let fake = FakeApi::new();
    for (number, created) in events {
        fake.insert_event(snapshot(&name(number), created));
    }
    fake
}

#[tokio::test]
async fn events_of_any_distribution_are_listed_oldest_first() {
    let even = |count, seconds| move |number| NOW - (count - number) * seconds;
    type Created = Box<dyn Fn(u64) -> u64>;
    let distributions: [(&str, u64, Created); 8] = [
        ("one", 1, Box::new(even(1, 10))),
        ("a page", 100, Box::new(even(100, 60))),
        ("a page and one", 101, Box::new(even(101, 60))),
        ("three days", 1_000, Box::new(even(1_000, 250))),
        ("a burst in one second", 350, Box::new(|_| NOW - 5_000)),
        ("a burst now", 350, Box::new(|_| NOW)),
        ("bursts", 900, Box::new(|number| NOW - 20 * DAY + number / 250 * 7 * DAY / 2)),
        // As if the clock was slow.
        ("in the future", 250, Box::new(|number| NOW + number)),
    ];
    for (what, count, created) in distributions {
        let fake = fake_with((0..count).map(|number| (number, created(number))));
        let listed = list(api(&fake), EventFilter::new()).await.unwrap();
        assert_eq!(ids(&listed), names(0..count), "{what}");
        let requests = fake.requests().len() as u64;
        // The span has to be found, and once more for each burst.
        let search = if what == "bursts" { 200 } else { 40 };
        assert!(requests <= search + 2 * count / 100, "{what}: {requests} requests");
    }
}

#[tokio::test]
async fn an_empty_list_takes_one_request() {
    let fake = FakeApi::new();
    assert!(list(api(&fake), EventFilter::new()).await.unwrap().is_empty());
    assert_eq!(fake.requests().len(), 1);
    let from = (NOW - 30 * DAY).to_string();
    let query = fake.requests()[0].query().unwrap().to_owned();
    assert_eq!(query, format!("limit=100&created%5Bgte%5D={from}&delivery_success=false"));
}

#[tokio::test]
async fn events_arriving_meanwhile_are_listed() {
    let fake = fake_with((0..250).map(|number| (number, NOW - 300 + number)));
    let mut events = EventStream::with_clock(api(&fake), EventFilter::new(), clock());
    let mut listed = Vec::new();
    while let Some(event) = next(&mut events).await {
        listed.push(event.unwrap());
        // One for every third event, all in one second.
        if listed.len() % 3 == 0 {
            let number = 250 + listed.len() as u64 / 3 - 1;
            fake.insert_event(snapshot(&name(number), NOW));
        }
    }
    // 250, and a third of 375.
    assert_eq!(ids(&listed), names(0..374));
}

#[tokio::test]
async fn an_unknown_place_of_a_page_restarts_by_time() {
    // All in one second, so that the list has to go by places.
    let fake = fake_with((0..450).map(|number| (number, NOW - 100)));
    let mut events = EventStream::with_clock(api(&fake), EventFilter::new(), clock());
    let mut listed = Vec::new();
    while let Some(event) = next(&mut events).await {
        let event = event.unwrap();
        // Stripe delivers what was just listed, so it is in the list no more.
        fake.mark_delivered(event.id());
        listed.push(event);
    }
    assert_eq!(ids(&listed), names(0..450));
    let by_place =
        fake.requests().iter().filter(|it| it.query().unwrap().contains("ending_before")).count();
    assert!(by_place > 0, "no page was asked for by its place");
}

#[tokio::test]
async fn a_place_unknown_for_good_is_an_error() {
    /// A client that knows no place.
    struct Forgetful(StripeApi<FakeApi>);
    impl ApiClient for Forgetful {
        async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
            if request.query().unwrap().contains("starting_after") {
                let error = ApiError::new(ApiErrorKind::InvalidRequest);
                return Err(error.with_status(StatusCode::BAD_REQUEST));
            }
            self.0.get(request).await
        }
    }
    let fake = fake_with((0..101).map(|number| (number, NOW - 100)));
    let error = list(Forgetful(api(&fake)), EventFilter::new()).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::InvalidRequest);
    assert!(fake.requests().len() < 100, "{}", fake.requests().len());
}

#[tokio::test]
async fn a_rejected_filter_is_an_error_at_once() {
    let fake = FakeApi::new();
    fake.fail(FakeApiFailure::new(StatusCode::BAD_REQUEST).times(usize::MAX));
    let error = list(api(&fake), EventFilter::new()).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::InvalidRequest);
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn any_number_of_types_is_listed_in_order() {
    let fake = FakeApi::new();
    for number in (0..300).rev() {
        let event_type = format!("type.of_{}", number % 50);
        let created = NOW - 3_000 + number * 10;
        fake.insert_event(snapshot_with(&name(number), created, &event_type, json!({})));
    }
    for count in [1, 20, 21, 45] {
        let types = (0..count).map(|number| EventType::from(&*format!("type.of_{number}")));
        let listed = list(api(&fake), EventFilter::new().with_types(types)).await.unwrap();
        let expected = (0..300).filter(|number| number % 50 < count);
        assert_eq!(ids(&listed), names(expected), "{count}");
    }
    let none = list(api(&fake), EventFilter::new().with_types([])).await.unwrap();
    assert!(none.is_empty());
    for request in fake.requests() {
        assert!(request.query().unwrap().matches("types%5B%5D").count() <= 20);
    }
}

#[tokio::test]
async fn thin_events_are_listed_by_their_own_names() {
    let fake = FakeApi::new();
    for number in (0..250).rev() {
        fake.insert_event(thin(&name(number), NOW * 1000 - 5_000 + number));
    }
    fake.insert_event(thin_with("evt_other", NOW * 1000, "v1.invoice.voided", json!({})));
    let filter =
        EventFilter::new().with_kinds([EventKind::Thin]).with_types([EventType::InvoicePaid]);
    let listed = list(api(&fake), filter).await.unwrap();
    assert_eq!(ids(&listed), names(0..250));
    assert!(fake.requests()[0].query().unwrap().ends_with("types%5B%5D=v1.invoice.paid"));
}

#[tokio::test]
async fn thin_events_of_one_instant_are_listed_by_page_urls() {
    let fake = FakeApi::new();
    for number in 0..350 {
        fake.insert_event(thin(&name(number), NOW * 1000 - 5_000));
    }
    let filter = EventFilter::new().with_kinds([EventKind::Thin]);
    assert_eq!(ids(&list(api(&fake), filter).await.unwrap()), names(0..350));
    assert!(fake.requests().iter().any(|it| it.query().unwrap().contains("page=")));
}

#[tokio::test]
async fn both_lists_are_merged_by_time() {
    let fake = FakeApi::new();
    for number in (0..200).rev() {
        let created = NOW - 1_000 + number;
        match number % 2 {
            0 => fake.insert_event(snapshot(&name(number), created)),
            _ => fake.insert_event(thin(&name(number), created * 1000 + 500)),
        }
    }
    let filter = EventFilter::new().with_kinds([EventKind::Snapshot, EventKind::Thin]);
    assert_eq!(ids(&list(api(&fake), filter).await.unwrap()), names(0..200));
}

#[tokio::test]
async fn each_account_has_its_own_events() {
    let fake = FakeApi::new();
    for (number, account) in ["", "acct_1", "acct_2", "acct_1", "acct_3"].iter().enumerate() {
        let number = number as u64;
        let account = match *account {
            "" => json!({}),
            account => json!({ "account": account }),
        };
        let event = snapshot_with(&name(number), NOW - 100 + number, "invoice.paid", account);
        fake.insert_event(event);
    }
    fake.insert_event(thin_with("evt_thin", NOW * 1000, "v1.a", json!({ "context": "acct_1" })));
    let of = async |accounts: &[&str], kind| {
        let filter = EventFilter::new().with_accounts(accounts.iter().copied()).with_kinds([kind]);
        list(api(&fake), filter).await
    };
    let snapshots =
        async |accounts: &[&str]| ids(&of(accounts, EventKind::Snapshot).await.unwrap());
    assert_eq!(ids(&list(api(&fake), EventFilter::new()).await.unwrap()), names([0]));
    assert_eq!(snapshots(&["acct_1"]).await, names([1, 3]));
    assert_eq!(snapshots(&["acct_2", "", "acct_1"]).await, names([0, 1, 2, 3]));
    let thin = of(&["acct_1"], EventKind::Thin).await.unwrap();
    assert_eq!(ids(&thin), ["evt_thin"]);
    let request = fake.requests().pop().unwrap();
    assert_eq!(request.header("stripe-context"), Some("acct_1"));
    let error = of(&["acct_4"], EventKind::Snapshot).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::Permission);
}

/// Answers each request with the same page.
struct OnePage(String);

impl ApiClient for OnePage {
    async fn get(&self, _: &ApiRequest) -> Result<ApiResponse, ApiError> {
        Ok(ApiResponse::new(self.0.clone()))
    }
}

fn page_of(event: &str) -> OnePage {
    OnePage(format!(r#"{{"object":"list","data":[ {event} ],"has_more":false}}"#))
}

#[tokio::test]
async fn a_missing_account_is_added_to_the_event_as_it_is_delivered() {
    let event = snapshot("evt_1", NOW);
    let listed = async |event: &str, accounts: &[&str]| {
        let filter = EventFilter::new().with_accounts(accounts.iter().copied());
        list(page_of(event), filter).await.map(|mut events| events.remove(0))
    };
    // Otherwise the bytes are those of the list.
    assert_eq!(listed(&event, &[""]).await.unwrap().body(), &event);
    let of_account = listed(&event, &["acct_1"]).await.unwrap();
    assert_eq!(of_account.account(), Some("acct_1"));
    let mut expected: Value = serde_json::from_str(&event).unwrap();
    expected["account"] = json!("acct_1");
    assert_eq!(serde_json::from_slice::<Value>(of_account.body()).unwrap(), expected);

    let with_account = snapshot_with("evt_1", NOW, "a", json!({ "account": "acct_1" }));
    assert_eq!(listed(&with_account, &["acct_1"]).await.unwrap().body(), &with_account);
    let error = listed(&with_account, &["acct_2"]).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn an_answer_other_than_a_page_of_events_is_an_error() {
    for page in [
        "{}",
        r#"{"data":{}}"#,
        r#"{"data":[1]}"#,
        r#"{"data":[{"id":"evt_1"}]}"#,
        r#"{"data":[{"id":"evt_1","object":"v2.core.event","type":"a"}]}"#,
    ] {
        let error = list(OnePage(page.to_owned()), EventFilter::new()).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse, "{page}");
    }
    let elsewhere = r#"{"data":[{"id":"evt_1","object":"v2.core.event","type":"a"}],"next_page_url":"/v2/core/accounts?page=1"}"#;
    let filter = EventFilter::new().with_kinds([EventKind::Thin]);
    let error = list(OnePage(elsewhere.to_owned()), filter).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn a_list_ignoring_the_time_is_an_error() {
    /// A client whose list has all events, whatever the query says.
    struct Ignoring(FakeApi);
    impl ApiClient for Ignoring {
        async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
            let query = request.query().unwrap();
            let place = query.split('&').find_map(|pair| pair.strip_prefix("starting_after="));
            let query = ListQuery::new().with_limit(100);
            let query = match place {
                Some(id) => query.with_starting_after(id),
                None => query,
            };
            let request = ApiRequest::new("/v1/events").unwrap().with_query(query);
            api(&self.0).get(&request).await
        }
    }
    // The list has only some of the events, and none of them twice.
    let few = fake_with((0..50).map(|number| (number, NOW - 100 * DAY + number * 2 * DAY)));
    let listed = list(Ignoring(few), EventFilter::new()).await.unwrap();
    assert_eq!(ids(&listed), names(35..50));
    let many = fake_with((0..1_000).map(|number| (number, NOW - 2_000 + number)));
    let error = list(Ignoring(many), EventFilter::new()).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn events_of_the_other_mode_are_an_error() {
    let fake = FakeApi::new();
    fake.insert_event(snapshot("evt_1", NOW));
    let filter = |mode| EventFilter::new().with_mode(mode);
    assert_eq!(list(api(&fake), filter(Mode::Test)).await.unwrap().len(), 1);
    // The key tells its mode before the request.
    let error = list(api(&fake), filter(Mode::Live)).await.unwrap_err();
    assert_eq!((error.kind(), fake.requests().len()), (ApiErrorKind::WrongMode, 2));
    // A key of an organization does not, but the events do.
    let api = StripeApi::new(ApiKey::new("sk_org_Bqk2Uj0QZzR1hmYd").unwrap(), fake.clone());
    let error = list(api, filter(Mode::Live)).await.unwrap_err();
    assert_eq!((error.kind(), fake.requests().len()), (ApiErrorKind::WrongMode, 3));
}

#[tokio::test]
async fn the_time_limits_the_list() {
    let fake = fake_with((0..45).map(|day| (day, NOW - (44 - day) * DAY)));
    let listed = async |filter| ids(&list(api(&fake), filter).await.unwrap());
    let new = EventFilter::new;
    // Day 14 is 30 days ago.
    assert_eq!(listed(new()).await, names(14..45));
    assert_eq!(listed(new().with_since(at(NOW - 40 * DAY))).await, names(14..45));
    assert_eq!(listed(new().with_since(at(NOW - 3 * DAY))).await, names(41..45));
    assert_eq!(listed(new().with_since(at(NOW - 3 * DAY + 1))).await, names(42..45));
    assert_eq!(listed(new().with_until(at(NOW - 3 * DAY))).await, names(14..41));
    assert_eq!(listed(new().with_until(at(NOW - 3 * DAY + 1))).await, names(14..42));
    assert_eq!(listed(new().with_until(at(0))).await, names([]));
    // A cursor overlaps by a minute.
    let cursor = |seconds| Cursor::at(at(NOW - 3 * DAY + seconds));
    assert_eq!(listed(new().with_cursor(cursor(60))).await, names(41..45));
    assert_eq!(listed(new().with_cursor(cursor(61))).await, names(42..45));
}

#[tokio::test]
async fn delivered_events_are_listed_on_request() {
    let fake = fake_with((0..4).map(|number| (number, NOW - 10 + number)));
    fake.mark_delivered(&name(2));
    let listed = async |delivered| {
        ids(&list(api(&fake), EventFilter::new().with_delivered(delivered)).await.unwrap())
    };
    assert_eq!(listed(false).await, names([0, 1, 3]));
    assert_eq!(listed(true).await, names(0..4));
}

#[tokio::test(start_paused = true)]
async fn temporary_failures_are_waited_for() {
    let fake = fake_with((0..4).map(|number| (number, NOW - 10 + number)));
    let begin = tokio::time::Instant::now();
    let busy = FakeApiFailure::new(StatusCode::TOO_MANY_REQUESTS).with_header("retry-after", "7");
    fake.fail(busy);
    fake.fail(FakeApiFailure::new(StatusCode::BAD_GATEWAY));
    fake.fail(FakeApiFailure::connection_error());
    assert_eq!(list(api(&fake), EventFilter::new()).await.unwrap().len(), 4);
    assert_eq!(begin.elapsed().as_secs(), 7 + 4 + 8);
}

#[tokio::test(start_paused = true)]
async fn a_lasting_failure_is_an_error_after_6_attempts() {
    let fake = FakeApi::new();
    fake.fail(FakeApiFailure::new(StatusCode::SERVICE_UNAVAILABLE).times(usize::MAX));
    let error = list(api(&fake), EventFilter::new()).await.unwrap_err();
    assert_eq!((error.kind(), fake.requests().len()), (ApiErrorKind::Stripe, 6));

    for (status, kind) in [(401, ApiErrorKind::Authentication), (403, ApiErrorKind::Permission)] {
        let fake = FakeApi::new();
        fake.fail(FakeApiFailure::new(StatusCode::from_u16(status).unwrap()));
        let error = list(api(&fake), EventFilter::new()).await.unwrap_err();
        assert_eq!((error.kind(), fake.requests().len()), (kind, 1));
    }
}

#[tokio::test]
async fn pages_over_the_limit_of_the_client_become_smaller() {
    let fake = fake_with((0..120).map(|number| (number, NOW - 600 + number)));
    let api = StripeApi::new(crate::support::key(), fake.clone()).with_max_response_size(8_000);
    assert_eq!(ids(&list(api, EventFilter::new()).await.unwrap()), names(0..120));

    let api = StripeApi::new(crate::support::key(), fake.clone()).with_max_response_size(100);
    let error = list(api, EventFilter::new()).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse);
}

/// A client that counts the pages in memory.
struct Counting {
    api: StripeApi<FakeApi>,
    pages: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

struct CountedPage(Bytes, Arc<AtomicUsize>);

impl AsRef<[u8]> for CountedPage {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for CountedPage {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ApiClient for Counting {
    async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
        let response = self.api.get(request).await?;
        let pages = self.pages.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(pages, Ordering::SeqCst);
        let page = CountedPage(response.body().clone(), Arc::clone(&self.pages));
        Ok(ApiResponse::new(Bytes::from_owner(page)))
    }
}

#[tokio::test]
async fn the_stream_holds_one_page_at_a_time() {
    for one_second in [false, true] {
        let created = |number: u64| NOW - if one_second { 9_000 } else { 9_000 - number };
        let fake = fake_with((0..2_000).map(|number| (number, created(number))));
        let (pages, most) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let api = Counting { api: api(&fake), pages: Arc::clone(&pages), most: Arc::clone(&most) };
        let mut events = EventStream::with_clock(api, EventFilter::new(), clock());
        let mut listed = 0;
        while let Some(event) = next(&mut events).await {
            event.unwrap();
            listed += 1;
        }
        assert_eq!(listed, 2_000);
        assert!(most.load(Ordering::SeqCst) <= 1, "{most:?} pages");
        drop(events);
        assert_eq!(pages.load(Ordering::SeqCst), 0);
    }
}
