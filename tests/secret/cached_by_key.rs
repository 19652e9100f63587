//! The behaviour of `CachedByKey`, with a paused clock.

use std::{
    collections::HashMap,
    convert::Infallible,
    hash::Hash,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, header::HOST, request::Parts};
use http_body_util::Full;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, advance},
};
use tower::{ServiceBuilder, ServiceExt};
use tower_stripe_webhook::{
    BoxError, Rejection, RejectionKind, SecretProvider, SigningSecret, SigningSecrets,
    StripeWebhookLayer, Tolerance,
    secret::{CacheOptions, CachedByKey, KeyedCacheOptions},
    test_util::{FixedClock, samples, sign, signed_request},
    verify,
};

/// A table of tenants and their secrets.
///
/// Its loads are counted and can be paused.
#[derive(Clone)]
struct Table {
    rows: Arc<Mutex<HashMap<String, &'static str>>>,
    loads: Arc<Mutex<HashMap<String, usize>>>,
    running: Arc<AtomicUsize>,
    most_at_a_time: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl Table {
    fn of(rows: &[(&str, &'static str)]) -> Self {
        let table = Self {
            rows: Arc::default(),
            loads: Arc::default(),
            running: Arc::default(),
            most_at_a_time: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        };
        for (tenant, secret) in rows {
            table.set(tenant, secret);
        }
        table
    }

    fn set(&self, tenant: &str, secret: &'static str) {
        self.rows.lock().unwrap().insert(tenant.to_owned(), secret);
    }

    async fn load(self, tenant: String) -> Result<SigningSecrets, BoxError> {
        *self.loads.lock().unwrap().entry(tenant.clone()).or_default() += 1;
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_a_time.fetch_max(running, Ordering::SeqCst);
        let row = self.rows.lock().unwrap().get(&tenant).copied();
        self.gate.acquire().await.unwrap().forget();
        self.gate.add_permits(1);
        self.running.fetch_sub(1, Ordering::SeqCst);
        match row {
            Some("down") => Err("the database is down".into()),
            Some(secret) => Ok(SigningSecret::new(secret)?.into()),
            None => Ok(SigningSecrets::default()),
        }
    }

    fn loads_of(&self, tenant: &str) -> usize {
        self.loads.lock().unwrap().get(tenant).copied().unwrap_or_default()
    }

    fn all_loads(&self) -> usize {
        self.loads.lock().unwrap().values().sum()
    }

    /// Holds up loads from now on.
    fn close(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    fn open(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    fn cached(&self, options: KeyedCacheOptions) -> CachedByKey<String> {
        let table = self.clone();
        CachedByKey::with_options(
            |head: &Parts| head.uri.path().strip_prefix("/webhooks/").map(str::to_owned),
            move |tenant| table.clone().load(tenant),
            options,
        )
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

fn head(path: &str) -> Parts {
    Request::get(path).body(()).unwrap().into_parts().0
}

fn texts(secrets: &SigningSecrets) -> Vec<String> {
    secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
}

async fn get(cached: &CachedByKey<String>, tenant: &str) -> Result<Vec<String>, BoxError> {
    Ok(texts(&cached.secrets(&head(&format!("/webhooks/{tenant}"))).await?))
}

async fn get_newer(cached: &CachedByKey<String>, tenant: &str, tried: &str) -> Option<Vec<String>> {
    let tried = SigningSecret::new(tried).unwrap().into();
    let newer = cached.newer_secrets(&head(&format!("/webhooks/{tenant}")), &tried).await.unwrap();
    newer.as_ref().map(texts)
}

/// Lets the tasks run that are ready to.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

fn small() -> KeyedCacheOptions {
    KeyedCacheOptions::default().with_max_keys(3).with_max_loads(2)
}

const TENANTS: [(&str, &str); 3] = [("a", "whsec_a"), ("b", "whsec_b"), ("c", "whsec_c")];

#[tokio::test(start_paused = true)]
async fn each_key_has_its_own_secrets_and_one_load() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(KeyedCacheOptions::default());
    for _ in 0..100 {
        for (tenant, secret) in TENANTS {
            assert_eq!(get(&cached, tenant).await.unwrap(), [secret]);
        }
    }
    assert_eq!(table.all_loads(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_head_without_a_key_has_no_secret_and_causes_no_load() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(KeyedCacheOptions::default());
    assert!(cached.secrets(&head("/other")).await.unwrap().is_empty());
    let tried = SigningSecret::new("whsec_a").unwrap().into();
    assert!(cached.newer_secrets(&head("/other"), &tried).await.unwrap().is_none());
    assert_eq!(table.all_loads(), 0);
}

#[tokio::test(start_paused = true)]
async fn requests_for_a_new_key_wait_for_one_load() {
    let table = Table::of(&TENANTS);
    table.close();
    let cached = table.cached(KeyedCacheOptions::default());
    let waiting: JoinSet<_> = (0..100)
        .map(|_| cached.clone())
        .map(|cached| async move { get(&cached, "a").await.unwrap() })
        .collect();
    settle().await;
    table.open();
    for answer in waiting.join_all().await {
        assert_eq!(answer, ["whsec_a"]);
    }
    assert_eq!(table.all_loads(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_load_of_a_dropped_request_serves_the_next() {
    let table = Table::of(&TENANTS);
    table.close();
    let cached = table.cached(KeyedCacheOptions::default());
    let gone = tokio::spawn({
        let cached = cached.clone();
        async move { get(&cached, "a").await.unwrap() }
    });
    settle().await;
    gone.abort();
    table.open();
    assert_eq!(get(&cached, "a").await.unwrap(), ["whsec_a"]);
    assert_eq!(table.all_loads(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_missing_key_is_cached_and_works_after_it_is_set_up() {
    let table = Table::of(&[]);
    let cached = table.cached(KeyedCacheOptions::default());
    for _ in 0..10_000 {
        assert!(get(&cached, "new").await.unwrap().is_empty());
    }
    // The first, and the one in 10 s with which a key that is set up works at once.
    assert_eq!(table.all_loads(), 2);
    table.set("new", "whsec_new");
    advance(Duration::from_millis(9_999)).await;
    assert!(get(&cached, "new").await.unwrap().is_empty());
    advance(Duration::from_millis(1)).await;
    assert_eq!(get(&cached, "new").await.unwrap(), ["whsec_new"]);
    assert_eq!(table.all_loads(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_failed_key_is_tried_again_after_a_second_not_on_each_request() {
    let table = Table::of(&[("a", "down")]);
    let cached = table.cached(KeyedCacheOptions::default());
    for _ in 0..100 {
        let error = get(&cached, "a").await.unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), "the database is down");
    }
    assert_eq!(table.all_loads(), 1);
    table.set("a", "whsec_a");
    advance(Duration::from_secs(1)).await;
    settle().await;
    assert_eq!(get(&cached, "a").await.unwrap(), ["whsec_a"]);
}

#[tokio::test(start_paused = true)]
async fn unknown_keys_neither_grow_the_cache_nor_evict_known_keys() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(small());
    for (tenant, _) in TENANTS {
        get(&cached, tenant).await.unwrap();
    }
    for i in 0..10_000 {
        assert!(get(&cached, &format!("invented{i}")).await.unwrap().is_empty());
    }
    let debug = format!("{cached:?}");
    assert!(debug.contains("known: 3, unknown: 20, "), "{debug}");
    for (tenant, secret) in TENANTS {
        assert_eq!(get(&cached, tenant).await.unwrap(), [secret]);
        assert_eq!(table.loads_of(tenant), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn unknown_keys_are_cached_up_to_ten_times_the_load_limit() {
    let table = Table::of(&[]);
    let cached = table.cached(small());
    for i in 0..20 {
        get(&cached, &format!("invented{i}")).await.unwrap();
    }
    // Reading the state does not count as use: the first entry is evicted.
    assert!(cached.state(&"invented0".to_owned()).is_some());
    get(&cached, "invented20").await.unwrap();
    assert!(cached.state(&"invented0".to_owned()).is_none());
    assert!(cached.state(&"invented1".to_owned()).is_some());
}

#[tokio::test(start_paused = true)]
async fn one_key_over_the_capacity_evicts_a_key_without_recent_use() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(small());
    for (tenant, _) in TENANTS {
        get(&cached, tenant).await.unwrap();
    }
    assert_eq!(table.all_loads(), 3);
    get(&cached, "a").await.unwrap();
    assert_eq!(table.all_loads(), 3);

    table.set("d", "whsec_d");
    get(&cached, "d").await.unwrap();
    for tenant in ["a", "c", "d"] {
        get(&cached, tenant).await.unwrap();
    }
    assert_eq!(table.all_loads(), 4);
    assert_eq!(get(&cached, "b").await.unwrap(), ["whsec_b"]);
    assert_eq!((table.all_loads(), table.loads_of("b")), (5, 2));
}

#[tokio::test(start_paused = true)]
async fn loads_of_unknown_keys_are_limited_and_do_not_delay_known_keys() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(small());
    get(&cached, "a").await.unwrap();

    table.close();
    // Two of them load, and the others wait.
    let inventions = (0..19).map(|i| format!("waiting{i}"));
    let waiting: JoinSet<_> = inventions
        .chain(["b".to_owned()])
        .map(|tenant| (cached.clone(), tenant))
        .map(|(cached, tenant)| async move { get(&cached, &tenant).await.unwrap() })
        .collect();
    settle().await;
    for i in 0..1_000 {
        let error = get(&cached, &format!("invented{i}")).await.unwrap_err();
        assert_eq!(error.to_string(), "too many loads for unknown keys are running");
    }
    assert_eq!(table.most_at_a_time.load(Ordering::SeqCst), 2);

    // A known key still serves and is refreshed.
    table.set("a", "whsec_a2");
    let newer = tokio::spawn({
        let cached = cached.clone();
        async move { get_newer(&cached, "a", "whsec_a").await.unwrap() }
    });
    settle().await;
    assert_eq!(get(&cached, "a").await.unwrap(), ["whsec_a"]);
    assert_eq!(table.most_at_a_time.load(Ordering::SeqCst), 3);
    table.open();
    assert_eq!(newer.await.unwrap(), ["whsec_a2"]);
    assert_eq!(waiting.join_all().await.concat(), ["whsec_b"]);
    assert_eq!(table.most_at_a_time.load(Ordering::SeqCst), 3);
    assert_eq!(get(&cached, "b").await.unwrap(), ["whsec_b"]);
    assert!(get(&cached, "invented0").await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn tenants_over_the_load_limit_wait_for_each_other_at_a_cold_start() {
    const SECRETS: [&str; 3] = ["whsec_0", "whsec_1", "whsec_2"];
    let names: Vec<_> = (0..101).map(|i| format!("tenant{i}")).collect();
    let table = Table::of(&[]);
    for (name, secret) in names.iter().zip(SECRETS.into_iter().cycle()) {
        table.set(name, secret);
    }
    table.close();
    let cached = table.cached(KeyedCacheOptions::default());
    let waiting: JoinSet<_> = names
        .iter()
        .map(|name| (cached.clone(), name.clone()))
        .map(|(cached, name)| async move { get(&cached, &name).await.unwrap() })
        .collect();
    while table.all_loads() < 100 {
        settle().await;
    }
    settle().await;
    assert_eq!(table.all_loads(), 100);
    table.open();
    assert!(waiting.join_all().await.iter().all(|secrets| secrets.len() == 1));
    assert_eq!((table.all_loads(), table.most_at_a_time.load(Ordering::SeqCst)), (101, 100));
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_a_place_no_longer_than_the_load_timeout() {
    let table = Table::of(&TENANTS);
    table.close();
    let cached = table.cached(small());
    let holding: JoinSet<_> = ["a", "b"]
        .map(|name| (cached.clone(), name))
        .map(async |(cached, name)| get(&cached, name).await)
        .into_iter()
        .collect();
    settle().await;
    let start = Instant::now();
    let error = get(&cached, "c").await.unwrap_err();
    assert_eq!(
        error.source().unwrap().to_string(),
        "the signing secrets did not arrive within 5 s"
    );
    assert_eq!(start.elapsed(), Duration::from_secs(5));
    assert!(holding.join_all().await.iter().all(Result::is_err));
}

#[tokio::test(start_paused = true)]
async fn a_refreshed_key_takes_effect_while_unknown_keys_are_loaded() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(small());
    table.close();
    let inventions: JoinSet<_> = (0..20)
        .map(|i| (cached.clone(), format!("invented{i}")))
        .map(|(cached, name)| async move { get(&cached, &name).await.unwrap() })
        .collect();
    settle().await;
    get(&cached, "a").await.unwrap_err();
    let refresh = tokio::spawn({
        let cached = cached.clone();
        async move { cached.refresh(&"a".to_owned()).await.map_err(|error| error.to_string()) }
    });
    settle().await;
    assert_eq!(table.loads_of("a"), 1);
    table.open();
    refresh.await.unwrap().unwrap();
    assert_eq!(get(&cached, "a").await.unwrap(), ["whsec_a"]);
    assert_eq!(table.loads_of("a"), 1);
    inventions.join_all().await;
}

#[tokio::test(start_paused = true)]
async fn the_use_of_a_tenants_secret_outlasts_loads_and_an_invalidation() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(KeyedCacheOptions::default());
    let (key, head) = ("a".to_owned(), head("/webhooks/a"));
    let header = sign(samples::INVOICE_PAID, &SigningSecret::new("whsec_a").unwrap(), now());
    let alive = cached.secrets(&head).await.unwrap();
    verify(header, samples::INVOICE_PAID, &alive, now(), Tolerance::default()).unwrap();
    for invalidates in [false, true] {
        if invalidates {
            cached.invalidate(&key);
        }
        cached.refresh(&key).await.unwrap();
        let alive = cached.secrets(&head).await.unwrap();
        assert_eq!(alive.iter().next().unwrap().last_verified_at(), Some(now()));
    }
    assert_eq!(table.loads_of("a"), 3);
}

#[tokio::test(start_paused = true)]
async fn loads_of_known_keys_wait_for_each_other() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(small());
    for (tenant, _) in TENANTS {
        get(&cached, tenant).await.unwrap();
    }
    table.most_at_a_time.store(0, Ordering::SeqCst);
    table.close();
    let waiting: JoinSet<_> = TENANTS
        .map(|(tenant, secret)| (cached.clone(), tenant, secret))
        .map(|(cached, tenant, secret)| async move { get_newer(&cached, tenant, secret).await })
        .into_iter()
        .collect();
    settle().await;
    assert_eq!(table.all_loads(), 5);
    table.open();
    assert_eq!(waiting.join_all().await, [None, None, None]);
    assert_eq!((table.all_loads(), table.most_at_a_time.load(Ordering::SeqCst)), (6, 2));
}

#[tokio::test(start_paused = true)]
async fn forged_requests_to_one_key_do_not_limit_another() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(KeyedCacheOptions::default());
    for (tenant, _) in TENANTS {
        get(&cached, tenant).await.unwrap();
    }
    for _ in 0..10_000 {
        assert_eq!(get_newer(&cached, "a", "whsec_a").await, None);
    }
    assert_eq!(table.loads_of("a"), 2);
    table.set("b", "whsec_b2");
    assert_eq!(get_newer(&cached, "b", "whsec_b").await.unwrap(), ["whsec_b2"]);
    assert_eq!(get(&cached, "b").await.unwrap(), ["whsec_b2"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_evicted_during_the_check_of_its_request_is_loaded_for_it() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(small());
    table.set("a", "whsec_a2");
    assert_eq!(get_newer(&cached, "a", "whsec_a").await.unwrap(), ["whsec_a2"]);
    let cached = table.cached(small());
    assert_eq!(get_newer(&cached, "a", "whsec_a2").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_key_can_be_refreshed_invalidated_and_inspected() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(KeyedCacheOptions::default());
    let key = "a".to_owned();
    cached.invalidate(&key);
    assert!(cached.state(&key).is_none());
    assert_eq!(table.all_loads(), 0);
    cached.refresh(&key).await.unwrap();
    assert!(cached.state(&key).unwrap().secrets.is_some());
    assert_eq!(table.all_loads(), 1);

    get(&cached, "a").await.unwrap();
    assert_eq!(texts(&cached.state(&key).unwrap().secrets.unwrap()), ["whsec_a"]);
    table.set("a", "whsec_a2");
    cached.refresh(&key).await.unwrap();
    assert_eq!(get(&cached, "a").await.unwrap(), ["whsec_a2"]);

    table.set("a", "down");
    assert!(cached.refresh(&key).await.is_err());
    assert_eq!(get(&cached, "a").await.unwrap(), ["whsec_a2"]);
    cached.invalidate(&key);
    assert!(get(&cached, "a").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_key_invalidated_during_its_first_load_does_not_serve_that_load() {
    let table = Table::of(&TENANTS);
    table.close();
    let cached = table.cached(KeyedCacheOptions::default());
    let first = tokio::spawn({
        let cached = cached.clone();
        async move { get(&cached, "a").await }
    });
    settle().await;
    table.set("a", "whsec_a2");
    cached.invalidate(&"a".to_owned());
    table.open();
    assert_eq!(first.await.unwrap().unwrap(), ["whsec_a2"]);
    assert_eq!(get(&cached, "a").await.unwrap(), ["whsec_a2"]);
}

#[tokio::test(start_paused = true)]
async fn the_cache_options_take_effect_for_each_key() {
    for (options, refresh_after) in [
        (KeyedCacheOptions::default(), 60),
        (
            KeyedCacheOptions::default().with_cache_options(
                CacheOptions::default().with_refresh_after(Duration::from_secs(7)),
            ),
            7,
        ),
    ] {
        let table = Table::of(&[("acme", "whsec_acme"), ("globex", "whsec_globex")]);
        let cached = table.cached(options);
        for tenant in ["acme", "globex"] {
            get(&cached, tenant).await.unwrap();
            assert_eq!(
                cached.state(&tenant.to_owned()).unwrap().refresh_in,
                Duration::from_secs(refresh_after)
            );
        }
        advance(Duration::from_secs(refresh_after) - Duration::from_millis(1)).await;
        settle().await;
        get(&cached, "acme").await.unwrap();
        settle().await;
        assert_eq!(table.loads_of("acme"), 1, "{refresh_after}");
        advance(Duration::from_millis(1)).await;
        settle().await;
        get(&cached, "acme").await.unwrap();
        settle().await;
        assert_eq!((table.loads_of("acme"), table.loads_of("globex")), (2, 1), "{refresh_after}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_zero_is_one() {
    let table = Table::of(&TENANTS);
    let cached = table.cached(KeyedCacheOptions::default().with_max_keys(0).with_max_loads(0));
    for _ in 0..2 {
        assert_eq!(get(&cached, "a").await.unwrap(), ["whsec_a"]);
    }
    assert_eq!(table.all_loads(), 1);
    assert_eq!(get(&cached, "b").await.unwrap(), ["whsec_b"]);
    let huge = KeyedCacheOptions::default().with_max_keys(usize::MAX).with_max_loads(usize::MAX);
    assert_eq!(get(&table.cached(huge), "a").await.unwrap(), ["whsec_a"]);
}

#[tokio::test]
async fn a_tenants_secret_in_the_layer_verifies_only_for_that_tenant() {
    let cached = Table::of(&TENANTS).cached(KeyedCacheOptions::default());
    for (path, signed_with, turned_away) in [
        ("/webhooks/a", "whsec_a", None),
        ("/webhooks/b", "whsec_b", None),
        ("/webhooks/a", "whsec_b", Some(RejectionKind::SignatureMismatch)),
        // The response is the same for an unknown key and for a head without a key.
        ("/webhooks/invented", "whsec_a", Some(RejectionKind::NoSigningSecret)),
        ("/elsewhere", "whsec_a", Some(RejectionKind::NoSigningSecret)),
    ] {
        let request = signed_request(
            path,
            samples::INVOICE_PAID,
            &SigningSecret::new(signed_with).unwrap(),
            now(),
        );
        assert_eq!(kind(&cached, request).await, turned_away, "{path} {signed_with}");
    }
}

/// Returns the kind of the rejection, or `None` if the handler was called.
async fn kind<K: Clone + Eq + Hash + Send + Sync + 'static>(
    cached: &CachedByKey<K>,
    request: Request<Full<Bytes>>,
) -> Option<RejectionKind> {
    let service = ServiceBuilder::new()
        .layer(StripeWebhookLayer::new(cached.clone()).with_clock(FixedClock::new(now())))
        .service_fn(async |_: Request<Full<Bytes>>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        });
    service.oneshot(request).await.unwrap().extensions().get().map(Rejection::kind)
}

#[tokio::test]
async fn keys_are_chosen_by_host_under_either_version_of_http_and_by_header() {
    let by_host = |head: &Parts| {
        let host = head.uri.host().or_else(|| head.headers.get(HOST)?.to_str().ok())?;
        Some(host.strip_suffix(".example.com")?.to_ascii_lowercase())
    };
    let by_header = |head: &Parts| Some(head.headers.get("x-tenant")?.to_str().ok()?.to_owned());
    let table = Table::of(&TENANTS);
    let load = move |tenant| table.clone().load(tenant);
    let (by_host, by_header) =
        (CachedByKey::new(by_host, load.clone()), CachedByKey::new(by_header, load));

    let signed = |uri: &str| {
        signed_request(uri, samples::INVOICE_PAID, &SigningSecret::new("whsec_a").unwrap(), now())
    };
    let with_header = |name: &'static str, value: &'static str| {
        let mut request = signed("/webhooks");
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for (cached, request, turned_away) in [
        (&by_host, with_header("host", "A.example.com"), None),
        (&by_host, signed("https://a.example.com/webhooks"), None),
        (&by_host, with_header("host", "b.example.com"), Some(RejectionKind::SignatureMismatch)),
        (&by_host, with_header("host", "example.org"), Some(RejectionKind::NoSigningSecret)),
        (&by_header, with_header("x-tenant", "a"), None),
        (&by_header, with_header("x-tenant", "b"), Some(RejectionKind::SignatureMismatch)),
        (&by_header, signed("/webhooks"), Some(RejectionKind::NoSigningSecret)),
    ] {
        assert_eq!(kind(cached, request).await, turned_away);
    }
}

#[tokio::test]
async fn the_account_and_connect_endpoints_of_a_platform_have_a_secret_each() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    enum Endpoint {
        Account,
        Connect,
    }
    let cached = CachedByKey::new(
        |head: &Parts| match head.uri.path() {
            "/webhooks/account" => Some(Endpoint::Account),
            "/webhooks/connect" => Some(Endpoint::Connect),
            _ => None,
        },
        async |endpoint| {
            Ok(SigningSecret::new(match endpoint {
                Endpoint::Account => "whsec_account",
                Endpoint::Connect => "whsec_connect",
            })?
            .into())
        },
    );
    const OF_AN_ACCOUNT: &str = r#"{"id":"evt_1","type":"account.updated","account":"acct_1","data":{"object":{"object":"account"}}}"#;
    for (path, signed_with, turned_away) in [
        ("/webhooks/account", "whsec_account", None),
        ("/webhooks/connect", "whsec_connect", None),
        ("/webhooks/connect", "whsec_account", Some(RejectionKind::SignatureMismatch)),
        ("/webhooks/account", "whsec_connect", Some(RejectionKind::SignatureMismatch)),
    ] {
        let request =
            signed_request(path, OF_AN_ACCOUNT, &SigningSecret::new(signed_with).unwrap(), now());
        assert_eq!(kind(&cached, request).await, turned_away, "{path} {signed_with}");
    }
}

#[tokio::test]
async fn debug_shows_no_key_and_no_secret() {
    let cached = Table::of(&[("hidden", "whsec_hidden")]).cached(KeyedCacheOptions::default());
    get(&cached, "hidden").await.unwrap();
    let debug = format!("{cached:?}");
    assert!(debug.contains("known: 1, unknown: 0") && !debug.contains("hidden"), "{debug}");
}
