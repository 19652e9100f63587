//! The time to decode a typed object.
//!
//! For comparison: `serde_json` into a struct that is written by hand for one API version.
//!
//! `cargo bench --bench decode` prints times; only compare them within one run.

use std::{collections::BTreeMap, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use serde::Deserialize;
use tower_stripe_webhook::{Event, test_util::samples};

/// The fields of `object::Subscription`, written for the newest API version.
#[expect(dead_code, reason = "decoding them is what is measured")]
mod by_hand {
    use super::{BTreeMap, Deserialize};

    #[derive(Deserialize)]
    pub struct Subscription {
        pub id: String,
        pub customer: String,
        pub status: String,
        pub items: List<Item>,
        pub cancel_at_period_end: bool,
        pub cancel_at: Option<i64>,
        pub canceled_at: Option<i64>,
        pub cancellation_details: Option<CancellationDetails>,
        pub ended_at: Option<i64>,
        pub trial_start: Option<i64>,
        pub trial_end: Option<i64>,
        pub created: i64,
        pub start_date: i64,
        pub billing_cycle_anchor: i64,
        pub collection_method: String,
        pub currency: String,
        pub default_payment_method: Option<String>,
        pub latest_invoice: Option<String>,
        pub schedule: Option<String>,
        pub pause_collection: Option<PauseCollection>,
        pub livemode: bool,
        pub metadata: BTreeMap<String, String>,
    }

    #[derive(Deserialize)]
    pub struct List<T> {
        pub data: Vec<T>,
        pub has_more: bool,
    }

    #[derive(Deserialize)]
    pub struct Item {
        pub id: String,
        pub quantity: Option<i64>,
        pub current_period_start: i64,
        pub current_period_end: i64,
        pub metadata: BTreeMap<String, String>,
        pub price: Price,
        pub plan: Plan,
    }

    #[derive(Deserialize)]
    pub struct Price {
        pub id: String,
        pub product: String,
        pub unit_amount: Option<i64>,
        pub currency: String,
        pub lookup_key: Option<String>,
        pub nickname: Option<String>,
        pub active: bool,
        pub metadata: BTreeMap<String, String>,
        pub recurring: Option<Recurring>,
    }

    #[derive(Deserialize)]
    pub struct Plan {
        pub id: String,
        pub product: String,
        pub amount: Option<i64>,
        pub currency: String,
        pub nickname: Option<String>,
        pub active: bool,
        pub metadata: BTreeMap<String, String>,
        pub interval: String,
        pub interval_count: i64,
    }

    #[derive(Deserialize)]
    pub struct Recurring {
        pub interval: String,
        pub interval_count: i64,
    }

    #[derive(Deserialize)]
    pub struct CancellationDetails {
        pub comment: Option<String>,
        pub feedback: Option<String>,
        pub reason: Option<String>,
    }

    #[derive(Deserialize)]
    pub struct PauseCollection {
        pub behavior: String,
        pub resumes_at: Option<i64>,
    }
}

fn decode(c: &mut Criterion) {
    let event = Event::unverified_from_json(samples::CUSTOMER_SUBSCRIPTION_UPDATED).unwrap();
    let object =
        serde_json::from_str::<serde_json::Value>(samples::CUSTOMER_SUBSCRIPTION_UPDATED).unwrap();
    let object = serde_json::to_string_pretty(&object["data"]["object"]).unwrap();

    let mut group = c.benchmark_group("customer.subscription.updated");
    group.bench_function("serde_json into a struct by hand", |b| {
        b.iter(|| {
            serde_json::from_slice::<by_hand::Subscription>(black_box(object.as_bytes())).unwrap()
        });
    });
    group.bench_function("event.data()", |b| b.iter(|| black_box(&event).data().unwrap()));
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
