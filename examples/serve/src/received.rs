//! Notes when all of a request's body has arrived.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};

use crate::client::Receiving;

/// A request's body.
#[derive(Debug)]
pub struct Received<B> {
    body: B,
    receiving: Option<Receiving>,
}

impl<B: Body> Received<B> {
    pub fn new(body: B, receiving: Receiving) -> Self {
        let mut this = Self { body, receiving: Some(receiving) };
        this.check_end();
        this
    }

    fn check_end(&mut self) {
        if self.body.is_end_stream() {
            self.end();
        }
    }

    fn end(&mut self) {
        if let Some(receiving) = self.receiving.take() {
            receiving.complete();
        }
    }
}

impl<B: Body + Unpin> Body for Received<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(_) => self.check_end(),
            None => self.end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
