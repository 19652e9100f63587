//! Parts of several objects: tax, totals, and the currency that the customer saw.

use super::macros::{object, value};

object! {
    /// The settings and the result of Stripe Tax: <https://docs.stripe.com/tax>
    pub struct AutomaticTax {
        /// Returns whether Stripe computes the tax.
        pub enabled: bool,
        /// Returns the result of the latest computation. `None` for subscriptions.
        pub status: Option<AutomaticTaxStatus>,
        /// Returns the reason why Stripe disabled the computation.
        ///
        /// For example `finalization_requires_location_inputs`.
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
        /// Returns the sum of all discounts.
        pub amount_discount: Option<i64>,
        /// Returns the sum of all shipping costs. `None` before 2021.
        pub amount_shipping: Option<i64>,
        /// Returns the sum of all taxes.
        pub amount_tax: Option<i64>,
    }
}

object! {
    /// The amount in the currency that the customer saw.
    ///
    /// It is present if the currency differs from the app's: see
    /// <https://docs.stripe.com/payments/currencies/localize-prices/adaptive-pricing>.
    pub struct PresentmentDetails {
        /// Returns the amount, in the smallest unit of `presentment_currency`.
        ///
        /// `None` for subscriptions.
        pub presentment_amount: Option<i64>,
        /// Returns the currency.
        pub presentment_currency: Option<String>,
    }
}
