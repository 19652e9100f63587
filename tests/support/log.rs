//! The log of a single test.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
};

use tracing::{Dispatch, dispatcher::DefaultGuard, subscriber::NoSubscriber};
use tracing_subscriber::{filter::LevelFilter, util::SubscriberInitExt};

/// A second subscriber, so that tracing asks each thread.
///
/// With only one subscriber, tracing asks the thread that reaches a log statement first whether the
/// statement is enabled, and keeps the answer for all threads. A test without a log would then
/// disable the statement for a test with one.
static SECOND_SUBSCRIBER: LazyLock<Dispatch> =
    LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// Collects what this thread logs until `end` is called.
pub struct Log {
    text: Text,
    _guard: DefaultGuard,
}

impl Log {
    pub fn begin() -> Self {
        LazyLock::force(&SECOND_SUBSCRIBER);
        let text = Text::default();
        let writer = text.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        Self { text, _guard: subscriber.set_default() }
    }

    pub fn end(self) -> String {
        String::from_utf8(self.text.0.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl io::Write for Text {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
