//! Connected accounts, with their capabilities, persons, external accounts and applications.

use std::collections::BTreeMap;

use super::{
    Address, Customer, Expandable, List, Metadata, Named,
    lenient::Blank,
    list::Listed,
    macros::{object, value},
};

object! {
    /// An account: <https://docs.stripe.com/api/accounts/object>
    pub struct Account named "account" then unify {
        /// Returns the account's id, `acct_…`.
        pub id: required String,
        /// Returns the kind of dashboard that the account has.
        pub account_type as "type": Option<AccountType>,
        /// Returns the legal form: `individual`, `company`, `non_profit` or `government_entity`.
        pub business_type: Option<String>,
        /// Returns the public profile of the business.
        pub business_profile: Option<BusinessProfile>,
        /// Returns the statuses of the account's capabilities: see [`capability`](Self::capability).
        pub capabilities: BTreeMap<String, String>,
        /// Returns whether the account can receive payments.
        pub charges_enabled: bool,
        /// Returns whether Stripe can send payouts to the account.
        ///
        /// API versions before 2017-05-25 have it as `transfers_enabled`.
        pub payouts_enabled: bool,
        /// Returns whether the account submitted the details that its onboarding asks for.
        pub details_submitted: bool,
        /// Returns what the account has to provide, and until when.
        pub requirements: Option<Requirements>,
        /// Returns what the account will have to provide.
        pub future_requirements: Option<Requirements>,
        /// Returns the country of the account as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the currency of the account's bank account.
        pub default_currency: Option<String>,
        /// Returns the email address of the account.
        pub email: Option<String>,
        /// Returns the company.
        ///
        /// `None` for an individual.
        pub company: Option<Company>,
        /// Returns the person, for an individual.
        pub individual: Option<Person>,
        /// Returns who controls the account.
        pub controller: Option<Controller>,
        /// Returns the bank accounts and cards for payouts.
        pub external_accounts: List<ExternalAccount>,
        /// Returns the settings.
        pub settings: Option<Settings>,
        /// Returns the acceptance of Stripe's terms.
        pub tos_acceptance: Option<TosAcceptance>,
        /// Returns whether the account was deleted.
        pub deleted: bool,
        /// Returns when the account was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns the metadata that the app attached to the account.
        pub metadata: Metadata,
        verification: Option<FormerVerification>,
        transfers_enabled: bool,
    }
}

value! {
    /// The kind of dashboard that an account has.
    pub enum AccountType {
        /// The account has no dashboard. The app collects its details.
        Custom => "custom",
        /// The account has the Express dashboard.
        Express => "express",
        /// The account has no dashboard of its own.
        None => "none",
        /// The account has the full dashboard.
        Standard => "standard",
    }
}

object! {
    /// The public profile of the business.
    pub struct BusinessProfile {
        /// Returns the name that customers see.
        pub name: Option<String>,
        /// Returns the merchant category code.
        pub mcc: Option<String>,
        /// Returns what the business sells.
        pub product_description: Option<String>,
        /// Returns the email address of the support.
        pub support_email: Option<String>,
        /// Returns the phone number of the support.
        pub support_phone: Option<String>,
        /// Returns the URL of the support.
        pub support_url: Option<String>,
        /// Returns the URL of the website.
        pub url: Option<String>,
    }
}

object! {
    /// What the account has to provide, and until when.
    pub struct Requirements {
        /// Returns the alternatives to some of the requirements.
        pub alternatives: Vec<Alternative>,
        /// Returns when the requirements of `currently_due` must be met, in Unix seconds.
        pub current_deadline: Option<i64>,
        /// Returns the requirements to be met by the deadline.
        pub currently_due: Vec<String>,
        /// Returns the reason why the account is restricted, such as `requirements.past_due`.
        pub disabled_reason: Option<String>,
        /// Returns the requirements that were provided with errors.
        pub errors: Vec<RequirementError>,
        /// Returns the requirements to be met some day.
        pub eventually_due: Vec<String>,
        /// Returns the requirements whose deadline has passed.
        pub past_due: Vec<String>,
        /// Returns the requirements that Stripe verifies at the moment.
        pub pending_verification: Vec<String>,
    }
}

