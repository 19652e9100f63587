//! Prices, and the plans that preceded them.

use super::{
    Expandable, Metadata, Named, OtherObject,
    expandable::id_of,
    macros::{object, value},
};

object! {
    /// A price of a product: <https://docs.stripe.com/api/prices/object>
    ///
    /// Until 2020 Stripe had plans instead of prices, and old API versions still have them. A
    /// plan is read as a price.
    pub struct Price then unify {
        /// Returns the price's id: `price_…`, or a name that the app gave to a plan.
        pub id: Option<String>,
        /// Returns the product.
        pub product: Option<Expandable<OtherObject>>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the lookup key, a name that the app gave to the price.
        ///
        /// The app can transfer it to another price.
        pub lookup_key: Option<String>,
        /// Returns a short description that customers do not see.
        pub nickname: Option<String>,
        /// Returns whether the price can be used for new purchases. `None` for old plans.
        pub active: Option<bool>,
        /// Returns the billing interval. `None` for a one-time price.
        ///
        /// A plan has it as `interval` and `interval_count`.
        pub recurring: Option<Recurring>,
        /// Returns the object that the price is read from: a price or a plan.
        pub object: Option<PriceObject>,
        /// Returns the type: `one_time` or `recurring`. `None` for a plan.
        pub price_type as "type": Option<String>,
        /// Returns how the amount is computed: `per_unit` or `tiered`.
        pub billing_scheme: Option<String>,
        /// Returns how tiers apply: `graduated` or `volume`.
        pub tiers_mode: Option<String>,
        /// Returns whether the amount includes the tax, such as `exclusive`.
        pub tax_behavior: Option<String>,
        /// Returns whether the price was deleted.
        pub deleted: bool,
        /// Returns when the price was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the price.
        pub metadata: Metadata,
        amount: Option<i64>,
        amount_decimal: Option<String>,
        unit_amount: Option<i64>,
        unit_amount_decimal: Option<String>,
        interval: Option<Interval>,
        interval_count: Option<i64>,
        usage_type: Option<UsageType>,
        meter: Option<String>,
    }
}

impl Named for Price {
    const NAMES: &[&str] = &["price", "plan"];

    fn own_name(&self) -> Option<&str> {
        Some(self.object.as_ref()?.as_str())
    }
}

value! {
    /// The object that a [`Price`] is read from.
    pub enum PriceObject {
        /// A plan.
        Plan => "plan",
        /// A price.
        Price => "price",
    }
}

fn unify(price: &mut Price) {
    if price.recurring.is_none() && price.interval.is_some() {
        price.recurring = Some(Recurring {
            interval: price.interval.take(),
            interval_count: price.interval_count,
            usage_type: price.usage_type.take(),
            meter: price.meter.take(),
        });
    }
}

impl Price {
    /// Returns the amount per unit, in the smallest unit of `currency`.
    ///
    /// `None` for tiered and for fractional prices: see
    /// [`unit_amount_decimal`](Self::unit_amount_decimal).
    ///
    /// A plan has it as `amount`.
    #[must_use]
    pub fn unit_amount(&self) -> Option<i64> {
        self.unit_amount.or(self.amount)
    }

    /// Returns the amount per unit, as a decimal number.
    ///
    /// It is in the smallest unit of `currency`. It has up to 12 decimal places: `"0.05"` is a
    /// twentieth of a cent. `None` for tiered prices, and before 2019-12-03.
    ///
    /// A plan has it as `amount_decimal`.
    #[must_use]
    pub fn unit_amount_decimal(&self) -> Option<&str> {
        self.unit_amount_decimal.as_deref().or(self.amount_decimal.as_deref())
    }

    /// Returns whether the price bills reported usage.
    ///
    /// The usage type is then `metered`; a fixed quantity is `licensed`. A price has it in
    /// `recurring`, a plan as `usage_type`. Plans before 2017-12-14 are licensed.
    #[must_use]
    pub fn is_metered(&self) -> bool {
        let recurring = self.recurring.as_ref();
        let usage_type = recurring
            .and_then(|recurring| recurring.usage_type.as_ref())
            .or(self.usage_type.as_ref());
        usage_type == Some(&UsageType::Metered)
            || self.meter.is_some()
            || recurring.is_some_and(|recurring| recurring.meter.is_some())
    }

    /// Returns the product's id, `prod_…`.
    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        id_of(self.product.as_ref())
    }
}

object! {
    /// The billing interval of a price: every `interval_count` `interval`s.
    pub struct Recurring {
        /// Returns the unit of time.
        pub interval: Option<Interval>,
        /// Returns the number of units.
        pub interval_count: Option<i64>,
        /// Returns whether the price bills a quantity or reported usage.
        ///
        /// `None` for plans before 2017-12-14, which bill a quantity.
        pub usage_type: Option<UsageType>,
        meter: Option<String>,
    }
}

value! {
    /// What a recurring price bills.
    pub enum UsageType {
        /// A quantity that is set in advance.
        Licensed => "licensed",
        /// The reported usage.
        Metered => "metered",
    }
}

value! {
    /// The unit of time of a billing interval.
    pub enum Interval {
        /// A day.
        Day => "day",
        /// A month.
        Month => "month",
        /// A week.
        Week => "week",
        /// A year.
        Year => "year",
    }
}
