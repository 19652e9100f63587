//! The samples of `test_util`: one for each event type, with checked overrides, in each API version.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tower_stripe_webhook::{
    EventData, EventType, SigningSecret, Tolerance,
    event::{
        EventKind,
        object::{InvoiceStatus, PreviousSubscription, SubscriptionStatus},
    },
    test_util::{
        samples::{self, Sample, sequence},
        thin_twin, verified_event,
    },
    verify,
};

/// The message with which `f` panics.
#[track_caller]
fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(f)).err().expect("it panics");
    panic.downcast_ref::<String>().expect("the panic has a text").clone()
}

/// The types whose events are about an object that no typed object is for.
fn is_without_object(event_type: &EventType) -> bool {
    matches!(
        event_type,
        EventType::V2CoreAccountLinkReturned
            | EventType::BillingMeterNoMeterFound
            | EventType::CustomerDiscountSourceChanged
            | EventType::EntitlementsActiveEntitlementSummaryEntitlementAdded
            | EventType::EntitlementsActiveEntitlementSummaryEntitlementRemoved
    )
}

#[test]
fn each_event_type_has_a_sample_of_its_type() {
    assert_eq!(samples::of("payout.paid").value(), samples::payout_paid().value());
    assert_eq!(samples::of("v1.payout.paid").value(), samples::payout_paid().value());
    let mut ids = BTreeSet::new();
    for event_type in EventType::ALL {
        let sample = samples::of(event_type.clone());
        let event = sample.event();
        assert_eq!(event.event_type(), event_type);
        assert_eq!(event.raw_type(), event_type.as_str());
        assert!(event.created().is_some() && !event.livemode(), "{event_type}");
        assert!(ids.insert(event.id().to_owned()), "{event_type}: {}", event.id());
        assert_eq!(sample.object().is_null(), is_without_object(event_type), "{event_type}");
        assert_eq!(
            event.related_object().is_some(),
            event.kind() == EventKind::Thin && !is_without_object(event_type),
            "{event_type}"
        );
    }
    assert_eq!(ids.len(), EventType::ALL.len());
}

/// The sample as a snapshot event, with the object that a thin event links to.
fn with_object(sample: &Sample) -> Value {
    json!({
        "id": "evt_1", "object": "event", "type": sample.event().event_type().as_str(),
        "data": {"object": sample.object()},
    })
}

