//! Test webhooks of Stripe's dashboard, whose ids consist of zeros.

use std::{
    hash::{BuildHasher, RandomState},
    process,
    time::SystemTime,
};

/// The minimum number of zeros in a placeholder.
///
/// Stripe's have 14; shorter ids may be counters of an app's own tests.
const MIN_ZEROS: usize = 10;

/// Returns whether an id is a placeholder, such as `evt_00000000000000`.
pub(crate) fn is_placeholder(id: &str) -> bool {
    let is_zeros =
        |suffix: &str| suffix.len() >= MIN_ZEROS && suffix.bytes().all(|byte| byte == b'0');
    id.rsplit_once('_').is_some_and(|(_, suffix)| is_zeros(suffix))
}

/// Returns a key that is unique across calls and nodes.
///
/// It is the id with a suffix of 128 bits. The suffix consists of keyed hashes, whose keys are
/// random numbers of the operating system. A forked process or a cloned machine may have the same
/// keys, so the process id and the time are hashed.
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
        let keys: HashSet<_> =
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(keys.len(), 4000);
    }
}
