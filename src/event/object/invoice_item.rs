//! Invoice items.

use super::{
    Customer, Expandable, Invoice, Metadata, Period, Price, Subscription, discount::Discount,
    expandable::id_of, macros::object, tax::TaxRate, test_clock::TestClock,
};

object! {
    /// An item that is added to the next invoice: <https://docs.stripe.com/api/invoiceitems/object>
    pub struct InvoiceItem named "invoiceitem" {
        /// Returns the invoice item's id, `ii_…`.
        pub id: required String,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the invoice that the item is on.
        ///
        /// `None` until it is invoiced.
        pub invoice (invoice_id): Option<Expandable<Invoice>>,
        /// Returns the amount, in the smallest unit of `currency`.
        ///
        /// Negative for a credit.
        pub amount: Option<i64>,
        /// Returns the amount after discounts, in the smallest unit of `currency`.
        pub net_amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the quantity.
        pub quantity: Option<i64>,
        /// Returns when the item was created, in Unix seconds.
        pub date: Option<i64>,
        /// Returns the period that is billed.
        pub period: Option<Period>,
        /// Returns whether discounts apply to the item.
        pub discountable: bool,
        /// Returns the discounts.
        pub discounts: Vec<Expandable<Discount>>,
        /// Returns whether the item is a proration.
        pub proration: bool,
        /// Returns what created the item.
        pub parent: Option<ItemParent>,
        /// Returns the price.
        ///
        /// See also [`price_id`](Self::price_id).
        pub pricing: Option<ItemPricing>,
        /// Returns the tax rates.
        pub tax_rates: Vec<TaxRate>,
        /// Returns the test clock that sets the invoice item's time.
        pub test_clock (test_clock_id): Option<Expandable<TestClock>>,
        /// Returns whether the invoice item was deleted.
        pub deleted: bool,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the invoice item.
        pub metadata: Metadata,
        price: Option<Expandable<Price>>,
        plan: Option<Expandable<Price>>,
        subscription: Option<Expandable<Subscription>>,
        subscription_item: Option<String>,
    }
}

object! {
    /// What created the item.
    pub struct ItemParent {
        /// Returns the subscription that created the item.
        pub subscription_details: Option<ItemSubscription>,
        /// Returns the type: `subscription_details`.
        pub parent_type as "type": Option<String>,
    }
}

object! {
    /// The subscription that created the item.
    pub struct ItemSubscription {
        /// Returns the subscription's id, `sub_…`.
        pub subscription: Option<String>,
        /// Returns the subscription item's id, `si_…`.
        pub subscription_item: Option<String>,
    }
}

object! {
    /// The price.
    pub struct ItemPricing {
        /// Returns the price of the app's catalog.
        pub price_details: Option<PriceDetails>,
        /// Returns the type: `price_details`.
        pub pricing_type as "type": Option<String>,
        /// Returns the amount per unit, as a decimal number of the smallest unit of `currency`.
        pub unit_amount_decimal: Option<String>,
    }
}

object! {
    /// The price of the app's catalog.
    pub struct PriceDetails {
        /// Returns the price.
        pub price (price_id): Option<Expandable<Price>>,
        /// Returns the product's id, `prod_…`.
        pub product: Option<String>,
    }
}

impl InvoiceItem {
    /// The price's id, `price_…`.
    ///
    /// API versions before 2025-03-31.basil have it as `price`, those before 2020 as `plan`, later
    /// ones in `pricing`.
    #[must_use]
    pub fn price_id(&self) -> Option<&str> {
        let details = self.pricing.as_ref().and_then(|pricing| pricing.price_details.as_ref());
        let former = id_of(self.price.as_ref()).or(id_of(self.plan.as_ref()));
        details.and_then(PriceDetails::price_id).or(former)
    }

    /// The id of the subscription that created the item, `sub_…`.
    ///
    /// API versions before 2025-03-31.basil have it as `subscription`, later ones in `parent`.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        let details = self.subscription_details();
        let current = details.and_then(|details| details.subscription.as_deref());
        current.or(id_of(self.subscription.as_ref()))
    }

    /// The id of the subscription item that created the item, `si_…`.
    ///
    /// API versions before 2025-03-31.basil have it as `subscription_item`, later ones in `parent`.
    #[must_use]
    pub fn subscription_item_id(&self) -> Option<&str> {
        let details = self.subscription_details();
        let current = details.and_then(|details| details.subscription_item.as_deref());
        current.or(self.subscription_item.as_deref())
    }

    fn subscription_details(&self) -> Option<&ItemSubscription> {
        self.parent.as_ref()?.subscription_details.as_ref()
    }
}
