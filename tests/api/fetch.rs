//! `Event::fetch` and its relatives, in a handler.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tower_stripe_webhook::{
    EventData, EventType, Mode, VerifiedEvent,
    api::{ApiError, ApiErrorKind, ApiScope, FetchErrorKind},
    event::object::Subscription,
    test_util::verified_event,
};

use crate::{
    events::{customer, invoice, snapshot, snapshot_json, stub, thin, thin_json},
    fake_client::{FakeClient, missing},
};

const INVOICE: &str = "/v1/invoices/in_1";
const CUSTOMER: &str = "/v1/customers/cus_1";
const SUBSCRIPTION: &str = "/v1/subscriptions/sub_1";

fn thin_invoice() -> VerifiedEvent {
    thin("v1.invoice.paid", INVOICE, "invoice")
}

fn snapshot_invoice() -> VerifiedEvent {
    snapshot("invoice.paid", invoice("in_1", "open"))
}

/// Both kinds of one event.
fn both_kinds(event_type: &str, path: &str, object: Value) -> [VerifiedEvent; 2] {
    let object_type = object["object"].as_str().unwrap();
    [thin(&format!("v1.{event_type}"), path, object_type), snapshot(event_type, object.clone())]
}

#[tokio::test]
async fn both_kinds_have_the_variant_of_the_type_with_the_current_object() {
    for event in [thin_invoice(), snapshot_invoice()] {
        let api = FakeClient::with(INVOICE, invoice("in_1", "void"));
        let EventData::InvoicePaid(invoice) = event.fetch(&api).await.unwrap() else {
            panic!("{event:?} has another variant")
        };
        assert_eq!(invoice.status().unwrap().as_str(), "void");
        let [request] = &*api.requests() else { panic!("one request is made") };
        assert_eq!(request.path(), INVOICE);
        assert_eq!(request.event_id(), Some(event.id()));
        assert_eq!(request.scope(), None);
    }
}

#[tokio::test]
async fn an_event_with_a_fetched_object_decodes_it_and_keeps_its_body() {
    for event in [thin_invoice(), snapshot_invoice()] {
        let api = FakeClient::with(INVOICE, invoice("in_1", "void"));
        let fetched = event.fetch_current(&api).await.unwrap();
        assert_eq!(fetched.object::<Value>().unwrap()["status"], "void");
        assert!(matches!(fetched.data().unwrap(), EventData::InvoicePaid(_)));
        let current = fetched.current().unwrap();
        assert_eq!(current.deleted(), None);
        assert_eq!(current.json(), &invoice("in_1", "void").to_string());
        assert_eq!(fetched.body(), event.body());
        assert_eq!(fetched.id(), event.id());
        assert!(event.current().is_none());
    }
}

#[tokio::test]
async fn debug_of_a_fetched_object_does_not_show_it() {
    let api = FakeClient::with(CUSTOMER, customer("cus_1"));
    let event = thin("v1.customer.updated", CUSTOMER, "customer");
    let event = event.fetch_current(&api).await.unwrap();
    let text = format!("{event:?} {:?}", event.current().unwrap());
    assert!(!text.contains("jo@"), "{text}");
}

#[tokio::test]
async fn the_object_is_decoded_into_a_type_of_the_app() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct Payout {
        amount: i64,
    }
    let path = "/v1/payouts/po_1";
    let payout = json!({"id": "po_1", "object": "payout", "amount": 5});
    for event in both_kinds("payout.paid", path, payout.clone()) {
        let api = FakeClient::with(path, &payout);
        let fetched = event.fetch_object::<Payout>(&api).await.unwrap();
        assert_eq!(fetched, Some(Payout { amount: 5 }));
        api.set(path, stub("po_1", "payout"));
        assert_eq!(event.fetch_object::<Payout>(&api).await.unwrap(), None);
        api.fail(path, missing());
        assert_eq!(event.fetch_object::<Payout>(&api).await.unwrap(), None);
        api.set(path, json!({"id": "po_1", "object": "payout", "amount": "5"}));
        let error = event.fetch_object::<Payout>(&api).await.unwrap_err();
        assert_eq!(error.kind(), FetchErrorKind::Decode);
        assert_eq!(error.decode_error().unwrap().path(), "object.amount");
        assert!(error.to_string().starts_with("event evt_"), "{error}");
    }
}

