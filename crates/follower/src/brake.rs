//! The brake: a hold, a revoke or a suspend handed to this service directly. It is obeyed at once, passed
//! on to Governance, and ends when the verified ledger has it and no step waits that was to begin in between, when the
//! ledger refuses it, or at its not-after.

mod error;
mod hand;
mod lift;
mod pass_on;
mod record;
mod recorded;
mod request;
mod route;

pub use error::BrakeError;
pub use route::{BRAKE, brake_limits, brake_routes};

use crate::{FollowerError, LeafObserver, ReadyCheck, clock};
use control::{Brake, Command, Leaf, State, Verdict, braked};
use durable_file::Mended;
use model::{Digest, Instant};
use record::{Record, Shelf};
use recorded::Recorded;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use wire::BrakesView;

/// The brakes of one service, shared by its route, its executor and its health page.
pub struct Brakes {
    shelf: Shelf,
    inner: Mutex<Inner>,
    /// Counts what was handed and what has ended.
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    records: Vec<Record>,
    /// What the ledger has of what stands here, by the digest of the statement.
    recorded: BTreeMap<Digest, Recorded>,
    overlay: Option<Overlay>,
}

/// The verified state with what the brakes take away, as last asked for.
struct Overlay {
    of: Arc<State>,
    state: Arc<State>,
    /// The first not-after still to come when it was made: with another brake over, it is made again.
    until: Instant,
}

impl Brakes {
    /// Those that were handed before, from their files.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub(crate) fn open(dir: PathBuf, files: Mended) -> Result<Self, FollowerError> {
        let shelf = Shelf::open(dir, files)?;
        let inner = Inner { records: shelf.read(clock::now())?, ..Inner::default() };
        Ok(Self { shelf, inner: Mutex::new(inner), changed: watch::channel(0).0 })
    }

    /// The state with what the brakes take away: what is asked before a step begins.
    pub(crate) fn braked(&self, state: Arc<State>) -> Arc<State> {
        let mut inner = self.inner();
        if inner.standing().next().is_none() {
            return state;
        }
        let latest = inner.standing().map(|record| record.at).fold(clock::now().max(state.last), Instant::max);
        if let Some(known) = &inner.overlay
            && Arc::ptr_eq(&known.of, &state)
            && latest <= known.until
        {
            return Arc::clone(&known.state);
        }
        let standing: Vec<Brake> = inner.standing().map(Record::brake).collect();
        let mut made = braked(&state, latest, &standing);
        for record in inner.standing() {
            for leaf in Recorded::of(record, &inner.recorded, state.size) {
                recorded::held_since(&mut made, record, leaf.index);
            }
        }
        let made = Arc::new(made);
        // Once all are over none is to come: it is made again when it is asked for later.
        let until = inner.standing().map(|record| record.until).filter(|until| *until >= latest).min();
        let until = until.unwrap_or(latest);
        inner.overlay = Some(Overlay { of: state, state: Arc::clone(&made), until });
        made
    }

    /// Resolves whenever a brake is taken or ends.
    pub(crate) fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What stands, and what was lifted lately.
    pub fn view(&self) -> BrakesView {
        BrakesView { brakes: self.inner().records.iter().map(Record::view).collect() }
    }

    /// The check for `/readyz`: it holds either way, because the service does its work. None without a brake.
    pub(crate) fn check(&self) -> Option<ReadyCheck> {
        let inner = self.inner();
        let since = inner.records.iter().map(|record| record.lifted.as_ref().map_or(record.at, |lifted| lifted.at));
        let since = since.min()?;
        let why: Vec<_> = inner.records.iter().map(Record::sentence).collect();
        Some(ReadyCheck { name: "brake", ok: true, why: why.join("; "), since })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was asked of the brakes before is asked again.
    fn news(&self) {
        self.inner().overlay = None;
        self.changed.send_modify(|changed| *changed += 1);
    }
}

impl Inner {
    fn standing(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| record.lifted.is_none())
    }
}

impl LeafObserver for Brakes {
    fn begin(&self) {
        self.inner().recorded.clear();
    }

    /// Only of a brake that stands is it noted what the ledger has.
    fn needs_past(&self) -> bool {
        self.inner().standing().next().is_some()
    }

    fn leaf(&self, index: u64, leaf: &Leaf, _: &State) {
        let Command::Signed { statement, .. } = &leaf.command else { return };
        let mut inner = self.inner();
        if inner.standing().all(|record| !record.statements.contains(statement)) {
            return;
        }
        if let Ok(digest) = statement.digest() {
            let refused = match &leaf.verdict {
                Verdict::Accepted => None,
                Verdict::Refused(refusal) => Some(refusal.code()),
            };
            inner.recorded.insert(digest, Recorded { index, refused });
        }
    }
}