object! {
    /// The alternatives to some of the requirements.
    pub struct Alternative {
        /// Returns the requirements that can be provided instead.
        pub alternative_fields_due: Vec<String>,
        /// Returns the requirements that need not be provided then.
        pub original_fields_due: Vec<String>,
    }
}

object! {
    /// The requirements that were provided with errors.
    pub struct RequirementError {
        /// Returns the error, as a code.
        pub code: Option<String>,
        /// Returns the error, for people.
        pub reason: Option<String>,
        /// Returns the requirement.
        pub requirement: Option<String>,
    }
}

object! {
    /// The company.
    pub struct Company {
        /// Returns the address.
        pub address: Option<Address>,
        /// Returns the legal name.
        pub name: Option<String>,
        /// Returns the phone number.
        pub phone: Option<String>,
        /// Returns the legal structure, such as `private_company`.
        pub structure: Option<String>,
        /// Returns whether the tax id was provided.
        pub tax_id_provided: bool,
        /// Returns whether the VAT id was provided.
        pub vat_id_provided: bool,
        /// Returns whether the owners were provided.
        pub owners_provided: bool,
        /// Returns whether the directors were provided.
        pub directors_provided: bool,
        /// Returns whether the executives were provided.
        pub executives_provided: bool,
    }
}

object! {
    /// Who controls the account.
    pub struct Controller {
        /// Returns whether the app's account controls it.
        pub is_controller: bool,
        /// Returns who collects the requirements: `stripe` or `application`.
        pub requirement_collection: Option<String>,
        /// Returns the type of the controller: `account` or `application`.
        pub controller_type as "type": Option<String>,
    }
}

object! {
    /// The settings.
    pub struct Settings {
        /// Returns the settings of the dashboard.
        pub dashboard: Option<DashboardSettings>,
        /// Returns the settings of payments.
        pub payments: Option<PaymentSettings>,
        /// Returns the settings of payouts.
        pub payouts: Option<PayoutSettings>,
    }
}

object! {
    /// The settings of the dashboard.
    pub struct DashboardSettings {
        /// Returns the name in the dashboard.
        pub display_name: Option<String>,
        /// Returns the time zone, such as `Etc/UTC`.
        pub timezone: Option<String>,
    }
}

object! {
    /// The settings of payments.
    pub struct PaymentSettings {
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
    }
}

object! {
    /// The settings of payouts.
    pub struct PayoutSettings {
        /// Returns whether Stripe debits the bank account if the balance is negative.
        pub debit_negative_balances: bool,
        /// Returns the schedule of payouts.
        pub schedule: Option<PayoutSchedule>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
    }
}

object! {
    /// The schedule of payouts.
    pub struct PayoutSchedule {
        /// Returns the number of days until money is available.
        pub delay_days: Option<i64>,
        /// Returns the interval: `manual`, `daily`, `weekly` or `monthly`.
        pub interval: Option<String>,
        /// Returns the day of the month.
        pub monthly_anchor: Option<i64>,
        /// Returns the day of the week.
        pub weekly_anchor: Option<String>,
    }
}

object! {
    /// The acceptance of Stripe's terms.
    pub struct TosAcceptance {
        /// Returns when the terms were accepted, in Unix seconds.
        pub date: Option<i64>,
        /// Returns the agreement: `full` or `recipient`.
        pub service_agreement: Option<String>,
    }
}

object! {
    /// A capability of an account: <https://docs.stripe.com/api/capabilities/object>
    pub struct Capability named "capability" {
        /// Returns the capability, such as `card_payments`.
        pub id: required String,
        /// Returns the account.
        pub account (account_id): Option<Expandable<Account>>,
        /// Returns whether the account requested the capability.
        pub requested: bool,
        /// Returns when the capability was requested, in Unix seconds.
        pub requested_at: Option<i64>,
        /// Returns the status.
        pub status: Option<CapabilityStatus>,
        /// Returns what the account has to provide for the capability, and until when.
        pub requirements: Option<Requirements>,
        /// Returns what the account will have to provide for the capability.
        pub future_requirements: Option<Requirements>,
    }
}

