//! Customers.

use super::{
    Expandable, Metadata, OtherObject, expandable::id_of, lenient::move_into, macros::object,
};

object! {
    /// A customer: <https://docs.stripe.com/api/customers/object>
    pub struct Customer named "customer" then unify {
        /// Returns the customer's id, `cus_…`.
        pub id: required String,
        /// Returns the email address as it was entered. Compare it case-insensitively.
        pub email: Option<String>,
        /// Returns the full name of the person or business.
        pub name: Option<String>,
        /// Returns the phone number.
        pub phone: Option<String>,
        /// Returns the description, written by the app for its own use.
        pub description: Option<String>,
        /// Returns the postal address.
        pub address: Option<Address>,
        /// Returns the currency in which the customer can be charged for subscriptions.
        ///
        /// `None` before the first charge.
        pub currency: Option<String>,
        /// Returns whether the latest invoice is past due or the latest charge failed.
        pub delinquent: bool,
        /// Returns whether the customer was deleted.
        ///
        /// A deleted customer has little more than its id.
        pub deleted: bool,
        /// Returns when the customer was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the customer.
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
    move_into(&mut customer.balance, &mut customer.account_balance);
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
    /// Returns the balance, in the smallest unit of `currency`.
    ///
    /// A positive balance is added to the next invoice, a negative one is a credit.
    ///
    /// API versions before 2019-10-17 have it as `account_balance`.
    #[must_use]
    pub fn balance(&self) -> Option<i64> {
        self.balance
    }

    /// Returns the default payment method for subscriptions and invoices.
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

    /// Returns the id of the default payment method for subscriptions and invoices.
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
        /// Returns the city, district, suburb, town or village.
        pub city: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the first line, such as the street, post-office box or company.
        pub line1: Option<String>,
        /// Returns the second line, such as the apartment, suite, unit or building.
        pub line2: Option<String>,
        /// Returns the ZIP or postal code.
        pub postal_code: Option<String>,
        /// Returns the state, county, province or region.
        pub state: Option<String>,
    }
}

object! {
    /// The payer's contact details, as entered with the payment.
    #[derive(Default)]
    pub struct BillingDetails {
        /// Returns the postal address.
        pub address: Option<Address>,
        /// Returns the email address.
        pub email: Option<String>,
        /// Returns the full name.
        pub name: Option<String>,
        /// Returns the phone number.
        pub phone: Option<String>,
    }
}
