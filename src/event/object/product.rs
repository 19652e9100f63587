//! Products and plans. A price is a [`Price`].

use super::{Expandable, Interval, Metadata, OtherObject, Price, UsageType, macros::object};

object! {
    /// A product: <https://docs.stripe.com/api/products/object>
    pub struct Product named "product" {
        /// Returns the product's id, `prod_…` or chosen by the app.
        pub id: required String,
        /// Returns the name that customers see.
        pub name: Option<String>,
        /// Returns whether the product can be bought.
        pub active: bool,
        /// Returns the description that customers see.
        pub description: Option<String>,
        /// Returns the default price.
        pub default_price (default_price_id): Option<Expandable<Price>>,
        /// Returns the URLs of the images.
        pub images: Vec<String>,
        /// Returns the features that a pricing table shows.
        ///
        /// API versions before 2024-04-10 have them as `features`.
        pub marketing_features: Vec<MarketingFeature>,
        /// Returns whether the product is shipped.
        pub shippable: Option<bool>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns the tax code.
        pub tax_code (tax_code_id): Option<Expandable<OtherObject>>,
        /// Returns the type: `good` or `service`.
        pub product_type as "type": Option<String>,
        /// Returns the label of the unit that is sold, such as `seat`.
        pub unit_label: Option<String>,
        /// Returns the URL of the product's page.
        pub url: Option<String>,
        /// Returns whether the product was deleted.
        pub deleted: bool,
        /// Returns when the product was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns when the product was last changed, in Unix seconds.
        pub updated: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the product.
        pub metadata: Metadata,
    }
}

object! {
    /// The features that a pricing table shows.
    pub struct MarketingFeature {
        /// Returns the name.
        pub name: Option<String>,
    }
}

object! {
    /// A plan, which prices have replaced: <https://docs.stripe.com/api/plans/object>
    pub struct Plan named "plan" {
        /// Returns the plan's id, `price_…`, `plan_…` or chosen by the app.
        pub id: required String,
        /// Returns whether the plan can be used for new subscriptions.
        pub active: bool,
        /// Returns the amount, in the smallest unit of `currency`.
        ///
        /// `None` for tiered plans.
        pub amount: Option<i64>,
        /// Returns the amount, as a decimal number of the smallest unit of `currency`.
        pub amount_decimal: Option<String>,
        /// Returns how the amount is computed: `per_unit` or `tiered`.
        pub billing_scheme: Option<String>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the unit of time of the billing interval.
        pub interval: Option<Interval>,
        /// Returns the number of units in the billing interval.
        pub interval_count: Option<i64>,
        /// Returns the id of the meter that records the usage, `mtr_…`.
        pub meter: Option<String>,
        /// Returns a short description that customers do not see.
        pub nickname: Option<String>,
        /// Returns the product.
        pub product (product_id): Option<Expandable<Product>>,
        /// Returns how tiers apply: `graduated` or `volume`.
        pub tiers_mode: Option<String>,
        /// Returns the number of days of the trial.
        pub trial_period_days: Option<i64>,
        /// Returns what the plan bills.
        pub usage_type: Option<UsageType>,
        /// Returns whether the plan was deleted.
        pub deleted: bool,
        /// Returns when the plan was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the plan.
        pub metadata: Metadata,
    }
}