#[tokio::test]
async fn unstorable_characters_are_replaced_in_a_fetched_object() {
    let json = r#"{"id":"cus_1","object":"customer","name":"Jo \ud83d"}"#;
    let api = FakeClient::with(CUSTOMER, json);
    let event = thin("v1.customer.updated", CUSTOMER, "customer");
    let event = event.fetch_current(&api).await.unwrap();
    let EventData::CustomerUpdated(customer) = event.data().unwrap() else { panic!("{event:?}") };
    assert_eq!(customer.name(), Some("Jo \u{fffd}"));
    assert_eq!(event.current().unwrap().json(), json);
}

#[tokio::test]
async fn a_missing_object_is_deleted() {
    for event in both_kinds("customer.updated", CUSTOMER, customer("cus_1")) {
        let api = FakeClient::with(CUSTOMER, stub("cus_1", "customer"));
        for (_, is_confirmed) in [("a stub", true), ("a 404", false)] {
            let fetched = event.fetch_current(&api).await.unwrap();
            let EventData::Deleted(object) = fetched.data().unwrap() else { panic!("{event:?}") };
            assert_eq!((object.id(), object.object_type()), ("cus_1", "customer"));
            assert_eq!(object.is_confirmed(), is_confirmed);
            assert_eq!(fetched.current().unwrap().deleted(), Some(&object));
            let json: Value = fetched.object().unwrap();
            assert_eq!(json, stub("cus_1", "customer"));
            api.fail(CUSTOMER, missing());
        }
    }
}

#[tokio::test]
async fn the_deletion_of_a_customer_has_its_variant_for_both_kinds() {
    for event in both_kinds("customer.deleted", CUSTOMER, customer("cus_1")) {
        let api = FakeClient::with(CUSTOMER, stub("cus_1", "customer"));
        for _ in ["a stub", "a 404"] {
            let EventData::CustomerDeleted(customer) = event.fetch(&api).await.unwrap() else {
                panic!("{event:?} has another variant")
            };
            assert_eq!((customer.id(), customer.deleted()), ("cus_1", true));
            api.fail(CUSTOMER, missing());
        }
    }
}

#[tokio::test]
async fn a_deletion_with_an_undecodable_stub_is_deleted() {
    let path = "/v1/subscriptions/sub_1";
    let event = thin("v1.customer.subscription.deleted", path, "subscription");
    for api in [FakeClient::with(path, stub("sub_1", "subscription")), FakeClient::default()] {
        let EventData::Deleted(object) = event.fetch(&api).await.unwrap() else {
            panic!("a stub has no customer")
        };
        assert_eq!(object.id(), "sub_1");
    }
}

#[tokio::test]
async fn a_canceled_subscription_has_the_variant_of_its_deletion() {
    let path = "/v1/subscriptions/sub_1";
    let subscription = json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "canceled",
        "items": {"object": "list", "data": []},
    });
    for event in both_kinds("customer.subscription.deleted", path, subscription.clone()) {
        let api = FakeClient::with(path, &subscription);
        let data = event.fetch(&api).await.unwrap();
        assert!(matches!(data, EventData::CustomerSubscriptionDeleted(_)), "{data:?}");
    }
}

#[tokio::test]
async fn an_event_of_each_type_has_a_deleted_object_if_it_is_gone() {
    let thin_types = include_str!("../event/data/event-types-thin.txt").lines();
    let thin_types = thin_types.map(|event_type| thin(event_type, CUSTOMER, "customer"));
    let snapshot_types = include_str!("../event/data/event-types-snapshot.txt").lines();
    let snapshot_types = snapshot_types.map(|event_type| snapshot(event_type, customer("cus_1")));
    let mut types = 0;
    for event in thin_types.chain(snapshot_types) {
        types += 1;
        for api in [FakeClient::default(), FakeClient::with(CUSTOMER, stub("cus_1", "customer"))] {
            let data = event.fetch(&api).await.unwrap();
            if *event.event_type() == EventType::CustomerDeleted {
                assert!(matches!(data, EventData::CustomerDeleted(_)), "{data:?}");
            } else {
                assert!(matches!(data, EventData::Deleted(_)), "{event:?}: {data:?}");
            }
        }
    }
    assert_eq!(types, 326 + 275);
}

