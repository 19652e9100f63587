//! Event types that only some businesses need.

use tower_stripe_webhook::EventType;

/// Event types with the condition under which they are needed and their effect, as parts of a
/// sentence.
#[derive(Debug)]
pub struct OptionalEvents {
    pub condition: &'static str,
    pub event_types: &'static [EventType],
    pub effect: &'static str,
}

impl OptionalEvents {
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.event_types.iter().map(EventType::as_str)
    }

    /// The names of the types in thin events.
    pub fn thin_names(&self) -> impl Iterator<Item = &'static str> {
        self.event_types.iter().filter_map(EventType::thin_name)
    }
}

pub static OPTIONAL_EVENTS: [OptionalEvents; 3] = [
    OptionalEvents {
        condition: "customers pay with methods that take days, such as bank debits",
        event_types: &[EventType::CheckoutSessionAsyncPaymentSucceeded],
        effect: "it adds the credits of such a payment",
    },
    OptionalEvents {
        condition: "customers may change their email address",
        event_types: &[EventType::CustomerUpdated],
        effect: "it updates the address",
    },
    OptionalEvents {
        condition: "credits are sold and payments may be refunded or disputed",
        event_types: &[
            EventType::ChargeRefunded,
            EventType::RefundCreated,
            EventType::RefundFailed,
            EventType::ChargeDisputeClosed,
        ],
        effect: "refunds and lost disputes take credits back, and a refund that fails returns them",
    },
];
