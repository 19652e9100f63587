//! Objects with unusual JSON: arrays, duplicate names and very long lists.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower_stripe_webhook::{
    Event, EventData,
    event::object::{
        Address, AutomaticTax, BalanceTransaction, BillingDetails, BillingMode,
        CancellationDetails, Card, Charge, ChargeOutcome, CheckoutSession, CurrencyConversion,
        CustomField, Customer, CustomerDetails, Dispute, EvidenceDetails, Expandable, Invoice,
        InvoiceCustomField, InvoiceLine, InvoicePayment, InvoicePaymentTransitions, InvoiceStatus,
        List, Metadata, NextAction, OtherObject, PauseCollection, PauseReason, PaymentError,
        PaymentIntent, Period, PresentmentDetails, PreviousSubscription, Price, Recurring, Refund,
        ShippingDetails, StatusTransitions, Subscription, SubscriptionItem, SubscriptionStatus,
        TotalDetails,
    },
};

/// Returns whether any array of one of these values is read as a `T`.
///
/// The arrays have up to as many elements as the type may have fields.
fn reads_an_array<T: DeserializeOwned>() -> bool {
    let elements = [json!("a"), json!(1), json!(true), Value::Null, json!({}), json!([])];
    elements.iter().any(|element| {
        (0..60).any(|length| {
            serde_json::from_value::<T>(Value::Array(vec![element.clone(); length])).is_ok()
        })
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
        ChargeOutcome,
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
fn the_last_value_of_a_duplicate_name_counts() {
    let invoice: Invoice = read(
        r#"{"id":"in_1","id":"in_2","currency":"usd","currency":null,"attempt_count":1,"attempt_count":"2",
        "metadata":{"a":"1","b":"2","a":"3","b":null},"metadata":{"a":"1","b":"2","a":"3","b":null},
        "customer":{"id":"cus_1","id":"cus_2"},"period_start":null,"period_start":7}"#,
    );
    assert_eq!(invoice.id(), Some("in_2"));
    assert_eq!((invoice.currency(), invoice.period_start()), (None, Some(7)));
    assert_eq!(invoice.metadata().iter().collect::<Vec<_>>(), [(&"a".to_owned(), &"3".to_owned())]);
    assert_eq!(invoice.customer().unwrap().id(), "cus_2");
}

#[test]
fn the_last_list_of_a_duplicate_name_counts() {
    let lines = |json: &str| -> Vec<String> {
        let invoice: Invoice = read(json);
        invoice.lines().iter().filter_map(InvoiceLine::id).map(str::to_owned).collect()
    };
    assert_eq!(
        lines(r#"{"lines":{"data":[{"id":"a"}],"data":[{"id":"b"},{"id":"c"}]}}"#),
        ["b", "c"]
    );
    assert_eq!(lines(r#"{"lines":[{"id":"a"}],"lines":[{"id":"b"}]}"#), ["b"]);
    assert_eq!(lines(r#"{"lines":{"data":[{"id":"a"}],"data":null}}"#), [""; 0]);
    // The three lists of 2012 are one.
    assert_eq!(
        lines(
            r#"{"lines":{"invoiceitems":[{"id":"a"}],"prorations":[{"id":"b"}],"subscriptions":[{"id":"c"}]}}"#
        ),
        ["a", "b", "c"]
    );
}

#[test]
fn an_event_is_typed_by_the_last_name_of_its_object() {
    for (object, is_other) in [
        (r#"{"object":"invoice","object":"charge","amount":"no amount"}"#, false),
        (r#"{"object":"charge","object":"invoice"}"#, true),
    ] {
        let body =
            format!(r#"{{"id":"evt_1","type":"charge.succeeded","data":{{"object":{object}}}}}"#);
        let data = Event::unverified_from_json(body).unwrap().data();
        assert_eq!(matches!(data, Ok(EventData::Other)), is_other, "{data:?}");
        assert_eq!(data.is_err(), !is_other, "{data:?}");
    }
}

#[test]
fn a_list_has_at_most_1000_elements() {
    for (length, kept, has_more) in
        [(999, 999, false), (1000, 1000, false), (1001, 1000, true), (5000, 1000, true)]
    {
        let lines = vec!["{}"; length].join(",");
        for json in [
            format!("[{lines}]"),
            format!(r#"{{"data":[{lines}]}}"#),
            format!(r#"{{"data":[{lines}],"has_more":false}}"#),
        ] {
            let invoice: Invoice = read(&format!(r#"{{"lines":{json}}}"#));
            assert_eq!(
                (invoice.lines().len(), invoice.lines().has_more()),
                (kept, has_more),
                "{length}"
            );
        }
    }
}

#[test]
fn the_lists_of_2012_have_at_most_1000_elements_together() {
    let lines = vec!["{}"; 600].join(",");
    let invoice: Invoice =
        read(&format!(r#"{{"lines":{{"invoiceitems":[{lines}],"subscriptions":[{lines}]}}}}"#));
    assert_eq!((invoice.lines().len(), invoice.lines().has_more()), (1000, true));
}

#[test]
fn elements_without_a_known_form_do_not_count() {
    let lines = vec!["null"; 5000].join(",");
    let invoice: Invoice = read(&format!(r#"{{"lines":[{lines},{{"id":"a"}}]}}"#));
    assert_eq!((invoice.lines().len(), invoice.lines().has_more()), (1, false));
}

#[test]
fn an_array_or_a_map_of_more_than_1000_elements_is_empty() {
    for (length, kept) in [(1000, 1000), (1001, 0), (5000, 0)] {
        let fields = vec!["{}"; length].join(",");
        let metadata: Vec<_> = (0..length).map(|key| format!(r#""{key}":"""#)).collect();
        let metadata = metadata.join(",");
        let invoice: Invoice = read(&format!(
            r#"{{"custom_fields":[{fields}],"metadata":{{{metadata}}},"id":"in_1"}}"#
        ));
        assert_eq!(
            (invoice.custom_fields().len(), invoice.metadata().len()),
            (kept, kept),
            "{length}"
        );
        assert_eq!(invoice.id(), Some("in_1"), "what follows is read");
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
fn a_link_to_any_object_can_be_cloned() {
    #[derive(serde::Deserialize)]
    struct Own {
        name: String,
    }
    let link: Expandable<Own> = read(r#"{"id":"own_1","name":"a"}"#);
    let clone = link.clone();
    assert_eq!((clone.id(), clone.object().unwrap().name.as_str()), ("own_1", "a"));
    assert!(link == clone && format!("{clone:?}").contains("own_1"));
}

/// One accessor of each kind, with the type in the docs of `object`.
#[test]
fn accessors_copy_plain_values_and_borrow_all_others() {
    let _required_text: fn(&Charge) -> &str = Charge::id;
    let _text: fn(&Invoice) -> Option<&str> = Invoice::id;
    let _required_number: fn(&Charge) -> i64 = Charge::amount;
    let _number: fn(&Invoice) -> Option<i64> = Invoice::total;
    let _boolean: fn(&Invoice) -> bool = Invoice::livemode;
    let _optional_boolean: fn(&Charge) -> Option<bool> = Charge::paid;
    let _time: fn(&Invoice) -> Option<i64> = Invoice::created;
    let _required_value: fn(&Subscription) -> &SubscriptionStatus = Subscription::status;
    let _value: fn(&Invoice) -> Option<&InvoiceStatus> = Invoice::status;
    let _required_link: fn(&Subscription) -> &Expandable<Customer> = Subscription::customer;
    let _link: fn(&Invoice) -> Option<&Expandable<Customer>> = Invoice::customer;
    let _object: fn(&Customer) -> Option<&Address> = Customer::address;
    let _array: fn(&CheckoutSession) -> &[CustomField] = CheckoutSession::custom_fields;
    let _list: fn(&Invoice) -> &List<InvoiceLine> = Invoice::lines;
    let _map: fn(&Invoice) -> &Metadata = Invoice::metadata;
    let _previous_number: fn(&PreviousSubscription) -> Option<Option<i64>> =
        PreviousSubscription::cancel_at;
    let _previous_object: fn(&PreviousSubscription) -> Option<Option<&PauseCollection>> =
        PreviousSubscription::pause_collection;
    let _previous_link: fn(&PreviousSubscription) -> Option<Option<&Expandable<Invoice>>> =
        PreviousSubscription::latest_invoice;
}

#[test]
fn an_accessor_returns_the_value_of_its_field() {
    let before: PreviousSubscription = read(
        r#"{"cancel_at":null,"trial_end":7,"pause_collection":{"behavior":"void"},"latest_invoice":"in_1"}"#,
    );
    assert_eq!(
        (before.cancel_at(), before.trial_end(), before.canceled_at()),
        (Some(None), Some(Some(7)), None)
    );
    assert_eq!(before.pause_collection().unwrap().unwrap().behavior(), Some("void"));
    assert_eq!(before.latest_invoice().unwrap().unwrap().id(), "in_1");
    assert_eq!((before.schedule(), before.default_payment_method()), (None, None));

    let charge: Charge =
        read(r#"{"id":"ch_1","amount":7,"currency":"usd","paid":false,"refunds":["re_1"]}"#);
    assert_eq!((charge.id(), charge.amount(), charge.currency()), ("ch_1", 7, "usd"));
    assert_eq!((charge.paid(), charge.captured(), charge.refunded()), (Some(false), None, false));
    assert_eq!(charge.refunds().iter().map(Expandable::id).collect::<Vec<_>>(), ["re_1"]);
}
