//! The payload of a test event: the library's sample with other ids, times and customer.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{INVOICE_PAID, INVOICE_PAYMENT_FAILED, TOP_UP, TestEvent};
use crate::data::deliveries;

/// The customer and subscription of a test event.
#[derive(Debug)]
pub struct Subject {
    pub email: String,
    pub customer_id: String,
    pub subscription_id: String,
    /// The subscription's latest invoice.
    pub invoice_id: String,
}

impl Subject {
    /// Creates a new customer with a new subscription.
    pub fn new(email: String) -> Self {
        Self {
            email,
            customer_id: new_id("cus_"),
            subscription_id: new_id("sub_"),
            invoice_id: new_id("in_"),
        }
    }
}

/// Returns the JSON of an event at time `now`, in Unix seconds.
pub fn of(event: &TestEvent, subject: &Subject, now: i64) -> Result<String, serde_json::Error> {
    let mut payload: Value = serde_json::from_str(event.sample)?;
    let offset = now - payload["created"].as_i64().unwrap_or_default();
    adapt(&mut payload, subject, offset);

    payload["id"] = new_id(deliveries::TEST_EVENT_PREFIX).into();
    let is_checkout = payload["type"] == "checkout.session.completed";
    let object = &mut payload["data"]["object"];
    if is_checkout {
        // Each checkout session is a new one.
        object["id"] = new_id("cs_test_").into();
    }
    match event.code {
        TOP_UP => {
            object["mode"] = "payment".into();
            object["subscription"] = Value::Null;
            object["invoice"] = Value::Null;
            object["payment_intent"] = new_id("pi_").into();
            object["metadata"] = json!({ "session_type": "credits_topup" });
        }
        INVOICE_PAID | INVOICE_PAYMENT_FAILED => object["created"] = now.into(),
        _ => {}
    }
    serde_json::to_string_pretty(&payload)
}

/// Replaces the sample's ids by the subject's, and moves all times. The samples' invoices become
/// the latest one of the subscription, because others do not change its status.
fn adapt(value: &mut Value, subject: &Subject, offset: i64) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| adapt(field, subject, offset));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| adapt(item, subject, offset)),
        Value::String(text) => match text.as_str() {
            "zoë@example.com" => text.clone_from(&subject.email),
            "cus_SampleCustomer" => text.clone_from(&subject.customer_id),
            "sub_1SampleSubscription00000" => text.clone_from(&subject.subscription_id),
            "in_1SampleInvoice0000000000" | "in_1SampleInvoice0000000001" => {
                text.clone_from(&subject.invoice_id);
            }
            _ => {}
        },
        Value::Number(number) => {
            // Times are larger than all other numbers in the samples.
            if let Some(at) = number.as_i64().filter(|at| *at > 1_000_000_000) {
                *value = (at + offset).into();
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Returns a new id that sorts after all earlier ones, as Stripe's do: the ids order the invoices of
/// one second.
fn new_id(prefix: &str) -> String {
    id_of(prefix, Uuid::now_v7())
}

fn id_of(prefix: &str, uuid: Uuid) -> String {
    format!("{prefix}1{}", uuid.simple())
}

#[cfg(test)]
mod tests {
    use uuid::Builder;

    use super::*;

    const NOW: i64 = 1_900_000_000;

    #[test]
    fn each_event_has_its_subject_the_time_and_new_ids() {
        let subject = Subject::new("ada@example.com".into());
        for event in &TestEvent::ALL {
            let [first, second] = [(); 2].map(|()| of(event, &subject, NOW).unwrap());
            assert!(!first.contains("cus_SampleCustomer") && !first.contains("zoë@"), "{event:?}");
            assert!(first.contains(&subject.customer_id), "{event:?}");
            let [first, second]: [Value; 2] =
                [first, second].map(|json| serde_json::from_str(&json).unwrap());
            assert_ne!(first["id"], second["id"], "{event:?}");
            assert_eq!(first["created"], NOW, "{event:?}");
        }
    }

    #[test]
    fn ids_sort_by_time() {
        let id_at = |millis| {
            id_of("in_", Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
        };
        for millis in (0..41).map(|bit| 1 << bit) {
            assert!(id_at(millis - 1) < id_at(millis), "{millis}");
        }
    }
}
