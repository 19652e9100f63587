//! Reading one list, oldest event first.
//!
//! Stripe's lists are newest first. So the lister asks for a span of time that is short enough for
//! one page, and then for the next span. How many events a page had tells how long the next span may
//! be. If the events of one instant do not fit into a page, it walks to the oldest page of that
//! instant and back. It holds one page, and the ids of the events that have the time of the last one.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::StatusCode;
use tokio::time::sleep;

use super::{
    list::List,
    listed::Listed,
    page::{Page, PageCursor},
};
use crate::{
    api::{ApiClient, ApiError, ApiErrorKind, ApiRequest, ApiResponse},
    clock::Clock,
};

/// Stripe's maximum.
const PAGE_SIZE: u8 = 100;

/// Passes over the end of the list, in which events arrive while the last ones are replayed. The
/// next run lists what arrives later.
const MAX_LAST_PASSES: u32 = 10;

/// Restarts without an event in between, after which the error of the page is returned.
const MAX_RESTARTS: u32 = 5;

/// Attempts of one request, with those of a retry policy counted as one.
const MAX_ATTEMPTS: u32 = 6;

const MAX_WAIT: Duration = Duration::from_secs(60);

/// Reads one list. An error ends it.
pub(super) struct Lister<A> {
    api: Arc<A>,
    clock: Arc<dyn Clock>,
    list: List,
    until: Option<SystemTime>,
    /// All events before this time were returned, and of this time those in `seen`.
    from: SystemTime,
    seen: HashSet<Box<str>>,
    /// The length of the next span. `None` for all that is left.
    span: Option<Duration>,
    /// Whether the last span had few events.
    is_sparse: bool,
    /// The newest time that a page had.
    newest: SystemTime,
    page_size: u8,
    /// The rest of the page, newest first.
    buffer: Vec<Listed>,
    pass: Pass,
    last_passes: u32,
    restarts: u32,
}

/// The span that is being read.
enum Pass {
    None,
    /// `until` is `None` for the end of the list.
    Reading {
        until: Option<SystemTime>,
        newer: Option<PageCursor>,
        is_productive: bool,
    },
    Ended,
}

/// A page that was asked for, or the reason to ask for another.
enum Answer {
    Page(Page),
    /// Stripe does not know the place of the page.
    UnknownPlace(ApiError),
    TooLarge,
}

impl<A: ApiClient> Lister<A> {
    pub(super) fn new(
        api: Arc<A>,
        clock: Arc<dyn Clock>,
        list: List,
        since: SystemTime,
        until: Option<SystemTime>,
    ) -> Self {
        Self {
            api,
            clock,
            from: list.floor(since),
            list,
            until,
            seen: HashSet::new(),
            span: None,
            is_sparse: false,
            newest: SystemTime::UNIX_EPOCH,
            page_size: PAGE_SIZE,
            buffer: Vec::new(),
            pass: Pass::None,
            last_passes: 0,
            restarts: 0,
        }
    }

    /// Returns the next event, with the time by which it is sorted.
    pub(super) async fn next(&mut self) -> Result<Option<(SystemTime, Listed)>, ApiError> {
        loop {
            while let Some(event) = self.buffer.pop() {
                if let Some(time) = self.take_new(&event) {
                    return Ok(Some((time, event)));
                }
            }
            if matches!(self.pass, Pass::Ended) {
                return Ok(None);
            }
            self.fill().await?;
        }
    }

    /// Moves on to an event. `None` if it was returned before.
    fn take_new(&mut self, event: &Listed) -> Option<SystemTime> {
        let time = event.created().unwrap_or(self.from).max(self.from);
        let instant = self.list.floor(time);
        if instant > self.from {
            self.move_to(instant);
        }
        if !self.seen.insert(event.id().into()) {
            return None;
        }
        if let Pass::Reading { is_productive, .. } = &mut self.pass {
            *is_productive = true;
        }
        self.restarts = 0;
        Some(time)
    }

    fn move_to(&mut self, instant: SystemTime) {
        self.from = instant;
        self.seen.clear();
    }

    /// Reads one page, or ends the list. The buffer is empty.
    async fn fill(&mut self) -> Result<(), ApiError> {
        match std::mem::replace(&mut self.pass, Pass::None) {
            Pass::Reading { until, newer: Some(newer), is_productive } => {
                match self.page(until, Some(&newer)).await? {
                    Answer::Page(page) => {
                        let newer = page.newer.filter(|_| !page.events.is_empty());
                        self.buffer = page.events;
                        self.pass = Pass::Reading { until, newer, is_productive };
                    }
                    Answer::UnknownPlace(error) => self.restart(error)?,
                    Answer::TooLarge => {}
                }
                return Ok(());
            }
            Pass::Reading { until: Some(until), newer: None, .. } => {
                if until > self.from {
                    self.move_to(until);
                }
            }
            Pass::Reading { until: None, newer: None, is_productive } => {
                self.last_passes += 1;
                if !is_productive || self.last_passes >= MAX_LAST_PASSES {
                    self.pass = Pass::Ended;
                    return Ok(());
                }
            }
            Pass::None => {}
            Pass::Ended => {
                self.pass = Pass::Ended;
                return Ok(());
            }
        }
        self.begin_pass().await
    }

