//! Parts of several objects: tax, totals, and the currency that the customer saw.

use super::macros::{object, value};

object! {
    /// The settings and the result of Stripe Tax: <https://docs.stripe.com/tax>
    pub struct AutomaticTax {
        /// Whether Stripe computes the tax.
        pub enabled: bool,
        /// The result of the latest computation. `None` for subscriptions.
        pub status: Option<AutomaticTaxStatus>,
        /// The reason why Stripe disabled the computation, such as
        /// `finalization_requires_location_inputs`.
        ///
        /// `None` for checkout sessions.
        pub disabled_reason: Option<String>,
    }
}

value! {
    /// The result of a tax computation by Stripe.
    pub enum AutomaticTaxStatus {
        /// The computation succeeded.
        Complete => "complete",
        /// The computation failed. The amounts have no tax.
        Failed => "failed",
        /// The customer's address is missing or invalid.
        RequiresLocationInputs => "requires_location_inputs",
    }
}

object! {
    /// The parts of a checkout session's total, in the smallest unit of its currency.
    pub struct TotalDetails {
        /// The sum of all discounts.
        pub amount_discount: Option<i64>,
        /// The sum of all shipping costs. `None` before 2021.
        pub amount_shipping: Option<i64>,
        /// The sum of all taxes.
        pub amount_tax: Option<i64>,
    }
}

object! {
    /// The amount in the currency that the customer saw, where it differs from the app's:
    /// <https://docs.stripe.com/payments/currencies/localize-prices/adaptive-pricing>
    pub struct PresentmentDetails {
        /// The amount, in the smallest unit of `presentment_currency`.
        ///
        /// `None` for subscriptions.
        pub presentment_amount: Option<i64>,
        /// The currency.
        pub presentment_currency: Option<String>,
    }
}
