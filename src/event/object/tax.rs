//! Tax ids, tax rates, and the settings of Stripe Tax.

use super::{
    Address, Customer, Expandable, Metadata,
    account::Account,
    account::Application,
    macros::{object, value},
};

object! {
    /// A tax id of a customer: <https://docs.stripe.com/api/tax_ids/object>
    pub struct TaxId named "tax_id" {
        /// Returns the tax id's id, `txi_…`.
        pub id: required String,
        /// Returns the type, such as `eu_vat`.
        pub tax_id_type as "type": Option<String>,
        /// Returns the tax id itself.
        pub value: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the owner.
        pub owner: Option<TaxIdOwner>,
        /// Returns the verification.
        ///
        /// `None` if the tax id cannot be verified.
        pub verification: Option<TaxIdVerification>,
        /// Returns whether the tax id was deleted.
        pub deleted: bool,
        /// Returns when the tax id was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The owner.
    pub struct TaxIdOwner {
        /// Returns the account.
        pub account (account_id): Option<Expandable<Account>>,
        /// Returns the application.
        pub application (application_id): Option<Expandable<Application>>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the type: `customer`, `account`, `application` or `self`.
        pub owner_type as "type": Option<String>,
    }
}

object! {
    /// The verification.
    pub struct TaxIdVerification {
        /// Returns the status.
        pub status: Option<TaxIdVerificationStatus>,
        /// Returns the address that was found.
        pub verified_address: Option<String>,
        /// Returns the name that was found.
        pub verified_name: Option<String>,
    }
}

value! {
    /// The result of the verification of a tax id.
    pub enum TaxIdVerificationStatus {
        /// The verification is running.
        Pending => "pending",
        /// The tax id cannot be verified.
        Unavailable => "unavailable",
        /// The tax id was not found.
        Unverified => "unverified",
        /// The tax id was found.
        Verified => "verified",
    }
}

object! {
    /// A tax rate: <https://docs.stripe.com/api/tax_rates/object>
    pub struct TaxRate named "tax_rate" {
        /// Returns the tax rate's id, `txr_…`.
        pub id: required String,
        /// Returns whether the tax rate can be used.
        pub active: bool,
        /// Returns the name that customers see, such as `VAT`.
        pub display_name: Option<String>,
        /// Returns the percentage.
        pub percentage: Option<f64>,
        /// Returns the percentage that Stripe Tax applies.
        pub effective_percentage: Option<f64>,
        /// Returns the type of the rate: `percentage` or `flat_amount`.
        pub rate_type: Option<String>,
        /// Returns the amount, if the rate is one.
        pub flat_amount: Option<FlatAmount>,
        /// Returns whether prices include the tax.
        pub inclusive: bool,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the state, province or region, as the part of ISO 3166-2 after the country.
        pub state: Option<String>,
        /// Returns the jurisdiction that invoices show.
        pub jurisdiction: Option<String>,
        /// Returns the level of the jurisdiction, such as `state`.
        pub jurisdiction_level: Option<String>,
        /// Returns the type of the tax, such as `vat`.
        pub tax_type: Option<String>,
        /// Returns a description that customers do not see.
        pub description: Option<String>,
        /// Returns when the tax rate was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the tax rate.
        pub metadata: Metadata,
    }
}

object! {
    /// The amount, if the rate is one.
    pub struct FlatAmount {
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
    }
}

object! {
    /// The settings of Stripe Tax: <https://docs.stripe.com/api/tax/settings/object>
    pub struct Settings named "tax.settings" {
        /// Returns whether Stripe Tax can be used: `active` or `pending`.
        pub status: Option<String>,
        /// Returns details about the status.
        pub status_details: Option<SettingsDetails>,
        /// Returns the defaults.
        pub defaults: Option<SettingsDefaults>,
        /// Returns the place of business.
        pub head_office: Option<HeadOffice>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// Details about the status.
    pub struct SettingsDetails {
        /// Returns what is missing.
        pub pending: Option<PendingSettings>,
    }
}

object! {
    /// What is missing.
    pub struct PendingSettings {
        /// Returns the fields that are missing.
        pub missing_fields: Vec<String>,
    }
}

object! {
    /// The defaults.
    pub struct SettingsDefaults {
        /// Returns whether prices include the tax, such as `exclusive`.
        pub tax_behavior: Option<String>,
        /// Returns the tax code of products that have none.
        pub tax_code: Option<String>,
    }
}

object! {
    /// The place of business.
    pub struct HeadOffice {
        /// Returns the address.
        pub address: Option<Address>,
    }
}
