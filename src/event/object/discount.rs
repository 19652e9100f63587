//! Coupons, promotion codes and discounts.

use super::{
    Customer, Expandable, Metadata,
    expandable::id_of,
    macros::{object, value},
};

object! {
    /// A coupon: <https://docs.stripe.com/api/coupons/object>
    pub struct Coupon named "coupon" {
        /// Returns the coupon's id, random or chosen by the app.
        pub id: required String,
        /// Returns the name that customers see.
        pub name: Option<String>,
        /// Returns the amount of the discount, in the smallest unit of `currency`.
        ///
        /// `None` if it is a percentage.
        pub amount_off: Option<i64>,
        /// Returns the currency of `amount_off`.
        pub currency: Option<String>,
        /// Returns the percentage of the discount.
        ///
        /// `None` if it is an amount.
        pub percent_off: Option<f64>,
        /// Returns how long the discount applies.
        pub duration: Option<CouponDuration>,
        /// Returns the number of months, if `duration` is `repeating`.
        pub duration_in_months: Option<i64>,
        /// Returns what the coupon applies to.
        ///
        /// `None` if it applies to all products.
        pub applies_to: Option<CouponAppliesTo>,
        /// Returns how often the coupon can be redeemed, by all customers.
        pub max_redemptions: Option<i64>,
        /// Returns the last time at which the coupon can be redeemed, in Unix seconds.
        pub redeem_by: Option<i64>,
        /// Returns how often the coupon was redeemed.
        pub times_redeemed: Option<i64>,
        /// Returns whether the coupon can be redeemed.
        pub valid: bool,
        /// Returns whether the coupon was deleted.
        pub deleted: bool,
        /// Returns when the coupon was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the coupon.
        pub metadata: Metadata,
    }
}

value! {
    /// How long the discount of a coupon applies.
    pub enum CouponDuration {
        /// It applies to all invoices of a subscription.
        Forever => "forever",
        /// It applies to one invoice.
        Once => "once",
        /// It applies for a number of months.
        Repeating => "repeating",
    }
}

object! {
    /// What the coupon applies to.
    pub struct CouponAppliesTo {
        /// Returns the ids of the products.
        pub products: Vec<String>,
    }
}

object! {
    /// A code for a coupon: <https://docs.stripe.com/api/promotion_codes/object>
    pub struct PromotionCode named "promotion_code" {
        /// Returns the promotion code's id, `promo_…`.
        pub id: required String,
        /// Returns the code that customers enter.
        pub code: Option<String>,
        /// Returns whether the promotion code can be used.
        pub active: bool,
        /// Returns what the code stands for.
        ///
        /// See [`coupon`](Self::coupon).
        pub promotion: Option<Promotion>,
        /// Returns the only customer that can use the code.
        ///
        /// `None` if everyone can.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns when the promotion code expires, in Unix seconds.
        pub expires_at: Option<i64>,
        /// Returns how often the code can be redeemed.
        pub max_redemptions: Option<i64>,
        /// Returns how often the code was redeemed.
        pub times_redeemed: Option<i64>,
        /// Returns the restrictions.
        pub restrictions: Option<PromotionRestrictions>,
        /// Returns when the promotion code was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the promotion code.
        pub metadata: Metadata,
        coupon: Option<Expandable<Coupon>>,
    }
}

object! {
    /// What the code stands for.
    pub struct Promotion {
        /// Returns the coupon.
        pub coupon (coupon_id): Option<Expandable<Coupon>>,
        /// Returns the type: `coupon`.
        pub promotion_type as "type": Option<String>,
    }
}

object! {
    /// The restrictions.
    pub struct PromotionRestrictions {
        /// Returns whether only the customer's first payment can be reduced.
        pub first_time_transaction: bool,
        /// Returns the minimum of the payment, in the smallest unit of `minimum_amount_currency`.
        pub minimum_amount: Option<i64>,
        /// Returns the currency of `minimum_amount`.
        pub minimum_amount_currency: Option<String>,
    }
}

object! {
    /// A coupon that a customer redeemed: <https://docs.stripe.com/api/discounts/object>
    pub struct Discount named "discount" {
        /// Returns the discount's id, `di_…`.
        pub id: required String,
        /// Returns what the discount comes from.
        ///
        /// See [`coupon`](Self::coupon).
        pub source: Option<DiscountSource>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the promotion code that the customer entered.
        pub promotion_code (promotion_code_id): Option<Expandable<PromotionCode>>,
        /// Returns the id of the checkout session in which the code was entered.
        pub checkout_session: Option<String>,
        /// Returns the id of the invoice.
        pub invoice: Option<String>,
        /// Returns the id of the invoice item.
        pub invoice_item: Option<String>,
        /// Returns the id of the subscription.
        pub subscription: Option<String>,
        /// Returns the id of the subscription item.
        pub subscription_item: Option<String>,
        /// Returns when the discount started, in Unix seconds.
        pub start: Option<i64>,
        /// Returns when the discount ends, in Unix seconds.
        ///
        /// `None` if it does not.
        pub end: Option<i64>,
        /// Returns whether the discount was deleted.
        pub deleted: bool,
        coupon: Option<Expandable<Coupon>>,
    }
}

object! {
    /// What the discount comes from.
    pub struct DiscountSource {
        /// Returns the coupon.
        pub coupon (coupon_id): Option<Expandable<Coupon>>,
        /// Returns the type: `coupon`.
        pub source_type as "type": Option<String>,
    }
}

impl PromotionCode {
    /// The coupon.
    ///
    /// API versions before 2025-09-30.clover have it as `coupon`, later ones in `promotion`.
    #[must_use]
    pub fn coupon(&self) -> Option<&Expandable<Coupon>> {
        let promotion = self.promotion.as_ref();
        promotion.and_then(|promotion| promotion.coupon.as_ref()).or(self.coupon.as_ref())
    }

    /// The id of [`coupon`](Self::coupon).
    #[must_use]
    pub fn coupon_id(&self) -> Option<&str> {
        id_of(self.coupon())
    }
}

impl Discount {
    /// The coupon.
    ///
    /// API versions before 2025-09-30.clover have it as `coupon`, later ones in `source`.
    #[must_use]
    pub fn coupon(&self) -> Option<&Expandable<Coupon>> {
        let source = self.source.as_ref();
        source.and_then(|source| source.coupon.as_ref()).or(self.coupon.as_ref())
    }

    /// The id of [`coupon`](Self::coupon).
    #[must_use]
    pub fn coupon_id(&self) -> Option<&str> {
        id_of(self.coupon())
    }
}
