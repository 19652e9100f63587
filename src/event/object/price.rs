//! Prices, and the plans that they were before.

use super::{
    Expandable, Metadata, OtherObject,
    expandable::id_of,
    lenient::{object, value},
};

object! {
    /// What a product costs and how often: <https://docs.stripe.com/api/prices/object>
    ///
    /// A plan, which prices were before 2020 and still are in old API versions, is read as one.
    pub struct Price {
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
        /// What the app attached.
        pub metadata: Metadata,
        amount: Option<i64>,
        unit_amount: Option<i64>,
        recurring: Option<Recurring>,
        interval: Option<Interval>,
        interval_count: Option<i64>,
    }
}

impl Price {
    /// What one unit costs, in the smallest unit of `currency`. `None` for tiered and for fractional prices.
    #[must_use]
    pub fn unit_amount(&self) -> Option<i64> {
        self.unit_amount.or(self.amount)
    }

    /// The product's id, `prod_…`.
    #[must_use]
    pub fn product_id(&self) -> Option<&str> {
        id_of(self.product.as_ref())
    }

    /// How often it is due. `None` if it is due once.
    #[must_use]
    pub fn recurring(&self) -> Option<Recurring> {
        self.recurring.clone().or_else(|| {
            let interval = self.interval.clone()?;
            Some(Recurring { interval: Some(interval), interval_count: self.interval_count })
        })
    }
}

object! {
    /// How often a price is due: every `interval_count` `interval`s.
    pub struct Recurring {
        /// The unit of time.
        pub interval: Option<Interval>,
        /// How many units.
        pub interval_count: Option<i64>,
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
