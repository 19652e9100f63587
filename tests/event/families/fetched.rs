//! All thin types, through the layers with a fake of Stripe's API.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::SystemTime,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_stripe_webhook::{
    EventType, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    api::{ApiKey, FetchLayer, StripeApi},
    idempotency::{IdempotencyLayer, MemoryStore},
    test_util::{FakeApi, signed_request},
};

use super::{Declarations, letters, objects_of_events};

/// Delivers a thin event with these layers. Returns the status, and the `Debug` text of the data
/// that the handler got.
async fn deliver(event: &Value, api: FakeApi) -> (StatusCode, String) {
    let secret = SigningSecret::new("whsec_test").unwrap();
    let data = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&data);
    let service = ServiceBuilder::new()
        .layer(StripeWebhookLayer::new(secret.clone()))
        .layer(IdempotencyLayer::new(MemoryStore::new()))
        .layer(FetchLayer::new(StripeApi::new(ApiKey::new("rk_test_123").unwrap(), api)))
        .service(service_fn(move |request: Request<Full<Bytes>>| {
            let event = request.extensions().get::<VerifiedEvent>().unwrap();
            *seen.lock().unwrap() = format!("{:?}", event.data().unwrap());
            async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
        }));
    let request = signed_request("/", event.to_string(), &secret, SystemTime::now());
    let response = service.oneshot(request).await.unwrap();
    let data = data.lock().unwrap().clone();
    (response.status(), data)
}

/// An object for each type. The objects at the root of `event::object` have few required fields.
fn sample(declarations: &Declarations, path: &str) -> Value {
    if path.contains("::") {
        return declarations.sample(path);
    }
    json!({
        "id": "x_1", "currency": "usd", "amount": 1, "status": "active", "customer": "cus_1",
        "payment_status": "paid", "mode": "payment", "reason": "general",
    })
}

/// The name in `object`, from the name of the type in stripe-node: `V1Checkout.Session`.
fn object_name(name: &str, version: &str) -> String {
    let name = name.strip_prefix("V1").unwrap_or(name);
    let mut words = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !words.is_empty() && !words.ends_with('.') {
            words.push('_');
        }
        words.push(character.to_ascii_lowercase());
    }
    if version == "v2" { format!("v2.{words}") } else { words }
}

#[tokio::test]
async fn each_thin_type_is_typed_by_its_fetched_object() {
    let declarations = Declarations::read();
    let typed: BTreeMap<String, String> = objects_of_events().into_iter().collect();
    let facts = include_str!("../data/event-objects.tsv").lines().skip(1);
    let thin = facts
        .map(|line| line.split_once('\t').unwrap())
        .filter(|(name, _)| name.starts_with("v1.") || name.starts_with("v2."));
    let mut checked = 0;
    for (name, object) in thin {
        checked += 1;
        let (version, _) = name.split_once('.').unwrap();
        let url = format!("/{version}/core/things/x_1");
        let event_type = EventType::from(name);
        let mut event = json!({
            "id": "evt_1", "object": "v2.core.event", "type": name, "livemode": false,
            "created": "2026-11-20T10:11:12.345Z", "related_object": null,
        });
        let api = FakeApi::new();
        if object != "-" {
            let mut sample = sample(&declarations, &typed[event_type.as_str()]);
            let fields = sample.as_object_mut().unwrap();
            fields.remove("deleted");
            fields.insert("livemode".to_owned(), json!(false));
            // The objects of which there is only one have no id.
            let id = fields.contains_key("id").then_some("x_1");
            if let Some(id) = id {
                fields.insert("id".to_owned(), json!(id));
            }
            let related = fields.entry("object").or_insert(json!(object_name(object, version)));
            event["related_object"] = json!({"id": id, "type": related, "url": url});
            api.insert(&url, sample.to_string());
        }
        let (status, data) = deliver(&event, api).await;
        assert_eq!(status, StatusCode::OK, "{name}");
        let variant = letters(data.split(['(', ' ']).next().unwrap());
        let expected =
            if object == "-" { "other" } else { &letters(name.trim_start_matches("v1.")) };
        assert_eq!(variant, expected, "{name}: {data}");
    }
    assert_eq!(checked, 326);
}
