//! Fetching the data of a thin event.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{
    ApiClient, ApiRequest, FetchError,
    target::{Mismatch, check_mode, for_event, parse, unexpected},
};
use crate::event::{Event, EventKind, EventType, JsonObject};

#[cfg_attr(docsrs, doc(cfg(feature = "api")))]
impl Event {
    /// Fetches the `data` of a thin event into your own type.
    ///
    /// A delivered thin event has no `data`. 14 types have some when the event is fetched from
    /// `/v2/core/events/{id}`:
    ///
    /// - `v1.billing.meter.error_report_triggered` and `v1.billing.meter.no_meter_found`, for which
    ///   there is [`MeterErrorReport`](crate::event::object::MeterErrorReport)
    /// - `v1.invoice.upcoming`
    /// - `v2.core.account[configuration.customer].capability_status_updated`, and the same of
    ///   `merchant` and `recipient`
    /// - `v2.core.account_link.returned`
    /// - `v2.core.account_person.created`, `.deleted` and `.updated`
    /// - `v2.money_management.inbound_transfer.available`
    /// - `v2.money_management.received_credit.available`
    /// - `v2.money_management.transaction.created` and `.updated`
    ///
    /// # Errors
    ///
    /// [`FetchError`] if Stripe's API fails or answers with another event, if the data does not fit
    /// the type, or if there is none: the kind is
    /// [`NotFetchable`](super::FetchErrorKind::NotFetchable) for a snapshot event, and for an event
    /// that has no `data`. Stripe keeps events for 30 days.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use tower_stripe_webhook::{Event, api::{ApiClient, FetchError}, event::object::MeterErrorReport};
    ///
    /// #[derive(Deserialize)]
    /// struct Upcoming {
    ///     customer: String,
    ///     subscription: Option<String>,
    /// }
    ///
    /// async fn handle(event: &Event, api: &impl ApiClient) -> Result<(), FetchError> {
    ///     match event.event_type().as_str() {
    ///         "v1.billing.meter.error_report_triggered" => {
    ///             let report: MeterErrorReport = event.fetch_data(api).await?;
    ///             println!("{:?}", report.developer_message_summary());
    ///         }
    ///         "v1.invoice.upcoming" => {
    ///             let upcoming: Upcoming = event.fetch_data(api).await?;
    ///             println!("{}: {:?}", upcoming.customer, upcoming.subscription);
    ///         }
    ///         _ => {}
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn fetch_data<T: DeserializeOwned>(
        &self,
        api: &impl ApiClient,
    ) -> Result<T, FetchError> {
        let no_data = || FetchError::not_fetchable("Stripe has no data of this event");
        if self.kind() != EventKind::Thin {
            return Err(no_data());
        }
        let request = ApiRequest::new(&format!("/v2/core/events/{}", self.id()));
        let request = request
            .map_err(|_| FetchError::not_fetchable("the event's id cannot be part of a path"))?;
        let response = api.get(&for_event(request, self).with_event_id(self.id())).await?;

        let answer = parse(&response)?;
        if answer.object.as_deref() != Some("v2.core.event") {
            return Err(unexpected(&response, Mismatch::Type).into());
        }
        if answer.id.as_deref() != Some(self.id()) {
            return Err(unexpected(&response, Mismatch::Id).into());
        }
        check_mode(&response, &answer, self.mode())?;
        let JsonObject(fetched) =
            serde_json::from_slice::<JsonObject<FetchedEvent<'_>>>(response.body())
                .map_err(|_| unexpected(&response, Mismatch::Form))?;
        let fetched_type = EventType::from(fetched.event_type.as_str());
        if fetched_type != *self.event_type() {
            return Err(unexpected(&response, Mismatch::Type).into());
        }
        let data = fetched.data.ok_or_else(no_data)?;
        Ok(self.decode_fetched("data", &response.body().slice_ref(data.get().as_bytes()))?)
    }
}

/// The fields of a fetched thin event that a delivered one lacks, and its type.
#[derive(Deserialize)]
struct FetchedEvent<'a> {
    #[serde(rename = "type")]
    event_type: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}
