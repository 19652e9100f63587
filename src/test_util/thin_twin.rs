//! The thin event of the same fact as a snapshot event.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::event::{Event, EventKind, EventRequest, object::OtherObject};

/// Makes the thin event of the same fact as a snapshot event, as JSON.
///
/// It has the fields that Stripe sends: `snapshot_event` names the snapshot event, and
/// `related_object` its object. The event's id is the snapshot's with `thin_` after `evt_`. The
/// path of the object is `/v1/` and the name of the object's type in the plural, as for most
/// types; the path of a nested object, such as a person of an account, differs from Stripe's.
///
/// # Panics
///
/// If `snapshot` is not a snapshot event, if its type has no
/// [thin name](crate::EventType::thin_name), or if it was created after the year 9999.
///
/// # Example
///
/// Both events have one idempotency key and one type:
///
/// ```
/// use tower_stripe_webhook::test_util::{samples, thin_twin, verified_event};
///
/// let snapshot = verified_event(samples::INVOICE_PAID);
/// let thin = verified_event(thin_twin(samples::INVOICE_PAID));
/// assert_eq!(thin.event_type(), snapshot.event_type());
/// assert_eq!(thin.idempotency_key(), snapshot.idempotency_key());
/// assert_ne!(thin.id(), snapshot.id());
/// ```
#[must_use]
pub fn thin_twin(snapshot: &str) -> String {
    let event = Event::unverified_from_json(snapshot.to_owned())
        .ok()
        .filter(|event| event.kind() == EventKind::Snapshot)
        .expect("`snapshot` must be a snapshot event");
    let object = event.object::<OtherObject>().expect("a snapshot event has an object");
    let thin_event = ThinEvent {
        id: match event.id().strip_prefix("evt_") {
            Some(id) => format!("evt_thin_{id}"),
            None => format!("thin_{}", event.id()),
        },
        object: "v2.core.event",
        event_type: event.event_type().thin_name().expect("the type must have a thin name"),
        created: event.created().map(|at| humantime::format_rfc3339_millis(at).to_string()),
        livemode: event.livemode(),
        context: event.context().or(event.account()),
        reason: event.request().and_then(Reason::new),
        related_object: object.id().zip(object.object()).map(|(id, object_type)| RelatedObject {
            id,
            object_type,
            url: format!("/v1/{}s/{id}", object_type.replace('.', "/")),
        }),
        snapshot_event: event.id(),
        changes: Changes::new(&event),
    };
    serde_json::to_string_pretty(&thin_event).expect("the event has JSON's types only")
}

#[derive(Serialize)]
struct ThinEvent<'a> {
    id: String,
    object: &'static str,
    #[serde(rename = "type")]
    event_type: &'static str,
    created: Option<String>,
    livemode: bool,
    context: Option<&'a str>,
    reason: Option<Reason<'a>>,
    related_object: Option<RelatedObject<'a>>,
    snapshot_event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Changes>,
}

#[derive(Serialize)]
struct RelatedObject<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    object_type: &'a str,
    url: String,
}

#[derive(Serialize)]
struct Reason<'a> {
    #[serde(rename = "type")]
    reason_type: &'static str,
    request: Request<'a>,
}

#[derive(Serialize)]
struct Request<'a> {
    id: &'a str,
    idempotency_key: Option<&'a str>,
}

impl<'a> Reason<'a> {
    /// `None` without a request, as for a renewal.
    fn new(request: &'a EventRequest) -> Option<Self> {
        let request = Request { id: request.id()?, idempotency_key: request.idempotency_key() };
        Some(Self { reason_type: "request", request })
    }
}

#[derive(Serialize)]
struct Changes {
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl Changes {
    /// The previous attributes, and the object's values of the same attributes.
    fn new(event: &Event) -> Option<Self> {
        let before: Map<String, Value> =
            event.previous_attributes().expect("previous attributes are a JSON object")?;
        let mut after: Map<String, Value> = event.object().expect("the object is a JSON object");
        after.retain(|name, _| before.contains_key(name));
        Some(Self { before, after })
    }
}
