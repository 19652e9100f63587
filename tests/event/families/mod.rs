//! The objects of all families: each type of events is typed, each value is the JSON's, and no field is required but ids.

mod declarations;
mod fetched;
mod places;

use std::{
    collections::BTreeMap,
    fmt::Debug,
    time::{Duration, SystemTime},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tower_stripe_webhook::{
    Event, EventData, EventType, SigningSecret, Tolerance, event::object::*, test_util::sign,
    verify,
};

use self::declarations::{Declarations, objects_of_events};

/// What a family's object can do.
struct Family {
    /// Whether it decodes.
    decodes: fn(&Value) -> Result<(), String>,
    /// Its JSON, decoded and written again.
    written: fn(&Value) -> Value,
    debug: fn(&Value) -> String,
}

impl Family {
    fn of<T: DeserializeOwned + Serialize + Debug + PartialEq>() -> Self {
        fn read<T: DeserializeOwned>(json: &Value) -> Result<T, String> {
            serde_json::from_str(&json.to_string()).map_err(|error| error.to_string())
        }
        Self {
            decodes: |json| read::<T>(json).map(drop),
            written: |json| {
                let object: T = read(json).unwrap();
                let written = serde_json::to_value(&object).unwrap();
                assert_eq!(serde_json::from_value::<T>(written.clone()).unwrap(), object);
                written
            },
            debug: |json| format!("{:?}", read::<T>(json).unwrap()),
        }
    }
}

macro_rules! families {
    ($($module:ident::$name:ident,)*) => {
        [$((concat!(stringify!($module), "::", stringify!($name)), Family::of::<$module::$name>()),)*]
    };
}

/// The objects of the families that have a module.
fn families() -> BTreeMap<&'static str, Family> {
    families![
        account::Account,
        account::Application,
        account::Capability,
        account::ExternalAccount,
        account::Person,
        application_fee::ApplicationFee,
        application_fee::FeeRefund,
        apps::Install,
        balance::Balance,
        balance::BalanceSettings,
        balance::CashBalance,
        balance::CustomerCashBalanceTransaction,
        billing::Alert,
        billing::AlertTriggered,
        billing::CreditBalanceTransaction,
        billing::CreditGrant,
        billing::Meter,
        billing_portal::Configuration,
        billing_portal::Session,
        climate::Order,
        climate::Product,
        credit_note::CreditNote,
        discount::Coupon,
        discount::Discount,
        discount::PromotionCode,
        entitlements::ActiveEntitlementSummary,
        file::File,
        financial_connections::Account,
        financial_connections::Authorization,
        identity::VerificationSession,
        invoice_item::InvoiceItem,
        issuing::Authorization,
        issuing::Card,
        issuing::Cardholder,
        issuing::Dispute,
        issuing::PersonalizationDesign,
        issuing::Token,
        issuing::Transaction,
        mandate::Mandate,
        payment_link::PaymentLink,
        payment_method::PaymentMethod,
        payout::Payout,
        product::Plan,
        product::Product,
        quote::Quote,
        radar::EarlyFraudWarning,
        radar::Review,
        reporting::ReportRun,
        reporting::ReportType,
        reserve::Hold,
        reserve::Plan,
        reserve::Release,
        setup_intent::SetupIntent,
        sigma::ScheduledQueryRun,
        sources::CustomerSource,
        sources::Source,
        sources::SourceMandateNotification,
        sources::SourceTransaction,
        subscription_schedule::SubscriptionSchedule,
        tax::Settings,
        tax::TaxId,
        tax::TaxRate,
        terminal::Reader,
        test_clock::TestClock,
        three_d_secure::Authentication,
        topup::Topup,
        transfer::Transfer,
        transfer::TransferReversal,
        treasury::CreditReversal,
        treasury::DebitReversal,
        treasury::FinancialAccount,
        treasury::InboundTransfer,
        treasury::OutboundPayment,
        treasury::OutboundTransfer,
        treasury::ReceivedCredit,
        treasury::ReceivedDebit,
        v2::Account,
        v2::AccountPerson,
        v2::Adjustment,
        v2::EventDestination,
        v2::FinancialAccount,
        v2::FinancialAddress,
        v2::InboundTransfer,
        v2::OutboundPayment,
        v2::PayoutIntent,
        v2::PayoutMethod,
        v2::ProductCatalogImport,
        v2::ReceivedCredit,
        v2::RecipientVerification,
        v2::Transaction,
    ]
    .into()
}

fn event(event_type: &str, object: &Value) -> Value {
    json!({
        "id": "evt_1", "object": "event", "type": event_type, "created": 1, "livemode": false, "data": {"object": object},
    })
}

