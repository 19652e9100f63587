//! Readers of Stripe Terminal.

use super::{
    Charge, Expandable, Metadata, OtherObject, PaymentIntent, Refund, macros::object,
    setup_intent::SetupIntent,
};

object! {
    /// A reader: <https://docs.stripe.com/api/terminal/readers/object>
    pub struct Reader named "terminal.reader" {
        /// Returns the reader's id, `tmr_…`.
        pub id: required String,
        /// Returns the status: `online` or `offline`.
        pub status: Option<String>,
        /// Returns the label, which the app chose.
        pub label: Option<String>,
        /// Returns the type of the device, such as `stripe_s700`.
        pub device_type: Option<String>,
        /// Returns the version of the device's software.
        pub device_sw_version: Option<String>,
        /// Returns the serial number.
        pub serial_number: Option<String>,
        /// Returns the local IP address.
        pub ip_address: Option<String>,
        /// Returns when the reader was last online, in Unix milliseconds.
        pub last_seen_at: Option<i64>,
        /// Returns the location.
        pub location (location_id): Option<Expandable<OtherObject>>,
        /// Returns the latest action.
        pub action: Option<ReaderAction>,
        /// Returns whether the reader was deleted.
        pub deleted: bool,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the reader.
        pub metadata: Metadata,
    }
}

object! {
    /// The latest action.
    pub struct ReaderAction {
        /// Returns the type, such as `process_payment_intent`.
        pub action_type as "type": Option<String>,
        /// Returns the status: `in_progress`, `succeeded` or `failed`.
        pub status: Option<String>,
        /// Returns the reason of a failure, as a code.
        pub failure_code: Option<String>,
        /// Returns the reason of a failure, for people.
        pub failure_message: Option<String>,
        /// Returns the payment that the reader processes.
        pub process_payment_intent: Option<ProcessPaymentIntent>,
        /// Returns the setup that the reader processes.
        pub process_setup_intent: Option<ProcessSetupIntent>,
        /// Returns the refund that the reader processes.
        pub refund_payment: Option<RefundPayment>,
    }
}

object! {
    /// The payment that the reader processes.
    pub struct ProcessPaymentIntent {
        /// Returns the payment intent.
        pub payment_intent (payment_intent_id): Option<Expandable<PaymentIntent>>,
    }
}

object! {
    /// The setup that the reader processes.
    pub struct ProcessSetupIntent {
        /// Returns the id of the payment method that was made from the card, `pm_…`.
        pub generated_card: Option<String>,
        /// Returns the setup intent.
        pub setup_intent (setup_intent_id): Option<Expandable<SetupIntent>>,
    }
}

object! {
    /// The refund that the reader processes.
    pub struct RefundPayment {
        /// Returns the amount.
        pub amount: Option<i64>,
        /// Returns the charge.
        pub charge (charge_id): Option<Expandable<Charge>>,
        /// Returns the payment intent.
        pub payment_intent (payment_intent_id): Option<Expandable<PaymentIntent>>,
        /// Returns the refund.
        pub refund (refund_id): Option<Expandable<Refund>>,
    }
}
