//! Bounded buffering of a request's body.

use std::pin::{Pin, pin};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;

use crate::error::BoxError;

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
    let mut body = pin!(body);
    let mut buffer = Buffer::new(limit);
    while let Some(data) = next_data(body.as_mut()).await? {
        buffer.check_limit(&data)?;
        buffer.append(data, &mut on_data);
    }
    Ok(buffer.into_bytes())
}

/// Returns the next piece of a body, which may be empty, or `None` at the end.
pub(crate) async fn next_data<B>(mut body: Pin<&mut B>) -> Result<Option<Bytes>, BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|error| BodyError::Broken(error.into()))?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
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
        // HTTP/2 may end a body with an empty frame, which must not cause a copy of the first one.
        if data.is_empty() {
            return;
        }
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
