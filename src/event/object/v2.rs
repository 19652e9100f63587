//! Objects of Stripe's API v2, which thin events link to. Times are RFC 3339 strings in UTC.

use super::{Metadata, macros::object};

object! {
    /// An account: <https://docs.stripe.com/api/v2/core/accounts/object>
    pub struct Account named "v2.core.account" {
        /// Returns the account's id, `acct_…`.
        pub id: required String,
        /// Returns the configurations of the account: `customer`, `merchant`, `recipient`.
        pub applied_configurations: Vec<String>,
        /// Returns whether the account is closed.
        pub closed: bool,
        /// Returns the email address.
        pub contact_email: Option<String>,
        /// Returns the phone number.
        pub contact_phone: Option<String>,
        /// Returns the dashboard that the account has: `express`, `full` or `none`.
        pub dashboard: Option<String>,
        /// Returns the defaults.
        pub defaults: Option<AccountDefaults>,
        /// Returns the name.
        pub display_name: Option<String>,
        /// Returns the identity of the owner.
        pub identity: Option<AccountIdentity>,
        /// Returns when the account was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the account.
        pub metadata: Metadata,
    }
}

object! {
    /// The defaults.
    pub struct AccountDefaults {
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the languages, such as `de-DE`.
        pub locales: Vec<String>,
    }
}

object! {
    /// The identity of the owner.
    pub struct AccountIdentity {
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the legal form: `individual`, `company`, `non_profit` or `government_entity`.
        pub entity_type: Option<String>,
    }
}

object! {
    /// A person of an account: <https://docs.stripe.com/api/v2/core/persons/object>
    pub struct AccountPerson named "v2.core.account_person" {
        /// Returns the person's id, `person_…`.
        pub id: required String,
        /// Returns the account's id, `acct_…`.
        pub account: Option<String>,
        /// Returns the given name.
        pub given_name: Option<String>,
        /// Returns the surname.
        pub surname: Option<String>,
        /// Returns the email address.
        pub email: Option<String>,
        /// Returns the phone number.
        pub phone: Option<String>,
        /// Returns the address.
        pub address: Option<PersonAddress>,
        /// Returns the date of birth.
        pub date_of_birth: Option<DateOfBirth>,
        /// Returns the gender: `male` or `female`.
        pub legal_gender: Option<String>,
        /// Returns the nationalities as two letters (ISO 3166-1 alpha-2).
        pub nationalities: Vec<String>,
        /// Returns whether the person has a public function: `existing` or `none`.
        pub political_exposure: Option<String>,
        /// Returns the person's role in the company.
        pub relationship: Option<Relationship>,
        /// Returns when the person was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns when the person was last changed, as an RFC 3339 time.
        pub updated: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the person.
        pub metadata: Metadata,
    }
}

object! {
    /// The address.
    pub struct PersonAddress {
        /// Returns the city.
        pub city: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the first line.
        pub line1: Option<String>,
        /// Returns the second line.
        pub line2: Option<String>,
        /// Returns the postal code.
        pub postal_code: Option<String>,
        /// Returns the state or province.
        pub state: Option<String>,
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
        /// Returns the share of the company in percent, as a decimal number.
        pub percent_ownership: Option<String>,
        /// Returns whether the person represents the account.
        pub representative: bool,
        /// Returns the title, such as `CEO`.
        pub title: Option<String>,
    }
}

object! {
    /// A destination of events: <https://docs.stripe.com/api/v2/core/event-destinations/object>
    pub struct EventDestination named "v2.core.event_destination" {
        /// Returns the destination's id, `ed_…` or `we_…`.
        pub id: required String,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the types of events that are sent.
        pub enabled_events: Vec<String>,
        /// Returns the kind of events: `thin` or `snapshot`.
        pub event_payload: Option<String>,
        /// Returns whose events are sent, such as `self`.
        pub events_from: Vec<String>,
        /// Returns the API version of snapshot events.
        pub snapshot_api_version: Option<String>,
        /// Returns the status: `enabled` or `disabled`.
        pub status: Option<String>,
        /// Returns the type: `webhook_endpoint`, `amazon_eventbridge` or `azure_event_grid`.
        pub event_destination_type as "type": Option<String>,
        /// Returns the webhook endpoint.
        pub webhook_endpoint: Option<WebhookEndpoint>,
        /// Returns when the destination was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns when the destination was last changed, as an RFC 3339 time.
        pub updated: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the destination.
        pub metadata: Metadata,
    }
}

object! {
    /// The webhook endpoint.
    pub struct WebhookEndpoint {
        /// Returns the URL.
        pub url: Option<String>,
    }
}