value! {
    /// The status of a capability.
    pub enum CapabilityStatus {
        /// The capability can be used.
        Active => "active",
        /// The capability cannot be used: requirements are missing.
        Inactive => "inactive",
        /// Stripe verifies the details.
        Pending => "pending",
        /// The capability was not requested.
        Unrequested => "unrequested",
    }
}

object! {
    /// A person of an account: <https://docs.stripe.com/api/persons/object>
    pub struct Person named "person" {
        /// Returns the person's id, `person_…`.
        pub id: required String,
        /// Returns the account's id, `acct_…`.
        pub account: Option<String>,
        /// Returns the first name.
        pub first_name: Option<String>,
        /// Returns the last name.
        pub last_name: Option<String>,
        /// Returns the name at birth.
        pub maiden_name: Option<String>,
        /// Returns the email address.
        pub email: Option<String>,
        /// Returns the phone number.
        pub phone: Option<String>,
        /// Returns the address.
        pub address: Option<Address>,
        /// Returns the registered address.
        pub registered_address: Option<Address>,
        /// Returns the date of birth.
        pub dob: Option<DateOfBirth>,
        /// Returns the gender: `male` or `female`.
        pub gender: Option<String>,
        /// Returns the nationality as two letters (ISO 3166-1 alpha-2).
        pub nationality: Option<String>,
        /// Returns whether the person has a public function: `existing` or `none`.
        pub political_exposure: Option<String>,
        /// Returns whether the id number was provided.
        pub id_number_provided: bool,
        /// Returns whether the last four digits of the social security number were provided.
        pub ssn_last_4_provided: bool,
        /// Returns the person's role in the company.
        pub relationship: Option<Relationship>,
        /// Returns what the person has to provide.
        pub requirements: Option<PersonRequirements>,
        /// Returns what the person will have to provide.
        pub future_requirements: Option<PersonRequirements>,
        /// Returns the verification of the person.
        pub verification: Option<PersonVerification>,
        /// Returns whether the person was deleted.
        pub deleted: bool,
        /// Returns when the person was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns the metadata that the app attached to the person.
        pub metadata: Metadata,
    }
}

object! {
    /// The date of birth.
    pub struct DateOfBirth {
        /// Returns the day, from 1 to 31.
        pub day: Option<i64>,
        /// Returns the month, from 1 to 12.
        pub month: Option<i64>,
        /// Returns the year, with four digits.
        pub year: Option<i64>,
    }
}

object! {
    /// The person's role in the company.
    pub struct Relationship {
        /// Returns whether the person authorizes payments.
        pub authorizer: bool,
        /// Returns whether the person is a director.
        pub director: bool,
        /// Returns whether the person is an executive.
        pub executive: bool,
        /// Returns whether the person is the legal guardian of the account's person.
        pub legal_guardian: bool,
        /// Returns whether the person is an owner.
        pub owner: bool,
        /// Returns the share of the company, in percent.
        pub percent_ownership: Option<f64>,
        /// Returns whether the person represents the account.
        pub representative: bool,
        /// Returns the title, such as `CEO`.
        pub title: Option<String>,
    }
}

object! {
    /// What the person has to provide.
    pub struct PersonRequirements {
        /// Returns the requirements to be met by the deadline.
        pub currently_due: Vec<String>,
        /// Returns the requirements that were provided with errors.
        pub errors: Vec<RequirementError>,
        /// Returns the requirements to be met some day.
        pub eventually_due: Vec<String>,
        /// Returns the requirements whose deadline has passed.
        pub past_due: Vec<String>,
        /// Returns the requirements that Stripe verifies at the moment.
        pub pending_verification: Vec<String>,
    }
}

object! {
    /// The verification of the person.
    pub struct PersonVerification {
        /// Returns the state of the verification, for people.
        pub details: Option<String>,
        /// Returns the state of the verification, as a code.
        pub details_code: Option<String>,
        /// Returns the status: `unverified`, `pending` or `verified`.
        pub status: Option<String>,
    }
}

