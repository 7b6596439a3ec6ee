//! The engines of one node, without a ledger: what to do is said by the caller, what is done is recorded here.

mod blocking;
mod ceiling;
mod check;
mod counters;
mod front;
mod keep;
mod launch;
mod lock;
mod probe;
mod rebuild;
mod records;
mod release;
mod restarts;
mod routes;
mod show;
mod soak;
mod standing;
mod start;
mod stop;
mod switch;
#[cfg(test)]
mod tests;

pub use check::Seen;
pub use counters::Counters;
pub(crate) use records::records;
pub use release::{Judgement, Regression, judge};
pub use restarts::Restarted;
pub use start::Begun;

use self::{blocking::blocking, front::Front, lock::locked};
use crate::{
    EngineError, HealthView, RuntimeOptions, Vault, file,
    layout::{Layout, passable},
    record::Record,
    scan,
};
use durable_file::Mended;
use model::{Digest, EngineId, Side, TenantId};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::{Arc, Mutex},
};
use tokio::sync::Mutex as AsyncMutex;

/// The engines of one node. Clones share.
///
/// Every action is safe to repeat after a crash at any point: it looks at what is there and does what is missing.
/// Actions on one engine wait for each other; a restart waits for none, it comes again.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    options: RuntimeOptions,
    layout: Layout,
    front: Front,
    counters: Counters,
    /// Changed only under the engine's lock.
    records: Mutex<BTreeMap<EngineId, Record>>,
    locks: Mutex<BTreeMap<EngineId, Arc<AsyncMutex<()>>>>,
    /// The last probe of each side.
    health: Mutex<BTreeMap<(EngineId, Side), HealthView>>,
    /// Why an engine that should serve does not.
    trouble: Mutex<BTreeMap<EngineId, String>>,
    /// What was started again and is not reported yet.
    restarts: restarts::Restarts,
    /// How what serves stands over time.
    standings: standing::Standings,
    /// What serves and does not answer.
    hangs: restarts::Hangs,
    /// How what serves does under its visitors.
    releases: release::Releases,
    vault: Vault,
    /// What was damaged in its directory.
    files: Mended,
    /// Engines whose record was damaged and is not rebuilt yet, and what was wrong with it.
    lost: Mutex<BTreeMap<EngineId, String>>,
}

impl Runtime {
    /// Opens the directory and adopts every engine process that still runs. Starts nothing; [`Runtime::keep`] does. A
    /// damaged record is set aside, and rebuilt from the ledger and from what runs.
    ///
    /// # Errors
    /// When the directory cannot be used or a record cannot be read.
    pub fn open(options: RuntimeOptions) -> Result<Self, EngineError> {
        Self::open_telling(options, Mended::default())
    }