object! {
    /// An import of a catalog of products.
    pub struct ProductCatalogImport named "v2.commerce.product_catalog_import" {
        /// Returns the import's id.
        pub id: required String,
        /// Returns what is imported: `inventory`, `pricing`, `product` or `promotion`.
        pub feed_type: Option<String>,
        /// Returns the mode: `replace` or `upsert`.
        pub mode: Option<String>,
        /// Returns the status, such as `processing` or `succeeded`.
        pub status: Option<String>,
        /// Returns when the import was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the import.
        pub metadata: Metadata,
    }
}

object! {
    /// A correction of a balance.
    pub struct Adjustment named "v2.money_management.adjustment" {
        /// Returns the adjustment's id.
        pub id: required String,
        /// Returns the amount.
        pub amount: Option<Amount>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns when the adjustment was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The amount.
    pub struct Amount {
        /// Returns the amount, in the smallest unit of `currency`.
        pub value: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
    }
}

object! {
    /// A financial account.
    pub struct FinancialAccount named "v2.money_management.financial_account" {
        /// Returns the financial account's id, `fa_…`.
        pub id: required String,
        /// Returns the status: `open`, `pending` or `closed`.
        pub status: Option<String>,
        /// Returns the type: `storage` or `other`.
        pub financial_account_type as "type": Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the name.
        pub display_name: Option<String>,
        /// Returns when the financial account was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the financial account.
        pub metadata: Metadata,
    }
}

object! {
    /// An address to which money can be sent.
    pub struct FinancialAddress named "v2.money_management.financial_address" {
        /// Returns the financial address's id, `finaddr_…`.
        pub id: required String,
        /// Returns the status: `pending`, `active`, `failed` or `archived`.
        pub status: Option<String>,
        /// Returns the type: `bank_account`.
        pub financial_address_type as "type": Option<String>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the currency in which the money arrives.
        pub settlement_currency: Option<String>,
        /// Returns the bank account.
        pub bank_account: Option<AddressBankAccount>,
        /// Returns when the financial address was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The bank account.
    pub struct AddressBankAccount {
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the type: `aba`, `iban` or `sort_code`.
        pub account_type as "type": Option<String>,
    }
}

object! {
    /// A transfer from an outside account.
    pub struct InboundTransfer named "v2.money_management.inbound_transfer" {
        /// Returns the inbound transfer's id, `ibt_…`.
        pub id: required String,
        /// Returns the amount.
        pub amount: Option<Amount>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns where the money comes from.
        pub from: Option<InboundFrom>,
        /// Returns where the money goes to.
        pub to: Option<InboundTo>,
        /// Returns what happened to the transfer, in order.
        pub transfer_history: Vec<TransferHistory>,
        /// Returns when the transfer was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// Where the money comes from.
    pub struct InboundFrom {
        /// Returns the debited amount.
        pub debited: Option<Amount>,
    }
}

object! {
    /// Where the money goes to.
    pub struct InboundTo {
        /// Returns the credited amount.
        pub credited: Option<Amount>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
    }
}

object! {
    /// What happened to the transfer, in order.
    pub struct TransferHistory {
        /// Returns the id of the entry.
        pub id: Option<String>,
        /// Returns what happened, such as `bank_debit_succeeded`.
        pub history_type as "type": Option<String>,
        /// Returns when the entry was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns when it took effect, as an RFC 3339 time.
        pub effective_at: Option<String>,
    }
}

object! {
    /// A payment to a recipient.
    pub struct OutboundPayment named "v2.money_management.outbound_payment" {
        /// Returns the outbound payment's id, `obp_…`.
        pub id: required String,
        /// Returns the status: `processing`, `posted`, `failed`, `returned` or `canceled`.
        pub status: Option<String>,
        /// Returns the amount.
        pub amount: Option<Amount>,
        /// Returns whether the payment can be canceled.
        pub cancelable: bool,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns when the payment is expected to arrive, as an RFC 3339 time.
        pub expected_arrival_date: Option<String>,
        /// Returns where the money comes from.
        pub from: Option<OutboundFrom>,
        /// Returns where the money goes to.
        pub to: Option<OutboundTo>,
        /// Returns the id of the payout intent.
        pub payout_intent: Option<String>,
        /// Returns the id of the recipient's verification.
        pub recipient_verification: Option<String>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns the times of the status changes.
        pub status_transitions: Option<PaymentTransitions>,
        /// Returns when the payment was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the outbound payment.
        pub metadata: Metadata,
    }
}

object! {
    /// Where the money comes from.
    pub struct OutboundFrom {
        /// Returns the debited amount.
        pub debited: Option<Amount>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
    }
}

object! {
    /// Where the money goes to.
    pub struct OutboundTo {
        /// Returns the credited amount.
        pub credited: Option<Amount>,
        /// Returns the id of the payout method.
        pub payout_method: Option<String>,
        /// Returns the id of the recipient's account, `acct_…`.
        pub recipient: Option<String>,
    }
}

object! {
    /// The times of the status changes.
    pub struct PaymentTransitions {
        /// Returns when the payment was canceled.
        pub canceled_at: Option<String>,
        /// Returns when the payment failed.
        pub failed_at: Option<String>,
        /// Returns when the payment was posted.
        pub posted_at: Option<String>,
        /// Returns when the payment was returned.
        pub returned_at: Option<String>,
    }
}

object! {
    /// The intent to pay a recipient.
    pub struct PayoutIntent named "v2.money_management.payout_intent" {
        /// Returns the payout intent's id.
        pub id: required String,
        /// Returns the status: `pending`, `requires_action`, `processing`, `posted` or `canceled`.
        pub status: Option<String>,
        /// Returns the amount.
        pub amount: Option<Amount>,
        /// Returns the method of confirmation: `automatic` or `manual`.
        pub confirmation_method: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns where the money comes from.
        pub from: Option<PayoutIntentFrom>,
        /// Returns where the money goes to.
        pub to: Option<PayoutIntentTo>,
        /// Returns the latest payout.
        pub latest_payout: Option<LatestPayout>,
        /// Returns what has to be done.
        pub next_action: Option<NextAction>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns when the payout intent was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the payout intent.
        pub metadata: Metadata,
    }
}

object! {
    /// Where the money comes from.
    pub struct PayoutIntentFrom {
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the debited amount.
        pub debited: Option<Amount>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
    }
}

object! {
    /// Where the money goes to.
    pub struct PayoutIntentTo {
        /// Returns the credited amount.
        pub credited: Option<Amount>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the id of the payout method.
        pub payout_method: Option<String>,
        /// Returns the id of the recipient's account, `acct_…`.
        pub recipient: Option<String>,
    }
}

object! {
    /// The latest payout.
    pub struct LatestPayout {
        /// Returns the id of the outbound payment.
        pub outbound_payment: Option<String>,
        /// Returns the id of the outbound transfer.
        pub outbound_transfer: Option<String>,
        /// Returns the type: `outbound_payment` or `outbound_transfer`.
        pub payout_type as "type": Option<String>,
    }
}

object! {
    /// What has to be done.
    pub struct NextAction {
        /// Returns the type: `confirm` or `handle_failure`.
        pub action_type as "type": Option<String>,
    }
}

object! {
    /// A bank account or a card of a recipient.
    pub struct PayoutMethod named "v2.money_management.payout_method" {
        /// Returns the payout method's id.
        pub id: required String,
        /// Returns the type: `bank_account` or `card`.
        pub payout_method_type as "type": Option<String>,
        /// Returns whether the payout method is archived.
        pub archived: bool,
        /// Returns whether the payout method is restricted.
        pub restricted: bool,
        /// Returns the bank account.
        pub bank_account: Option<MethodBankAccount>,
        /// Returns the card.
        pub card: Option<MethodCard>,
        /// Returns whether the payout method can be used.
        pub usage_status: Option<UsageStatus>,
        /// Returns when the payout method was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The bank account.
    pub struct MethodBankAccount {
        /// Returns the type, such as `checking`.
        pub bank_account_type: Option<String>,
        /// Returns the name of the bank.
        pub bank_name: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the routing number of the bank.
        pub routing_number: Option<String>,
        /// Returns the currencies.
        pub supported_currencies: Vec<String>,
        /// Returns the SWIFT code of the bank.
        pub swift_code: Option<String>,
    }
}

object! {
    /// The card.
    pub struct MethodCard {
        /// Returns the month of expiration, with two digits.
        pub exp_month: Option<String>,
        /// Returns the year of expiration, with four digits.
        pub exp_year: Option<String>,
        /// Returns the fingerprint, which is the same for the same number.
        pub fingerprint: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the currencies.
        pub supported_currencies: Vec<String>,
    }
}

object! {
    /// Whether the payout method can be used.
    pub struct UsageStatus {
        /// Returns whether it can be used for payments, such as `eligible`.
        pub payments: Option<String>,
        /// Returns whether it can be used for transfers, such as `eligible`.
        pub transfers: Option<String>,
    }
}

object! {
    /// Money that was sent to a financial account.
    pub struct ReceivedCredit named "v2.money_management.received_credit" {
        /// Returns the received credit's id, `rc_…`.
        pub id: required String,
        /// Returns the status: `pending`, `succeeded`, `failed` or `returned`.
        pub status: Option<String>,
        /// Returns the type: `bank_transfer` or `balance_transfer`.
        pub received_credit_type as "type": Option<String>,
        /// Returns the amount.
        pub amount: Option<Amount>,
        /// Returns the received amount.
        pub amount_received: Option<Amount>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the bank transfer.
        pub bank_transfer: Option<CreditBankTransfer>,
        /// Returns the transfer between balances.
        pub balance_transfer: Option<CreditBalanceTransfer>,
        /// Returns when the received credit was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The bank transfer.
    pub struct CreditBankTransfer {
        /// Returns the id of the financial address, `finaddr_…`.
        pub financial_address: Option<String>,
        /// Returns the network, such as `ach`.
        pub network: Option<String>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
    }
}

object! {
    /// The transfer between balances.
    pub struct CreditBalanceTransfer {
        /// Returns the id of the account that the money comes from, `acct_…`.
        pub from_account: Option<String>,
        /// Returns the id of the outbound payment.
        pub outbound_payment: Option<String>,
        /// Returns the id of the outbound transfer.
        pub outbound_transfer: Option<String>,
        /// Returns the id of the payout.
        pub payout: Option<String>,
        /// Returns the id of the transfer.
        pub transfer: Option<String>,
        /// Returns the type, such as `outbound_payment`.
        pub transfer_type as "type": Option<String>,
    }
}

object! {
    /// A check of a recipient's name.
    pub struct RecipientVerification named "v2.money_management.recipient_verification" {
        /// Returns the verification's id.
        pub id: required String,
        /// Returns the status, such as `verified`.
        pub status: Option<String>,
        /// Returns the result: `match`, `close_match`, `no_match` or `unavailable`.
        pub match_result: Option<String>,
        /// Returns details about the result.
        pub match_result_details: Option<MatchDetails>,
        /// Returns the id of the payout method.
        pub payout_method: Option<String>,
        /// Returns the id of the recipient's account, `acct_…`.
        pub recipient: Option<String>,
        /// Returns the type: `confirmation_of_payee` or `verification_of_payee`.
        pub verification_type: Option<String>,
        /// Returns when the verification was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns when the verification expires, as an RFC 3339 time.
        pub expires_at: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// Details about the result.
    pub struct MatchDetails {
        /// Returns the name that the bank has.
        pub matched_name: Option<String>,
        /// Returns the message, for people.
        pub message: Option<String>,
        /// Returns the name that was checked.
        pub provided_name: Option<String>,
    }
}

object! {
    /// A change of a financial account's balance.
    pub struct Transaction named "v2.money_management.transaction" {
        /// Returns the transaction's id.
        pub id: required String,
        /// Returns the status: `pending`, `posted` or `void`.
        pub status: Option<String>,
        /// Returns the category, such as `outbound_payment`.
        pub category: Option<String>,
        /// Returns the amount.
        pub amount: Option<Amount>,
        /// Returns the change of each part of the balance.
        pub balance_impact: Option<BalanceImpact>,
        /// Returns the other party.
        pub counterparty: Option<Counterparty>,
        /// Returns what caused the change.
        pub flow: Option<TransactionFlow>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns when the transaction was created, as an RFC 3339 time.
        pub created: Option<String>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The change of each part of the balance.
    pub struct BalanceImpact {
        /// Returns the change of the available money.
        pub available: Option<Amount>,
        /// Returns the change of the money that is about to arrive.
        pub inbound_pending: Option<Amount>,
        /// Returns the change of the money that is about to leave.
        pub outbound_pending: Option<Amount>,
    }
}

object! {
    /// The other party.
    pub struct Counterparty {
        /// Returns the name.
        pub name: Option<String>,
    }
}

object! {
    /// What caused the change.
    pub struct TransactionFlow {
        /// Returns the id of the adjustment.
        pub adjustment: Option<String>,
        /// Returns the id of the inbound transfer.
        pub inbound_transfer: Option<String>,
        /// Returns the id of the outbound payment.
        pub outbound_payment: Option<String>,
        /// Returns the id of the outbound transfer.
        pub outbound_transfer: Option<String>,
        /// Returns the id of the received credit.
        pub received_credit: Option<String>,
        /// Returns the id of the received debit.
        pub received_debit: Option<String>,
        /// Returns the type, such as `outbound_payment`.
        pub flow_type as "type": Option<String>,
    }
}
