//! The paths of the objects in snapshot events.
//!
//! A thin event has the path of its object. A snapshot event has the object, whose type and ids
//! make the path. Source: the resources of stripe-node 23.1, and for discounts the description of
//! the API that Stripe publishes (operation `GetCustomersCustomerDiscount`).

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::percent::encode;
use crate::event::object::{Expandable, OtherObject};

/// The fields of an object that make its path.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Ids {
    pub(super) object: Option<String>,
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "link")]
    account: Option<String>,
    #[serde(default, deserialize_with = "link")]
    checkout_session: Option<String>,
    #[serde(default, deserialize_with = "link")]
    customer: Option<String>,
    #[serde(default, deserialize_with = "link")]
    fee: Option<String>,
    #[serde(default, deserialize_with = "link")]
    invoice: Option<String>,
    #[serde(default, deserialize_with = "link")]
    invoice_item: Option<String>,
    #[serde(default, deserialize_with = "link")]
    subscription: Option<String>,
    #[serde(default, deserialize_with = "link")]
    subscription_item: Option<String>,
    #[serde(default, deserialize_with = "link")]
    transfer: Option<String>,
}

impl Ids {
    pub(super) fn new(object_type: &str, id: &str) -> Self {
        Self { object: Some(object_type.to_owned()), id: Some(id.to_owned()), ..Self::default() }
    }
}

/// Reads the id of a linked object, whether it is expanded or not. Any other JSON is no link.
fn link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let json = Option::<Box<RawValue>>::deserialize(deserializer)?;
    let link =
        json.and_then(|json| serde_json::from_str::<Expandable<OtherObject>>(json.get()).ok());
    Ok(link.map(|link| link.id().to_owned()))
}

/// Returns the path of an object. `None` if Stripe's API has none.
pub(super) fn path_of(ids: &Ids) -> Option<String> {
    let object = ids.object.as_deref()?;
    if let Some(path) = path_without_id(object) {
        return Some(path.to_owned());
    }
    if object == "cash_balance" {
        return Some(format!("/v1/customers/{}/cash_balance", ids.customer.as_deref()?));
    }
    if object == "discount" {
        return path_of_discount(ids);
    }
    let id = ids.id.as_deref()?;
    let parent = match object {
        "bank_account" | "card" => match &ids.account {
            Some(account) => format!("/v1/accounts/{account}/external_accounts"),
            None => format!("/v1/customers/{}/sources", ids.customer.as_deref()?),
        },
        "capability" => format!("/v1/accounts/{}/capabilities", ids.account.as_deref()?),
        "customer_balance_transaction" => {
            format!("/v1/customers/{}/balance_transactions", ids.customer.as_deref()?)
        }
        "customer_cash_balance_transaction" => {
            format!("/v1/customers/{}/cash_balance_transactions", ids.customer.as_deref()?)
        }
        "fee_refund" => format!("/v1/application_fees/{}/refunds", ids.fee.as_deref()?),
        "person" => format!("/v1/accounts/{}/persons", ids.account.as_deref()?),
        "transfer_reversal" => format!("/v1/transfers/{}/reversals", ids.transfer.as_deref()?),
        _ => collection_of(object)?.to_owned(),
    };
    // Apps choose the ids of coupons, plans and products.
    Some(format!("{parent}/{}", encode(id)))
}

/// Whether there is only one object of the type in an account or of a customer, so that it has no
/// id.
pub(super) fn is_singleton(object: &str) -> bool {
    matches!(object, "balance" | "balance_settings" | "cash_balance" | "tax.settings")
}

/// Whether the path names the one object of its type that a parent has, and not a certain object.
///
/// An answer with another id means that the object was replaced.
pub(super) fn is_replaceable(object: &str) -> bool {
    object == "discount"
}

/// A discount has no path of its own, but a customer has at most one, which can be retrieved.
///
/// A subscription, an invoice and an item may have several.
fn path_of_discount(ids: &Ids) -> Option<String> {
    let other_parents = [
        &ids.checkout_session,
        &ids.invoice,
        &ids.invoice_item,
        &ids.subscription,
        &ids.subscription_item,
    ];
    if other_parents.iter().any(|parent| parent.is_some()) {
        return None;
    }
    Some(format!("/v1/customers/{}/discount", ids.customer.as_deref()?))
}

/// The path of an object of which an account has only one.
fn path_without_id(object: &str) -> Option<&'static str> {
    Some(match object {
        "balance" => "/v1/balance",
        "balance_settings" => "/v1/balance_settings",
        "tax.settings" => "/v1/tax/settings",
        _ => return None,
    })
}

