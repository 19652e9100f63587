//! The events of all lists, oldest first.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use futures_core::Stream;

use super::{EventFilter, list::List, listed::Listed, lister::Lister, page::Unexpected};
use crate::{
    api::{ApiClient, ApiError, ApiErrorKind},
    clock::{Clock, SystemClock},
    event::Event,
};

/// How far back Stripe lists events (<https://docs.stripe.com/api/events/list>).
const STRIPE_LISTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// All lists of a filter, merged by time.
pub(super) struct Merged<A> {
    lists: Vec<Head<A>>,
}

/// A list, and its next event.
struct Head<A> {
    lister: Lister<A>,
    next: Option<(SystemTime, Listed)>,
}

impl<A: ApiClient> Merged<A> {
    pub(super) fn new(api: &Arc<A>, filter: &EventFilter, clock: &Arc<dyn Clock>) -> Self {
        let since = first_time(filter, clock.now());
        let head = |list| {
            let lister = Lister::new(Arc::clone(api), Arc::clone(clock), list, since, filter.until);
            Head { lister, next: None }
        };
        Self { lists: List::all(filter).into_iter().map(head).collect() }
    }

    /// Returns the oldest event that was not returned before, with its time.
    pub(super) async fn next(&mut self) -> Result<Option<(SystemTime, Listed)>, ApiError> {
        for head in &mut self.lists {
            if head.next.is_none() {
                head.next = head.lister.next().await?;
            }
        }
        let heads = self.lists.iter_mut().filter(|head| head.next.is_some());
        let oldest = heads.min_by_key(|head| head.next.as_ref().map(|(time, _)| *time));
        Ok(oldest.and_then(|head| head.next.take()))
    }
}

/// Returns the time from which events are listed.
pub(super) fn first_time(filter: &EventFilter, now: SystemTime) -> SystemTime {
    let earliest = now.checked_sub(STRIPE_LISTS).unwrap_or(SystemTime::UNIX_EPOCH);
    filter.since.map_or(earliest, |since| since.max(earliest))
}

/// The events that Stripe has, oldest first, as a [`Stream`].
///
/// It lists as the [module](super#listing) says. Each event is an [`Event`] and not a
/// [`VerifiedEvent`](crate::VerifiedEvent): it comes from Stripe's API and has no signature. Its
/// [`body`](Event::body) is its JSON as the list has it.
///
/// An error of a request ends the stream; a request that fails for a moment is repeated before. An
/// entry that cannot be read as an event is an error, too, after which the stream continues.
///
/// # Example
///
/// ```
/// use std::future::poll_fn;
/// use std::pin::Pin;
/// use futures_core::Stream;
/// use tower_stripe_webhook::{
///     api::{ApiClient, ApiError},
///     recovery::{EventFilter, EventStream},
/// };
///
/// async fn print_missed(api: impl ApiClient) -> Result<(), ApiError> {
///     let mut events = EventStream::new(api, EventFilter::new());
///     // Or `events.next()` with the `StreamExt` of the crates futures and tokio-stream.
///     while let Some(event) = poll_fn(|cx| Pin::new(&mut events).poll_next(cx)).await {
///         println!("{}", event?.id());
///     }
///     Ok(())
/// }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct EventStream<A>(State<A>);

enum State<A> {
    Idle(Box<Merged<A>>),
    Reading(Reading<A>),
    Ended,
}

type Reading<A> = Pin<Box<dyn Future<Output = (Box<Merged<A>>, Next)> + Send>>;

type Next = Result<Option<(SystemTime, Listed)>, ApiError>;

impl<A: ApiClient> EventStream<A> {
    /// Lists the events of a filter.
    pub fn new(api: A, filter: EventFilter) -> Self {
        Self::with_clock(api, filter, SystemClock)
    }

    /// Lists the events of a filter, with another clock than the operating system's.
    ///
    /// The clock decides when 30 days ago is.
    pub fn with_clock(api: A, filter: EventFilter, clock: impl Clock) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        Self(State::Idle(Box::new(Merged::new(&Arc::new(api), &filter, &clock))))
    }
}

impl<A: ApiClient> Stream for EventStream<A> {
    type Item = Result<Event, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.0, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Idle(mut lists) => {
                    self.0 = State::Reading(Box::pin(async move {
                        let next = lists.next().await;
                        (lists, next)
                    }));
                }
                State::Reading(mut reading) => {
                    let Poll::Ready((lists, next)) = reading.as_mut().poll(cx) else {
                        self.0 = State::Reading(reading);
                        return Poll::Pending;
                    };
                    let Some((_, listed)) = next? else { return Poll::Ready(None) };
                    self.0 = State::Idle(lists);
                    return Poll::Ready(Some(match listed {
                        Listed::Event(event) => Ok(event),
                        Listed::Unreadable(_) => {
                            let error = ApiError::new(ApiErrorKind::UnexpectedResponse);
                            Err(error.with_source(Unexpected::NoEvent))
                        }
                    }));
                }
            }
        }
    }
}

impl<A> fmt::Debug for EventStream<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}