#[test]
fn each_sample_decodes_to_known_values_only() {
    for event_type in EventType::ALL.iter().filter(|event_type| !is_without_object(event_type)) {
        let sample = samples::of(event_type.clone());
        let data = verified_event(with_object(&sample).to_string()).data();
        let data = data.unwrap_or_else(|error| panic!("{event_type}: {error}"));
        assert_ne!(data, EventData::Other, "{event_type}");
        // The parent of an invoice is read as that of a line, whose types are others.
        let shown = format!("{data:?}").replace(r#"Unlisted("subscription_details")"#, "");
        let unlisted = shown.split_once("Unlisted(").map(|(_, rest)| &rest[..20]);
        assert_eq!(unlisted, None, "{event_type}: {shown}");
    }
}

#[test]
fn each_sample_has_a_status_that_goes_with_its_type() {
    for (event_type, status) in [
        (EventType::PayoutFailed, "failed"),
        (EventType::PayoutPaid, "paid"),
        (EventType::InvoiceVoided, "void"),
        (EventType::InvoiceCreated, "draft"),
        (EventType::ChargeFailed, "failed"),
        (EventType::PaymentIntentSucceeded, "succeeded"),
        (EventType::CustomerSubscriptionTrialWillEnd, "trialing"),
        (EventType::CustomerSubscriptionDeleted, "canceled"),
        (EventType::CustomerSubscriptionPastDue, "past_due"),
        (EventType::TopupReversed, "reversed"),
        (EventType::SubscriptionScheduleCompleted, "completed"),
        (EventType::V2MoneyManagementOutboundPaymentReturned, "returned"),
    ] {
        assert_eq!(samples::of(event_type.clone()).object()["status"], status, "{event_type}");
    }
}

#[test]
fn a_sample_of_a_constant_is_the_constant() {
    for (sample, constant) in [
        (samples::checkout_session_completed(), samples::CHECKOUT_SESSION_COMPLETED),
        (samples::customer_subscription_created(), samples::CUSTOMER_SUBSCRIPTION_CREATED),
        (samples::customer_subscription_deleted(), samples::CUSTOMER_SUBSCRIPTION_DELETED),
        (samples::invoice_paid(), samples::INVOICE_PAID),
        (samples::invoice_payment_failed(), samples::INVOICE_PAYMENT_FAILED),
    ] {
        let constant: Value = serde_json::from_str(constant).unwrap();
        assert_eq!(sample.value(), constant);
        let twin: Value = serde_json::from_str(&thin_twin(&constant.to_string())).unwrap();
        assert_eq!(sample.thin().value(), twin);
    }
}

#[test]
fn previous_values_are_those_of_an_update() {
    let updated = samples::customer_subscription_updated();
    let previous = |sample: &Sample| sample.event().previous_attributes::<Value>().unwrap();
    assert_eq!(previous(&updated), Some(json!({})));
    assert_eq!(previous(&samples::invoice_paid()), None);
    let updated = updated.status("past_due").previous("status", "active");
    assert_eq!(previous(&updated), Some(json!({"status": "active"})));
    let thin = updated.thin().value();
    let changes = json!({"before": {"status": "active"}, "after": {"status": "past_due"}});
    assert_eq!(thin["changes"], changes);
}

#[test]
fn previous_values_are_those_of_the_version() {
    let updated = || samples::customer_subscription_updated().api_version("2020-08-27");
    let updated_period = updated().previous("current_period_end", 7).event();
    let before: PreviousSubscription = updated_period.previous_attributes().unwrap().unwrap();
    assert_eq!(before.current_period_end(), Some(7));
    let panic =
        panic_of(|| samples::customer_subscription_updated().previous("current_period_end", 7));
    assert!(panic.contains("there is no `current_period_end`"), "{panic}");
}

#[test]
fn a_thin_sample_occurs_between_1970_and_9999() {
    let thin = || samples::invoice_paid().thin();
    for created in [0, 253_402_300_799] {
        let occurred = thin().created(created).event().created().unwrap();
        let since = occurred.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(i64::try_from(since.as_secs()).unwrap(), created);
    }
    for created in [-1, 253_402_300_800] {
        let panic = panic_of(|| thin().created(created));
        assert!(panic.contains("a thin event occurs between 1970 and 9999"), "{panic}");
    }
}

#[test]
fn overrides_change_the_values_of_their_names() {
    let sample = samples::invoice_paid()
        .id("evt_7")
        .created(7)
        .account("acct_7")
        .livemode(true)
        .object_id("in_7")
        .customer("cus_7")
        .subscription("sub_7")
        .payment_intent("pi_7")
        .email("jenny@example.com")
        .amount(700)
        .currency("eur")
        .price("price_7")
        .quantity(7)
        .attempt_count(7)
        .metadata("plan/~", "seven");
    let event = sample.verified();
    assert_eq!(event.id(), "evt_7");
    assert_eq!(event.created(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(7)));
    assert_eq!(event.account(), Some("acct_7"));
    assert!(event.livemode());
    let EventData::InvoicePaid(invoice) = event.data().unwrap() else { panic!("{event:?}") };
    assert_eq!(invoice.id(), Some("in_7"));
    assert_eq!(invoice.customer_id(), Some("cus_7"));
    assert_eq!(invoice.subscription_id(), Some("sub_7"));
    assert_eq!(invoice.payment_intent_id(), Some("pi_7"));
    assert_eq!(invoice.customer_email(), Some("jenny@example.com"));
    let amounts = (invoice.amount_due(), invoice.amount_paid(), invoice.amount_remaining());
    assert_eq!(amounts, (Some(700), Some(700), Some(0)));
    assert_eq!((invoice.total(), invoice.lines()[0].amount()), (Some(700), Some(700)));
    assert_eq!(invoice.currency(), Some("eur"));
    assert_eq!(invoice.lines()[0].price_id(), Some("price_7"));
    assert_eq!(invoice.lines()[0].quantity(), Some(7));
    assert_eq!(invoice.attempt_count(), Some(7));
    assert_eq!(sample.object()["metadata"], json!({"plan/~": "seven"}));
    assert_eq!(sample.object()["livemode"], true);
}

#[test]
fn a_value_is_set_at_any_pointer_that_exists() {
    let sample = samples::invoice_paid()
        .set("/data/object/lines/data/0/amount", 5)
        .set("/data/object/lines/data/1", json!({"amount": 6}))
        .set("/data/object/metadata/new", "value")
        .set("/data/object/customer", json!({"id": "cus_7", "object": "customer"}))
        .set("/data/object/customer_email", None::<&str>)
        .set("/data/object/parent/type", "subscription_details")
        .set("/request/id", "req_7");
    let object = sample.object();
    assert_eq!(object["lines"]["data"][0]["amount"], 5);
    assert_eq!(object["lines"]["data"][1]["amount"], 6);
    assert_eq!(object["metadata"]["new"], "value");
    assert!(object["customer_email"].is_null());
    let EventData::InvoicePaid(invoice) = sample.event().data().unwrap() else { panic!() };
    assert_eq!(invoice.customer_id(), Some("cus_7"));
    assert_eq!(sample.event().request().unwrap().id(), Some("req_7"));
}

#[test]
fn a_wrong_path_panics_with_what_exists() {
    let invoice = samples::invoice_paid;
    for (path, message) in [
        (
            "/data/object/amount_deu",
            "there is no `amount_deu` in `/data/object`; did you mean `amount_due`?",
        ),
        ("/data/objekt/amount_due", "there is no `objekt` in `/data`; did you mean `object`?"),
        ("/dta/object", "there is no `dta` in `the event`; did you mean `data`?"),
        ("/data/something", "there is no `something` in `/data`, which has object"),
        (
            "/data/object/lines/data/2",
            "there is no `2` in `/data/object/lines/data`, which has 1 elements",
        ),
        ("/data/object/lines/data/first", "there is no `first` in `/data/object/lines/data`"),
        (
            "/data/object/currency/code",
            "there is no `code` in `/data/object/currency`, which is a text",
        ),
        ("data/object/amount_due", "`data/object/amount_due` is no JSON pointer"),
        ("amount_due", "`amount_due` is no JSON pointer"),
    ] {
        let panic = panic_of(|| invoice().set(path, 5));
        assert!(panic.starts_with("sample of `invoice.paid`: "), "{panic}");
        assert!(panic.contains(message), "{path}: {panic}");
    }
}

#[test]
fn a_wrong_value_panics_unless_it_is_set_unchecked() {
    let panic = panic_of(|| samples::invoice_paid().set("/data/object/amount_due", "5"));
    assert!(panic.contains("`/data/object/amount_due` is a number, not a text"), "{panic}");
    let panic = panic_of(|| samples::invoice_paid().set("/data/object/status", "payed"));
    assert!(panic.contains("`payed` is no known value of `/data/object/status`"), "{panic}");
    for subscription in [
        samples::customer_subscription_created(),
        samples::customer_subscription_created().thin(),
        samples::customer_subscription_past_due(),
    ] {
        let panic = panic_of(|| subscription.status("actve"));
        assert!(panic.contains("`actve` is no known value of `status`"), "{panic}");
    }

    let sample = samples::invoice_paid()
        .set_unchecked("/data/object/status", "payed")
        .set_unchecked("/data/object/new_field", 5)
        .set_unchecked("/data/object/amount_due", "5");
    assert_eq!(sample.object()["new_field"], 5);
    assert_eq!(sample.object()["amount_due"], "5");
    assert_eq!(sample.object()["status"], "payed");
    let panic = panic_of(|| samples::invoice_paid().set_unchecked("/data/objekt/a", 5));
    assert!(panic.contains("there is no `objekt`"), "{panic}");
}

#[test]
fn an_override_panics_if_the_object_has_no_such_value() {
    for (panic, message) in [
        (
            panic_of(|| samples::payout_paid().customer("cus_1")),
            "a `payout` has no value for `customer`: there is no `customer`",
        ),
        (
            panic_of(|| samples::customer_created().status("active")),
            "a `customer` has no value for `status`",
        ),
        (
            panic_of(|| samples::payout_paid().amount_due(5)),
            "a `payout` has no value for `amount_due`",
        ),
        (
            panic_of(|| samples::payout_paid().trial_end(5)),
            "a `payout` has no value for `trial_end`",
        ),
        (
            panic_of(|| samples::of(EventType::BalanceAvailable).object_id("x")),
            "a `balance` has no value for `object_id`",
        ),
        (
            panic_of(|| samples::payout_paid().previous("sattus", "pending")),
            "did you mean `status`?",
        ),
        (
            panic_of(|| samples::payout_paid().thin().previous("status", "pending")),
            "a thin event has no `previous_attributes`",
        ),
        (
            panic_of(|| samples::of(EventType::AppsInstallCreated).thin()),
            "Stripe sends no thin events of this type",
        ),
        (
            panic_of(|| samples::of(EventType::V2CoreAccountLinkReturned).status("x")),
            "it is about no object",
        ),
        (
            panic_of(|| samples::of("payuot.paid")),
            "there is no sample of the unknown event type `payuot.paid`",
        ),
    ] {
        assert!(panic.contains(message), "{panic}");
    }
}

#[test]
fn a_thin_sample_links_to_its_object() {
    let thin = samples::payout_paid().amount(700).thin().object_id("po_7").account("acct_7");
    let event = thin.verified();
    assert_eq!(event.raw_type(), "v1.payout.paid");
    assert_eq!(event.snapshot_event(), Some(samples::payout_paid().event().id()));
    assert_eq!(event.context(), Some("acct_7"));
    let related = event.related_object().unwrap();
    assert_eq!((related.id(), related.url()), ("po_7", "/v1/payouts/po_7"));
    assert_eq!((&thin.object()["id"], &thin.object()["amount"]), (&json!("po_7"), &json!(700)));
    assert_eq!(thin.clone().thin().value(), thin.value());

    let past_due = samples::customer_subscription_past_due().customer("cus_7").created(7);
    let event = past_due.event();
    assert_eq!((event.kind(), event.snapshot_event()), (EventKind::Thin, None));
    assert_eq!(event.created(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(7)));
    assert_eq!(past_due.object()["customer"], "cus_7");
    assert!(past_due.value().get("data").is_none());
}

#[test]
fn a_v2_sample_links_to_the_path_of_its_object() {
    for (event_type, url) in [
        (EventType::V2CoreAccountClosed, "/v2/core/accounts/acct_1SampleAccount"),
        (
            EventType::V2CoreAccountPersonCreated,
            "/v2/core/accounts/acct_1SampleAccount/persons/person_1SamplePerson",
        ),
        (
            EventType::V2MoneyManagementPayoutIntentPosted,
            "/v2/money_management/payout_intents/poi_1Sample",
        ),
    ] {
        let event = samples::of(event_type).event();
        assert_eq!(event.related_object().unwrap().url(), url);
    }
}

#[test]
fn a_signed_request_of_a_sample_verifies() {
    let secret = SigningSecret::new("whsec_test").unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let sample = samples::payout_failed();
    let request = sample.signed_request("/webhook", &secret, now);
    assert_eq!(request.uri(), "/webhook");
    let header = request.headers()["stripe-signature"].to_str().unwrap().to_owned();
    let event = verify(header, sample.json(), &secret.into(), now, Tolerance::default()).unwrap();
    assert_eq!(event.body(), &sample.json());
    assert_eq!(String::from(sample.clone()), sample.json());
}

const VERSIONS: [&str; 9] = [
    "2020-08-27",
    "2022-08-01",
    "2022-11-15",
    "2024-06-20",
    "2025-02-24.acacia",
    "2025-03-31.basil",
    "2025-06-30.basil",
    "2025-09-30.clover",
    "2026-10-28.endive",
];

#[test]
fn the_values_of_an_object_are_the_same_in_each_version() {
    let shown = |sample: &Sample| {
        let event = sample.event();
        match event.data().unwrap() {
            EventData::InvoicePaid(invoice) => {
                let line = &invoice.lines()[0];
                format!(
                    "{:?}",
                    (
                        (
                            invoice.subscription_id(),
                            invoice.subscription_metadata(),
                            invoice.is_paid()
                        ),
                        (
                            invoice.payment_intent_id(),
                            invoice.amount_due(),
                            invoice.discount_ids().count()
                        ),
                        (line.subscription_id(), line.subscription_item_id(), line.is_proration()),
                        (line.price_id(), line.product_id(), line.unit_amount_decimal()),
                    )
                )
            }
            EventData::CustomerSubscriptionUpdated(subscription) => format!(
                "{:?}",
                (
                    (subscription.current_period_start(), subscription.current_period_end()),
                    (subscription.quantity(), subscription.discount_ids().count()),
                    subscription.items()[0].price().map(|price| price.id().to_owned()),
                )
            ),
            EventData::CheckoutSessionCompleted(session) => {
                format!("{:?}", (session.email(), session.shipping_details()))
            }
            EventData::PaymentIntentSucceeded(intent) => {
                format!("{:?}", (intent.latest_charge_id(), intent.invoice_id()))
            }
            EventData::ChargeRefunded(charge) => {
                format!("{:?}", (charge.card(), charge.amount_refunded(), charge.is_succeeded()))
            }
            EventData::PromotionCodeCreated(code) => format!("{:?}", code.coupon_id()),
            EventData::CustomerDiscountCreated(discount) => format!("{:?}", discount.coupon_id()),
            EventData::InvoiceitemCreated(item) => format!("{:?}", item.price_id()),
            EventData::CreditNoteCreated(note) => {
                format!("{:?}", note.refund_ids().collect::<Vec<_>>())
            }
            other => panic!("{other:?}"),
        }
    };
    let shipping = json!({"shipping_details": {"name": "Zoë", "address": {"country": "DE"}}});
    for newest in [
        samples::invoice_paid().payment_intent("pi_7"),
        samples::customer_subscription_updated(),
        samples::checkout_session_completed().set("/data/object/collected_information", shipping),
        samples::payment_intent_succeeded()
            .set("/data/object/payment_details/order_reference", "in_7"),
        samples::charge_refunded(),
        samples::of(EventType::PromotionCodeCreated),
        samples::of(EventType::CustomerDiscountCreated),
        samples::of(EventType::InvoiceitemCreated),
        samples::credit_note_created()
            .set("/data/object/refunds/0", json!({"refund": "re_7", "amount_refunded": 5})),
    ] {
        for version in VERSIONS {
            let sample = newest.clone().api_version(version);
            assert_eq!(sample.event().api_version(), Some(version));
            assert_eq!(shown(&sample), shown(&newest), "{version} {}", sample.json());
        }
    }
}

#[test]
fn an_old_version_has_the_values_in_its_own_places() {
    let invoice = samples::invoice_paid()
        .api_version("2020-08-27")
        .subscription("sub_7")
        .amount_due(500)
        .set("/data/object/tax", 95)
        .set("/data/object/lines/data/0/price/id", "price_7");
    let object = invoice.object();
    assert_eq!((&object["subscription"], &object["paid"]), (&json!("sub_7"), &json!(true)));
    assert_eq!((&object["tax"], &object["amount_due"]), (&json!(95), &json!(500)));
    assert_eq!(object["lines"]["data"][0]["price"]["id"], "price_7");
    for name in ["parent", "payments", "total_taxes"] {
        assert!(object.get(name).is_none(), "{name}");
    }
    let panic = panic_of(|| samples::invoice_paid().set("/data/object/tax", 95));
    assert!(panic.contains("there is no `tax`"), "{panic}");
    let panic = panic_of(|| invoice.set("/data/object/parent", json!({})));
    assert!(panic.contains("there is no `parent`"), "{panic}");

    let subscription = samples::customer_subscription_created().api_version("2024-06-20").object();
    assert!(subscription["current_period_end"].is_i64());
    assert!(subscription["items"]["data"][0].get("current_period_end").is_none());
    let acacia = samples::checkout_session_completed().api_version("2025-02-24.acacia").object();
    assert!(acacia.get("shipping_details").is_some() && acacia.get("shipping").is_none());
    let old = samples::checkout_session_completed().api_version("2020-08-27").object();
    assert!(old.get("shipping_details").is_none() && old.get("shipping").is_some());
    let intent = samples::payment_intent_succeeded().api_version("2020-08-27").object();
    assert_eq!(intent["charges"]["data"][0]["id"], "ch_1SampleCharge");
    let charge = samples::charge_refunded().amount_refunded(5).api_version("2020-08-27").object();
    assert_eq!(charge["refunds"]["data"][0]["amount"], 5);
    // The object that a thin event links to has the version, too.
    let thin = samples::invoice_paid().thin().api_version("2020-08-27");
    assert_eq!(thin.object()["paid"], true);
    assert_eq!(thin.event().api_version(), None);
}

#[test]
fn a_version_without_samples_panics() {
    for (version, message) in [
        (
            "2020-08-26",
            "there are samples of `invoice` from 2020-08-27 to 2026-10-28.endive, not of 2020-08-26",
        ),
        ("2026-10-29.new", "not of 2026-10-29.new"),
        ("2020", "`2020` is no API version"),
        ("basil", "`basil` is no API version"),
        ("2020-08-27x", "`2020-08-27x` is no API version"),
    ] {
        let panic = panic_of(|| samples::invoice_paid().api_version(version));
        assert!(panic.contains(message), "{panic}");
    }
    let in_old = samples::invoice_paid().api_version("2020-08-27").set("/data/object/tax", 95);
    let panic = panic_of(|| in_old.api_version("2025-03-31.basil"));
    assert!(panic.contains("`/data/object/tax` was set in another version"), "{panic}");
    let panic = panic_of(|| samples::of(EventType::V2CoreAccountClosed).api_version("2020-08-27"));
    assert!(panic.contains("a `v2.core.account` belongs to the API v2"), "{panic}");
}

#[test]
fn the_life_of_a_subscription_is_consistent() {
    let events =
        sequence::subscription().each(|event| event.customer("cus_7").subscription("sub_7"));
    let mut ids = BTreeSet::new();
    let mut last = SystemTime::UNIX_EPOCH;
    let mut statuses = Vec::new();
    for sample in &events {
        let event = sample.verified();
        assert!(ids.insert(event.id().to_owned()), "{}", event.id());
        assert!(event.created().unwrap() > last, "{}", event.id());
        last = event.created().unwrap();
        match event.data().unwrap() {
            EventData::CustomerSubscriptionCreated(it)
            | EventData::CustomerSubscriptionTrialWillEnd(it)
            | EventData::CustomerSubscriptionUpdated(it)
            | EventData::CustomerSubscriptionDeleted(it) => {
                assert_eq!((it.id(), it.customer().id()), ("sub_7", "cus_7"));
                assert!(it.current_period_start() < it.current_period_end());
                statuses.push(it.status().clone());
            }
            EventData::InvoicePaid(it) => {
                assert_eq!(it.status(), Some(&InvoiceStatus::Paid));
                assert_eq!(
                    (it.subscription_id(), it.customer_id()),
                    (Some("sub_7"), Some("cus_7"))
                );
            }
            EventData::InvoicePaymentFailed(it) => assert_eq!(it.subscription_id(), Some("sub_7")),
            other => panic!("{other:?}"),
        }
    }
    use SubscriptionStatus::{Active, Canceled, PastDue, Trialing};
    assert_eq!(statuses, [Trialing, Trialing, Active, Active, PastDue, Canceled]);
    let before: PreviousSubscription = events[3].event().previous_attributes().unwrap().unwrap();
    assert_eq!(before.status(), Some(&Trialing));
}

#[test]
fn a_seed_shuffles_a_sequence_always_to_the_same_order() {
    let ids = |events: sequence::Sequence| -> Vec<String> {
        events.into_iter().map(|sample| sample.event().id().to_owned()).collect()
    };
    let in_order = ids(sequence::subscription());
    assert_eq!(ids(sequence::subscription()), in_order);
    let mut orders = BTreeMap::new();
    for seed in 0..20 {
        let shuffled = ids(sequence::subscription().shuffled(seed));
        assert_eq!(ids(sequence::subscription().shuffled(seed)), shuffled);
        let (mut sorted, mut expected) = (shuffled.clone(), in_order.clone());
        sorted.sort();
        expected.sort();
        assert_eq!(sorted, expected);
        orders.insert(shuffled, seed);
    }
    assert_eq!(orders.len(), 20);

    let old = sequence::subscription().each(|sample| sample.api_version("2020-08-27"));
    assert!(old.iter().all(|sample| sample.verified().data().is_ok()));
    let thin = sequence::subscription().each(Sample::thin);
    assert_eq!(thin.len(), in_order.len());
    assert!(thin.iter().all(|sample| sample.event().kind() == EventKind::Thin));
}
