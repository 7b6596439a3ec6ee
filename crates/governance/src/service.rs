//! What every request shares.

use crate::event_machine::{EventsMachine, SealedEvent};
use crate::governing::Governing;
use crate::intake::{Checked, CheckedEvent};
use crate::log_keys::LogKeys;
use crate::log_name::LogName;
use crate::machine::{ControlMachine, Submitted};
use crate::metrics::Metrics;
use crate::openings::{Bound, Openings, Texts};
use crate::problems;
use crate::refusal_dedup::RepeatCounts;
use crate::search::Searches;
use crate::timeline::Timeline;
use archive::Archive;
use control::State;
use ledger::blob::Blobs as _;
use ledger::{Clock, Ledger, Log};
use model::Instant;
use service_shell::Problem;
use signed::Opening;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

/// Both ledgers, the texts, and what is derived from them.
pub(crate) struct Service {
    pub(crate) control: Ledger<ControlMachine>,
    pub(crate) events: Ledger<EventsMachine>,
    pub(crate) log_keys: LogKeys,
    pub(crate) blobs: Governing,
    pub(crate) archive: Arc<Archive>,
    pub(crate) openings: Openings,
    pub(crate) timeline: Timeline,
    pub(crate) counted: RepeatCounts,
    pub(crate) searches: Searches,
    pub(crate) metrics: Metrics,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entries_public: bool,
    /// Ports on which this installation listens: no engine may have one.
    pub(crate) own_ports: BTreeSet<u16>,
    /// Held while something with a name is registered, so that two of one name cannot pass each other.
    pub(crate) registering: tokio::sync::Mutex<()>,
}

impl Service {
    /// The newest durable state. It stays as it is while somebody holds it, and the writer does not wait.
    pub(crate) fn state(&self) -> Arc<State> {
        self.control.state().read().unwrap_or_else(PoisonError::into_inner).shared_state()
    }

    /// Looks at the newest durable state.
    pub(crate) fn with_state<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state())
    }

    /// The instant a verdict would be stamped with now: never before the last leaf.
    pub(crate) fn now(&self) -> Instant {
        self.clock.wall().max(self.with_state(|state| state.last))
    }

    /// A log's reader.
    pub(crate) fn log(&self, name: LogName) -> Log {
        match name {
            LogName::Control => self.control.log(),
            LogName::Events => self.events.log(),
        }
    }

    /// The key that a log is signed with, in note form; empty while no listed key is at hand.
    pub(crate) fn vkey(&self, name: LogName) -> String {
        self.log_keys.of(name).vkey().map(|key| key.to_string()).unwrap_or_default()
    }

    /// The newest signed checkpoint of a log.
    pub(crate) fn checkpoint(&self, name: LogName) -> String {
        self.log(name).checkpoint().map_or_else(|| self.log_keys.of(name).empty(), |(_, note)| note)
    }

    /// Seals the texts of a checked command and keeps its governing blobs: what must be on disk
    /// before the leaf that names it. Blocks.
    fn prepared(&self, checked: Checked) -> Result<Submitted, Problem> {
        let payload = self.openings.seal(&checked.texts).map_err(|error| problems::storage(&error))?;
        for (object, bytes) in checked.blobs {
            self.blobs.0.put(object, &bytes).map_err(|error| problems::storage(&error))?;
        }
        Ok(Submitted { command: checked.command, payload })
    }

    /// [`Service::prepared`], off the threads that answer requests: it may flush files.
    pub(crate) async fn prepare(self: &Arc<Self>, checked: Checked) -> Result<Submitted, Problem> {
        let service = Arc::clone(self);
        blocking(move || service.prepared(checked)).await
    }

    /// Seals the texts of checked events, as [`Service::prepare`] does a command's; each with its text.
    pub(crate) async fn seal(
        self: &Arc<Self>,
        events: Vec<CheckedEvent>,
    ) -> Result<Vec<(Arc<SealedEvent>, Opening)>, Problem> {
        let service = Arc::clone(self);
        let sealed = move |event: CheckedEvent| {
            let CheckedEvent { entry, opening } = event;
            let bound = Bound { to: entry.command(), parts: entry.parts.clone() };
            let payload = service.openings.seal(&[Texts { bound, openings: vec![opening.clone()] }]);
            let payload = payload.map_err(|error| problems::storage(&error))?;
            Ok((Arc::new(SealedEvent { entry, payload }), opening))
        };
        blocking(move || events.into_iter().map(sealed).collect()).await
    }
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Problem::internal()))
}
