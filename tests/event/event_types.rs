//! Event types: one value for both kinds of event, and every name of Stripe's lists.

use serde_json::{Value, json};
use tower_stripe_webhook::{EventType, VerifiedEvent, event::EventKind, test_util::verified_event};

const SNAPSHOT: &str = include_str!("data/event-types-snapshot.txt");
const THIN: &str = include_str!("data/event-types-thin.txt");

/// The thin names whose types also have a snapshot name, with that name.
fn twins() -> impl Iterator<Item = (&'static str, &'static str)> {
    THIN.lines().filter_map(|thin| {
        let snapshot = thin.strip_prefix("v1.")?;
        SNAPSHOT.lines().any(|name| name == snapshot).then_some((thin, snapshot))
    })
}

fn thin_event(event_type: &str) -> VerifiedEvent {
    verified_event(
        json!({"id": "evt_1", "object": "v2.core.event", "type": event_type}).to_string(),
    )
}

fn snapshot_event(event_type: &str) -> VerifiedEvent {
    let event =
        json!({"id": "evt_1", "object": "event", "type": event_type, "data": {"object": {}}});
    verified_event(event.to_string())
}

fn is_other(event_type: &EventType) -> bool {
    matches!(event_type, EventType::Other(_))
}

#[test]
fn the_lists_have_the_sizes_of_stripes_lists() {
    assert_eq!((SNAPSHOT.lines().count(), THIN.lines().count()), (275, 326));
    assert_eq!(twins().count(), 216);
    assert_eq!(THIN.lines().filter(|name| name.starts_with("v2.")).count(), 57);
}

#[test]
fn every_type_has_a_variant_and_no_other_variant_exists() {
    let twins: Vec<_> = twins().map(|(thin, _)| thin).collect();
    let thin_only = THIN.lines().filter(|name| !twins.contains(name));
    let canonical: Vec<_> = SNAPSHOT.lines().chain(thin_only).collect();
    assert_eq!(canonical.len(), 385);
    assert_eq!(EventType::ALL.iter().map(EventType::as_str).collect::<Vec<_>>(), canonical);
    for name in canonical {
        assert!(!is_other(&EventType::from(name)), "{name}");
    }
}

#[test]
fn every_canonical_name_round_trips() {
    let new = ["", "of.tomorrow", "v1.", "v2.", "v1.of.tomorrow", "V1.invoice.paid"];
    for name in EventType::ALL.iter().map(EventType::as_str).chain(new) {
        let event_type = EventType::from(name);
        assert_eq!(event_type.as_str(), name);
        assert_eq!(event_type.to_string(), name);
        assert_eq!(name.parse(), Ok(event_type.clone()));
        assert_eq!(is_other(&event_type), new.contains(&name), "{name}");
        let json = serde_json::to_string(&event_type).unwrap();
        assert_eq!(json, format!("\"{name}\""));
        assert_eq!(serde_json::from_str::<EventType>(&json).unwrap(), event_type);
        assert!(event_type == name && event_type == *name, "{name}");
    }
}

#[test]
fn every_thin_name_parses_and_prints() {
    for name in THIN.lines() {
        let event_type = EventType::from(name);
        assert!(!is_other(&event_type), "{name}");
        assert_eq!(event_type.thin_name(), Some(name));
        assert_eq!(EventType::from(event_type.as_str()), event_type, "{name}");
        assert_eq!(name.parse(), Ok(event_type.clone()));
        assert_eq!(serde_json::from_value::<EventType>(json!(name)).unwrap(), event_type);
        assert!(event_type == name && event_type == *name, "{name}");
    }
}

#[test]
fn a_snapshot_name_and_its_thin_name_are_one_type() {
    for (thin, snapshot) in twins() {
        assert_eq!(EventType::from(thin), EventType::from(snapshot));
        assert_eq!(EventType::from(thin).as_str(), snapshot);
        assert_eq!(EventType::from(thin).to_string(), snapshot);
        assert_eq!(EventType::from(snapshot).thin_name(), Some(thin));
        assert_eq!(serde_json::to_value(EventType::from(thin)).unwrap(), json!(snapshot));
    }
    assert_eq!(EventType::from("v1.invoice.paid"), EventType::InvoicePaid);
    assert_eq!(EventType::from("v1.invoice.upcoming"), EventType::InvoiceUpcoming);
}

