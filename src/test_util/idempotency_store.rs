//! The conformance suite for idempotency stores.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::{JoinSet, yield_now};

use crate::{
    event::Event,
    idempotency::{Claim, ClaimToken, EventKey, IdempotencyStore},
};

const LEASE: Duration = Duration::from_secs(60);

const SHORT_LEASE: Duration = Duration::from_millis(50);

/// Checks an [`IdempotencyStore`] against the contract of the trait.
///
/// It makes about 600 calls and needs a tokio runtime. The store may be in use, because each run
/// has new keys. One lease of 50 ms has to expire in real time, so do not pause the clock of the
/// store; all other expired leases have a length of zero.
///
/// # Panics
///
/// If the store breaks the contract or returns an error. The message names the broken rule.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{idempotency::MemoryStore, test_util::check_idempotency_store};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// check_idempotency_store(MemoryStore::new()).await;
/// # }
/// ```
pub async fn check_idempotency_store<S: IdempotencyStore>(store: S) {
    let check = Check { store: Arc::new(store), run: RandomState::new().hash_one("run") };
    check.an_unknown_event_is_granted_and_then_in_flight().await;
    check.a_released_event_is_granted_again_with_a_greater_token().await;
    check.a_released_claim_cannot_be_renewed_or_committed().await;
    check.a_committed_event_stays_finished().await;
    check.an_expired_claim_cannot_be_renewed_or_committed().await;
    check.a_claim_expires_with_its_lease().await;
    check.an_expired_token_does_not_change_a_later_claim().await;
    check.a_renewed_claim_lasts_for_the_new_lease().await;
    check.an_unknown_claim_cannot_be_renewed_or_committed().await;
    check.claims_of_different_events_are_independent().await;
    check.a_lease_may_be_of_any_length().await;
    check.one_of_many_concurrent_claims_is_granted().await;
    check.one_of_many_claims_of_an_expired_event_is_granted().await;
}

struct Check<S> {
    store: Arc<S>,
    run: u64,
}

impl<S: IdempotencyStore> Check<S> {
    fn key(&self, name: &str) -> EventKey {
        let json = format!(
            r#"{{"id":"evt_{name}_{:x}","object":"event","type":"ping","data":{{"object":{{}}}}}}"#,
            self.run
        );
        EventKey::of(&Event::unverified_from_json(json).expect("it is an event"))
    }

    async fn claim(&self, key: &EventKey, lease: Duration) -> Claim {
        self.store.claim(key, lease).await.unwrap_or_else(|error| panic!("`claim` failed: {error}"))
    }

    async fn granted(&self, key: &EventKey, lease: Duration, rule: &str) -> ClaimToken {
        match self.claim(key, lease).await {
            Claim::Granted(token) => token,
            other => panic!("{rule}: `claim` answered {other:?}"),
        }
    }

    async fn assert_in_flight(&self, key: &EventKey, rule: &str) -> Duration {
        match self.claim(key, LEASE).await {
            Claim::InFlight { remaining } => remaining,
            other => panic!("{rule}: `claim` answered {other:?}"),
        }
    }

    async fn assert_finished(&self, key: &EventKey, rule: &str) {
        let claim = self.claim(key, LEASE).await;
        assert_eq!(claim, Claim::Finished, "{rule}");
    }

    async fn renew(&self, key: &EventKey, token: ClaimToken, lease: Duration) -> bool {
        self.store
            .renew(key, token, lease)
            .await
            .unwrap_or_else(|error| panic!("`renew` failed: {error}"))
    }

    async fn commit(&self, key: &EventKey, token: ClaimToken) -> bool {
        self.store
            .commit(key, token)
            .await
            .unwrap_or_else(|error| panic!("`commit` failed: {error}"))
    }

    async fn release(&self, key: &EventKey, token: ClaimToken) {
        self.store
            .release(key, token)
            .await
            .unwrap_or_else(|error| panic!("`release` failed: {error}"));
    }

    async fn an_unknown_event_is_granted_and_then_in_flight(&self) {
        let key = self.key("claimed");
        self.granted(&key, LEASE, "an unknown event is granted").await;
        let remaining = self.assert_in_flight(&key, "a claimed event is in flight").await;
        assert!(
            remaining > Duration::ZERO && remaining <= LEASE,
            "a claim of {LEASE:?} has {remaining:?} left"
        );
    }

    async fn a_released_event_is_granted_again_with_a_greater_token(&self) {
        let key = self.key("released");
        let mut last = self.granted(&key, LEASE, "an unknown event is granted").await;
        for _ in 0..3 {
            self.release(&key, last).await;
            let next = self.granted(&key, LEASE, "a released event is granted").await;
            assert!(next > last, "a later token is greater: {next:?} after {last:?}");
            self.release(&key, last).await;
            self.assert_in_flight(&key, "an earlier token does not release a claim").await;
            last = next;
        }
    }

    async fn a_released_claim_cannot_be_renewed_or_committed(&self) {
        let key = self.key("released_once");
        let token = self.granted(&key, LEASE, "an unknown event is granted").await;
        self.release(&key, token).await;
        assert!(!self.renew(&key, token, LEASE).await, "a released claim cannot be renewed");
        assert!(!self.commit(&key, token).await, "a released claim cannot be committed");
        self.granted(&key, LEASE, "a released event is granted").await;
    }

    async fn a_committed_event_stays_finished(&self) {
        let key = self.key("committed");
        let token = self.granted(&key, LEASE, "an unknown event is granted").await;
        assert!(self.commit(&key, token).await, "a claim can be committed");
        self.assert_finished(&key, "a committed event is finished").await;

        assert!(!self.commit(&key, token).await, "a committed claim cannot be committed again");
        assert!(!self.renew(&key, token, LEASE).await, "a committed claim cannot be renewed");
        self.release(&key, token).await;
        self.assert_finished(&key, "a committed event stays finished").await;
    }

