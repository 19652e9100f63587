//! A sample event with overrides.

use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use serde_json::{Value, json};

use super::{
    CHECKOUT_SESSION_COMPLETED, CUSTOMER_SUBSCRIPTION_CREATED, CUSTOMER_SUBSCRIPTION_DELETED,
    INVOICE_PAID, INVOICE_PAYMENT_FAILED,
    path::{set, set_unchecked},
    table, thin_event, version,
};
use crate::{
    SigningSecret, VerifiedEvent,
    event::{Event, EventType},
    test_util::{signed_request, verified_event},
};

/// The samples whose event is that of a constant.
///
/// The constant of `customer.subscription.updated` is canceled, which few tests need.
const CONSTANTS: [&str; 5] = [
    CHECKOUT_SESSION_COMPLETED,
    CUSTOMER_SUBSCRIPTION_CREATED,
    CUSTOMER_SUBSCRIPTION_DELETED,
    INVOICE_PAID,
    INVOICE_PAYMENT_FAILED,
];

/// A sample event whose values can be changed.
///
/// Each method changes a value and returns the sample. The changed sample is
///
/// - [`json`](Self::json), the text,
/// - [`event`](Self::event), an [`Event`],
/// - [`verified`](Self::verified), a [`VerifiedEvent`], or
/// - [`signed_request`](Self::signed_request), a request.
///
/// # Checks
///
/// A method panics, with the line of the test, if the object has no such field, if the value has
/// another JSON type, or if it is a text that the crate does not know where it knows all values, such
/// as the status `"payed"`. So a mistake in a test is not mistaken for a fault of the handler.
/// [`set_unchecked`](Self::set_unchecked) does not check the value.
///
/// The other values of the object do not change: a test that sets the status to `canceled` also sets
/// [`ended_at`](Self::ended_at) if its handler reads it.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EventData, test_util::samples};
///
/// let sample = samples::invoice_paid()
///     .customer("cus_1")
///     .amount_due(500)
///     .set("/data/object/lines/data/0/amount", 500)
///     .api_version("2020-08-27");
///
/// let EventData::InvoicePaid(invoice) = sample.event().data()? else { panic!("another type") };
/// assert_eq!(invoice.customer_id(), Some("cus_1"));
/// assert_eq!(invoice.amount_due(), Some(500));
/// # Ok::<(), tower_stripe_webhook::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Sample {
    event_type: EventType,
    /// The event in the newest version.
    event: Value,
    /// The object that a thin event links to, in the newest version.
    linked: Option<Value>,
    version: Option<Box<str>>,
    /// What was set at a path of the old version.
    set_in_version: Vec<(Box<str>, Value)>,
}