fn receive(event: &Value) -> Event {
    let body = event.to_string();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let secret = SigningSecret::new("whsec_test").unwrap();
    let header = sign(&body, &secret, now);
    verify(header, body, &secret.into(), now, Tolerance::default()).unwrap().into_event()
}

#[test]
fn each_type_that_is_about_an_object_has_typed_data() {
    let facts = include_str!("../data/event-objects.tsv");
    let typed: BTreeMap<_, _> = objects_of_events().into_iter().collect();
    let mut checked = 0;
    for (event_type, object) in facts.lines().skip(1).map(|line| line.split_once('\t').unwrap()) {
        let event_type = EventType::from(event_type);
        assert!(!matches!(event_type, EventType::Other(_)), "{event_type}");
        if object != "-" {
            assert!(typed.contains_key(event_type.as_str()), "{event_type}");
            checked += 1;
        }
    }
    assert!(checked > 580, "{checked}");
}

#[test]
fn each_value_of_each_object_is_that_of_the_json() {
    let declarations = Declarations::read();
    for (path, family) in families() {
        let sample = declarations.sample(path);
        assert_eq!((family.written)(&sample), sample, "{path}");
    }
}

/// A name without its separators, to compare a variant with a type.
fn letters(name: &str) -> String {
    name.replace(|c: char| !c.is_alphanumeric(), "").to_lowercase()
}

#[test]
fn each_event_has_the_object_of_its_type() {
    let declarations = Declarations::read();
    let families = families();
    let mut checked = 0;
    for (event_type, path) in objects_of_events() {
        let Some(family) = families.get(path.as_str()) else { continue };
        let sample = declarations.sample(&path);
        let data = receive(&event(&event_type, &sample)).data().unwrap();
        let debug = format!("{data:?}");
        let (variant, object) = debug.split_once('(').unwrap();
        assert_eq!(object, format!("{})", (family.debug)(&sample)), "{event_type}");
        let name = event_type.strip_prefix("v1.").unwrap_or(&event_type);
        assert_eq!(letters(variant), letters(name));
        checked += 1;
    }
    assert!(checked > 290, "{checked}");
}

#[test]
fn an_object_with_the_name_of_another_type_is_other() {
    let declarations = Declarations::read();
    for (event_type, path) in objects_of_events() {
        if !path.contains("::") {
            continue;
        }
        let mut sample = declarations.sample(&path);
        for id in [json!("x_1"), json!(null)] {
            sample["object"] = json!("another.type");
            sample["id"] = id;
            let data = receive(&event(&event_type, &sample)).data().unwrap();
            assert_eq!(data, EventData::Other, "{event_type}");
        }
    }
}

#[test]
fn an_object_decodes_with_any_field_but_its_id_changed() {
    let declarations = Declarations::read();
    let forms = [
        json!(null),
        json!(true),
        json!(12.5),
        json!(-1),
        json!("x"),
        json!([]),
        json!([[{}]]),
        json!({}),
        json!({"id": 1}),
    ];
    let (mut decoded, mut failed) = (0, 0);
    for (path, family) in families() {
        let sample = declarations.sample(path);
        for pointer in pointers(&sample) {
            let is_id = pointer == "/id" && declarations.has_required_id(path);
            let deleted = without(&sample, &pointer);
            let changed = forms.iter().map(|form| with(&sample, &pointer, form));
            for json in changed.chain([deleted]) {
                match (family.decodes)(&json) {
                    Ok(_) if is_id => assert!(json["id"].is_string(), "{path}: {json}"),
                    Ok(_) => decoded += 1,
                    Err(error) => {
                        assert!(is_id && !json["id"].is_string(), "{path}{pointer}: {error}");
                        failed += 1;
                    }
                }
            }
        }
    }
    assert!(decoded > 15_000 && failed > 500, "{decoded} {failed}");
}

/// The JSON pointer of every value in the object.
fn pointers(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (key, child) in children {
        found.extend(pointers(child).into_iter().map(|below| format!("/{key}{below}")));
        found.push(format!("/{key}"));
    }
    found
}

fn with(value: &Value, pointer: &str, form: &Value) -> Value {
    let mut changed = value.clone();
    *changed.pointer_mut(pointer).unwrap() = form.clone();
    changed
}

fn without(value: &Value, pointer: &str) -> Value {
    let mut changed = value.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match changed.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(key)),
        Value::Array(elements) => drop(elements.remove(key.parse().unwrap())),
        _ => unreachable!("only these have something below them"),
    }
    changed
}