    /// [`Runtime::open`], and tells there what was damaged.
    pub(crate) fn open_telling(options: RuntimeOptions, files: Mended) -> Result<Self, EngineError> {
        let layout = Layout::new(&options.dir);
        layout.open(options.run_as)?;
        let vault = Vault::open(&options.dir, files.clone())?;
        if options.run_as.is_some() && options.store.exists() {
            let store = fs::canonicalize(&options.store).map_err(EngineError::io(&options.store))?;
            passable(&store)?;
        }
        let (mut records, lost) = records::kept(&layout, &files)?;
        let running = scan::engines(&options.store)?;
        for record in records.values_mut() {
            if adopt(record, &running) {
                file::write(&layout.record(&record.engine), record)?;
            }
        }
        let inner = Inner {
            front: Front::new(&layout, &options, files.clone()),
            files,
            lost: Mutex::new(lost),
            layout,
            options,
            counters: Counters::default(),
            records: Mutex::new(records),
            locks: Mutex::default(),
            health: Mutex::default(),
            trouble: Mutex::default(),
            restarts: restarts::Restarts::default(),
            standings: standing::Standings::default(),
            hangs: restarts::Hangs::default(),
            releases: release::Releases::default(),
            vault,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Its counters, to be registered with the service's metrics.
    pub fn counters(&self) -> &Counters {
        &self.inner.counters
    }

    /// Its secrets.
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// Whether a secret of a tenant is deposited here, and opens.
    pub(crate) fn holds(&self, tenant: &TenantId, secret: &Digest) -> bool {
        self.inner.vault.holds(tenant, secret)
    }

    /// Whether each of these secrets of a tenant is deposited here, and opens.
    ///
    /// # Errors
    /// Why the first that does not open does not.
    pub(crate) async fn opens(&self, tenant: TenantId, secrets: Vec<Digest>) -> Result<(), EngineError> {
        let vault = self.inner.vault.clone();
        blocking(move || secrets.iter().try_for_each(|secret| vault.check(&tenant, secret))).await
    }

    /// Those of these secrets that nobody has deposited here for the tenant, or that do not open, in their order.
    ///
    /// # Errors
    /// When the look at them was broken off.
    pub(crate) async fn missing(
        &self,
        tenant: TenantId,
        secrets: BTreeSet<Digest>,
    ) -> Result<Vec<Digest>, EngineError> {
        let vault = self.inner.vault.clone();
        let missing = move || secrets.into_iter().filter(|secret| !vault.holds(&tenant, secret)).collect();
        blocking(move || Ok(missing())).await
    }

    /// What was damaged in its directory, and what became of it.
    pub fn files(&self) -> &Mended {
        &self.inner.files
    }

    fn record(&self, engine: &EngineId) -> Option<Record> {
        locked(&self.inner.records).get(engine).cloned()
    }

    /// The record, with every process that can be found in it. INVARIANT: the caller holds the engine's lock.
    async fn settled(&self, engine: &EngineId) -> Result<Option<Record>, EngineError> {
        let Some(mut record) = self.record(engine) else { return self.known_to_be_none(engine).map(|()| None) };
        if record.sides.iter().flatten().any(|side| side.process.is_none()) {
            let store = self.inner.options.store.clone();
            if adopt(&mut record, &blocking(move || scan::engines(&store)).await?) {
                self.save(&record).await?;
            }
        }
        Ok(Some(record))
    }

    /// A record that was damaged is not none: nothing is done before it is rebuilt.
    fn known_to_be_none(&self, engine: &EngineId) -> Result<(), EngineError> {
        match locked(&self.inner.lost).get(engine) {
            Some(why) => Err(EngineError::Content { path: self.inner.layout.record(engine), what: why.clone() }),
            None => Ok(()),
        }
    }

    fn lock(&self, engine: &EngineId) -> Arc<AsyncMutex<()>> {
        locked(&self.inner.locks).entry(*engine).or_default().clone()
    }

    /// Makes a record durable, then known. INVARIANT: the caller holds the engine's lock.
    async fn save(&self, record: &Record) -> Result<(), EngineError> {
        let (path, copy) = (self.inner.layout.record(&record.engine), record.clone());
        blocking(move || file::write(&path, &copy)).await?;
        locked(&self.inner.records).insert(record.engine, record.clone());
        Ok(())
    }
}

/// Finds a process again that was started in the moment of a crash, before its identity was written down.
fn adopt(record: &mut Record, running: &[scan::Found]) -> bool {
    let known: Vec<_> = record.sides.iter().flatten().filter_map(|side| side.process.clone()).collect();
    let user = record.user;
    let mut changed = false;
    for side in record.sides.iter_mut().flatten().filter(|side| side.process.is_none()) {
        let is_it = |found: &&scan::Found| {
            found.artifact == Some(side.bundle.artifact)
                && found.was_told(side.listen())
                && user.is_none_or(|user| found.user == user)
                && !known.contains(&found.identity)
        };
        if let Some(found) = running.iter().find(is_it) {
            side.process = Some(found.identity.clone());
            changed = true;
        }
    }
    changed
}