impl Sample {
    /// Makes the sample of an event type.
    pub(super) fn new(event_type: &EventType) -> Self {
        let name = event_type.as_str();
        let constant = CONSTANTS.into_iter().map(table::parse).find(|event| event["type"] == name);
        if let Some(event) = constant {
            return Self::of_event(event_type, event, None);
        }
        let object = table::object_of(event_type);
        let id = format!("evt_1Sample_{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
        if event_type.thin_name() == Some(name) {
            let event = thin_event::of(&id, name, object.as_ref());
            return Self::of_event(event_type, event, Some(object.unwrap_or_default()));
        }
        let mut event = json!({
            "id": id, "object": "event", "api_version": version::NEWEST, "created": 1_795_447_000,
            "data": {"object": object}, "livemode": false, "pending_webhooks": 1,
            "request": {"id": null, "idempotency_key": null}, "type": name,
        });
        if name.ends_with(".updated") {
            event["data"]["previous_attributes"] = json!({});
        }
        Self::of_event(event_type, event, None)
    }

    fn of_event(event_type: &EventType, event: Value, linked: Option<Value>) -> Self {
        let event_type = event_type.clone();
        Self { event_type, event, linked, version: None, set_in_version: Vec::new() }
    }

    /// Sets the value at a JSON pointer into the event, such as `/data/object/amount`.
    ///
    /// The pointer must exist in the sample, or be the next element of an array, or a new name in
    /// `metadata`. After [`api_version`](Self::api_version) it is a pointer into the event of that
    /// version.
    ///
    /// # Panics
    ///
    /// If there is no such value, or if the new value has another JSON type. Any value may become
    /// `null`, and a link may be expanded. If the crate knows the values of the field, such as those
    /// of a status, an unknown text is an error, too.
    #[track_caller]
    pub fn set(self, path: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let before = self.clone();
        self.set_with(path, value.clone(), set).checked_since(&before, path, &value)
    }

    /// Sets the value at a JSON pointer, whatever it is.
    ///
    /// Use it to test how a handler reacts to a value or a field that Stripe may add.
    ///
    /// # Panics
    ///
    /// If what contains the value does not exist.
    #[track_caller]
    pub fn set_unchecked(self, path: &str, value: impl Into<Value>) -> Self {
        self.set_with(path, value.into(), set_unchecked)
    }

    #[track_caller]
    fn set_with(
        mut self,
        path: &str,
        value: Value,
        set: fn(&mut Value, &str, Value) -> Result<(), String>,
    ) -> Self {
        let result = if self.version.is_some() {
            let result = set(&mut self.value(), path, value.clone());
            self.set_in_version.push((path.into(), value));
            result
        } else {
            set(&mut self.event, path, value)
        };
        if let Err(problem) = result {
            self.panic(&problem);
        }
        self
    }

    /// Sets the API version, and moves the values of the object to where that version has them.
    ///
    /// The methods with the name of a value work before and after it. There are samples from
    /// version 2020-08-27 on.
    ///
    /// # Panics
    ///
    /// If `version` is older or newer than the samples, or no API version, if the event is one of
    /// the API v2, or if a value was set at a path of another version.
    #[track_caller]
    pub fn api_version(mut self, version: &str) -> Self {
        if let Some((path, _)) = self.set_in_version.first() {
            self.panic(&format!("`{path}` was set in another version: set the version first"));
        }
        let Some(object) = self.object_mut() else { self.panic("it is about no object") };
        if let Err(problem) = version::check(object, version) {
            self.panic(&problem);
        }
        self.version = Some(version.into());
        self
    }

    /// Sets the event's id.
    pub fn id(mut self, id: &str) -> Self {
        self.event["id"] = id.into();
        self
    }

    /// Sets when the event occurred, in Unix seconds.
    ///
    /// # Panics
    ///
    /// For a thin event, if the time is before 1970 or after 9999.
    #[track_caller]
    pub fn created(mut self, created: i64) -> Self {
        self.event["created"] = if self.is_thin() {
            match thin_event::time(created) {
                Some(time) => time.into(),
                None => self.panic("a thin event occurs between 1970 and 9999"),
            }
        } else {
            created.into()
        };
        self
    }

    /// Sets the mode of the event and of its object: `true` for live mode.
    pub fn livemode(mut self, livemode: bool) -> Self {
        self.event["livemode"] = livemode.into();
        if let Some(place) = self.object_mut().and_then(|object| object.get_mut("livemode")) {
            *place = livemode.into();
        }
        self
    }

    /// Sets the connected account that the event belongs to, `acct_…`.
    ///
    /// It is the `account` of a snapshot event, and the `context` of a thin event.
    pub fn account(mut self, account: &str) -> Self {
        let name = if self.is_thin() { "context" } else { "account" };
        self.event[name] = account.into();
        self
    }

    /// Sets the object's id.
    ///
    /// # Panics
    ///
    /// If the object has no id.
    #[track_caller]
    pub fn object_id(mut self, id: &str) -> Self {
        self = self.override_all("object_id", &["/id"], &id.into());
        if let Some(related) = self.event.get_mut("related_object").filter(|it| it.is_object()) {
            let old = related["id"].as_str().unwrap_or_default().to_owned();
            let url = related["url"].as_str().and_then(|url| url.strip_suffix(&old));
            related["url"] = url.map(|url| format!("{url}{id}")).into();
            related["id"] = id.into();
        }
        self
    }

    /// Sets the previous value of a field that changed.
    ///
    /// # Panics
    ///
    /// If the object has no such field, or if the event is thin: call it before
    /// [`thin`](Self::thin).
    #[track_caller]
    pub fn previous(mut self, field: &str, value: impl Into<Value>) -> Self {
        if self.is_thin() {
            self.panic("a thin event has no `previous_attributes`");
        }
        let mut object = self.object();
        if let Err(problem) = set(&mut object, &format!("/{field}"), Value::Null) {
            self.panic(&problem);
        }
        self.event["data"]["previous_attributes"][field] = value.into();
        self
    }

    /// Sets a metadata value of the object.
    ///
    /// # Panics
    ///
    /// If the object has no metadata.
    #[track_caller]
    pub fn metadata(self, key: &str, value: &str) -> Self {
        let escaped = key.replace('~', "~0").replace('/', "~1");
        self.override_all("metadata", &[&format!("/metadata/{escaped}")], &value.into())
    }

    /// Turns a snapshot event into the thin event of the same fact.
    ///
    /// A thin event stays one. [`object`](Self::object) returns the object that it links to, and
    /// the methods with the name of a value change that object.
    ///
    /// # Panics
    ///
    /// If the type has no [thin name](EventType::thin_name).
    #[track_caller]
    pub fn thin(mut self) -> Self {
        if !self.is_thin() {
            if self.event_type.thin_name().is_none() {
                self.panic("Stripe sends no thin events of this type");
            }
            let snapshot = self.value();
            self.event = thin_event::twin_of(&snapshot.to_string());
            self.linked = Some(snapshot["data"]["object"].clone());
            (self.version, self.set_in_version) = (None, Vec::new());
        }
        self
    }

    /// Returns the event as JSON.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "`set` has checked the paths")]
    pub fn value(&self) -> Value {
        let mut event = self.event.clone();
        if let (Some(version), None) = (&self.version, &self.linked) {
            event["api_version"] = (**version).into();
            version::apply(&mut event["data"]["object"], version);
            for (path, value) in &self.set_in_version {
                set_unchecked(&mut event, path, value.clone()).expect("the path was checked");
            }
        }
        event
    }

    /// Returns the object as JSON: that of a snapshot event, or the one that a thin event links to.
    ///
    /// # Example
    ///
    /// With the feature `api`, a `FakeApi` serves it:
    ///
    /// ```
    /// use tower_stripe_webhook::test_util::{FakeApi, samples};
    ///
    /// let payout = samples::payout_paid().amount(500).thin();
    /// let event = payout.event();
    /// let url = event.related_object().expect("it is about a payout").url();
    ///
    /// let api = FakeApi::new();
    /// api.insert(url, payout.object().to_string());
    /// ```
    #[must_use]
    pub fn object(&self) -> Value {
        match (&self.linked, &self.version) {
            (Some(linked), Some(version)) => {
                let mut object = linked.clone();
                version::apply(&mut object, version);
                object
            }
            (Some(linked), None) => linked.clone(),
            (None, _) => self.value()["data"]["object"].take(),
        }
    }

    /// Returns the text of the event.
    #[must_use]
    pub fn json(&self) -> String {
        self.value().to_string()
    }

    /// Returns the event.
    ///
    /// # Panics
    ///
    /// If [`set_unchecked`](Self::set_unchecked) removed what makes it an event.
    #[must_use]
    #[track_caller]
    pub fn event(&self) -> Event {
        Event::unverified_from_json(self.json()).expect("the sample must be an event")
    }

    /// Returns the event with a verified signature, for a function that takes a [`VerifiedEvent`].
    ///
    /// # Panics
    ///
    /// As [`event`](Self::event) does.
    #[must_use]
    #[track_caller]
    pub fn verified(&self) -> VerifiedEvent {
        verified_event(self.json())
    }

    /// Makes a request that delivers the event to `uri`, with the signature of `secret`.
    ///
    /// # Panics
    ///
    /// If `uri` is not a URI, or `signed_at` is before 1970.
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use tower_stripe_webhook::{SigningSecret, test_util::samples};
    ///
    /// let secret = SigningSecret::new("whsec_test")?;
    /// let request = samples::payout_failed().signed_request("/webhook", &secret, SystemTime::now());
    /// assert!(request.headers().contains_key("stripe-signature"));
    /// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
    /// ```
    pub fn signed_request<U>(
        &self,
        uri: U,
        secret: &SigningSecret,
        signed_at: SystemTime,
    ) -> Request<Full<Bytes>>
    where
        U: TryInto<Uri>,
        U::Error: std::fmt::Debug,
    {
        signed_request(uri, self.json(), secret, signed_at)
    }

    /// Sets the value at each of the paths into the object that exist.
    #[track_caller]
    pub(super) fn override_all(mut self, name: &str, paths: &[&str], value: &Value) -> Self {
        let before = self.clone();
        let Some(object) = self.object_mut() else { self.panic("it is about no object") };
        let mut problem = None;
        let mut is_changed = false;
        for path in paths {
            // A path that does not exist may leave a part of itself.
            let mut copy = object.clone();
            match set(&mut copy, path, value.clone()) {
                Ok(()) => {
                    *object = copy;
                    is_changed = true;
                }
                Err(error) => problem = problem.or(Some(error)),
            }
        }
        if !is_changed {
            let object_type = object["object"].as_str().unwrap_or("object").to_owned();
            let problem = problem.unwrap_or_default();
            self.panic(&format!("a `{object_type}` has no value for `{name}`: {problem}"));
        }
        self.checked_since(&before, name, value)
    }

    /// Sets the value at the first of the paths into the object that exists.
    #[track_caller]
    pub(super) fn override_first(mut self, name: &str, paths: &[&str], value: &Value) -> Self {
        let path = match self.object_mut() {
            Some(object) => paths.iter().find(|path| object.pointer(path).is_some()),
            None => None,
        };
        self.override_all(name, path.map_or(paths, std::slice::from_ref), value)
    }

    /// The type of the object, such as `invoice`.
    pub(super) fn object_type(&mut self) -> Option<&str> {
        self.object_mut()?["object"].as_str()
    }

    pub(super) fn object_mut(&mut self) -> Option<&mut Value> {
        let object = match &mut self.linked {
            Some(linked) => linked,
            None => &mut self.event["data"]["object"],
        };
        object.is_object().then_some(object)
    }

    pub(super) fn is_thin(&self) -> bool {
        self.linked.is_some()
    }

    /// Panics if `value` is a text that the object has since `before` as an unknown value of an enum.
    #[track_caller]
    fn checked_since(self, before: &Self, name: &str, value: &Value) -> Self {
        if let Value::String(text) = value
            && self.has_unlisted(text)
            && !before.has_unlisted(text)
        {
            self.panic(&format!(
                "`{text}` is no known value of `{name}`: `set_unchecked` sets it nevertheless"
            ));
        }
        self
    }

    /// Whether a text is an unknown value of an enum of the typed object.
    fn has_unlisted(&self, text: &str) -> bool {
        // `Debug` shows such a value as `Unlisted`, of each type of object.
        let unlisted = format!("Unlisted({text:?})");
        let event = json!({
            "id": "evt_1", "object": "event", "type": self.event_type.as_str(),
            "data": {"object": self.object()},
        });
        Event::unverified_from_json(event.to_string())
            .is_ok_and(|event| format!("{:?}", event.data()).contains(&unlisted))
    }

    #[track_caller]
    pub(super) fn panic(&self, problem: &str) -> ! {
        panic!("sample of `{}`: {problem}", self.event_type)
    }
}

/// The text of the event, for functions such as [`signed_request`] and [`verified_event`].
impl From<Sample> for String {
    fn from(sample: Sample) -> Self {
        sample.json()
    }
}

/// The text of the event.
impl From<Sample> for Bytes {
    fn from(sample: Sample) -> Self {
        sample.json().into()
    }
}
