//! Limits of a tenant under load, with real fronts.

use super::place::{Place, until};
use client::ClientError;
use control::{Grant, Quota, State, TenantTerm, TenantTerms, Terms};
use engine::{Runtime, Wanted};
use model::{ChangeId, Instant, Side, TenantId};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{task::JoinSet, time};

const TENANT: TenantId = TenantId([7; 16]);
const BASE: u32 = 10;
const RAISED: u32 = 40;
const BURST: u32 = 2;
/// How long each load lasts, milliseconds.
const LOAD_MS: u32 = 500;
/// Longer than the loads under it, on a slow machine too.
const EXCEPTION_MS: i64 = 6_000;

fn now() -> Instant {
    Instant::from_millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap())
}

fn quota(per_second: u32) -> Quota {
    Quota { per_second: Some(per_second), burst: Some(BURST), ..Quota::default() }
}

/// A fold in which the tenant has a base quota, and nothing else.
fn base(per_second: u32) -> State {
    let terms =
        TenantTerms { tenants: vec![TenantTerm { tenant: TENANT, quota: quota(per_second), envelope: vec![] }] };
    State { terms, last: now(), ..State::empty() }
}

/// A runtime that is kept as a fold says, until it is dropped.
struct Kept {
    runtime: Runtime,
    fold: Arc<Mutex<State>>,
    watch: tokio::task::JoinHandle<()>,
}

impl Kept {
    fn begin(place: &Place, state: State) -> Self {
        let (runtime, fold) = (place.runtime(), Arc::new(Mutex::new(state)));
        // What serves is left to the tests: only the limits are wanted.
        let (shared, wanted) = (Arc::clone(&fold), Wanted { serving: None, ..place.wanted(0, place.old) });
        let wanted = move || {
            let limits = engine::limits(&shared.lock().unwrap(), &TENANT);
            vec![Wanted { limits, ..wanted.clone() }]
        };
        let watch = tokio::spawn(runtime.clone().keep(wanted));
        Self { runtime, fold, watch }
    }

    /// Waits until the front lets through what the fold says.
    async fn in_force(&self) {
        let wanted = engine::limits(&self.fold.lock().unwrap(), &TENANT);
        let rows =
            || async { self.runtime.rows().await.ok().filter(|rows| rows.iter().all(|row| row.limits == wanted)) };
        until("the limits are in force", rows).await;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

async fn ask(http: &client::Http) -> bool {
    match http.get_bytes("/").await {
        Ok(_) => true,
        Err(ClientError::Problem(_, 429)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Requests at `tenths` of `per_second`, and what the limit does with them.
async fn load(front: SocketAddr, per_second: u32, tenths: u32) {
    let http = client::Http::new(format!("http://{front}"));
    let gap = Duration::from_secs(10) / (per_second * tenths);
    let sent = per_second * tenths * LOAD_MS / 10_000;
    // The bucket may be full of what was sent before, at the slower rate.
    time::sleep(Duration::from_secs(1) * (BURST + 1) / BASE).await;
    if tenths <= 10 {
        for _ in 0..sent {
            assert!(ask(&http).await, "refused at {tenths} tenths of {per_second} a second");
            time::sleep(gap).await;
        }
        return;
    }
    let (begun, mut asked) = (time::Instant::now(), JoinSet::new());
    for n in 0..sent {
        time::sleep_until(begun + gap * n).await;
        let http = http.clone();
        asked.spawn(async move { ask(&http).await });
    }
    let passed = asked.join_all().await.into_iter().filter(|passed| *passed).count();
    let share = begun.elapsed().as_millis() * u128::from(per_second) / 1_000 + u128::from(BURST) + 1;
    assert!(passed as u128 <= share, "{passed} of {sent} passed, {share} may");
    assert!(passed > BURST as usize, "{passed} of {sent} passed");
    assert!(u128::from(sent) <= share || passed < sent as usize, "nothing was refused");
}

async fn loads(front: SocketAddr, per_second: u32) {
    for tenths in [5, 10, 20] {
        load(front, per_second, tenths).await;
    }
}

pub async fn an_exception_ends_at_its_time_with_every_service_dead() {
    let place = Place::new();
    let kept = Kept::begin(&place, base(BASE));
    place.deploy(&kept.runtime, 0, Side::Green, place.old).await;
    kept.in_force().await;
    let table = kept.runtime.front().await.generation.unwrap();
    loads(place.front(), BASE).await;
    assert_eq!(kept.runtime.front().await.generation, Some(table), "what is in force is not written again");

    let (from, until) = (now(), now().plus_millis(EXCEPTION_MS));
    let grant = |quota| Grant {
        terms: Terms::Quota { tenant: TENANT, quota },
        from,
        until: Some(until),
        revoked: None,
        ended_by: BTreeSet::new(),
        used: None,
    };
    {
        let mut state = kept.fold.lock().unwrap();
        state.last = from;
        // They never add up.
        state.grants.insert(ChangeId([1; 16]), grant(quota(RAISED)));
        state.grants.insert(ChangeId([2; 16]), grant(quota(RAISED - 1)));
    }
    kept.in_force().await;
    let view = kept.runtime.engines().await.unwrap();
    assert_eq!(view.engines[0].generation, 1, "a limit is no generation of an engine");
    let shown: Vec<_> =
        view.engines[0].route.as_ref().unwrap().limits.iter().map(|l| (l.until, l.per_second)).collect();
    assert_eq!(shown, [(Some(until), RAISED), (None, BASE)]);

    drop(kept);
    loads(place.front(), RAISED).await;
    assert!(now() < until, "this machine is too slow for this test");
    let left = u64::try_from(until.millis_since(now())).unwrap_or(0);
    time::sleep(Duration::from_millis(left)).await;
    loads(place.front(), BASE).await;
}

pub async fn a_tenant_at_its_limit_can_still_be_switched() {
    let place = Place::new();
    // Nobody is let through at all.
    let kept = Kept::begin(&place, base(0));
    place.deploy(&kept.runtime, 0, Side::Green, place.old).await;
    kept.in_force().await;
    let http = client::Http::new(format!("http://{}", place.front()));
    assert!(!ask(&http).await);
    place.deploy(&kept.runtime, 1, Side::Blue, place.new).await;
    assert_eq!(
        kept.runtime
            .check(place.site.engine, 2, Some(super::place::at(Side::Blue, place.new)))
            .await
            .unwrap()
            .generation,
        2
    );
    assert!(!ask(&http).await, "a switch keeps the limit");
    // Without terms nothing is limited.
    kept.fold.lock().unwrap().terms = TenantTerms::default();
    kept.in_force().await;
    assert!(ask(&http).await);
}
