//! Typed objects of any JSON: no panic, no endless time or memory, and every accessor.
//!
//! The first line is the type of the event. The rest is its `data.object`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tower_stripe_webhook::{
    Event, EventData,
    event::object::{OtherObject, PreviousSubscription, Subscription},
};

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (event_type, object) = (&input[..end], &input[end..]);
    let mut body = br#"{"id":"evt_1","object":"event","type":""#.to_vec();
    body.extend(event_type);
    body.extend(br#"","data":{"object":"#);
    body.extend(object);
    body.extend(br#","previous_attributes":"#);
    body.extend(object);
    body.extend(b"}}");
    let Ok(event) = Event::unverified_from_json(body) else { return };

    match event.data() {
        Ok(data) => {
            assert!(data == data.clone());
            let _ = format!("{data:?}");
            read(&data);
        }
        Err(error) => assert!(error.to_string().len() < 1000, "{error}"),
    }
    let _ = event.object::<OtherObject>().map(|object| format!("{object:?}"));
    let _ = event.object::<serde_json::Value>();
    if let Ok(Some(previous)) = event.previous_attributes::<PreviousSubscription>() {
        let _ = format!("{previous:?} {:?}", previous.price_ids().count());
    }
});

/// The accessors that compute what they return. The others return a field, which `Debug` has read.
fn read(data: &EventData) {
    match data {
        EventData::CheckoutSessionCompleted(session) => {
            let _ = (
                session.is_paid(),
                session.is_settled(),
                session.email(),
                session.subscription_id(),
            );
        }
        EventData::CustomerSubscriptionUpdated(subscription) => read_subscription(subscription),
        EventData::InvoicePaid(invoice) => {
            let _ = (invoice.subscription_id(), invoice.created(), invoice.id());
        }
        _ => {}
    }
}

fn read_subscription(subscription: &Subscription) {
    let _ = (
        subscription.plan_price_id(),
        subscription.current_period_end(),
        subscription.has_pending_update(),
    );
    assert!(subscription.price_ids().count() <= 1000);
    let _ = subscription.latest_invoice_id();
}
