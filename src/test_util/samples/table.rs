//! The objects of the samples, and what differs with the type of the event.

use serde_json::{Map, Value, json};

use super::{CHECKOUT_SESSION_COMPLETED, CUSTOMER_SUBSCRIPTION_CREATED, INVOICE_PAID};
use crate::event::EventType;

/// For each object a line of JSON, with the fields that the typed object reads, and below it a line
/// for each type of its events: the name and the fields that differ.
///
/// An object with nothing but its type is that of a constant. The types below `null` have no object.
const TABLE: &str = include_str!("objects.txt");

/// Returns the object of an event type. `None` if its events are about no object.
pub(super) fn object_of(event_type: &EventType) -> Option<Value> {
    let mut object = None;
    for line in TABLE.lines() {
        let Some(line) = line.strip_prefix(' ') else {
            object = Some(line);
            continue;
        };
        let (name, differences) = line.split_once(' ').unwrap_or((line, "{}"));
        if name == event_type.as_str() {
            let mut object = whole(parse(object?));
            if let (Value::Object(object), Value::Object(differences)) =
                (&mut object, parse(differences))
            {
                object.extend(differences);
            }
            return Some(object).filter(|object| !object.is_null());
        }
    }
    panic!("there is no sample of the event type `{event_type}`")
}

/// Puts the object of a constant in the place of its type.
fn whole(object: Value) -> Value {
    let fields = object.as_object().map_or(0, Map::len);
    let constant = match object["object"].as_str() {
        Some("checkout.session") => CHECKOUT_SESSION_COMPLETED,
        Some("subscription") => CUSTOMER_SUBSCRIPTION_CREATED,
        Some("invoice") => INVOICE_PAID,
        _ => return object,
    };
    if fields > 1 {
        return object;
    }
    let mut object = parse(constant)["data"]["object"].take();
    if object["object"] == "subscription" {
        // The constant is not paid yet.
        object["status"] = json!("active");
    }
    object
}

pub(super) fn parse(json: &str) -> Value {
    serde_json::from_str(json).expect("samples are JSON")
}
