//! The paths of the objects in snapshot events.

use serde_json::{Value, json};
use tower_stripe_webhook::{Event, api::FetchErrorKind};

use crate::{events::snapshot_json, fake_client::FakeClient};

/// The path from which the object of a snapshot event is fetched.
async fn path_of(object: &Value) -> Option<String> {
    let json = snapshot_json("some.event", object.clone(), json!({})).to_string();
    let api = FakeClient::default();
    let fetched = Event::unverified_from_json(json).unwrap().fetch(&api).await;
    match fetched {
        Ok(_) => api.paths().pop(),
        Err(error) => {
            assert_eq!(error.kind(), FetchErrorKind::NotFetchable, "{object}");
            assert!(api.requests().is_empty(), "{object}");
            None
        }
    }
}

#[tokio::test]
async fn each_retrievable_object_has_its_path() {
    for (object, collection) in [
        ("account", "/v1/accounts"),
        ("application_fee", "/v1/application_fees"),
        ("apps.install", "/v1/apps/installs"),
        ("billing.alert", "/v1/billing/alerts"),
        ("billing.credit_balance_transaction", "/v1/billing/credit_balance_transactions"),
        ("billing.credit_grant", "/v1/billing/credit_grants"),
        ("billing.meter", "/v1/billing/meters"),
        ("billing_portal.configuration", "/v1/billing_portal/configurations"),
        ("charge", "/v1/charges"),
        ("checkout.session", "/v1/checkout/sessions"),
        ("climate.order", "/v1/climate/orders"),
        ("climate.product", "/v1/climate/products"),
        ("coupon", "/v1/coupons"),
        ("credit_note", "/v1/credit_notes"),
        ("customer", "/v1/customers"),
        ("dispute", "/v1/disputes"),
        ("file", "/v1/files"),
        ("financial_connections.account", "/v1/financial_connections/accounts"),
        ("identity.verification_session", "/v1/identity/verification_sessions"),
        ("invoice", "/v1/invoices"),
        ("invoice_payment", "/v1/invoice_payments"),
        ("invoiceitem", "/v1/invoiceitems"),
        ("issuing.authorization", "/v1/issuing/authorizations"),
        ("issuing.card", "/v1/issuing/cards"),
        ("issuing.cardholder", "/v1/issuing/cardholders"),
        ("issuing.dispute", "/v1/issuing/disputes"),
        ("issuing.personalization_design", "/v1/issuing/personalization_designs"),
        ("issuing.token", "/v1/issuing/tokens"),
        ("issuing.transaction", "/v1/issuing/transactions"),
        ("mandate", "/v1/mandates"),
        ("payment_intent", "/v1/payment_intents"),
        ("payment_link", "/v1/payment_links"),
        ("payment_method", "/v1/payment_methods"),
        ("payout", "/v1/payouts"),
        ("plan", "/v1/plans"),
        ("price", "/v1/prices"),
        ("product", "/v1/products"),
        ("promotion_code", "/v1/promotion_codes"),
        ("quote", "/v1/quotes"),
        ("radar.early_fraud_warning", "/v1/radar/early_fraud_warnings"),
        ("refund", "/v1/refunds"),
        ("reporting.report_run", "/v1/reporting/report_runs"),
        ("reporting.report_type", "/v1/reporting/report_types"),
        ("review", "/v1/reviews"),
        ("scheduled_query_run", "/v1/sigma/scheduled_query_runs"),
        ("setup_intent", "/v1/setup_intents"),
        ("source", "/v1/sources"),
        ("subscription", "/v1/subscriptions"),
        ("subscription_schedule", "/v1/subscription_schedules"),
        ("tax_id", "/v1/tax_ids"),
        ("tax_rate", "/v1/tax_rates"),
        ("terminal.reader", "/v1/terminal/readers"),
        ("test_helpers.test_clock", "/v1/test_helpers/test_clocks"),
        ("three_d_secure.authentication", "/v1/three_d_secure/authentications"),
        ("topup", "/v1/topups"),
        ("transfer", "/v1/transfers"),
        ("treasury.credit_reversal", "/v1/treasury/credit_reversals"),
        ("treasury.debit_reversal", "/v1/treasury/debit_reversals"),
        ("treasury.financial_account", "/v1/treasury/financial_accounts"),
        ("treasury.inbound_transfer", "/v1/treasury/inbound_transfers"),
        ("treasury.outbound_payment", "/v1/treasury/outbound_payments"),
        ("treasury.outbound_transfer", "/v1/treasury/outbound_transfers"),
        ("treasury.received_credit", "/v1/treasury/received_credits"),
        ("treasury.received_debit", "/v1/treasury/received_debits"),
    ] {
        // The links of other objects do not matter.
        let json = json!({
            "id": "id_1", "object": object, "account": "acct_1", "customer": "cus_1", "fee": 7,
        });
        assert_eq!(path_of(&json).await.unwrap(), format!("{collection}/id_1"));
        assert_eq!(path_of(&json!({"object": object})).await, None);
        assert_eq!(path_of(&json!({"object": object, "id": ""})).await, None);
    }
}