#[tokio::test]
async fn a_deleted_product_is_deleted_unless_the_event_tells_it() {
    let path = "/v1/products/prod_1";
    let api = FakeClient::with(path, stub("prod_1", "product"));
    let data = thin("v1.product.updated", path, "product").fetch(&api).await.unwrap();
    assert!(matches!(data, EventData::Deleted(_)), "{data:?}");
    let data = thin("v1.product.deleted", path, "product").fetch(&api).await.unwrap();
    assert!(matches!(data, EventData::ProductDeleted(product) if product.deleted()));
}

#[tokio::test]
async fn only_stripes_own_404_means_a_missing_object() {
    let event = thin_invoice();
    let not_found = || ApiError::new(ApiErrorKind::NotFound);
    for gone in [
        missing(),
        not_found().with_status(StatusCode::NOT_FOUND).with_code("not_found"),
        // From a client that is not HTTP.
        not_found(),
    ] {
        let api = FakeClient::default();
        api.fail(INVOICE, gone);
        assert!(matches!(event.fetch(&api).await.unwrap(), EventData::Deleted(_)));
    }
    for other in [
        not_found().with_status(StatusCode::NOT_FOUND),
        not_found().with_status(StatusCode::NOT_FOUND).with_code("url_invalid"),
        not_found().with_code("url_invalid"),
    ] {
        let api = FakeClient::default();
        api.fail(INVOICE, other);
        let error = event.fetch(&api).await.unwrap_err();
        assert_eq!(error.kind(), FetchErrorKind::Api(ApiErrorKind::NotFound));
    }
}

#[tokio::test]
async fn every_other_failure_of_the_api_is_an_error() {
    for kind in [
        ApiErrorKind::Authentication,
        ApiErrorKind::Permission,
        ApiErrorKind::RateLimited,
        ApiErrorKind::InvalidRequest,
        ApiErrorKind::WrongMode,
        ApiErrorKind::Stripe,
        ApiErrorKind::Transport,
        ApiErrorKind::Timeout,
        ApiErrorKind::UnexpectedResponse,
    ] {
        for event in [thin_invoice(), snapshot_invoice()] {
            let api = FakeClient::default();
            let error = ApiError::new(kind).with_code("resource_missing").with_request_id("req_1");
            api.fail(INVOICE, error);
            let error = event.fetch(&api).await.unwrap_err();
            assert_eq!(error.kind(), FetchErrorKind::Api(kind));
            assert_eq!(error.api_error().unwrap().request_id(), Some("req_1"));
            assert!(error.decode_error().is_none());
        }
    }
}

#[tokio::test]
async fn an_answer_other_than_the_object_of_the_event_is_an_error() {
    let with = |field: &str, value: Value| {
        let mut invoice = invoice("in_1", "paid");
        invoice[field] = value;
        invoice.to_string()
    };
    let without_type = || {
        let mut invoice = invoice("in_1", "paid");
        invoice.as_object_mut().unwrap().remove("object");
        invoice.to_string()
    };
    for answer in [
        with("id", json!("in_2")),
        with("id", json!("IN_1")),
        with("id", json!("")),
        with("id", json!(1)),
        with("object", json!("invoice_payment")),
        with("object", json!("invoiceitem")),
        with("object", json!(null)),
        without_type(),
        with("livemode", json!(true)),
        with("livemode", json!("false")),
        with("deleted", json!("true")),
        stub("in_2", "invoice").to_string(),
        stub("in_1", "customer").to_string(),
        json!({"error": {"type": "invalid_request_error", "code": "resource_missing"}}).to_string(),
        json!({"object": "list", "data": [invoice("in_1", "paid")]}).to_string(),
        json!([invoice("in_1", "paid")]).to_string(),
        json!(["in_1", "invoice", false, false]).to_string(),
        r#"{"id":"in_2","id":"in_1","object":"invoice"}"#.to_owned(),
        r#"{"id":"in_1","object":"invoice""#.to_owned(),
        "null".to_owned(),
        "<html></html>".to_owned(),
        String::new(),
    ] {
        for event in [thin_invoice(), snapshot_invoice()] {
            let api = FakeClient::with(INVOICE, &answer);
            let error = event.fetch(&api).await.expect_err(&answer);
            let kind = FetchErrorKind::Api(ApiErrorKind::UnexpectedResponse);
            assert_eq!(error.kind(), kind, "{answer}");
            assert_eq!(error.api_error().unwrap().request_id(), Some("req_fake"));
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.starts_with("the answer "), "{cause}");
        }
    }
}

