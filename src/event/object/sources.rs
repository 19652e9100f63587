//! Sources, which payment methods have replaced.

use super::{Address, Customer, Expandable, Metadata, Named, macros::object};

object! {
    /// A source: <https://docs.stripe.com/api/sources/object>
    pub struct Source named "source" {
        /// Returns the source's id, `src_…`.
        pub id: required String,
        /// Returns the status: `pending`, `chargeable`, `consumed`, `canceled` or `failed`.
        pub status: Option<String>,
        /// Returns the type, such as `sepa_debit`.
        pub source_type as "type": Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the id of the customer, `cus_…`.
        pub customer: Option<String>,
        /// Returns the flow: `redirect`, `receiver`, `code_verification` or `none`.
        pub flow: Option<String>,
        /// Returns the owner.
        pub owner: Option<SourceOwner>,
        /// Returns the account to which the customer sends the money.
        pub receiver: Option<Receiver>,
        /// Returns the page to which the customer is redirected.
        pub redirect: Option<Redirect>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns how the source can be used: `reusable` or `single_use`.
        pub usage: Option<String>,
        /// Returns when the source was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the source.
        pub metadata: Metadata,
    }
}

object! {
    /// The owner.
    pub struct SourceOwner {
        /// Returns the address.
        pub address: Option<Address>,
        /// Returns the email address.
        pub email: Option<String>,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the phone number.
        pub phone: Option<String>,
    }
}

object! {
    /// The account to which the customer sends the money.
    pub struct Receiver {
        /// Returns the number of the account.
        pub address: Option<String>,
        /// Returns the received amount, in the smallest unit of the source's currency.
        pub amount_received: Option<i64>,
        /// Returns whether refunds are possible: `missing`, `requested` or `available`.
        pub refund_attributes_status: Option<String>,
    }
}

object! {
    /// The page to which the customer is redirected.
    pub struct Redirect {
        /// Returns the reason of a failure, such as `user_abort`.
        pub failure_reason: Option<String>,
        /// Returns the status: `pending`, `succeeded`, `not_required` or `failed`.
        pub status: Option<String>,
        /// Returns the URL.
        pub url: Option<String>,
    }
}

object! {
    /// A payment to a source: <https://docs.stripe.com/sources>
    pub struct SourceTransaction named "source_transaction" {
        /// Returns the transaction's id, `srctxn_…`.
        pub id: required String,
        /// Returns the status.
        pub status: Option<String>,
        /// Returns the type.
        pub source_transaction_type as "type": Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the id of the source, `src_…`.
        pub source: Option<String>,
        /// Returns when the transaction was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// A notification of a customer about a debit: <https://docs.stripe.com/sources>
    pub struct SourceMandateNotification named "source_mandate_notification" {
        /// Returns the notification's id.
        pub id: required String,
        /// Returns the status: `pending` or `submitted`.
        pub status: Option<String>,
        /// Returns the reason, such as `debit_initiated`.
        pub reason: Option<String>,
        /// Returns the type.
        pub source_mandate_notification_type as "type": Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the source.
        pub source: Option<Source>,
        /// Returns when the notification was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// A source, a card or a bank account of a customer:
    /// <https://docs.stripe.com/api/sources/object>
    pub struct CustomerSource {
        /// Returns the source's id, `src_…`, `card_…` or `ba_…`.
        pub id: required String,
        /// Returns `source`, `card` or `bank_account`.
        pub object: Option<String>,
        /// Returns the status of a source or a bank account.
        pub status: Option<String>,
        /// Returns the type of a source, such as `sepa_debit`.
        pub customer_source_type as "type": Option<String>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the brand of a card, such as `Visa`.
        pub brand: Option<String>,
        /// Returns the month of a card's expiration, from 1 to 12.
        pub exp_month: Option<i64>,
        /// Returns the year of a card's expiration, with four digits.
        pub exp_year: Option<i64>,
        /// Returns the funding type of a card: `credit`, `debit`, `prepaid` or `unknown`.
        pub funding: Option<String>,
        /// Returns the last four digits of a card or a bank account.
        pub last4: Option<String>,
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the name on a card.
        pub name: Option<String>,
        /// Returns the name of the bank.
        pub bank_name: Option<String>,
        /// Returns the routing number of the bank.
        pub routing_number: Option<String>,
        /// Returns the name of the bank account's holder.
        pub account_holder_name: Option<String>,
        /// Returns the holder of the bank account: `individual` or `company`.
        pub account_holder_type: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the source.
        pub metadata: Metadata,
    }
}

impl Named for CustomerSource {
    /// The last two are of old API versions.
    const NAMES: &[&str] =
        &["source", "card", "bank_account", "account", "alipay_account", "bitcoin_receiver"];

    fn own_name(&self) -> Option<&str> {
        self.object()
    }
}
