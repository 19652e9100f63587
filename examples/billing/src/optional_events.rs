//! The event types that an endpoint needs beside the required ones in some businesses only.

use tower_stripe_webhook::EventType;

/// Event types, with when they are needed and what for: parts of one sentence.
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
}

pub static OPTIONAL_EVENTS: [OptionalEvents; 3] = [
    OptionalEvents {
        condition: "customers pay with methods that take days, such as bank debits",
        event_types: &[EventType::CheckoutSessionAsyncPaymentSucceeded],
        effect: "it brings the credits that such a payment has bought",
    },
    OptionalEvents {
        condition: "customers may change their email address",
        event_types: &[EventType::CustomerUpdated],
        effect: "it brings the new address",
    },
    OptionalEvents {
        condition: "credits are sold and the money may go back",
        event_types: &[EventType::ChargeRefunded, EventType::RefundFailed, EventType::ChargeDisputeClosed],
        effect: "refunds and lost disputes take credits back, and a refund that fails returns them",
    },
];
