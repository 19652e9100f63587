//! Customers.

use super::{
    Expandable, Metadata, OtherObject, expandable::id_of, lenient::move_into, macros::object,
};

object! {
    /// A customer: <https://docs.stripe.com/api/customers/object>
    pub struct Customer named "customer" then unify {
        /// The customer's id, `cus_…`.
        pub id: required String,
        /// The email address as it was entered. Compare it case-insensitively.
        pub email: Option<String>,
        /// The full name of the person or business.
        pub name: Option<String>,
        /// The phone number.
        pub phone: Option<String>,
        /// The description, written by the app for its own use.
        pub description: Option<String>,
        /// The postal address.
        pub address: Option<Address>,
        /// The currency in which the customer can be charged for subscriptions.
        ///
        /// `None` before the first charge.
        pub currency: Option<String>,
        /// Whether the latest invoice is past due or the latest charge failed.
        pub delinquent: bool,
        /// Whether the customer was deleted. A deleted customer has little more than its id.
        pub deleted: bool,
        /// When the customer was created, in Unix seconds.
        pub created: Option<i64>,
        /// Whether the object exists in live mode.
        pub livemode: bool,
        /// The metadata that the app attached to the customer.
        pub metadata: Metadata,
        account_balance: Option<i64>,
        active_card: Option<Expandable<OtherObject>>,
        balance: Option<i64>,
        default_card: Option<Expandable<OtherObject>>,
        default_source: Option<Expandable<OtherObject>>,
        invoice_settings: Option<InvoiceSettings>,
    }
}

fn unify(customer: &mut Customer) {
    move_into(&mut customer.default_card, &mut customer.active_card);
    move_into(&mut customer.default_source, &mut customer.default_card);
}

object! {
    /// The customer's default settings for invoices.
    struct InvoiceSettings {
        default_payment_method: Option<Expandable<OtherObject>>,
    }
}

impl Customer {
    /// The balance, in the smallest unit of `currency`.
    ///
    /// A positive balance is added to the next invoice, a negative one is a credit.
    ///
    /// API versions before 2019-10-17 have it as `account_balance`.
    #[must_use]
    pub fn balance(&self) -> Option<i64> {
        self.balance.or(self.account_balance)
    }

    /// The default payment method for subscriptions and invoices.
    ///
    /// Old customers have a source or card instead. A source is in `default_source`. API versions
    /// before 2015-02-18 have a card in `default_card`, those before 2013-07-05 in `active_card`.
    #[must_use]
    pub fn default_payment_method(&self) -> Option<&Expandable<OtherObject>> {
        let settings = self.invoice_settings.as_ref();
        settings
            .and_then(|settings| settings.default_payment_method.as_ref())
            .or(self.default_source.as_ref())
    }

    /// The id of the default payment method for subscriptions and invoices.
    ///
    /// `pm_…`, or for old customers the id of a source or card: see
    /// [`default_payment_method`](Self::default_payment_method).
    #[must_use]
    pub fn default_payment_method_id(&self) -> Option<&str> {
        id_of(self.default_payment_method())
    }
}

object! {
    /// A postal address.
    #[derive(Default)]
    pub struct Address {
        /// The city, district, suburb, town or village.
        pub city: Option<String>,
        /// The country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// The first line, such as the street, post-office box or company.
        pub line1: Option<String>,
        /// The second line, such as the apartment, suite, unit or building.
        pub line2: Option<String>,
        /// The ZIP or postal code.
        pub postal_code: Option<String>,
        /// The state, county, province or region.
        pub state: Option<String>,
    }
}

object! {
    /// The payer's contact details, as entered with the payment.
    #[derive(Default)]
    pub struct BillingDetails {
        /// The postal address.
        pub address: Option<Address>,
        /// The email address.
        pub email: Option<String>,
        /// The full name.
        pub name: Option<String>,
        /// The phone number.
        pub phone: Option<String>,
    }
}
