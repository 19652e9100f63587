//! Customers.

use super::{Expandable, Metadata, OtherObject, expandable::id_of, lenient::move_into, macros::object};

object! {
    /// Who buys: <https://docs.stripe.com/api/customers/object>
    pub struct Customer named "customer" then unify {
        /// The customer's id, `cus_…`.
        pub id: required String,
        /// The email address, as it was entered: compare without regard to case.
        pub email: Option<String>,
        /// The full name, of a person or a business.
        pub name: Option<String>,
        /// The phone number.
        pub phone: Option<String>,
        /// A text of the app's own, for its operators.
        pub description: Option<String>,
        /// The postal address.
        pub address: Option<Address>,
        /// The currency in which the customer can be charged for subscriptions. `None` before the first charge.
        pub currency: Option<String>,
        /// Whether the latest invoice is past due, or the latest charge failed.
        pub delinquent: bool,
        /// Whether the customer is deleted: then there is little else than the id.
        pub deleted: bool,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
        /// Whether it is of live mode.
        pub livemode: bool,
        /// What the app attached.
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
    /// How the customer's invoices are paid.
    struct InvoiceSettings {
        default_payment_method: Option<Expandable<OtherObject>>,
    }
}

impl Customer {
    /// What is owed (positive) or credited (negative) with the next invoice, in the smallest unit of `currency`.
    ///
    /// API versions before 2019-10-17 have it as `account_balance`.
    #[must_use]
    pub fn balance(&self) -> Option<i64> {
        self.balance.or(self.account_balance)
    }

    /// The id of what subscriptions and invoices are paid with unless they say otherwise: a payment method, or for old
    /// customers a source or card.
    ///
    /// A source is the `default_source`; API versions before 2015-02-18 have it as `default_card`, those before 2013-07-05 as
    /// `active_card`.
    #[must_use]
    pub fn default_payment_method_id(&self) -> Option<&str> {
        let settings = self.invoice_settings.as_ref();
        id_of(settings.and_then(|settings| settings.default_payment_method.as_ref()))
            .or_else(|| id_of(self.default_source.as_ref()))
    }
}

object! {
    /// A postal address.
    #[derive(Default)]
    pub struct Address {
        /// City, district, suburb, town or village.
        pub city: Option<String>,
        /// Two letters: ISO 3166-1 alpha-2.
        pub country: Option<String>,
        /// Street, post-office box or company.
        pub line1: Option<String>,
        /// Apartment, suite, unit or building.
        pub line2: Option<String>,
        /// ZIP or postal code.
        pub postal_code: Option<String>,
        /// State, county, province or region.
        pub state: Option<String>,
    }
}

object! {
    /// Who paid, as entered with the payment.
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
