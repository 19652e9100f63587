//! A bound for the memory of all bodies together, and a pace at which a body has to arrive.

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body::Body;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use crate::{
    BoxError,
    body::{BodyError, Buffer, next_data},
};

/// How long a request waits for memory.
pub(crate) const MEMORY_TIMEOUT: Duration = Duration::from_secs(2);

/// In which time the first byte has to come, and each [`MIN_PROGRESS`] after it. Stripe sends head and body at once; a packet that was
/// lost is sent again after a second or less.
pub(crate) const PROGRESS_TIMEOUT: Duration = Duration::from_secs(2);

/// 1 KiB/s. More would make no difference: a body is short, and the deadline for all of it is the layer's.
pub(crate) const MIN_PROGRESS: usize = 2048;

/// The memory of all bodies. Each body takes as many bytes of it as have arrived, and keeps them until the last clone of the [`Bytes`] is
/// dropped.
#[derive(Clone)]
pub(crate) struct BodyMemory {
    free: Arc<Semaphore>,
    /// What is free of as much memory again, for pieces that wait: each of them has arrived, and whether another follows shows only
    /// when it is there.
    free_for_waiting: Arc<Semaphore>,
    size: usize,
}

impl BodyMemory {
    pub(crate) fn new(bytes: usize) -> Self {
        let size = bytes.min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(size)), free_for_waiting: Arc::new(Semaphore::new(size)), size }
    }

    /// As [`body::read`](crate::body::read), within the bounds.
    pub(crate) async fn read<B>(
        &self,
        body: B,
        limit: usize,
        mut on_data: impl FnMut(&[u8]),
    ) -> Result<Bytes, BodyError>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let mut body = pin!(body);
        let mut buffer = Buffer::new(limit);
        let mut taken: Option<OwnedSemaphorePermit> = None;
        let mut pace = Pace::new();
        loop {
            let Some(data) = pace.wait_for(next_data(body.as_mut())).await? else { break };
            pace.count(data.len());
            buffer.check_limit(&data)?;
            let permit = self.take(data.len()).await?;
            match &mut taken {
                Some(taken) => taken.merge(permit),
                None => taken = Some(permit),
            }
            buffer.append(data, &mut on_data);
        }
        let bytes = buffer.into_bytes();
        Ok(match taken {
            Some(taken) => Bytes::from_owner(Counted { bytes, _taken: taken }),
            None => bytes,
        })
    }

    async fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, BodyError> {
        // What never fits must not wait in front of what does.
        if bytes > self.size {
            return Err(BodyError::NoMemory);
        }
        let bytes = u32::try_from(bytes).map_err(|_| BodyError::NoMemory)?;
        if let Ok(taken) = Arc::clone(&self.free).try_acquire_many_owned(bytes) {
            return Ok(taken);
        }
        let _waiting = self.free_for_waiting.try_acquire_many(bytes).map_err(|_| BodyError::NoMemory)?;
        match timeout(MEMORY_TIMEOUT, Arc::clone(&self.free).acquire_many_owned(bytes)).await {
            Ok(Ok(taken)) => Ok(taken),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(BodyError::NoMemory),
        }
    }
}

impl fmt::Debug for BodyMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyMemory").field("size", &self.size).field("free", &self.free.available_permits()).finish()
    }
}

/// A body, and its part of the memory.
struct Counted {
    bytes: Bytes,
    _taken: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// How fast a body arrives. Only the time counts in which it is asked for.
struct Pace {
    left: Duration,
    /// How many bytes have to come in this time.
    missing: usize,
    has_begun: bool,
}

impl Pace {
    fn new() -> Self {
        Self { left: PROGRESS_TIMEOUT, missing: 1, has_begun: false }
    }

    async fn wait_for<T>(&mut self, data: impl Future<Output = Result<T, BodyError>>) -> Result<T, BodyError> {
        let begun = Instant::now();
        let arrived = timeout(self.left, data).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        arrived.unwrap_or(Err(if self.has_begun { BodyError::TooSlow } else { BodyError::NotBegun }))
    }

    fn count(&mut self, bytes: usize) {
        self.missing = self.missing.saturating_sub(bytes);
        if self.missing == 0 {
            *self = Self { left: PROGRESS_TIMEOUT, missing: MIN_PROGRESS, has_begun: true };
        }
    }
}
