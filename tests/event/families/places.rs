//! Values that an object has in more than one place.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower_stripe_webhook::event::object::{
    account::{Account, CapabilityStatus},
    billing::{AlertStatus, AlertTriggered},
    setup_intent::{SetupIntent, SetupIntentStatus},
    transfer::{Transfer, TransferReversal},
};

fn read<T: DeserializeOwned>(object: &Value) -> T {
    serde_json::from_str(&object.to_string()).unwrap()
}

#[test]
fn an_account_has_the_status_of_each_capability() {
    let capabilities = json!({"card_payments": "active", "transfers": "of_tomorrow"});
    let account: Account = read(&json!({"id": "acct_1", "capabilities": capabilities}));
    assert_eq!(account.capability("card_payments"), Some(CapabilityStatus::Active));
    assert_eq!(account.capability("transfers").unwrap(), "of_tomorrow");
    assert_eq!(account.capability("treasury"), None);
}

#[test]
fn a_former_status_of_a_setup_intent_has_a_current_variant() {
    let intent: SetupIntent = read(&json!({"id": "seti_1", "status": "requires_source_action"}));
    assert_eq!(intent.status(), Some(&SetupIntentStatus::RequiresAction));
}

#[test]
fn an_alert_is_read_from_either_kind_of_event() {
    let alert =
        json!({"object": "billing.alert", "id": "alrt_1", "status": "active", "title": "a"});
    let triggered = json!({"object": "billing.alert_triggered", "alert": alert, "value": 3});
    for (object, value) in [(triggered, Some(3)), (alert, None)] {
        let triggered: AlertTriggered = read(&object);
        let alert = triggered.alert().unwrap();
        assert_eq!((alert.id(), alert.title()), ("alrt_1", Some("a")));
        assert_eq!(alert.status(), Some(&AlertStatus::Active));
        assert_eq!(triggered.value(), value);
    }
}

#[test]
fn a_nested_object_without_its_id_is_dropped() {
    let reversals =
        json!({"data": [{"id": "trr_1"}, {"amount": 1}, {"id": null}, {"id": "trr_2"}]});
    let transfer: Transfer = read(&json!({"id": "tr_1", "reversals": reversals}));
    let ids: Vec<_> = transfer.reversals().iter().map(TransferReversal::id).collect();
    assert_eq!(ids, ["trr_1", "trr_2"]);
    let account: Account = read(&json!({"id": "acct_1", "individual": {"first_name": "Zoë"}}));
    assert_eq!(account.individual(), None);
}
