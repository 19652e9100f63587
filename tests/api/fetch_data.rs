//! `Event::fetch_data`: the data that a thin event has when it is fetched.

use serde::Deserialize;
use serde_json::{Value, json};
use tower_stripe_webhook::{
    VerifiedEvent,
    api::{ApiError, ApiErrorKind, ApiScope, FetchErrorKind},
    event::object::{MeterErrorCode, MeterErrorReport},
    test_util::verified_event,
};

use crate::{
    events::{invoice, snapshot, thin_json},
    fake_client::{FakeClient, missing},
};

const PATH: &str = "/v2/core/events/evt_thin";

const TYPES_WITH_DATA: [&str; 14] = [
    "v1.billing.meter.error_report_triggered",
    "v1.billing.meter.no_meter_found",
    "v1.invoice.upcoming",
    "v2.core.account[configuration.customer].capability_status_updated",
    "v2.core.account[configuration.merchant].capability_status_updated",
    "v2.core.account[configuration.recipient].capability_status_updated",
    "v2.core.account_link.returned",
    "v2.core.account_person.created",
    "v2.core.account_person.deleted",
    "v2.core.account_person.updated",
    "v2.money_management.inbound_transfer.available",
    "v2.money_management.received_credit.available",
    "v2.money_management.transaction.created",
    "v2.money_management.transaction.updated",
];

fn json_of(event_type: &str, more: Value) -> Value {
    let mut event = thin_json(event_type, "/v1/x/y", "x", json!({"related_object": null}));
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn delivered(event_type: &str) -> VerifiedEvent {
    verified_event(json_of(event_type, json!({})).to_string())
}

#[tokio::test]
async fn the_data_of_each_type_is_decoded_into_a_type_of_the_app() {
    #[derive(Deserialize)]
    struct Data {
        name: String,
    }
    for event_type in TYPES_WITH_DATA {
        let fetched = json_of(event_type, json!({"data": {"name": event_type}}));
        let api = FakeClient::with(PATH, fetched);
        let data: Data = delivered(event_type).fetch_data(&api).await.unwrap();
        assert_eq!(data.name, event_type);
        let [request] = &*api.requests() else { panic!("one request is made") };
        assert_eq!((request.path(), request.event_id()), (PATH, Some("evt_thin")));
    }
}

#[tokio::test]
async fn a_meter_error_report_is_typed() {
    for event_type in &TYPES_WITH_DATA[..2] {
        let data = json!({"data": {
            "developer_message_summary": "There is 1 invalid event",
            "validation_start": "2026-11-20T10:00:00.000Z",
            "validation_end": "2026-11-20T10:00:10.000Z",
            "reason": {"error_count": 3, "error_types": [
                {"code": "no_meter", "error_count": 2, "sample_errors": [
                    {"error_message": "No meter", "request": {"identifier": "usage-1"}},
                ]},
                {"code": "a_new_code", "error_count": 1, "sample_errors": []},
            ]},
        }});
        let api = FakeClient::with(PATH, json_of(event_type, data));
        let report: MeterErrorReport = delivered(event_type).fetch_data(&api).await.unwrap();
        assert_eq!(report.developer_message_summary(), Some("There is 1 invalid event"));
        assert_eq!(report.validation_start(), Some("2026-11-20T10:00:00.000Z"));
        assert_eq!(report.validation_end(), Some("2026-11-20T10:00:10.000Z"));
        assert_eq!(report.reason().error_count(), 3);
        let [no_meter, new] = report.reason().error_types() else { panic!("{report:?}") };
        assert_eq!(no_meter.code(), Some(&MeterErrorCode::NoMeter));
        assert_eq!(no_meter.error_count(), Some(2));
        assert_eq!(no_meter.sample_errors()[0].error_message(), Some("No meter"));
        assert_eq!(no_meter.sample_errors()[0].identifier(), Some("usage-1"));
        assert_eq!(new.code().unwrap().as_str(), "a_new_code");
    }
}

#[tokio::test]
async fn misfit_data_is_an_error_with_its_path() {
    let event_type = TYPES_WITH_DATA[0];
    let data = json!({"data": {"reason": {"error_count": "3"}}});
    let api = FakeClient::with(PATH, json_of(event_type, data));
    let error = delivered(event_type).fetch_data::<MeterErrorReport>(&api).await.unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::Decode);
    assert_eq!(error.decode_error().unwrap().path(), "data.reason.error_count");
}

#[tokio::test]
async fn another_event_as_the_answer_is_an_error() {
    let event_type = "v1.invoice.upcoming";
    for more in [
        json!({"id": "evt_other"}),
        json!({"id": null}),
        json!({"object": "event"}),
        json!({"object": null}),
        json!({"type": "v2.core.account_link.returned"}),
        json!({"type": null}),
        json!({"livemode": true}),
    ] {
        let mut answer = json_of(event_type, json!({"data": {}}));
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let api = FakeClient::with(PATH, &answer);
        let error = delivered(event_type).fetch_data::<Value>(&api).await.expect_err("another");
        let kind = FetchErrorKind::Api(ApiErrorKind::UnexpectedResponse);
        assert_eq!(error.kind(), kind, "{more}");
    }
}

#[tokio::test]
async fn an_event_without_data_is_an_error() {
    let paid = "v1.invoice.paid";
    for more in [json!({}), json!({"data": null})] {
        let api = FakeClient::with(PATH, json_of(paid, more));
        let error = delivered(paid).fetch_data::<Value>(&api).await.unwrap_err();
        assert_eq!(error.kind(), FetchErrorKind::NotFetchable);
    }
    let api = FakeClient::default();
    let snapshot = snapshot("invoice.paid", invoice("in_1", "paid"));
    let error = snapshot.fetch_data::<Value>(&api).await.unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::NotFetchable);
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn an_event_missing_at_stripe_is_an_error() {
    let api = FakeClient::default();
    for error in [missing(), ApiError::new(ApiErrorKind::Stripe)] {
        let kind = error.kind();
        api.fail(PATH, error);
        let error = delivered("v1.invoice.upcoming").fetch_data::<Value>(&api).await.unwrap_err();
        assert_eq!(error.kind(), FetchErrorKind::Api(kind));
    }
}

#[tokio::test]
async fn the_event_is_fetched_from_its_own_account() {
    let event_type = "v1.invoice.upcoming";
    let json = json_of(event_type, json!({"context": "acct_1", "data": {}}));
    let api = FakeClient::with(PATH, &json);
    verified_event(json.to_string()).fetch_data::<Value>(&api).await.unwrap();
    assert_eq!(api.requests()[0].scope(), Some(&ApiScope::Context("acct_1".into())));
}
