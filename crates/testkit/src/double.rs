//! A Governance in the test's own process: it decides with `control`, signs with the true log key,
//! serves checkpoints, bundles and blobs over HTTP, and lies when it is told to.

mod console;
mod flow;
mod forge;
mod lease;
mod ledger;
mod problem;
mod reading;
mod routes;
mod store;
mod world;

pub use flow::{shop, shop_profile};
pub use ledger::{Failure, Lie};
pub use store::Store;
pub use world::World;

use client::{GovernanceClient, Http};
use control::{Change, Command, Leaf, State, Verdict};
use ledger::{Ledger, Shared};
use model::{ChangeId, Instant};
use signed::Trust;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use view::Names;

/// A running double. Dropped, it stops answering.
pub struct Double {
    pub(crate) shared: Arc<Shared>,
    world: World,
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Double {
    /// Founds a ledger and serves it on a free port of loopback.
    pub async fn start() -> Self {
        Self::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// Founds this world's ledger and serves it here.
    pub async fn serve(world: World, listen: SocketAddr) -> Self {
        let signer = World::signer();
        let blobs = Store::default();
        world.blobs().for_each(|blob| blobs.put(blob));
        let (grown, _) = watch::channel(0);
        let origin = format!("{}/control", world.trust().origin);
        let shared = Arc::new(Shared { ledger: Mutex::new(Ledger::empty(blobs)), signer, origin, grown });
        let listener = tokio::net::TcpListener::bind(listen).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = routes::router(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let double = Self { shared, world, url, task };
        double.record(double.world.genesis()).unwrap();
        double
    }

    /// Who is who.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client of it.
    pub fn client(&self) -> GovernanceClient {
        GovernanceClient::new(Http::new(&self.url))
    }

    /// What a follower of it pins.
    pub fn trust(&self) -> Trust {
        self.world.trust()
    }

    /// Decides and records a command, whatever lie is being served.
    ///
    /// # Errors
    /// Why it cannot be decided at all.
    pub fn record(&self, command: Command) -> Result<(u64, Leaf), String> {
        let recorded = self.shared.ledger().record(command);
        self.news();
        recorded
    }

    /// As [`Double::record`], and it must be accepted.
    pub fn accept(&self, command: Command) -> u64 {
        let (index, leaf) = self.record(command).unwrap();
        assert_eq!(leaf.verdict, Verdict::Accepted, "{:?}", leaf.command);
        index
    }

    /// The leaves it decided.
    pub fn leaves(&self) -> Vec<Vec<u8>> {
        self.shared.ledger().leaves.clone()
    }

    /// The state it decided.
    pub fn state(&self) -> State {
        let ledger = self.shared.ledger();
        let mut state = ledger.state.clone();
        let ended = ledger.ended.keys().filter_map(|id| ledger.state.record(&ledger.ended, id).ok());
        state.changes.extend(ended.map(|change| (change.package.change, change.into_owned())));
        state
    }

    /// What it decided, as it is folded.
    pub fn decided(&self) -> State {
        self.shared.ledger().state.clone()
    }

    /// The records of the changes that have ended.
    pub fn ended(&self) -> BTreeMap<ChangeId, Change> {
        self.shared.ledger().ended.clone()
    }

    /// The receipts that were submitted to it, in order, recorded or not.
    pub fn submitted(&self) -> Vec<Command> {
        self.shared.ledger().submitted.clone()
    }

    /// Waits until what was submitted is so.
    pub async fn submitted_until(&self, holds: impl Fn(&[Command]) -> bool) {
        let mut grown = self.shared.grown.subscribe();
        let wait = async {
            loop {
                grown.mark_unchanged();
                if holds(&self.submitted()) {
                    return;
                }
                grown.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), wait).await;
        waited.unwrap_or_else(|_| panic!("it was not submitted: {:#?}", self.submitted()));
    }

    /// Serves a lie from now on.
    pub fn lie(&self, lie: Lie) {
        let mut ledger = self.shared.ledger();
        (ledger.lie, ledger.told) = (lie, ledger.told + 1);
        drop(ledger);
        self.news();
    }

    fn news(&self) {
        self.shared.grown.send_modify(|grown| *grown += 1);
    }

    /// Fails the next submissions in this order.
    pub fn fail(&self, failures: impl IntoIterator<Item = Failure>) {
        let mut failures: Vec<_> = failures.into_iter().collect();
        failures.reverse();
        self.shared.ledger().failures = failures;
    }

    /// Stamps leaves with this from now on; with the system's clock for none.
    pub fn set_now(&self, now: Option<Instant>) {
        self.shared.ledger().now = now;
    }

    /// Lets who asks for a newer checkpoint wait this long from now on.
    pub fn set_poll(&self, poll: Duration) {
        self.shared.ledger().poll = poll;
    }

    /// Waits until the state it decided is so.
    pub async fn until(&self, holds: impl Fn(&State) -> bool) -> State {
        let mut grown = self.shared.grown.subscribe();
        let wait = async {
            loop {
                grown.mark_unchanged();
                let state = self.state();
                if holds(&state) {
                    return state;
                }
                grown.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), wait).await;
        waited.unwrap_or_else(|_| panic!("it did not become so: {:#?}", self.state().changes))
    }
}

impl Double {
    /// What ids are called from now on.
    pub fn name(&self, names: Names) {
        self.shared.ledger().names = names;
        self.news();
    }

    /// Forgets every credential, as if each had ended: the next request of each is answered with 401.
    pub fn forget_sessions(&self) {
        self.shared.ledger().forgotten = true;
        self.news();
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.task.abort();
    }
}
