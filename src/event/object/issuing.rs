//! Issued cards: cardholders, authorizations, transactions and disputes.

use super::{
    BalanceTransaction, Expandable, Metadata, OtherObject,
    file::File,
    macros::{object, value},
};

object! {
    /// A request to pay with an issued card:
    /// <https://docs.stripe.com/api/issuing/authorizations/object>
    pub struct Authorization named "issuing.authorization" {
        /// Returns the authorization's id, `iauth_…`.
        pub id: required String,
        /// Returns the status: `pending`, `closed`, `reversed` or `expired`.
        pub status: Option<String>,
        /// Returns whether the authorization was approved.
        pub approved: bool,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the amount, in the smallest unit of `merchant_currency`.
        pub merchant_amount: Option<i64>,
        /// Returns the currency of the merchant.
        pub merchant_currency: Option<String>,
        /// Returns the merchant.
        pub merchant_data: Option<MerchantData>,
        /// Returns the request that waits for the app's decision.
        pub pending_request: Option<PendingRequest>,
        /// Returns how the card was used: `chip`, `contactless`, `keyed_in`, `online` or `swipe`.
        pub authorization_method: Option<String>,
        /// Returns the card.
        pub card: Option<Card>,
        /// Returns the cardholder.
        pub cardholder (cardholder_id): Option<Expandable<Cardholder>>,
        /// Returns the token of the wallet.
        pub token (token_id): Option<Expandable<Token>>,
        /// Returns the wallet, such as `apple_pay`.
        pub wallet: Option<String>,
        /// Returns when the authorization was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the authorization.
        pub metadata: Metadata,
    }
}

object! {
    /// The merchant.
    pub struct MerchantData {
        /// Returns the category, such as `taxicabs_limousines`.
        pub category: Option<String>,
        /// Returns the merchant category code.
        pub category_code: Option<String>,
        /// Returns the city.
        pub city: Option<String>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the merchant's id in the network.
        pub network_id: Option<String>,
        /// Returns the postal code.
        pub postal_code: Option<String>,
        /// Returns the state or province.
        pub state: Option<String>,
        /// Returns the id of the terminal.
        pub terminal_id: Option<String>,
        /// Returns the URL.
        pub url: Option<String>,
    }
}

object! {
    /// The request that waits for the app's decision.
    pub struct PendingRequest {
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns whether the app can approve another amount.
        pub is_amount_controllable: bool,
        /// Returns the amount, in the smallest unit of `merchant_currency`.
        pub merchant_amount: Option<i64>,
        /// Returns the currency of the merchant.
        pub merchant_currency: Option<String>,
    }
}

object! {
    /// An issued card: <https://docs.stripe.com/api/issuing/cards/object>
    pub struct Card named "issuing.card" {
        /// Returns the card's id, `ic_…`.
        pub id: required String,
        /// Returns the status.
        pub status: Option<CardStatus>,
        /// Returns the type: `virtual` or `physical`.
        pub card_type as "type": Option<String>,
        /// Returns the brand, such as `Visa`.
        pub brand: Option<String>,
        /// Returns the reason of the cancellation, such as `lost`.
        pub cancellation_reason: Option<String>,
        /// Returns the cardholder.
        pub cardholder: Option<Cardholder>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the month of expiration, from 1 to 12.
        pub exp_month: Option<i64>,
        /// Returns the year of expiration, with four digits.
        pub exp_year: Option<i64>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the id of the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the design.
        pub personalization_design (personalization_design_id): Option<Expandable<PersonalizationDesign>>,
        /// Returns the card that replaces this one.
        pub replaced_by (replaced_by_id): Option<Expandable<Card>>,
        /// Returns the card that this one replaces.
        pub replacement_for (replacement_for_id): Option<Expandable<Card>>,
        /// Returns the reason of the replacement, such as `damaged`.
        pub replacement_reason: Option<String>,
        /// Returns the shipment of a physical card.
        pub shipping: Option<Shipping>,
        /// Returns when the card was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the card.
        pub metadata: Metadata,
    }
}

value! {
    /// The status of an issued card.
    pub enum CardStatus {
        /// The card can be used.
        Active => "active",
        /// The card is canceled. This status is final.
        Canceled => "canceled",
        /// The card is not active yet, or no longer.
        Inactive => "inactive",
    }
}

object! {
    /// The shipment of a physical card.
    pub struct Shipping {
        /// Returns the carrier, such as `fedex`.
        pub carrier: Option<String>,
        /// Returns when the card is expected to arrive, in Unix seconds.
        pub eta: Option<i64>,
        /// Returns the recipient.
        pub name: Option<String>,
        /// Returns the status, such as `shipped`.
        pub status: Option<String>,
        /// Returns the tracking number.
        pub tracking_number: Option<String>,
        /// Returns the URL of the tracking page.
        pub tracking_url: Option<String>,
    }
}