    async fn an_expired_claim_cannot_be_renewed_or_committed(&self) {
        let key = self.key("expired");
        let token = self.granted(&key, Duration::ZERO, "an unknown event is granted").await;
        assert!(!self.renew(&key, token, LEASE).await, "an expired claim cannot be renewed");
        assert!(!self.commit(&key, token).await, "an expired claim cannot be committed");
        self.granted(&key, LEASE, "an event with an expired claim is granted").await;
    }

    async fn a_claim_expires_with_its_lease(&self) {
        let key = self.key("short");
        let token = self.granted(&key, SHORT_LEASE, "an unknown event is granted").await;
        let begun = Instant::now();
        while let Claim::InFlight { remaining } = self.claim(&key, LEASE).await {
            assert!(remaining <= SHORT_LEASE, "a claim of {SHORT_LEASE:?} has {remaining:?} left");
            assert!(
                begun.elapsed() < LEASE,
                "a claim of {SHORT_LEASE:?} is in flight after {LEASE:?}"
            );
            yield_now().await;
        }
        assert!(!self.commit(&key, token).await, "an expired claim cannot be committed");
        self.assert_in_flight(&key, "an event with an expired claim is granted").await;
    }

    async fn an_expired_token_does_not_change_a_later_claim(&self) {
        let key = self.key("late");
        let late = self.granted(&key, Duration::ZERO, "an unknown event is granted").await;
        let successor =
            self.granted(&key, LEASE, "an event with an expired claim is granted").await;
        assert!(successor > late, "a later token is greater: {successor:?} after {late:?}");

        assert!(!self.renew(&key, late, LEASE).await, "an earlier token does not renew");
        assert!(!self.commit(&key, late).await, "an earlier token does not commit");
        self.release(&key, late).await;
        self.assert_in_flight(&key, "an earlier token does not release").await;
        assert!(self.commit(&key, successor).await, "a successor's claim can be committed");
        self.assert_finished(&key, "a committed event is finished").await;
    }

    async fn a_renewed_claim_lasts_for_the_new_lease(&self) {
        let key = self.key("renewed");
        let token = self.granted(&key, LEASE, "an unknown event is granted").await;
        assert!(self.renew(&key, token, 10 * LEASE).await, "a claim can be renewed");
        let remaining = self.assert_in_flight(&key, "a renewed claim is in flight").await;
        assert!(
            remaining > 9 * LEASE && remaining <= 10 * LEASE,
            "a claim renewed for {:?} has {remaining:?} left",
            10 * LEASE
        );
        assert!(
            self.renew(&key, token, LEASE).await,
            "a claim can be renewed for less than it has left"
        );
        let remaining = self.assert_in_flight(&key, "a renewed claim is in flight").await;
        assert!(remaining <= LEASE, "a claim renewed for {LEASE:?} has {remaining:?} left");
        self.renew(&key, token, Duration::ZERO).await;
        self.granted(&key, LEASE, "a claim renewed for no time has expired").await;
    }

    async fn an_unknown_claim_cannot_be_renewed_or_committed(&self) {
        let key = self.key("unknown");
        let token = ClaimToken::new(1);
        assert!(!self.renew(&key, token, LEASE).await, "an unknown event cannot be renewed");
        assert!(!self.commit(&key, token).await, "an unknown event cannot be committed");
        self.release(&key, token).await;
        self.granted(&key, LEASE, "an unknown event is granted").await;
    }

    async fn claims_of_different_events_are_independent(&self) {
        let (one, other) = (self.key("one"), self.key("other"));
        let token = self.granted(&one, LEASE, "an unknown event is granted").await;
        self.granted(&other, LEASE, "an event is granted while another is in flight").await;
        assert!(self.commit(&one, token).await, "a claim can be committed");
        self.assert_in_flight(&other, "an event stays in flight when another is committed").await;
    }

    async fn a_lease_may_be_of_any_length(&self) {
        let key = self.key("long");
        let token = self.granted(&key, Duration::MAX, "an unknown event is granted").await;
        assert!(self.renew(&key, token, Duration::MAX).await, "a claim can be renewed");
        self.assert_in_flight(&key, "a claimed event is in flight").await;
        assert!(self.commit(&key, token).await, "a claim can be committed");
    }

    async fn one_of_many_concurrent_claims_is_granted(&self) {
        let keys: Vec<_> = (0..10).map(|event| self.key(&format!("contended_{event}"))).collect();
        self.assert_granted_once(&keys).await;
    }

    async fn one_of_many_claims_of_an_expired_event_is_granted(&self) {
        let mut keys = Vec::new();
        for event in 0..10 {
            let key = self.key(&format!("inherited_{event}"));
            self.granted(&key, Duration::ZERO, "an unknown event is granted").await;
            keys.push(key);
        }
        self.assert_granted_once(&keys).await;
    }

    async fn assert_granted_once(&self, keys: &[EventKey]) {
        for key in keys {
            let mut claims = JoinSet::new();
            for _ in 0..24 {
                let (store, key) = (Arc::clone(&self.store), key.clone());
                claims.spawn(async move { store.claim(&key, LEASE).await });
            }
            let mut granted = 0;
            while let Some(claim) = claims.join_next().await {
                match claim.expect("`claim` does not panic") {
                    Ok(Claim::Granted(_)) => granted += 1,
                    Ok(Claim::InFlight { .. }) => {}
                    Ok(Claim::Finished) => panic!("an event is finished without a commit"),
                    Err(error) => panic!("`claim` failed: {error}"),
                }
            }
            assert_eq!(granted, 1, "one of 24 concurrent claims of an event is granted");
        }
    }
}
