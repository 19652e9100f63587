//! How objects are read whose JSON is odd: arrays in their place, names that occur twice, lists without end.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower_stripe_webhook::{
    Event, EventData,
    event::object::{
        Address, AutomaticTax, BalanceTransaction, BillingDetails, BillingMode, CancellationDetails, Card, Charge,
        CheckoutSession, CurrencyConversion, CustomField, Customer, CustomerDetails, Dispute, EvidenceDetails,
        Expandable, Invoice, InvoiceCustomField, InvoiceLine, InvoicePayment, InvoicePaymentTransitions, NextAction,
        OtherObject, Outcome, PauseCollection, PauseReason, PaymentError, PaymentIntent, Period, PresentmentDetails,
        PreviousSubscription, Price, Recurring, Refund, ShippingDetails, StatusTransitions, Subscription,
        SubscriptionItem, TotalDetails,
    },
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

fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

#[test]
fn of_a_name_that_occurs_twice_the_last_value_counts() {
    let invoice: Invoice = read(
        r#"{"id":"in_1","id":"in_2","currency":"usd","currency":null,"attempt_count":1,"attempt_count":"2",
        "metadata":{"a":"1","b":"2","a":"3","b":null},"metadata":{"a":"1","b":"2","a":"3","b":null},
        "customer":{"id":"cus_1","id":"cus_2"},"period_start":null,"period_start":7}"#,
    );
    assert_eq!(invoice.id.as_deref(), Some("in_2"));
    assert_eq!((invoice.currency.as_deref(), invoice.period_start), (None, Some(7)));
    assert_eq!(invoice.metadata.into_iter().collect::<Vec<_>>(), [("a".to_owned(), "3".to_owned())]);
    assert_eq!(invoice.customer.unwrap().id(), "cus_2");
}

#[test]
fn of_a_list_that_occurs_twice_the_last_counts() {
    let lines = |json: &str| -> Vec<String> {
        let invoice: Invoice = read(json);
        invoice.lines.into_iter().filter_map(|line| line.id).collect()
    };
    assert_eq!(lines(r#"{"lines":{"data":[{"id":"a"}],"data":[{"id":"b"},{"id":"c"}]}}"#), ["b", "c"]);
    assert_eq!(lines(r#"{"lines":[{"id":"a"}],"lines":[{"id":"b"}]}"#), ["b"]);
    assert_eq!(lines(r#"{"lines":{"data":[{"id":"a"}],"data":null}}"#), [""; 0]);
    // The three lists of 2012 are one.
    assert_eq!(
        lines(r#"{"lines":{"invoiceitems":[{"id":"a"}],"prorations":[{"id":"b"}],"subscriptions":[{"id":"c"}]}}"#),
        ["a", "b", "c"]
    );
}

#[test]
fn an_event_is_typed_by_the_last_name_of_its_object() {
    for (object, is_other) in [
        (r#"{"object":"invoice","object":"charge","amount":"no amount"}"#, false),
        (r#"{"object":"charge","object":"invoice"}"#, true),
    ] {
        let body = format!(r#"{{"id":"evt_1","type":"charge.succeeded","data":{{"object":{object}}}}}"#);
        let data = Event::unverified_from_json(body).unwrap().data();
        assert_eq!(matches!(data, Ok(EventData::Other)), is_other, "{data:?}");
        assert_eq!(data.is_err(), !is_other, "{data:?}");
    }
}

#[test]
fn a_list_has_at_most_1000_elements() {
    for (length, kept, has_more) in [(999, 999, false), (1000, 1000, false), (1001, 1000, true), (5000, 1000, true)] {
        let lines = vec!["{}"; length].join(",");
        for json in [
            format!("[{lines}]"),
            format!(r#"{{"data":[{lines}]}}"#),
            format!(r#"{{"data":[{lines}],"has_more":false}}"#),
        ] {
            let invoice: Invoice = read(&format!(r#"{{"lines":{json}}}"#));
            assert_eq!((invoice.lines.len(), invoice.lines.has_more), (kept, has_more), "{length}");
        }
    }
}

#[test]
fn the_lists_of_2012_have_at_most_1000_elements_together() {
    let lines = vec!["{}"; 600].join(",");
    let invoice: Invoice = read(&format!(r#"{{"lines":{{"invoiceitems":[{lines}],"subscriptions":[{lines}]}}}}"#));
    assert_eq!((invoice.lines.len(), invoice.lines.has_more), (1000, true));
}

#[test]
fn elements_without_a_known_form_do_not_count() {
    let lines = vec!["null"; 5000].join(",");
    let invoice: Invoice = read(&format!(r#"{{"lines":[{lines},{{"id":"a"}}]}}"#));
    assert_eq!((invoice.lines.len(), invoice.lines.has_more), (1, false));
}

#[test]
fn an_array_or_a_map_of_more_than_1000_elements_is_empty() {
    for (length, kept) in [(1000, 1000), (1001, 0), (5000, 0)] {
        let fields = vec!["{}"; length].join(",");
        let metadata: Vec<_> = (0..length).map(|key| format!(r#""{key}":"""#)).collect();
        let metadata = metadata.join(",");
        let invoice: Invoice =
            read(&format!(r#"{{"custom_fields":[{fields}],"metadata":{{{metadata}}},"id":"in_1"}}"#));
        assert_eq!((invoice.custom_fields.len(), invoice.metadata.len()), (kept, kept), "{length}");
        assert_eq!(invoice.id.as_deref(), Some("in_1"), "what follows is read");
    }
}

/// What 1000 of the largest elements take up, which may have texts besides.
#[test]
fn the_elements_of_a_list_fit_into_two_mebibytes() {
    assert!(1000 * size_of::<InvoiceLine>() <= 2 << 20, "{}", size_of::<InvoiceLine>());
    assert!(1000 * size_of::<InvoicePayment>() <= 2 << 20, "{}", size_of::<InvoicePayment>());
    assert!(1000 * size_of::<SubscriptionItem>() <= 2 << 20, "{}", size_of::<SubscriptionItem>());
}

/// Also to a type of the app's own, which has none of these traits.
#[test]
fn a_link_can_be_cloned_whatever_it_leads_to() {
    #[derive(serde::Deserialize)]
    struct Own {
        name: String,
    }
    let link: Expandable<Own> = read(r#"{"id":"own_1","name":"a"}"#);
    let clone = link.clone();
    assert_eq!((clone.id(), clone.object().unwrap().name.as_str()), ("own_1", "a"));
    assert!(link == clone && format!("{clone:?}").contains("own_1"));
}
