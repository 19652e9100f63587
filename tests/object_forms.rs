//! How objects are read whose JSON is odd: arrays in their place, names that occur twice, lists without end.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower_stripe_webhook::object::{
    Address, AutomaticTax, BalanceTransaction, BillingDetails, BillingMode, CancellationDetails, Card, Charge,
    CheckoutSession, CurrencyConversion, CustomField, Customer, CustomerDetails, Dispute, EvidenceDetails, Invoice,
    InvoiceCustomField, InvoiceLine, InvoicePayment, InvoicePaymentTransitions, NextAction, OtherObject, Outcome,
    PauseCollection, PauseReason, PaymentError, PaymentIntent, Period, PresentmentDetails, PreviousSubscription, Price,
    Recurring, Refund, ShippingDetails, StatusTransitions, Subscription, SubscriptionItem, TotalDetails,
};

/// Whether any array of one of these, as long as the type may have fields, is read as a `T`.
fn reads_an_array<T: DeserializeOwned>() -> bool {
    let elements = [json!("a"), json!(1), json!(true), Value::Null, json!({}), json!([])];
    elements.iter().any(|element| {
        (0..60).any(|length| serde_json::from_value::<T>(Value::Array(vec![element.clone(); length])).is_ok())
    })
}

macro_rules! read_arrays {
    ($($object:ty),* $(,)?) => { [$((stringify!($object), reads_an_array::<$object>())),*] };
}

#[test]
fn no_object_is_read_from_an_array() {
    for (object, reads_an_array) in read_arrays![
        Address,
        AutomaticTax,
        BalanceTransaction,
        BillingDetails,
        BillingMode,
        CancellationDetails,
        Card,
        Charge,
        CheckoutSession,
        CurrencyConversion,
        CustomField,
        Customer,
        CustomerDetails,
        Dispute,
        EvidenceDetails,
        Invoice,
        InvoiceCustomField,
        InvoiceLine,
        InvoicePayment,
        InvoicePaymentTransitions,
        NextAction,
        OtherObject,
        Outcome,
        PauseCollection,
        PauseReason,
        PaymentError,
        PaymentIntent,
        Period,
        PresentmentDetails,
        PreviousSubscription,
        Price,
        Recurring,
        Refund,
        ShippingDetails,
        StatusTransitions,
        Subscription,
        SubscriptionItem,
        TotalDetails,
    ] {
        assert!(!reads_an_array, "{object}");
    }
}
