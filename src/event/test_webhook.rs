//! Test webhooks of Stripe's dashboard, whose ids consist of zeros.

use std::{
    hash::{BuildHasher, RandomState},
    process,
    time::SystemTime,
};

use super::Event;

/// Stripe's placeholders have 14 zeros. Shorter ones may be ids that an app's own tests count up from 0.
const MIN_ZEROS: usize = 10;

impl Event {
    /// The idempotency key of the event: its [`id`](Self::id), except for a test webhook. All deliveries of one event have the
    /// same key.
    ///
    /// **Test webhooks** of Stripe's dashboard all have the id `evt_00000000000000`, and often the same body, so nothing in them
    /// tells a second one from a second delivery of the first. Their key is the id with a random suffix, which this
    /// `Event` and its clones share: two test webhooks are never duplicates of one another. An event that is parsed again has another
    /// suffix, so a queue has to store the key beside the event.
    ///
    /// For a job queue, or a service that takes an `Idempotency-Key`. `idempotency::EventKey` builds on it.
    #[must_use]
    pub fn idempotency_key(&self) -> &str {
        if is_placeholder(self.id()) { self.test_webhook_key() } else { self.id() }
    }
}

/// Whether an id names nothing that exists, such as `evt_00000000000000` or `in_00000000000000`.
pub(crate) fn is_placeholder(id: &str) -> bool {
    let is_zeros = |suffix: &str| suffix.len() >= MIN_ZEROS && suffix.bytes().all(|byte| byte == b'0');
    id.rsplit_once('_').is_some_and(|(_, suffix)| is_zeros(suffix))
}

/// A key that no other call returns, on any node: the suffix has 128 bits of keyed hashes, whose keys are the operating system's
/// random numbers. A forked process or a cloned machine may have the same keys, hence the id of the process and the time.
pub(super) fn unique_key(id: &str) -> Box<str> {
    let seed = (process::id(), SystemTime::now());
    let [high, low] = [RandomState::new(), RandomState::new()].map(|keys| keys.hash_one(seed));
    format!("{id}-{high:016x}{low:016x}").into()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;

    #[test]
    fn an_id_of_ten_zeros_or_more_is_a_placeholder() {
        for id in [
            "evt_00000000000000",
            "evt_0000000000",
            "evt_000000000000000000000000",
            "in_00000000000000",
            "cs_test_00000000000000",
        ] {
            assert!(is_placeholder(id), "{id}");
        }
        for id in [
            "",
            "_",
            "evt_",
            "evt_0",
            "evt_000000000",
            "evt_00000000000001",
            "evt_10000000000000",
            "00000000000000",
            "evt_1SampleInvoicePaid000000",
            "evt_1SampleInvoicePaid00000000000000",
        ] {
            assert!(!is_placeholder(id), "{id}");
        }
    }

    #[test]
    fn keys_of_one_id_are_unique_in_all_threads() {
        let of_thread = || (0..1000).map(|_| unique_key("evt_00000000000000")).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(of_thread)).collect();
        let keys: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(keys.len(), 4000);
    }
}
