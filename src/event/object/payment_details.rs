//! Parts that several objects have: taxes, totals and the customer's currency.

use super::macros::{object, value};

object! {
    /// Whether Stripe computes the tax, and how that went: <https://docs.stripe.com/tax>
    pub struct AutomaticTax {
        /// Whether Stripe computes the tax.
        pub enabled: bool,
        /// How it went the last time. Subscriptions do not say.
        pub status: Option<AutomaticTaxStatus>,
        /// Why Stripe turned it off, such as `finalization_requires_location_inputs`. Checkout sessions do not say.
        pub disabled_reason: Option<String>,
    }
}

value! {
    /// How Stripe's computation of the tax went.
    pub enum AutomaticTaxStatus {
        /// The amounts are right.
        Complete => "complete",
        /// Stripe failed. The amounts are without tax.
        Failed => "failed",
        /// The customer's address is missing or not valid.
        RequiresLocationInputs => "requires_location_inputs",
    }
}

object! {
    /// What a checkout session's total contains, in the smallest unit of its currency.
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
    /// What the customer saw, in a currency that is not the app's: <https://docs.stripe.com/payments/currencies/localize-prices/adaptive-pricing>
    pub struct PresentmentDetails {
        /// The amount, in the smallest unit of `presentment_currency`. Subscriptions do not say.
        pub presentment_amount: Option<i64>,
        /// The currency.
        pub presentment_currency: Option<String>,
    }
}