object! {
    /// A holder of issued cards: <https://docs.stripe.com/api/issuing/cardholders/object>
    pub struct Cardholder named "issuing.cardholder" {
        /// Returns the cardholder's id, `ich_…`.
        pub id: required String,
        /// Returns the status: `active`, `inactive` or `blocked`.
        pub status: Option<String>,
        /// Returns the type: `individual` or `company`.
        pub cardholder_type as "type": Option<String>,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the email address.
        pub email: Option<String>,
        /// Returns the phone number.
        pub phone_number: Option<String>,
        /// Returns what the cardholder has to provide.
        pub requirements: Option<CardholderRequirements>,
        /// Returns when the cardholder was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the cardholder.
        pub metadata: Metadata,
    }
}

object! {
    /// What the cardholder has to provide.
    pub struct CardholderRequirements {
        /// Returns the reason why the cards are blocked.
        pub disabled_reason: Option<String>,
        /// Returns the requirements that are missing.
        pub past_due: Vec<String>,
    }
}

object! {
    /// A dispute of a payment with an issued card:
    /// <https://docs.stripe.com/api/issuing/disputes/object>
    pub struct Dispute named "issuing.dispute" {
        /// Returns the dispute's id, `idp_…`.
        pub id: required String,
        /// Returns the status, such as `submitted`, `won` or `lost`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the reason why the dispute was lost.
        pub loss_reason: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<Transaction>>,
        /// Returns when the dispute was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the dispute.
        pub metadata: Metadata,
    }
}

object! {
    /// A design of cards: <https://docs.stripe.com/api/issuing/personalization_designs/object>
    pub struct PersonalizationDesign named "issuing.personalization_design" {
        /// Returns the design's id, `ipd_…`.
        pub id: required String,
        /// Returns the status: `active`, `inactive`, `review` or `rejected`.
        pub status: Option<String>,
        /// Returns the name.
        pub name: Option<String>,
        /// Returns the lookup key, which the app chose.
        pub lookup_key: Option<String>,
        /// Returns the file with the logo.
        pub card_logo (card_logo_id): Option<Expandable<File>>,
        /// Returns the physical bundle.
        pub physical_bundle (physical_bundle_id): Option<Expandable<OtherObject>>,
        /// Returns the reasons of a rejection.
        pub rejection_reasons: Option<RejectionReasons>,
        /// Returns when the design was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the design.
        pub metadata: Metadata,
    }
}

object! {
    /// The reasons of a rejection.
    pub struct RejectionReasons {
        /// Returns what is wrong with the logo.
        pub card_logo: Vec<String>,
        /// Returns what is wrong with the text of the letter.
        pub carrier_text: Vec<String>,
    }
}

object! {
    /// A token of a card in a wallet: <https://docs.stripe.com/api/issuing/tokens/object>
    pub struct Token named "issuing.token" {
        /// Returns the token's id, `intk_…`.
        pub id: required String,
        /// Returns the status: `requested`, `active`, `suspended` or `deleted`.
        pub status: Option<String>,
        /// Returns the card.
        pub card (card_id): Option<Expandable<Card>>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the network: `visa` or `mastercard`.
        pub network: Option<String>,
        /// Returns when the network last changed the token, in Unix seconds.
        pub network_updated_at: Option<i64>,
        /// Returns the wallet, such as `apple_pay`.
        pub wallet_provider: Option<String>,
        /// Returns when the token was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// A payment or a refund of an issued card:
    /// <https://docs.stripe.com/api/issuing/transactions/object>
    pub struct Transaction named "issuing.transaction" {
        /// Returns the transaction's id, `ipi_…`.
        pub id: required String,
        /// Returns the type: `capture` or `refund`.
        pub transaction_type as "type": Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        ///
        /// Negative for a payment.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the amount, in the smallest unit of `merchant_currency`.
        pub merchant_amount: Option<i64>,
        /// Returns the currency of the merchant.
        pub merchant_currency: Option<String>,
        /// Returns the merchant.
        pub merchant_data: Option<MerchantData>,
        /// Returns the authorization.
        pub authorization (authorization_id): Option<Expandable<Authorization>>,
        /// Returns the change of the account's balance.
        pub balance_transaction (balance_transaction_id): Option<Expandable<BalanceTransaction>>,
        /// Returns the card.
        pub card (card_id): Option<Expandable<Card>>,
        /// Returns the cardholder.
        pub cardholder (cardholder_id): Option<Expandable<Cardholder>>,
        /// Returns the dispute.
        pub dispute (dispute_id): Option<Expandable<Dispute>>,
        /// Returns the token of the wallet.
        pub token (token_id): Option<Expandable<Token>>,
        /// Returns the wallet, such as `apple_pay`.
        pub wallet: Option<String>,
        /// Returns when the transaction was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the transaction.
        pub metadata: Metadata,
    }
}