#[tokio::test]
async fn an_answer_without_the_id_of_its_event_is_an_error() {
    let mut answer = invoice("in_1", "paid");
    answer.as_object_mut().unwrap().remove("id");
    for event in [thin_invoice(), snapshot_invoice()] {
        let error = event.fetch(&FakeClient::with(INVOICE, &answer)).await.unwrap_err();
        let kind = error.api_error().map(ApiError::kind);
        assert_eq!(kind, Some(ApiErrorKind::UnexpectedResponse), "{error}");
    }
}

#[tokio::test]
async fn an_answer_without_a_mode_is_accepted_and_a_singleton_without_id() {
    let mut answer = invoice("in_1", "paid");
    answer.as_object_mut().unwrap().remove("livemode");
    for event in [thin_invoice(), snapshot_invoice()] {
        event.fetch(&FakeClient::with(INVOICE, &answer)).await.unwrap();
    }
    let path = "/v1/balance";
    let related = json!({"related_object": {"type": "balance", "url": path}});
    let event = thin_json("v1.balance.available", path, "balance", related).to_string();
    let answer = json!({"object": "balance", "livemode": false});
    let event = verified_event(event).fetch_current(&FakeClient::with(path, answer)).await.unwrap();
    assert_eq!(event.object::<Value>().unwrap()["object"], "balance");
    let gone = event.fetch(&FakeClient::default()).await.unwrap();
    assert!(matches!(gone, EventData::Deleted(object) if object.id().is_empty()));
}

#[tokio::test]
async fn the_mode_is_checked_in_both_directions() {
    for (of_event, of_answer, mode_of_event) in
        [(true, false, Mode::Live), (false, true, Mode::Test)]
    {
        let mode = json!({"livemode": of_event});
        let event = thin_json("v1.invoice.paid", INVOICE, "invoice", mode).to_string();
        let event = verified_event(event);
        let mut answer = invoice("in_1", "paid");
        answer["livemode"] = json!(of_answer);
        let api = FakeClient::with(INVOICE, &answer);
        assert!(event.fetch(&api).await.is_err());
        answer["livemode"] = json!(of_event);
        api.set(INVOICE, &answer);
        assert!(event.fetch(&api).await.is_ok());
        assert_eq!(api.requests()[0].mode(), Some(mode_of_event));
    }
}

#[tokio::test]
async fn names_of_one_type_are_equal() {
    let path = "/v1/sigma/scheduled_query_runs/sqr_1";
    for name in ["scheduled_query_run", "sigma.scheduled_query_run"] {
        let event = thin("v1.sigma.scheduled_query_run.created", path, name);
        let answer = json!({"id": "sqr_1", "object": "scheduled_query_run"});
        event.fetch(&FakeClient::with(path, answer)).await.unwrap();
    }
}

