//! Bounded buffering of a request's body.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;

use crate::error::BoxError;

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is longer than the limit.
    TooLarge,
    /// It broke off, or its transport failed.
    Broken(BoxError),
}

/// Reads the whole body, at most `limit` bytes, and shows each piece to `on_data` as it arrives. Trailers are dropped.
///
/// A body that arrives as one frame is handed on as it is. Several are copied into one buffer, which grows with what
/// arrived and never with what was announced; so bytes that were not sent cost no memory, nor do many tiny frames.
pub(crate) async fn read<B>(body: B, limit: usize, mut on_data: impl FnMut(&[u8])) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    let mut buffer = Buffer::One(Bytes::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| BodyError::Broken(error.into()))?.into_data() else { continue };
        if data.len() > limit - buffer.len() {
            return Err(BodyError::TooLarge);
        }
        // HTTP/2 may end a body with an empty frame: it must not make a copy of the one before.
        if !data.is_empty() {
            on_data(&data);
            buffer = buffer.append(data);
        }
    }
    Ok(buffer.into_bytes())
}

enum Buffer {
    One(Bytes),
    Many(BytesMut),
}

impl Buffer {
    fn len(&self) -> usize {
        match self {
            Self::One(data) => data.len(),
            Self::Many(data) => data.len(),
        }
    }

    fn append(self, data: Bytes) -> Self {
        let mut many = match self {
            Self::One(first) if first.is_empty() => return Self::One(data),
            Self::One(first) => BytesMut::from(first),
            Self::Many(many) => many,
        };
        many.extend_from_slice(&data);
        Self::Many(many)
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::One(data) => data,
            Self::Many(data) => data.freeze(),
        }
    }
}