#[test]
fn a_type_without_a_thin_name_has_none() {
    let mut count = 0;
    for name in SNAPSHOT.lines().filter(|name| twins().all(|(_, snapshot)| snapshot != *name)) {
        let event_type = EventType::from(name);
        assert_eq!(event_type.thin_name(), None, "{name}");
        let thin = EventType::from(&*format!("v1.{name}"));
        assert!(is_other(&thin), "{thin}");
        assert_eq!(thin.as_str(), format!("v1.{name}"));
        assert_ne!(thin, event_type);
        assert!(event_type != thin.as_str(), "{thin}");
        count += 1;
    }
    assert_eq!(count, 59);
    assert_eq!(EventType::from("v2.of.tomorrow").thin_name(), None);
}

#[test]
fn a_thin_only_type_has_a_variant_without_the_version_of_v1() {
    for (variant, name) in [
        (EventType::CustomerSubscriptionPastDue, "v1.customer.subscription.past_due"),
        (EventType::BillingMeterNoMeterFound, "v1.billing.meter.no_meter_found"),
        (EventType::InvoicePaymentOpen, "v1.invoice_payment.open"),
        (EventType::V2CoreAccountRequirementsUpdated, "v2.core.account[requirements].updated"),
        (
            EventType::V2CoreAccountConfigurationCustomerCapabilityStatusUpdated,
            "v2.core.account[configuration.customer].capability_status_updated",
        ),
        (EventType::V2CoreAccountLinkReturned, "v2.core.account_link.returned"),
        (EventType::V2CoreEventDestinationPing, "v2.core.event_destination.ping"),
    ] {
        assert_eq!(EventType::from(name), variant);
        assert_eq!(variant.as_str(), name);
        assert_eq!(variant.thin_name(), Some(name));
    }
}

#[test]
fn different_types_are_not_equal_to_each_others_names() {
    assert!(EventType::InvoicePaid != "v1.invoice.voided");
    assert!(EventType::InvoicePaid != "invoice.voided");
    assert!(EventType::InvoicePaid != "v1.v1.invoice.paid");
    let new = EventType::from("of.tomorrow");
    assert!(new != "v1.of.tomorrow");
}

#[test]
fn one_match_handles_both_kinds_of_event() {
    let is_paid = |event: &VerifiedEvent| matches!(event.event_type(), EventType::InvoicePaid);
    assert!(is_paid(&thin_event("v1.invoice.paid")));
    assert!(is_paid(&snapshot_event("invoice.paid")));
    assert!(!is_paid(&thin_event("v1.invoice.voided")));
}

#[test]
fn every_thin_type_passes_the_layers_checks() {
    for name in THIN.lines() {
        let event = thin_event(name);
        assert_eq!(event.kind(), EventKind::Thin);
        assert_eq!(event.event_type(), &EventType::from(name));
        assert_eq!(event.raw_type(), name);
    }
}

#[test]
fn the_raw_type_is_the_sent_name() {
    for name in SNAPSHOT.lines().chain(["of.tomorrow", "v1.of.tomorrow"]) {
        assert_eq!(snapshot_event(name).raw_type(), name);
    }
    // Stripe sends neither, but the text is still the one that was sent.
    assert_eq!(snapshot_event("v1.invoice.paid").raw_type(), "v1.invoice.paid");
    assert_eq!(thin_event("invoice.paid").raw_type(), "invoice.paid");
    assert_eq!(thin_event("v1.of.tomorrow").raw_type(), "v1.of.tomorrow");
}

/// Old API versions have other names for some values: an alias, as a thin name is.
#[test]
fn an_old_name_of_a_value_is_equal_to_the_value() {
    use tower_stripe_webhook::event::object::PaymentIntentStatus;

    let status: PaymentIntentStatus =
        serde_json::from_value(Value::from("requires_source")).unwrap();
    assert_eq!(status, PaymentIntentStatus::RequiresPaymentMethod);
    assert_eq!(status.as_str(), "requires_payment_method");
    assert!(status == "requires_source" && status == "requires_payment_method");
    assert!(status != "requires_source_action");
}
