//! The overrides with the name of a value.

use serde_json::{Value, json};

use super::Sample;

macro_rules! overrides {
    ($($(#[$meta:meta])* $name:ident($value:ident: $type:ty) => [$($path:literal),+];)*) => {
        /// # Values of the object
        ///
        /// Each of these methods panics if the object has no such value: see
        /// [checks](Sample#checks).
        impl Sample {
            $(
                $(#[$meta])*
                #[track_caller]
                pub fn $name(self, $value: $type) -> Self {
                    self.override_all(stringify!($name), &[$($path),+], &$value.into())
                }
            )*
        }
    };
}

overrides! {
    /// Sets the status, such as `past_due`.
    status(status: &str) => ["/status"];
    /// Sets the amount due of an invoice, in the smallest unit of the currency.
    ///
    /// [`amount`](Self::amount) sets all amounts of an invoice.
    amount_due(amount: i64) => ["/amount_due"];
    /// Sets the amount paid of an invoice or of a payment of one.
    amount_paid(amount: i64) => ["/amount_paid"];
    /// Sets the amount that remains to be paid of an invoice.
    amount_remaining(amount: i64) => ["/amount_remaining"];
    /// Sets the total, such as that of a checkout session.
    amount_total(amount: i64) => ["/amount_total", "/total"];
    /// Sets the amount that was refunded of a charge.
    amount_refunded(amount: i64) => ["/amount_refunded"];
    /// Sets the amount that was captured of a charge.
    amount_captured(amount: i64) => ["/amount_captured"];
    /// Sets the amount that was received of a payment intent.
    amount_received(amount: i64) => ["/amount_received"];
    /// Sets the price of one unit, in the smallest unit of the currency.
    unit_amount(amount: i64) => ["/unit_amount", "/items/data/0/price/unit_amount", "/items/data/0/plan/amount"];
    /// Sets the currency, such as `eur`.
    currency(currency: &str) => ["/currency", "/items/data/0/price/currency", "/items/data/0/plan/currency", "/lines/data/0/currency"];
    /// Sets the price's id of the first item or line.
    price(id: &str) => ["/items/data/0/price/id", "/items/data/0/plan/id", "/lines/data/0/pricing/price_details/price", "/pricing/price_details/price"];
    /// Sets the product's id, of the object or of the first item or line.
    product(id: &str) => ["/product", "/items/data/0/price/product", "/items/data/0/plan/product", "/lines/data/0/pricing/price_details/product", "/pricing/price_details/product"];
    /// Sets the quantity, of the object or of the first item or line.
    quantity(quantity: i64) => ["/items/data/0/quantity", "/lines/data/0/quantity", "/quantity"];
    /// Sets the app's own id of a checkout session.
    client_reference_id(id: &str) => ["/client_reference_id"];
    /// Sets the payment status of a checkout session, such as `unpaid`.
    payment_status(status: &str) => ["/payment_status"];
    /// Sets the mode of a checkout session, such as `payment`.
    mode(mode: &str) => ["/mode"];
    /// Sets the reason of an invoice, such as `subscription_cycle`.
    billing_reason(reason: &str) => ["/billing_reason"];
    /// Sets how often the payment of an invoice was attempted.
    attempt_count(count: i64) => ["/attempt_count"];
    /// Sets when the period of a subscription begins, in Unix seconds.
    current_period_start(time: i64) => ["/items/data/0/current_period_start"];
    /// Sets when the period of a subscription ends, in Unix seconds.
    current_period_end(time: i64) => ["/items/data/0/current_period_end"];
    /// Sets whether a subscription ends with its period.
    cancel_at_period_end(cancel: bool) => ["/cancel_at_period_end"];
    /// Sets the id of a subscription's latest invoice.
    latest_invoice(id: &str) => ["/latest_invoice"];
    /// Sets the invoice's id.
    invoice(id: &str) => ["/invoice"];
    /// Sets the charge's id.
    charge(id: &str) => ["/charge", "/latest_charge"];
    /// Sets the payment method's id.
    payment_method(id: &str) => ["/payment_method", "/default_payment_method", "/invoice_settings/default_payment_method"];
    /// Sets the code of a failure, such as `account_closed`.
    failure_code(code: &str) => ["/failure_code"];
    /// Sets the text of a failure.
    failure_message(message: &str) => ["/failure_message"];
    /// Sets when a payout is expected to arrive, in Unix seconds.
    arrival_date(time: i64) => ["/arrival_date"];
    /// Sets the destination's id of a payout or transfer.
    destination(id: &str) => ["/destination"];
    /// Sets the reason, such as that of a dispute.
    reason(reason: &str) => ["/reason"];
    /// Sets the description.
    description(description: &str) => ["/description"];
    /// Sets the name.
    name(name: &str) => ["/name", "/customer_name", "/customer_details/name", "/billing_details/name"];
    /// Sets the lookup key of a price.
    lookup_key(key: &str) => ["/lookup_key", "/items/data/0/price/lookup_key"];
}

macro_rules! optional_times {
    ($($(#[$meta:meta])* $name:ident => $path:literal;)*) => {
        /// # Times that may be `None`
        ///
        /// In Unix seconds.
        impl Sample {
            $(
                $(#[$meta])*
                #[track_caller]
                pub fn $name(self, time: impl Into<Option<i64>>) -> Self {
                    self.override_all(stringify!($name), &[$path], &time.into().into())
                }
            )*
        }
    };
}

optional_times! {
    /// Sets when the payment of an invoice is attempted next, in Unix seconds.
    next_payment_attempt => "/next_payment_attempt";
    /// Sets when the trial of a subscription begins, in Unix seconds.
    trial_start => "/trial_start";
    /// Sets when the trial of a subscription ends, in Unix seconds.
    trial_end => "/trial_end";
    /// Sets when a subscription will end, in Unix seconds.
    cancel_at => "/cancel_at";
    /// Sets when the object was canceled, in Unix seconds.
    canceled_at => "/canceled_at";
    /// Sets when a subscription ended, in Unix seconds.
    ended_at => "/ended_at";
}

impl Sample {
    /// Sets the customer's id.
    ///
    /// For an event about a customer it is the id of the object.
    ///
    /// # Panics
    ///
    /// If the object has no customer.
    #[track_caller]
    pub fn customer(mut self, id: &str) -> Self {
        match self.object_type() {
            Some("customer") => self.object_id(id),
            _ => self.override_all("customer", &["/customer"], &id.into()),
        }
    }

    /// Sets the subscription's id.
    ///
    /// For an event about a subscription it is the id of the object.
    ///
    /// # Panics
    ///
    /// If the object has no subscription.
    #[track_caller]
    pub fn subscription(mut self, id: &str) -> Self {
        const LINKS: [&str; 4] = [
            "/subscription",
            "/parent/subscription_details/subscription",
            "/lines/data/0/parent/subscription_item_details/subscription",
            "/lines/data/0/subscription",
        ];
        match self.object_type() {
            Some("subscription") => self
                .override_all("subscription", &["/items/data/0/subscription"], &id.into())
                .object_id(id),
            _ => self.override_all("subscription", &LINKS, &id.into()),
        }
    }

    /// Sets the payment intent's id. An invoice is given a payment.
    ///
    /// # Panics
    ///
    /// If the object has no payment intent.
    #[track_caller]
    pub fn payment_intent(mut self, id: &str) -> Self {
        if self.object_type() != Some("invoice") {
            let links = ["/payment_intent", "/payment/payment_intent"];
            return self.override_all("payment_intent", &links, &id.into());
        }
        if let Some(invoice) = self.object_mut() {
            let is_paid = invoice["status"] == "paid";
            invoice["payments"] = json!({"object": "list", "has_more": false, "data": [{
                "id": "inpay_1SamplePayment", "object": "invoice_payment", "invoice": invoice["id"],
                "amount_paid": is_paid.then(|| invoice["amount_paid"].clone()),
                "amount_requested": invoice["amount_due"], "currency": invoice["currency"],
                "is_default": true, "status": if is_paid { "paid" } else { "open" },
                "payment": {"type": "payment_intent", "payment_intent": id},
            }]});
        }
        self
    }

    /// Sets the customer's email address.
    ///
    /// # Panics
    ///
    /// If the object has no email address.
    #[track_caller]
    pub fn email(self, email: &str) -> Self {
        const PLACES: [&str; 5] = [
            "/email",
            "/customer_details/email",
            "/customer_email",
            "/billing_details/email",
            "/receipt_email",
        ];
        self.override_first("email", &PLACES, &email.into())
    }

    /// Sets the amount, in the smallest unit of the currency.
    ///
    /// Of an invoice it is each of the amounts: the total, the amount due, the amount of the first
    /// line, and the amount paid if the invoice is paid, or else the amount that remains. Of a
    /// checkout session or a quote it is the total and the subtotal.
    ///
    /// # Panics
    ///
    /// If the object has no amount.
    #[track_caller]
    pub fn amount(mut self, amount: i64) -> Self {
        const OF_INVOICE: [&str; 8] = [
            "/amount_due",
            "/total",
            "/total_excluding_tax",
            "/subtotal",
            "/subtotal_excluding_tax",
            "/lines/data/0/amount",
            "/lines/data/0/subtotal",
            "/amount_remaining",
        ];
        const OF_OTHERS: [&str; 5] =
            ["/amount", "/amount_total", "/amount_subtotal", "/unit_amount", "/amount/value"];
        match self.object_type() {
            Some("invoice") => {
                let is_paid = self.object_mut().is_some_and(|invoice| invoice["status"] == "paid");
                let sample = self.override_all("amount", &OF_INVOICE, &amount.into());
                let (paid, remaining) = if is_paid { (amount, 0) } else { (0, amount) };
                sample.amount_paid(paid).amount_remaining(remaining)
            }
            Some("charge") => {
                let captured = self.object_mut().is_some_and(|charge| charge["captured"] == true);
                let sample = self.override_all("amount", &OF_OTHERS, &amount.into());
                sample.amount_captured(if captured { amount } else { 0 })
            }
            _ => {
                let is_object =
                    self.object_mut().is_some_and(|it: &mut Value| it["amount"].is_object());
                let paths = if is_object { &OF_OTHERS[4..] } else { &OF_OTHERS[..4] };
                self.override_all("amount", paths, &amount.into())
            }
        }
    }
}