/// The path to which the id of an object is appended.
fn collection_of(object: &str) -> Option<&'static str> {
    Some(match object {
        "account" => "/v1/accounts",
        "apple_pay_domain" => "/v1/apple_pay/domains",
        "application_fee" => "/v1/application_fees",
        "apps.install" => "/v1/apps/installs",
        "balance_transaction" => "/v1/balance_transactions",
        "billing.alert" => "/v1/billing/alerts",
        "billing.credit_balance_transaction" => "/v1/billing/credit_balance_transactions",
        "billing.credit_grant" => "/v1/billing/credit_grants",
        "billing.meter" => "/v1/billing/meters",
        "billing_portal.configuration" => "/v1/billing_portal/configurations",
        "charge" => "/v1/charges",
        "checkout.session" => "/v1/checkout/sessions",
        "climate.order" => "/v1/climate/orders",
        "climate.product" => "/v1/climate/products",
        "climate.supplier" => "/v1/climate/suppliers",
        "confirmation_token" => "/v1/confirmation_tokens",
        "country_spec" => "/v1/country_specs",
        "coupon" => "/v1/coupons",
        "credit_note" => "/v1/credit_notes",
        "customer" => "/v1/customers",
        "dispute" => "/v1/disputes",
        "entitlements.active_entitlement" => "/v1/entitlements/active_entitlements",
        "entitlements.feature" => "/v1/entitlements/features",
        "event" => "/v1/events",
        "exchange_rate" => "/v1/exchange_rates",
        "file" => "/v1/files",
        "file_link" => "/v1/file_links",
        "financial_connections.account" => "/v1/financial_connections/accounts",
        "financial_connections.session" => "/v1/financial_connections/sessions",
        "financial_connections.transaction" => "/v1/financial_connections/transactions",
        "forwarding.request" => "/v1/forwarding/requests",
        "identity.verification_report" => "/v1/identity/verification_reports",
        "identity.verification_session" => "/v1/identity/verification_sessions",
        "invoice" => "/v1/invoices",
        "invoice_payment" => "/v1/invoice_payments",
        "invoice_rendering_template" => "/v1/invoice_rendering_templates",
        "invoiceitem" => "/v1/invoiceitems",
        "issuing.authorization" => "/v1/issuing/authorizations",
        "issuing.card" => "/v1/issuing/cards",
        "issuing.cardholder" => "/v1/issuing/cardholders",
        "issuing.dispute" => "/v1/issuing/disputes",
        "issuing.personalization_design" => "/v1/issuing/personalization_designs",
        "issuing.physical_bundle" => "/v1/issuing/physical_bundles",
        "issuing.token" => "/v1/issuing/tokens",
        "issuing.transaction" => "/v1/issuing/transactions",
        "mandate" => "/v1/mandates",
        "payment_attempt_record" => "/v1/payment_attempt_records",
        "payment_intent" => "/v1/payment_intents",
        "payment_link" => "/v1/payment_links",
        "payment_method" => "/v1/payment_methods",
        "payment_method_configuration" => "/v1/payment_method_configurations",
        "payment_method_domain" => "/v1/payment_method_domains",
        "payment_record" => "/v1/payment_records",
        "payout" => "/v1/payouts",
        "plan" => "/v1/plans",
        "price" => "/v1/prices",
        "product" => "/v1/products",
        "promotion_code" => "/v1/promotion_codes",
        "quote" => "/v1/quotes",
        "radar.early_fraud_warning" => "/v1/radar/early_fraud_warnings",
        "radar.value_list" => "/v1/radar/value_lists",
        "radar.value_list_item" => "/v1/radar/value_list_items",
        "refund" => "/v1/refunds",
        "reporting.report_run" => "/v1/reporting/report_runs",
        "reporting.report_type" => "/v1/reporting/report_types",
        "review" => "/v1/reviews",
        "scheduled_query_run" => "/v1/sigma/scheduled_query_runs",
        "setup_intent" => "/v1/setup_intents",
        "shipping_rate" => "/v1/shipping_rates",
        "source" => "/v1/sources",
        "subscription" => "/v1/subscriptions",
        "subscription_item" => "/v1/subscription_items",
        "subscription_schedule" => "/v1/subscription_schedules",
        "tax.calculation" => "/v1/tax/calculations",
        "tax.registration" => "/v1/tax/registrations",
        "tax.transaction" => "/v1/tax/transactions",
        "tax_code" => "/v1/tax_codes",
        "tax_id" => "/v1/tax_ids",
        "tax_rate" => "/v1/tax_rates",
        "terminal.configuration" => "/v1/terminal/configurations",
        "terminal.location" => "/v1/terminal/locations",
        "terminal.reader" => "/v1/terminal/readers",
        "test_helpers.test_clock" => "/v1/test_helpers/test_clocks",
        "three_d_secure.authentication" => "/v1/three_d_secure/authentications",
        "token" => "/v1/tokens",
        "topup" => "/v1/topups",
        "transfer" => "/v1/transfers",
        "treasury.credit_reversal" => "/v1/treasury/credit_reversals",
        "treasury.debit_reversal" => "/v1/treasury/debit_reversals",
        "treasury.financial_account" => "/v1/treasury/financial_accounts",
        "treasury.inbound_transfer" => "/v1/treasury/inbound_transfers",
        "treasury.outbound_payment" => "/v1/treasury/outbound_payments",
        "treasury.outbound_transfer" => "/v1/treasury/outbound_transfers",
        "treasury.received_credit" => "/v1/treasury/received_credits",
        "treasury.received_debit" => "/v1/treasury/received_debits",
        "treasury.transaction" => "/v1/treasury/transactions",
        "treasury.transaction_entry" => "/v1/treasury/transaction_entries",
        "webhook_endpoint" => "/v1/webhook_endpoints",
        _ => return None,
    })
}