    async fn begin_pass(&mut self) -> Result<(), ApiError> {
        if self.until.is_some_and(|until| self.from >= until) {
            self.pass = Pass::Ended;
            return Ok(());
        }
        let until = self.end_of_span();
        let page = match self.page(until, None).await? {
            Answer::Page(page) => page,
            Answer::UnknownPlace(error) => return Err(error),
            Answer::TooLarge => return Ok(()),
        };
        if let Some(newest) = page.events.first().and_then(Listed::created) {
            self.newest = self.newest.max(newest);
        }
        if page.older.is_none() {
            self.grow_span(page.events.len());
            self.buffer = page.events;
            self.pass = Pass::Reading { until, newer: None, is_productive: false };
            return Ok(());
        }
        let end = until.unwrap_or_else(|| self.after(self.newest));
        if end <= self.after(self.from) {
            return self.walk_to_oldest(until, page).await;
        }
        self.span = Some(self.shorter_span(&page, end));
        self.is_sparse = false;
        Ok(())
    }

    /// Makes the span longer, if few events were in two spans in a row.
    ///
    /// After one only, the next span of this length is known to be full: its double was.
    fn grow_span(&mut self, events: usize) {
        let is_sparse = events < usize::from(self.page_size / 2);
        if is_sparse && self.is_sparse {
            let factor = if events == 0 { 4 } else { 2 };
            self.span = self.span.and_then(|span| span.checked_mul(factor));
        }
        self.is_sparse = is_sparse;
    }

    /// Returns the end of the next span. `None` if it contains the end of the list.
    fn end_of_span(&self) -> Option<SystemTime> {
        let end = self.span.and_then(|span| self.from.checked_add(span));
        let last = self.after(self.newest).max(self.clock.now());
        let end = end.filter(|end| *end <= last);
        match (end, self.until) {
            (Some(end), Some(until)) => Some(end.min(until)),
            (end, until) => end.or(until),
        }
    }

    /// Returns the first instant after a time.
    fn after(&self, time: SystemTime) -> SystemTime {
        let instant = self.list.floor(time);
        instant.checked_add(self.list.resolution()).unwrap_or(instant)
    }

    /// Returns a span with fewer events.
    ///
    /// It is one half, because the older events may be in any part of it, or three quarters of the
    /// time of the page.
    fn shorter_span(&self, page: &Page, end: SystemTime) -> Duration {
        let between = |from, until: SystemTime| until.duration_since(from).unwrap_or_default();
        let half = between(self.from, end) / 2;
        let oldest = page.events.last().and_then(Listed::created).unwrap_or(self.from);
        let of_page = between(oldest, end) * 3 / 4;
        let resolution = self.list.resolution();
        let units = half.max(of_page).as_nanos() / resolution.as_nanos();
        resolution.saturating_mul(u32::try_from(units).unwrap_or(u32::MAX).max(1))
    }

    /// Goes to the oldest page of an instant, from which `newer` leads back.
    async fn walk_to_oldest(
        &mut self,
        until: Option<SystemTime>,
        mut page: Page,
    ) -> Result<(), ApiError> {
        while let Some(older) = &page.older {
            page = match self.page(until, Some(older)).await? {
                // An event may have been removed meanwhile, so that the last page is empty.
                Answer::Page(next) if next.events.is_empty() => {
                    page.older = None;
                    page
                }
                Answer::Page(next) => next,
                Answer::UnknownPlace(error) => return self.restart(error),
                Answer::TooLarge => return Ok(()),
            };
        }
        self.buffer = page.events;
        self.pass = Pass::Reading { until, newer: page.newer, is_productive: false };
        Ok(())
    }

    /// Begins again at the time of the last event, because the place of a page is not known.
    fn restart(&mut self, error: ApiError) -> Result<(), ApiError> {
        self.restarts += 1;
        self.pass = Pass::None;
        if self.restarts > MAX_RESTARTS { Err(error) } else { Ok(()) }
    }

    async fn page(
        &mut self,
        until: Option<SystemTime>,
        cursor: Option<&PageCursor>,
    ) -> Result<Answer, ApiError> {
        let request = self.list.request(self.from, until, cursor, self.page_size);
        match get(&*self.api, &request).await {
            Ok(response) => {
                let mut page = Page::read(&response, &self.list, cursor)?;
                page.retain_within(&response, self.from, until)?;
                Ok(Answer::Page(page))
            }
            Err(error) if cursor.is_some() && is_unknown_place(&error) => {
                Ok(Answer::UnknownPlace(error))
            }
            // The answer may be longer than the client's limit.
            Err(error)
                if error.kind() == ApiErrorKind::UnexpectedResponse
                    && error.status().is_some_and(|status| status.is_success())
                    && self.page_size > 1 =>
            {
                self.page_size = (self.page_size / 4).max(1);
                Ok(Answer::TooLarge)
            }
            Err(error) => Err(error),
        }
    }
}

fn is_unknown_place(error: &ApiError) -> bool {
    error.kind() == ApiErrorKind::NotFound
        || error.kind() == ApiErrorKind::InvalidRequest
            && error.status() == Some(StatusCode::BAD_REQUEST)
}

/// Sends a request until Stripe answers it, for about a minute and as long as `Retry-After` says.
pub(super) async fn get(
    api: &impl ApiClient,
    request: &ApiRequest,
) -> Result<ApiResponse, ApiError> {
    let mut attempts = 0;
    loop {
        let error = match api.get(request).await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        attempts += 1;
        let is_transient = matches!(
            error.kind(),
            ApiErrorKind::RateLimited
                | ApiErrorKind::Stripe
                | ApiErrorKind::Transport
                | ApiErrorKind::Timeout
        );
        if !is_transient || attempts >= MAX_ATTEMPTS {
            return Err(error);
        }
        let own = Duration::from_secs(1 << attempts.min(5));
        sleep(error.retry_after().unwrap_or_default().max(own).min(MAX_WAIT)).await;
    }
}