object! {
    /// A bank account or a card for payouts:
    /// <https://docs.stripe.com/api/external_account_bank_accounts/object>
    pub struct ExternalAccount {
        /// Returns the external account's id, `ba_…` or `card_…`.
        pub id: required String,
        /// Returns `bank_account` or `card`.
        pub object: Option<String>,
        /// Returns the account.
        pub account (account_id): Option<Expandable<Account>>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the status of a bank account: `new`, `validated`, `verified`,
        /// `verification_failed`, `errored`, …
        pub status: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns whether it receives the payouts in its currency.
        pub default_for_currency: bool,
        /// Returns the methods of payouts: `standard`, `instant`.
        pub available_payout_methods: Vec<String>,
        /// Returns the name of the bank account's holder.
        pub account_holder_name: Option<String>,
        /// Returns the holder of the bank account: `individual` or `company`.
        pub account_holder_type: Option<String>,
        /// Returns the type of the bank account, such as `checking`.
        pub account_type: Option<String>,
        /// Returns the name of the bank.
        pub bank_name: Option<String>,
        /// Returns the routing number of the bank.
        pub routing_number: Option<String>,
        /// Returns what is missing for the bank account.
        pub requirements: Option<ExternalAccountRequirements>,
        /// Returns what will be missing for the bank account.
        pub future_requirements: Option<ExternalAccountRequirements>,
        /// Returns the brand of a card, such as `Visa`.
        pub brand: Option<String>,
        /// Returns the month of a card's expiration, from 1 to 12.
        pub exp_month: Option<i64>,
        /// Returns the year of a card's expiration, with four digits.
        pub exp_year: Option<i64>,
        /// Returns the funding type of a card: `credit`, `debit`, `prepaid` or `unknown`.
        pub funding: Option<String>,
        /// Returns the name on a card.
        pub name: Option<String>,
        /// Returns whether the external account was deleted.
        pub deleted: bool,
        /// Returns the metadata that the app attached to the external account.
        pub metadata: Metadata,
    }
}

object! {
    /// What is missing for the bank account.
    pub struct ExternalAccountRequirements {
        /// Returns the requirements to be met by the deadline.
        pub currently_due: Vec<String>,
        /// Returns the requirements that were provided with errors.
        pub errors: Vec<RequirementError>,
        /// Returns the requirements whose deadline has passed.
        pub past_due: Vec<String>,
        /// Returns the requirements that Stripe verifies at the moment.
        pub pending_verification: Vec<String>,
    }
}

object! {
    /// A Connect application: <https://docs.stripe.com/connect>
    pub struct Application named "application" {
        /// Returns the application's id, `ca_…`.
        pub id: required String,
        /// Returns the application's name.
        pub name: Option<String>,
        /// Returns whether the application was deleted.
        pub deleted: bool,
    }
}

impl Listed for ExternalAccount {}

impl Named for ExternalAccount {
    const NAMES: &[&str] = &["bank_account", "card"];

    fn own_name(&self) -> Option<&str> {
        self.object()
    }
}

object! {
    /// What an account has to provide, before 2019.
    struct FormerVerification {
        disabled_reason: Option<String>,
        due_by: Option<i64>,
        fields_needed: Vec<String>,
    }
}

fn unify(account: &mut Account) {
    account.payouts_enabled |= account.transfers_enabled;
    if let Some(former) = account.verification.take().filter(|_| account.requirements.is_none()) {
        let mut requirements = Requirements::blank();
        requirements.disabled_reason = former.disabled_reason;
        requirements.current_deadline = former.due_by;
        requirements.currently_due = former.fields_needed;
        account.requirements = Some(requirements);
    }
}

impl Account {
    /// The status of a capability, such as `card_payments` or `transfers`.
    ///
    /// `None` if the account does not have the capability.
    #[must_use]
    pub fn capability(&self, name: &str) -> Option<CapabilityStatus> {
        self.capabilities.get(name).map(|status| status.as_str().into())
    }
}
