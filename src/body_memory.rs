//! The memory limit for all bodies together, and the minimum rate of each body.

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body::Body;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use crate::{
    body::{BodyError, Buffer, Pieces},
    error::BoxError,
};

/// The time for which a request waits for memory.
pub(crate) const MEMORY_TIMEOUT: Duration = Duration::from_secs(2);

/// The time for the first byte of a body, and for each [`MIN_PROGRESS`] after it.
///
/// Stripe sends head and body at once. TCP retransmits a lost packet after a second or less.
pub(crate) const PROGRESS_TIMEOUT: Duration = Duration::from_secs(2);

/// The number of bytes that have to arrive in each [`PROGRESS_TIMEOUT`]: 1 KiB/s.
///
/// A higher rate is not needed: bodies are short, and the layer's body timeout limits the total
/// time.
pub(crate) const MIN_PROGRESS: usize = 2048;

/// The memory for all bodies.
///
/// Each body takes as many bytes as have arrived, and holds them until the last clone of its
/// [`Bytes`] is dropped.
#[derive(Clone)]
pub(crate) struct BodyMemory {
    free: Arc<Semaphore>,
    /// Memory of the same size for pieces that have arrived and wait for `free`.
    free_for_waiting: Arc<Semaphore>,
    size: usize,
}

impl BodyMemory {
    pub(crate) fn new(bytes: usize) -> Self {
        // One permit holds at most `u32::MAX` bytes, and a body merges the permits of its pieces.
        let size = bytes.min(Semaphore::MAX_PERMITS).min(u32::MAX as usize);
        Self {
            free: Arc::new(Semaphore::new(size)),
            free_for_waiting: Arc::new(Semaphore::new(size)),
            size,
        }
    }

    /// Reads the whole body within the memory and at the minimum rate.
    ///
    /// Otherwise it works as [`body::read`](crate::body::read) does.
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
        let body = pin!(body);
        let mut pieces = Pieces::new(body);
        let mut buffer = Buffer::new(limit);
        let mut taken: Option<OwnedSemaphorePermit> = None;
        let mut pace = Pace::new();
        loop {
            let Some(data) = pace.wait_for(pieces.next()).await? else { break };
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
        // The semaphore is fair: a piece that can never fit would block the pieces behind it.
        if bytes > self.size {
            return Err(BodyError::NoMemory);
        }
        let bytes = u32::try_from(bytes).map_err(|_| BodyError::NoMemory)?;
        if let Ok(taken) = Arc::clone(&self.free).try_acquire_many_owned(bytes) {
            return Ok(taken);
        }
        let _waiting =
            self.free_for_waiting.try_acquire_many(bytes).map_err(|_| BodyError::NoMemory)?;
        match timeout(MEMORY_TIMEOUT, Arc::clone(&self.free).acquire_many_owned(bytes)).await {
            Ok(Ok(taken)) => Ok(taken),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(BodyError::NoMemory),
        }
    }
}

impl fmt::Debug for BodyMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyMemory")
            .field("size", &self.size)
            .field("free", &self.free.available_permits())
            .finish()
    }
}

/// A body with its part of the memory.
struct Counted {
    bytes: Bytes,
    _taken: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The rate at which a body arrives.
///
/// Only the time in which the layer polls the body counts.
struct Pace {
    left: Duration,
    /// The number of bytes that have to arrive within `left`.
    missing: usize,
    has_started: bool,
}

impl Pace {
    fn new() -> Self {
        Self { left: PROGRESS_TIMEOUT, missing: 1, has_started: false }
    }

    async fn wait_for<T>(
        &mut self,
        data: impl Future<Output = Result<T, BodyError>>,
    ) -> Result<T, BodyError> {
        let started = Instant::now();
        let arrived = timeout(self.left, data).await;
        self.left = self.left.saturating_sub(started.elapsed());
        arrived.unwrap_or(Err(if self.has_started {
            BodyError::TooSlow
        } else {
            BodyError::NotStarted
        }))
    }

    fn count(&mut self, bytes: usize) {
        self.missing = self.missing.saturating_sub(bytes);
        if self.missing == 0 {
            *self = Self { left: PROGRESS_TIMEOUT, missing: MIN_PROGRESS, has_started: true };
        }
    }
}
