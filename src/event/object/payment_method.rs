//! Payment methods.

use super::{BillingDetails, Customer, Expandable, Metadata, macros::object};

object! {
    /// A payment method of a customer: <https://docs.stripe.com/api/payment_methods/object>
    pub struct PaymentMethod named "payment_method" {
        /// Returns the payment method's id, `pm_…`.
        pub id: required String,
        /// Returns the type, such as `card` or `sepa_debit`.
        pub payment_method_type as "type": Option<String>,
        /// Returns the billing details.
        pub billing_details: Option<BillingDetails>,
        /// Returns the customer that the payment method is attached to.
        ///
        /// `None` after it was detached.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns whether it can be shown to the customer again: `always`, `limited` or
        /// `unspecified`.
        pub allow_redisplay: Option<String>,
        /// Returns the card.
        pub card: Option<PaymentMethodCard>,
        /// Returns the bank account of SEPA Direct Debit.
        pub sepa_debit: Option<SepaDebit>,
        /// Returns the US bank account.
        pub us_bank_account: Option<UsBankAccount>,
        /// Returns the bank account of Bacs Direct Debit.
        pub bacs_debit: Option<BacsDebit>,
        /// Returns the bank account of Canadian pre-authorized debits.
        pub acss_debit: Option<AcssDebit>,
        /// Returns the bank account of Australian direct debits.
        pub au_becs_debit: Option<AuBecsDebit>,
        /// Returns the bank account of iDEAL.
        pub ideal: Option<Ideal>,
        /// Returns the account of Link.
        pub link: Option<Link>,
        /// Returns the account at `PayPal`.
        pub paypal: Option<Paypal>,
        /// Returns when the payment method was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the payment method.
        pub metadata: Metadata,
    }
}

object! {
    /// The card.
    pub struct PaymentMethodCard {
        /// Returns the brand, such as `visa`.
        pub brand: Option<String>,
        /// Returns the brand to be shown, if the card has several.
        pub display_brand: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the month of expiration, from 1 to 12.
        pub exp_month: Option<i64>,
        /// Returns the year of expiration, with four digits.
        pub exp_year: Option<i64>,
        /// Returns the country of the issuer as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the funding type: `credit`, `debit`, `prepaid` or `unknown`.
        pub funding: Option<String>,
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns the results of the checks: `pass`, `fail`, `unavailable` or `unchecked`.
        pub checks: Option<CardChecks>,
        /// Returns the support of 3D Secure.
        pub three_d_secure_usage: Option<ThreeDSecureUsage>,
        /// Returns the wallet that the card is in.
        pub wallet: Option<Wallet>,
    }
}

object! {
    /// The results of the checks: `pass`, `fail`, `unavailable` or `unchecked`.
    pub struct CardChecks {
        /// Returns the check of the address.
        pub address_line1_check: Option<String>,
        /// Returns the check of the postal code.
        pub address_postal_code_check: Option<String>,
        /// Returns the check of the security code.
        pub cvc_check: Option<String>,
    }
}

object! {
    /// The support of 3D Secure.
    pub struct ThreeDSecureUsage {
        /// Returns whether the card supports 3D Secure.
        pub supported: bool,
    }
}

object! {
    /// The wallet that the card is in.
    pub struct Wallet {
        /// Returns the last four digits of the wallet's number.
        pub dynamic_last4: Option<String>,
        /// Returns the wallet, such as `apple_pay`.
        pub wallet_type as "type": Option<String>,
    }
}

object! {
    /// The bank account of SEPA Direct Debit.
    pub struct SepaDebit {
        /// Returns the code of the bank.
        pub bank_code: Option<String>,
        /// Returns the code of the bank's branch.
        pub branch_code: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
    }
}

object! {
    /// The US bank account.
    pub struct UsBankAccount {
        /// Returns the holder: `individual` or `company`.
        pub account_holder_type: Option<String>,
        /// Returns the type: `checking` or `savings`.
        pub account_type: Option<String>,
        /// Returns the name of the bank.
        pub bank_name: Option<String>,
        /// Returns the id of the Financial Connections account, `fca_…`.
        pub financial_connections_account: Option<String>,
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the routing number of the bank.
        pub routing_number: Option<String>,
    }
}

object! {
    /// The bank account of Bacs Direct Debit.
    pub struct BacsDebit {
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the sort code of the bank.
        pub sort_code: Option<String>,
    }
}

object! {
    /// The bank account of Canadian pre-authorized debits.
    pub struct AcssDebit {
        /// Returns the name of the bank.
        pub bank_name: Option<String>,
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns the number of the institution.
        pub institution_number: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the number of the branch.
        pub transit_number: Option<String>,
    }
}

object! {
    /// The bank account of Australian direct debits.
    pub struct AuBecsDebit {
        /// Returns the number of the bank and its branch.
        pub bsb_number: Option<String>,
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
    }
}

object! {
    /// The bank account of iDEAL.
    pub struct Ideal {
        /// Returns the bank, such as `ing`.
        pub bank: Option<String>,
        /// Returns the BIC of the bank.
        pub bic: Option<String>,
    }
}

object! {
    /// The account of Link.
    pub struct Link {
        /// Returns the email address.
        pub email: Option<String>,
    }
}

object! {
    /// The account at `PayPal`.
    pub struct Paypal {
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the email address of the payer.
        pub payer_email: Option<String>,
        /// Returns the id of the payer at `PayPal`.
        pub payer_id: Option<String>,
    }
}
