//! Prices, and the plans that they were before.

use super::{
    Expandable, Metadata, OtherObject,
    expandable::id_of,
    macros::{object, value},
};

object! {
    /// What a product costs and how often: <https://docs.stripe.com/api/prices/object>
    ///
    /// A plan, which prices were before 2020 and still are in old API versions, is read as one.
    pub struct Price then unify {
        /// The price's id, `price_…`, or the name that a plan was given.
        pub id: Option<String>,
        /// What is sold, `prod_…`.
        pub product: Option<Expandable<OtherObject>>,
        /// The currency.
        pub currency: Option<String>,
        /// A name of the app's own, which can be moved from one price to another.
        pub lookup_key: Option<String>,
        /// A short description for the app's operators.
        pub nickname: Option<String>,
        /// Whether it can be used for new purchases. `None` for old plans.
        pub active: Option<bool>,
        /// How often it is due. `None` if it is due once.
        ///
        /// A plan has it as `interval` and `interval_count`.
        pub recurring: Option<Recurring>,
        /// What the app attached.
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
    /// What one unit costs, in the smallest unit of `currency`. `None` for tiered and for fractional prices: see
    /// [`unit_amount_decimal`](Self::unit_amount_decimal).
    ///
    /// A plan has it as `amount`.
    #[must_use]
    pub fn unit_amount(&self) -> Option<i64> {
        self.unit_amount.or(self.amount)
    }

    /// What one unit costs, as a decimal number of the smallest unit of `currency` with up to 12 decimal places: `"0.05"` is a
    /// twentieth of a cent. `None` for tiered prices, and before 2019-12-03.
    ///
    /// A plan has it as `amount_decimal`.
    #[must_use]
    pub fn unit_amount_decimal(&self) -> Option<&str> {
        self.unit_amount_decimal.as_deref().or(self.amount_decimal.as_deref())
    }

    /// Whether the reported usage is billed (`metered`), and not a quantity that is agreed on beforehand (`licensed`).
    ///
    /// A price has it under `recurring`, a plan as `usage_type`, and plans before 2017-12-14 are licensed.
    #[must_use]
    pub fn is_metered(&self) -> bool {
        let recurring = self.recurring.as_ref();
        let usage_type = recurring.and_then(|recurring| recurring.usage_type.as_ref()).or(self.usage_type.as_ref());
        usage_type == Some(&UsageType::Metered)
            || self.meter.is_some()
            || recurring.is_some_and(|recurring| recurring.meter.is_some())
    }

    /// The product's id, `prod_…`.
    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        id_of(self.product.as_ref())
    }
}

object! {
    /// How often a price is due: every `interval_count` `interval`s.
    pub struct Recurring {
        /// The unit of time.
        pub interval: Option<Interval>,
        /// How many units.
        pub interval_count: Option<i64>,
        /// Whether a quantity or the reported usage is billed. `None` for plans before 2017-12-14: a quantity.
        pub usage_type: Option<UsageType>,
        meter: Option<String>,
    }
}

value! {
    /// What a recurring price bills.
    pub enum UsageType {
        /// A quantity that is agreed on beforehand.
        Licensed => "licensed",
        /// The usage that was reported.
        Metered => "metered",
    }
}

value! {
    /// The unit of time in which a price is due.
    pub enum Interval {
        /// Daily.
        Day => "day",
        /// Monthly.
        Month => "month",
        /// Weekly.
        Week => "week",
        /// Yearly.
        Year => "year",
    }
}
