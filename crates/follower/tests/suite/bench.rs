//! An executor whose effects are counted, on a node that can be killed and started again.

use follower::executor::{Acted, Executor, ExecutorOptions, Journal, RetryPolicy, Task, run_executor};
use follower::{Clock, Follower};
use model::{Digest, Instant, Service};
use signed::Observation;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use testkit::{Double, World};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// What the outside world holds, whatever happens to the executor.
pub(crate) struct Outside {
    /// How often each step's effect was made.
    pub(crate) effects: Mutex<BTreeMap<Digest, u32>>,
    acting: Mutex<BTreeSet<Digest>>,
    /// Acts stop here until the number of passes is at least this.
    pub(crate) gate: watch::Sender<Gate>,
    /// Acts begun so far.
    pub(crate) begun: watch::Sender<u32>,
    /// What acts answer instead, taken from the end.
    pub(crate) answers: Mutex<Vec<Acted>>,
    /// Whether each act that was begun was told that it may put nothing in place.
    pub(crate) in_the_way: Mutex<Vec<bool>>,
    clock_ms: AtomicI64,
    pub(crate) asked: watch::Sender<u32>,
}

/// Where acts stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    Open,
    BeforeEffect,
    AfterEffect,
}

pub(crate) struct Fake(pub(crate) Arc<Outside>);

struct Acting<'a>(&'a Outside, Digest);

impl Drop for Acting<'_> {
    fn drop(&mut self) {
        self.0.acting.lock().unwrap().remove(&self.1);
    }
}

impl Executor for Fake {
    fn service(&self) -> Service {
        Service::Node
    }

    fn who(&self, _: &control::State) -> Option<control::Executor> {
        Some(control::Executor { service: Service::Node, node: Some(World::NODE) })
    }

    async fn observe(&self, _: Arc<control::State>, _: control::Package) -> Result<Observation, String> {
        Ok(Observation::Node { memory_free_mib: 1_000, placed: vec![] })
    }

    async fn act(&self, task: Task) -> Acted {
        let outside = &*self.0;
        assert!(outside.acting.lock().unwrap().insert(task.key), "two acts of one step at once");
        let _acting = Acting(outside, task.key);
        outside.in_the_way.lock().unwrap().push(task.in_the_way.is_some());
        outside.begun.send_modify(|begun| *begun += 1);
        if let Some(answer) = outside.answers.lock().unwrap().pop() {
            return answer;
        }
        let mut gate = outside.gate.subscribe();
        gate.wait_for(|gate| *gate != Gate::BeforeEffect).await.unwrap();
        // Reads first, then acts.
        outside.effects.lock().unwrap().entry(task.key).or_insert(0);
        let made = outside.effects.lock().unwrap()[&task.key] > 0;
        if !made {
            *outside.effects.lock().unwrap().get_mut(&task.key).unwrap() += 1;
        }
        gate.wait_for(|gate| *gate != Gate::AfterEffect).await.unwrap();
        Acted::done()
    }
}

impl Outside {
    pub(crate) fn new() -> Arc<Self> {
        let now = follower::system_clock()().as_millis();
        Arc::new(Self {
            effects: Mutex::default(),
            acting: Mutex::default(),
            gate: watch::channel(Gate::Open).0,
            begun: watch::channel(0).0,
            answers: Mutex::default(),
            in_the_way: Mutex::default(),
            clock_ms: AtomicI64::new(now),
            asked: watch::channel(0).0,
        })
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock_ms.fetch_add(ms, Ordering::SeqCst);
    }

    fn clock(self: &Arc<Self>) -> Clock {
        let outside = Arc::clone(self);
        Arc::new(move || {
            outside.asked.send_modify(|asked| *asked += 1);
            Instant::from_millis(outside.clock_ms.load(Ordering::SeqCst))
        })
    }

    pub(crate) fn at_most_once(&self) -> usize {
        let effects = self.effects.lock().unwrap();
        assert!(effects.values().all(|made| *made == 1), "{effects:?}");
        effects.len()
    }

    /// Waits until this many acts have begun in all.
    pub(crate) async fn acts(&self, begun: u32) {
        self.begun.subscribe().wait_for(|seen| *seen >= begun).await.unwrap();
    }
}

/// A node: a follower that folds only when told, and an executor.
pub(crate) struct Bench {
    pub(crate) follower: Follower,
    executor: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Bench {
    pub(crate) async fn start(dir: &Path, double: &Double, outside: &Arc<Outside>) -> Self {
        let follower = Follower::open(&dir.join("replica"), &double.trust(), double.client()).unwrap();
        Self::start_on(follower, dir, double, outside).await
    }

    /// With all that the follower of a service keeps.
    pub(crate) async fn start_service(dir: &Path, double: &Double, outside: &Arc<Outside>) -> Self {
        let follower = Follower::start(dir, double.trust(), double.client()).await.unwrap();
        Self::start_on(follower, dir, double, outside).await
    }

    async fn start_on(follower: Follower, dir: &Path, double: &Double, outside: &Arc<Outside>) -> Self {
        follower.sync().await.unwrap();
        let retry = RetryPolicy { first_ms: 1, most_ms: 4, unknown_tries: 3, fold_ms: 20_000 };
        let journal = Journal::open(&dir.join("intents"), follower.files()).unwrap();
        let options = ExecutorOptions { journal, clock: outside.clock(), retry, reports: None };
        let (key, fake) = (World::service_key(Service::Node), Fake(Arc::clone(outside)));
        let (stop, stopped) = oneshot::channel::<()>();
        let run = run_executor(follower.clone(), double.client(), key, options, fake, async { drop(stopped.await) });
        Self { follower, executor: tokio::spawn(run), stop }
    }

    /// As a service that is asked to end.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.executor.await.unwrap();
    }

    /// As a power cut: wherever it is, it is no more.
    pub(crate) async fn kill(self) {
        self.executor.abort();
        assert!(self.executor.await.unwrap_err().is_cancelled());
    }

    /// Folds whatever is recorded until the double's state is so.
    pub(crate) async fn follow_until(&self, double: &Double, holds: impl Fn(&control::State) -> bool) {
        let follow = async {
            loop {
                self.follower.sync().await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = follow => {}
            _ = double.until(holds) => {}
        }
    }
}

pub(crate) fn artifact() -> Digest {
    Digest::of_bytes(b"a release")
}

/// A running deployment whose next step is the node's.
pub(crate) async fn running() -> (tempfile::TempDir, Double, model::ChangeId) {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    double.register(artifact(), 256);
    let change = double.running(artifact());
    double.advance_to(change, Service::Node);
    (dir, double, change)
}