#[tokio::test]
async fn an_event_is_fetched_from_its_own_account_only() {
    let context = |context: Value| {
        let more = json!({"context": context});
        verified_event(thin_json("v1.invoice.paid", INVOICE, "invoice", more).to_string())
    };
    let account = |more: Value| {
        verified_event(snapshot_json("invoice.paid", invoice("in_1", "open"), more).to_string())
    };
    let more = json!({"context": null, "account": "acct_1"});
    let thin_account =
        verified_event(thin_json("v1.invoice.paid", INVOICE, "invoice", more).to_string());
    let to_account = |id: &str| Some(ApiScope::Account(id.into()));
    let to_context = |path: &str| Some(ApiScope::Context(path.into()));
    for (event, scope) in [
        (context(json!("acct_1")), to_context("acct_1")),
        (context(json!("acct_1/acct_2")), to_context("acct_1/acct_2")),
        (context(json!(null)), None),
        (context(json!("")), None),
        (thin_account.clone(), to_account("acct_1")),
        (account(json!({"account": "acct_1"})), to_account("acct_1")),
        (account(json!({"account": "acct_1", "context": "acct_2"})), to_account("acct_1")),
        (account(json!({"context": "acct_2"})), to_context("acct_2")),
        (account(json!({"user_id": "acct_1"})), to_account("acct_1")),
        (account(json!({"account": null})), None),
        (account(json!({"account": ""})), None),
    ] {
        let api = FakeClient::with(INVOICE, invoice("in_1", "paid"));
        event.fetch(&api).await.unwrap();
        assert_eq!(api.requests()[0].scope(), scope.as_ref(), "{:?}", event.body());
        // A linked object is in the same account.
        api.set(SUBSCRIPTION, json!({"id": "sub_1", "object": "subscription"}));
        event.fetch_linked::<Value>(&api, "subscription", "sub_1").await.unwrap().unwrap();
        assert_eq!(api.requests()[1].scope(), scope.as_ref(), "{:?}", event.body());
    }
}

#[tokio::test]
async fn a_linked_object_is_decoded() {
    let json = r#"{"id":"sub_1","object":"subscription","status":"active","customer":"cus_1",
        "description":"a \ud83d","items":{"object":"list","data":[]}}"#;
    for event in [thin_invoice(), snapshot_invoice()] {
        let api = FakeClient::with(SUBSCRIPTION, json);
        let linked = event.fetch_linked::<Subscription>(&api, "subscription", "sub_1").await;
        let subscription = linked.unwrap().unwrap();
        assert_eq!((subscription.id(), subscription.customer_id()), ("sub_1", "cus_1"));
        let request = &api.requests()[0];
        assert_eq!(
            (request.path(), request.event_id(), request.mode()),
            (SUBSCRIPTION, Some(event.id()), Some(Mode::Test))
        );
        let linked = event.fetch_linked::<Value>(&api, "subscription", "sub_1").await;
        assert_eq!(linked.unwrap().unwrap()["description"], "a \u{fffd}");
        let error = event.fetch_linked::<u8>(&api, "subscription", "sub_1").await.unwrap_err();
        assert_eq!(error.kind(), FetchErrorKind::Decode);
    }
}

#[tokio::test]
async fn a_missing_linked_object_is_none() {
    let event = thin_invoice();
    for api in
        [FakeClient::default(), FakeClient::with(SUBSCRIPTION, stub("sub_1", "subscription"))]
    {
        let linked = event.fetch_linked::<Value>(&api, "subscription", "sub_1").await;
        assert_eq!(linked.unwrap(), None);
    }
}

#[tokio::test]
async fn an_answer_other_than_the_linked_object_is_an_error() {
    let event = thin_invoice();
    for answer in [
        json!({"id": "sub_2", "object": "subscription"}),
        json!({"id": "sub_1", "object": "invoice"}),
        json!({"id": "sub_1", "object": "subscription", "livemode": true}),
        json!([]),
    ] {
        let api = FakeClient::with(SUBSCRIPTION, &answer);
        let linked = event.fetch_linked::<Value>(&api, "subscription", "sub_1").await;
        let kind = FetchErrorKind::Api(ApiErrorKind::UnexpectedResponse);
        assert_eq!(linked.unwrap_err().kind(), kind, "{answer}");
    }
}

#[tokio::test]
async fn a_linked_object_without_a_path_is_not_requested() {
    for (object_type, id) in [
        ("discount", "di_1"),
        ("card", "card_1"),
        ("unknown", "x_1"),
        ("subscription", ""),
        ("subscription", ".."),
        ("subscription", "sub_00000000000000"),
        ("invoice", "upcoming_in_1"),
    ] {
        let api = FakeClient::default();
        let linked = snapshot_invoice().fetch_linked::<Value>(&api, object_type, id).await;
        let kind = linked.unwrap_err().kind();
        assert_eq!(kind, FetchErrorKind::NotFetchable, "{object_type} {id}");
        assert!(api.requests().is_empty());
    }
}

