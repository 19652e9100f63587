//! Bounded buffering of a request's body.

use std::pin::{Pin, pin};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;

use crate::error::BoxError;

/// The number of frames without data that a body may have: empty ones, and trailers.
///
/// A body whose next frame is always ready is read without a pause, in which a deadline could pass.
/// So this limit ends one that never has data. Clients send at most a few such frames.
const MAX_FRAMES_WITHOUT_DATA: usize = 10_000;

/// The reason why a body could not be read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// The body is longer than the limit.
    TooLarge,
    /// The body ended early, or its transport failed.
    Broken(BoxError),
    /// The first byte did not arrive in time.
    #[cfg(feature = "tokio")]
    NotStarted,
    /// The body arrived too slowly.
    #[cfg(feature = "tokio")]
    TooSlow,
    /// The memory for all bodies was used up, and no memory was released in time.
    #[cfg(feature = "tokio")]
    NoMemory,
}

/// Reads the whole body, at most `limit` bytes.
///
/// `on_data` gets each piece as it arrives. Trailers are dropped.
///
/// A body of one frame is returned without a copy. Several frames are copied into one buffer. The
/// buffer grows with the bytes that arrived and not with `Content-Length`, so neither a wrong
/// length nor many tiny frames cost memory.
pub(crate) async fn read<B>(
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
    while let Some(data) = pieces.next().await? {
        buffer.check_limit(&data)?;
        buffer.append(data, &mut on_data);
    }
    Ok(buffer.into_bytes())
}

/// The pieces in which a body arrives.
pub(crate) struct Pieces<'a, B> {
    body: Pin<&'a mut B>,
    without_data: usize,
}

impl<'a, B> Pieces<'a, B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    pub(crate) fn new(body: Pin<&'a mut B>) -> Self {
        Self { body, without_data: 0 }
    }

    /// Returns the next piece, which is not empty, or `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| BodyError::Broken(error.into()))?;
            match frame.into_data() {
                Ok(data) if !data.is_empty() => return Ok(Some(data)),
                _ => self.without_data += 1,
            }
            if self.without_data > MAX_FRAMES_WITHOUT_DATA {
                return Err(BodyError::Broken("too many frames without data".into()));
            }
        }
        Ok(None)
    }
}

/// The part of a body that has arrived.
pub(crate) struct Buffer {
    limit: usize,
    arrived: Arrived,
}

enum Arrived {
    One(Bytes),
    Many(BytesMut),
}

impl Buffer {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, arrived: Arrived::One(Bytes::new()) }
    }

    fn len(&self) -> usize {
        match &self.arrived {
            Arrived::One(data) => data.len(),
            Arrived::Many(data) => data.len(),
        }
    }

    /// Checks that `data` fits within the limit.
    ///
    /// Call it before [`append`](Self::append).
    pub(crate) fn check_limit(&self, data: &Bytes) -> Result<(), BodyError> {
        if data.len() > self.limit - self.len() { Err(BodyError::TooLarge) } else { Ok(()) }
    }

    pub(crate) fn append(&mut self, data: Bytes, mut on_data: impl FnMut(&[u8])) {
        on_data(&data);
        match &mut self.arrived {
            Arrived::One(first) if first.is_empty() => *first = data,
            Arrived::One(first) => {
                let mut many = BytesMut::from(std::mem::take(first));
                many.extend_from_slice(&data);
                self.arrived = Arrived::Many(many);
            }
            Arrived::Many(many) => many.extend_from_slice(&data),
        }
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        match self.arrived {
            Arrived::One(data) => data,
            Arrived::Many(data) => data.freeze(),
        }
    }
}
