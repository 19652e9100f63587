//! Fetching the object of an event.

use serde::de::DeserializeOwned;

use super::{ApiClient, FetchError, target::Target};
use crate::event::{Event, EventData};

#[cfg_attr(docsrs, doc(cfg(feature = "api")))]
impl Event {
    /// Fetches the object as it is now, and decodes it by the type of the event.
    ///
    /// It serves snapshot and thin events alike. As the object is at least as new as the event, the
    /// order of events does not matter.
    ///
    /// The object of a thin event is at the path of its [`related_object`](Self::related_object).
    /// That of a snapshot event is found by its type and id. The request is scoped to the account
    /// of the event: [`context`](Self::context) of a thin event, [`account`](Self::account) of a
    /// snapshot event. The answer must have the id, the type and the mode that the event states.
    ///
    /// An object that no longer exists is [`EventData::Deleted`].
    ///
    /// # Errors
    ///
    /// [`FetchError`] if Stripe's API fails or answers with another object, if the object lacks a
    /// required field, or if there is nothing to fetch. Answer with an error status, so that Stripe
    /// delivers the event again.
    ///
    /// # Example
    ///
    /// ```
    /// use tower_stripe_webhook::{EventData, VerifiedEvent, api::{ApiClient, FetchError}};
    ///
    /// async fn handle(event: &VerifiedEvent, api: &impl ApiClient) -> Result<(), FetchError> {
    ///     match event.fetch(api).await? {
    ///         EventData::CustomerSubscriptionUpdated(subscription) => {
    ///             println!("{}: {:?}", subscription.id(), subscription.status());
    ///         }
    ///         EventData::Deleted(object) => println!("{} is gone", object.id()),
    ///         _ => {}
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn fetch(&self, api: &impl ApiClient) -> Result<EventData, FetchError> {
        Ok(self.fetch_current(api).await?.data()?)
    }

    /// Fetches the object as it is now, and decodes it into your own type.
    ///
    /// `None` if the object no longer exists. Otherwise it does the same as [`fetch`](Self::fetch).
    ///
    /// # Errors
    ///
    /// [`FetchError`], as for [`fetch`](Self::fetch).
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use tower_stripe_webhook::{VerifiedEvent, api::{ApiClient, FetchError}};
    ///
    /// #[derive(Deserialize)]
    /// struct Payout {
    ///     amount: i64,
    ///     currency: String,
    /// }
    ///
    /// async fn handle(event: &VerifiedEvent, api: &impl ApiClient) -> Result<(), FetchError> {
    ///     if let Some(payout) = event.fetch_object::<Payout>(api).await? {
    ///         println!("{} {}", payout.amount, payout.currency);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn fetch_object<T: DeserializeOwned>(
        &self,
        api: &impl ApiClient,
    ) -> Result<Option<T>, FetchError> {
        let event = self.fetch_current(api).await?;
        match event.current().is_some_and(|current| current.deleted().is_some()) {
            true => Ok(None),
            false => Ok(Some(event.object()?)),
        }
    }

    /// Fetches the object as it is now, and returns the event with it.
    ///
    /// [`data`](Self::data) and [`object`](Self::object) of the returned event decode the fetched
    /// object, and [`current`](Self::current) has its JSON. [`body`](Self::body) still has the bytes
    /// that Stripe signed.
    ///
    /// # Errors
    ///
    /// [`FetchError`], as for [`fetch`](Self::fetch).
    ///
    /// # Example
    ///
    /// ```
    /// use tower_stripe_webhook::{Event, api::{ApiClient, FetchError}};
    ///
    /// async fn json_of(event: &Event, api: &impl ApiClient) -> Result<Vec<u8>, FetchError> {
    ///     let event = event.fetch_current(api).await?;
    ///     Ok(event.current().map(|object| object.json().to_vec()).unwrap_or_default())
    /// }
    /// ```
    pub async fn fetch_current(&self, api: &impl ApiClient) -> Result<Self, FetchError> {
        let current = Target::of(self)?.fetch(api, self.id()).await?;
        Ok(self.clone().with_current(current))
    }

    /// Fetches an object that the event's object links to, into your own type or one of
    /// [`object`](crate::event::object).
    ///
    /// An invoice links to its subscription, and a checkout session to its customer. The request has
    /// the account and the mode of the event, as that of [`fetch`](Self::fetch), and the answer must
    /// have the id and the type. `None` if the object no longer exists.
    ///
    /// # Errors
    ///
    /// [`FetchError`], as for [`fetch`](Self::fetch). The kind is
    /// [`NotFetchable`](super::FetchErrorKind::NotFetchable) if the type and the id do not make a
    /// path of Stripe's API, for example for a discount.
    ///
    /// # Example
    ///
    /// ```
    /// use tower_stripe_webhook::{
    ///     EventData, VerifiedEvent,
    ///     api::{ApiClient, FetchError},
    ///     event::object::Subscription,
    /// };
    ///
    /// async fn handle(event: &VerifiedEvent, api: &impl ApiClient) -> Result<(), FetchError> {
    ///     let EventData::InvoicePaid(invoice) = event.fetch(api).await? else { return Ok(()) };
    ///     let Some(id) = invoice.subscription_id() else { return Ok(()) };
    ///     if let Some(subscription) =
    ///         event.fetch_linked::<Subscription>(api, "subscription", id).await?
    ///     {
    ///         println!("{}: {:?}", subscription.id(), subscription.status());
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn fetch_linked<T: DeserializeOwned>(
        &self,
        api: &impl ApiClient,
        object_type: &str,
        id: &str,
    ) -> Result<Option<T>, FetchError> {
        let object = Target::linked(self, object_type, id)?.fetch(api, self.id()).await?;
        match object.deleted() {
            Some(_) => Ok(None),
            None => Ok(Some(self.decode_fetched("linked object", object.json())?)),
        }
    }
}