#[tokio::test]
async fn a_path_outside_stripes_api_is_never_requested() {
    for url in [
        "",
        "/",
        "https://evil.example/v1/invoices/in_1",
        "//evil.example/v1/invoices/in_1",
        "@evil.example/v1/invoices/in_1",
        "/v1/../v1/invoices/in_1",
        "/v1/invoices/..",
        "/v1/invoices/%2e%2e/in_1",
        "/v1/coupons/%2F..",
        "/v1/coupons/a%5Cb",
        "/v1/coupons/a%3Fb",
        "/v1/coupons/a%23b",
        "/v1/coupons/a%00",
        "/v1/coupons/a%0A",
        "/v1/coupons/a%7f",
        "/v1/coupons/%252e",
        "/v1/coupons/%",
        "/v1/coupons/%2",
        "/v1/coupons/%+1",
        "/v1/coupons/%zz",
        "/v1/coupons/a b",
        "/v1/coupons/é",
        "/v1/invoices//in_1",
        "/v1/invoices/in_1?expand[]=customer",
        "/v1/invoices/in_1#",
        "/v3/invoices/in_1",
        "/v1/invoices/in_1\r\nhost: evil.example",
    ] {
        let api = FakeClient::default();
        let error = thin("v1.invoice.paid", url, "invoice").fetch(&api).await.unwrap_err();
        assert_eq!(error.kind(), FetchErrorKind::InvalidPath, "{url}");
        assert!(api.requests().is_empty(), "{url}");
    }
}

#[tokio::test]
async fn an_id_chosen_by_the_app_is_escaped() {
    for (id, path) in [
        ("50% off", "/v1/coupons/50%25%20off"),
        ("WELCOME-10", "/v1/coupons/WELCOME-10"),
        ("été", "/v1/coupons/%C3%A9t%C3%A9"),
        ("a+b=c", "/v1/coupons/a%2Bb%3Dc"),
    ] {
        let coupon = json!({"id": id, "object": "coupon"});
        let related = json!({"related_object": {"id": id, "type": "coupon", "url": path}});
        let thin = thin_json("v1.coupon.updated", path, "coupon", related).to_string();
        for event in [verified_event(thin), snapshot("coupon.updated", coupon.clone())] {
            let api = FakeClient::with(path, coupon.clone());
            event.fetch_current(&api).await.unwrap();
            assert_eq!(api.paths(), [path], "{:?}", event.body());
        }
    }
}

#[tokio::test]
async fn an_event_without_an_object_to_fetch_is_an_error() {
    let no_object = json!({"related_object": null});
    let thin = thin_json("v1.invoice.upcoming", "/v1/x", "x", no_object).to_string();
    let object = |id: &str, name: &str| json!({"id": id, "object": name});
    for event in [
        verified_event(thin),
        snapshot("invoice.upcoming", invoice("upcoming_in_1", "draft")),
        snapshot("invoice.upcoming", json!({"object": "invoice"})),
        snapshot("invoice.paid", object("in_00000000000000", "invoice")),
        snapshot("coupon.created", object("a\nb", "coupon")),
        snapshot("coupon.created", object("50%20", "coupon")),
        snapshot("coupon.created", object("../customers", "coupon")),
        snapshot("coupon.created", json!({"id": 5, "object": "coupon"})),
        snapshot("coupon.created", json!({"id": "co_1"})),
        snapshot("billing_portal.session.created", object("bps_1", "billing_portal.session")),
    ] {
        let api = FakeClient::default();
        let error = event.fetch(&api).await.unwrap_err();
        assert_eq!(error.kind(), FetchErrorKind::NotFetchable, "{:?}", event.body());
        assert!(api.requests().is_empty());
        assert!(error.api_error().is_none());
    }
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn the_error_is_a_503_response_with_retry_after() {
    use axum::response::IntoResponse;

    let api = FakeClient::default();
    api.fail(INVOICE, ApiError::new(ApiErrorKind::Stripe));
    let response = thin_invoice().fetch(&api).await.unwrap_err().into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "30");

    let upcoming = snapshot("invoice.upcoming", invoice("upcoming_in_1", "draft"));
    let response = upcoming.fetch(&api).await.unwrap_err().into_response();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
