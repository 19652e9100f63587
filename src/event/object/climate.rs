//! Climate orders and products.

use super::{Expandable, Metadata, macros::object};

object! {
    /// An order of carbon removal: <https://docs.stripe.com/api/climate/order/object>
    pub struct Order named "climate.order" {
        /// Returns the order's id, `climorder_…`.
        pub id: required String,
        /// Returns the status: `awaiting_funds`, `confirmed`, `open`, `delivered` or `canceled`.
        pub status: Option<String>,
        /// Returns the fees, in the smallest unit of `currency`.
        pub amount_fees: Option<i64>,
        /// Returns the amount before fees, in the smallest unit of `currency`.
        pub amount_subtotal: Option<i64>,
        /// Returns the total, in the smallest unit of `currency`.
        pub amount_total: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the weight in metric tons, as a decimal number.
        pub metric_tons: Option<String>,
        /// Returns the product.
        pub product (product_id): Option<Expandable<Product>>,
        /// Returns the reason of the cancellation, such as `expired`.
        pub cancellation_reason: Option<String>,
        /// Returns the URL of the certificate.
        pub certificate: Option<String>,
        /// Returns the year of the expected delivery.
        pub expected_delivery_year: Option<i64>,
        /// Returns when the order was canceled, in Unix seconds.
        pub canceled_at: Option<i64>,
        /// Returns when the order was confirmed, in Unix seconds.
        pub confirmed_at: Option<i64>,
        /// Returns when the order was delayed, in Unix seconds.
        pub delayed_at: Option<i64>,
        /// Returns when the order was delivered, in Unix seconds.
        pub delivered_at: Option<i64>,
        /// Returns when the product was replaced by another, in Unix seconds.
        pub product_substituted_at: Option<i64>,
        /// Returns when the order was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the order.
        pub metadata: Metadata,
    }
}

object! {
    /// A product of carbon removal: <https://docs.stripe.com/api/climate/product/object>
    pub struct Product named "climate.product" {
        /// Returns the product's id, `climsku_…`.
        pub id: required String,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the year of the delivery.
        pub delivery_year: Option<i64>,
        /// Returns the available weight in metric tons, as a decimal number.
        pub metric_tons_available: Option<String>,
        /// Returns when the product was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}