#[tokio::test]
async fn a_singleton_object_has_a_path_without_id() {
    for (object, path) in [
        ("balance", "/v1/balance"),
        ("balance_settings", "/v1/balance_settings"),
        ("tax.settings", "/v1/tax/settings"),
    ] {
        assert_eq!(path_of(&json!({"object": object})).await.unwrap(), path);
    }
}

#[tokio::test]
async fn an_object_of_another_object_has_a_path_below_it() {
    for (object, parent, path) in [
        ("bank_account", "account", "/v1/accounts/parent_1/external_accounts/id_1"),
        ("card", "account", "/v1/accounts/parent_1/external_accounts/id_1"),
        ("bank_account", "customer", "/v1/customers/parent_1/sources/id_1"),
        ("card", "customer", "/v1/customers/parent_1/sources/id_1"),
        ("capability", "account", "/v1/accounts/parent_1/capabilities/id_1"),
        (
            "customer_cash_balance_transaction",
            "customer",
            "/v1/customers/parent_1/cash_balance_transactions/id_1",
        ),
        ("fee_refund", "fee", "/v1/application_fees/parent_1/refunds/id_1"),
        ("person", "account", "/v1/accounts/parent_1/persons/id_1"),
        ("transfer_reversal", "transfer", "/v1/transfers/parent_1/reversals/id_1"),
    ] {
        let json = |link: Value| json!({"id": "id_1", "object": object, parent: link});
        assert_eq!(path_of(&json(json!("parent_1"))).await.as_deref(), Some(path));
        let expanded = json!({"id": "parent_1", "object": parent});
        assert_eq!(path_of(&json(expanded)).await.as_deref(), Some(path));
        for absent in [json!(null), json!(5), json!(""), json!({}), json!(["parent_1"])] {
            assert_eq!(path_of(&json(absent)).await, None, "{object}");
        }
        assert_eq!(path_of(&json(json!(".."))).await, None, "{object}");
        assert_eq!(path_of(&json(json!("a/b?c"))).await, None, "{object}");
    }
    let cash_balance = json!({"object": "cash_balance", "customer": "cus_1"});
    let path = path_of(&cash_balance).await;
    assert_eq!(path.as_deref(), Some("/v1/customers/cus_1/cash_balance"));
}

#[tokio::test]
async fn a_discount_is_fetched_from_its_customer_only() {
    let discount = json!({"id": "di_1", "object": "discount", "customer": "cus_1"});
    assert_eq!(path_of(&discount).await.as_deref(), Some("/v1/customers/cus_1/discount"));
    for parent in
        ["checkout_session", "invoice", "invoice_item", "subscription", "subscription_item"]
    {
        let mut discount = discount.clone();
        discount[parent] = json!("id_1");
        assert_eq!(path_of(&discount).await, None, "{parent}");
    }
}

#[tokio::test]
async fn a_replaced_discount_is_deleted() {
    let discount = |id: &str| json!({"id": id, "object": "discount", "customer": "cus_1"});
    let json = snapshot_json("customer.discount.updated", discount("di_1"), json!({})).to_string();
    let event = Event::unverified_from_json(json).unwrap();
    for (id, is_deleted) in [("di_1", false), ("di_2", true)] {
        let api = FakeClient::with("/v1/customers/cus_1/discount", discount(id));
        let event = event.fetch_current(&api).await.unwrap();
        assert_eq!(event.current().unwrap().deleted().is_some(), is_deleted, "{id}");
    }
}

#[tokio::test]
async fn an_unretrievable_object_has_no_path() {
    for object in [
        "application",
        "billing.alert_triggered",
        "billing_portal.session",
        "entitlements.active_entitlement_summary",
        "financial_connections.authorization",
        "reserve.hold",
        "reserve.plan",
        "reserve.release",
        "source_mandate_notification",
        "source_transaction",
        "an_object_of_tomorrow",
        "",
    ] {
        assert_eq!(path_of(&json!({"id": "id_1", "object": object})).await, None, "{object}");
    }
}
