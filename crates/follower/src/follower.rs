//! The follower itself.

use crate::blobs::BlobDir;
use crate::brake::Brakes;
use crate::checkpoint::{LOG, opened};
use crate::core::{Compared, Core, Folded, Source};
use crate::dir_lock::DirLock;
use crate::head::{HEAD, Head, LogName};
use crate::leaf_observer::LeafObserver;
use crate::pull::{self, Staged};
use crate::replica::Entries;
use crate::snapshot::Snapshot;
use crate::{FollowerError, FollowerHealth, ReadyCheck, clock};
use archive::Archive;
use client::GovernanceClient;
use control::{Change, EndedChanges, NoRecord, State};
use durable_file::{HighWater, Mended};
use model::{ChangeId, Digest, Instant};
use signed::{Seen, Trust};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tlog::checkpoint::Checkpoint;
use tokio::sync::{OwnedMutexGuard, watch};

/// First and longest pause after a failed try, milliseconds.
const PAUSE_MS: (u64, u64) = (100, 5_000);
/// Longest wait for a look at the tree: whoever pulls may be waiting for a network.
const ROOT_WITHIN: Duration = Duration::from_millis(500);

/// Follows one ledger; cheap to clone, all clones are one follower.
#[derive(Clone)]
pub struct Follower {
    inner: Arc<Inner>,
}

struct Inner {
    governance: GovernanceClient,
    trust: Trust,
    files: Mended,
    core: Arc<tokio::sync::Mutex<Core>>,
    /// Held by whoever reads the whole replica.
    whole: Arc<tokio::sync::Mutex<()>>,
    fold: RwLock<Fold>,
    health: Mutex<FollowerHealth>,
    size: watch::Sender<u64>,
    opened: Instant,
    /// Of a follower that carries something out.
    brakes: Option<Arc<Brakes>>,
    /// What the clock has shown, of the same.
    clock: Option<Arc<HighWater>>,
    dir: PathBuf,
    /// Of a follower whose process shows changes that have ended.
    archive: Option<Arc<Archive>>,
}

/// What a follower keeps beside the state.
#[derive(Default)]
struct Beside {
    observer: Option<Arc<dyn LeafObserver>>,
    brakes: Option<Arc<Brakes>>,
    clock: Option<Arc<HighWater>>,
    archive: Option<Arc<Archive>>,
    /// One list for all files of the process.
    files: Mended,
}

impl Beside {
    /// The records of changes that have ended.
    fn archive(dir: &Path) -> Result<Self, FollowerError> {
        let dir = dir.join("ended");
        let archive = Archive::open(&dir).map_err(FollowerError::io("create", &dir))?;
        Ok(Self { files: archive.files().clone(), archive: Some(Arc::new(archive)), ..Self::default() })
    }
}

struct Fold {
    state: Arc<State>,
    seen: Option<Seen>,
    /// The highest size ever verified, also when its entries are being pulled again.
    known: u64,
}

impl Follower {
    /// Opens the replica in `dir` and replays it, from the state snapshot on where there is a good one; blocks
    /// for as long as that takes. Asks nobody.
    ///
    /// # Errors
    /// When the directory cannot be used or is in use, its head is unreadable, or the trusted log
    /// key is none. A damaged replica is no error: it is set aside and pulled again.
    pub fn open(dir: &Path, trust: &Trust, governance: GovernanceClient) -> Result<Self, FollowerError> {
        let log = log_of(trust)?;
        Self::held(DirLock::always(dir)?, log, trust, governance, Beside::archive(dir)?)
    }

    /// [`Follower::open`] with somebody who sees every leaf, those of the replica first.
    ///
    /// # Errors
    /// As [`Follower::open`].
    pub fn open_watched(
        dir: &Path,
        trust: &Trust,
        governance: GovernanceClient,
        observer: Arc<dyn LeafObserver>,
    ) -> Result<Self, FollowerError> {
        let log = log_of(trust)?;
        let beside = Beside { observer: Some(observer), ..Beside::archive(dir)? };
        Self::held(DirLock::always(dir)?, log, trust, governance, beside)
    }

    /// [`Follower::open`] in a directory that several processes share, as commands on one data
    /// directory do: they take turns where they write, each takes over what the others have verified,
    /// and nobody waits for a network in a turn.
    ///
    /// # Errors
    /// As [`Follower::open`]; [`FollowerError::Busy`] when another process's turn does not end.
    pub fn open_shared(dir: &Path, trust: &Trust, governance: GovernanceClient) -> Result<Self, FollowerError> {
        let log = log_of(trust)?;
        Self::held(DirLock::shared(dir), log, trust, governance, Beside::archive(dir)?)
    }

    fn held(
        hold: DirLock,
        log: LogName,
        trust: &Trust,
        governance: GovernanceClient,
        Beside { observer, brakes, clock, archive, files }: Beside,
    ) -> Result<Self, FollowerError> {
        let source = Source { trust: trust.clone(), log, files: files.clone(), archive: archive.clone() };
        let dir = hold.dir().to_owned();
        let core = Core::open(Arc::new(hold), &source, observer)?;
        let health = match &core.stop {
            Some(stop) => FollowerHealth::Stopped { index: stop.index, why: stop.why.clone() },
            None => FollowerHealth::Starting,
        };
        let fold = Fold::of(&core);
        let (size, _) = watch::channel(fold.state.size);
        let inner = Inner {
            governance,
            trust: trust.clone(),
            files,
            core: Arc::new(tokio::sync::Mutex::new(core)),
            whole: Arc::default(),
            fold: RwLock::new(fold),
            health: Mutex::new(health),
            size,
            opened: clock::now(),
            brakes,
            clock,
            dir,
            archive,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// [`Follower::open`] for a service that carries something out: in `dir/replica`, on a thread of its
    /// own, with the brakes it was handed in `dir/brakes`, and with the latest instant that its clock has shown.
    ///
    /// # Errors
    /// As [`Follower::open`].
    pub async fn start(dir: &Path, trust: Trust, governance: GovernanceClient) -> Result<Self, FollowerError> {
        let dir = dir.to_owned();
        let opening = tokio::task::spawn_blocking(move || {
            let log = log_of(&trust)?;
            let (files, replica) = (Mended::default(), dir.join("replica"));
            let brakes = Arc::new(Brakes::open(dir.join("brakes"), files.clone())?);
            let hold = DirLock::always(&replica)?;
            let was_kept = replica.join(HEAD).exists();
            let clock = HighWater::open(replica.join(HighWater::NAME), clock::now().as_millis(), was_kept, &files);
            let watched: Arc<dyn LeafObserver> = Arc::clone(&brakes) as _;
            let (observer, brakes, clock) = (Some(watched), Some(brakes), Some(Arc::new(clock)));
            let beside = Beside { observer, brakes, clock, files, ..Beside::default() };
            Self::held(hold, log, &trust, governance, beside)
        });
        opening.await.map_err(|error| FollowerError::Broken(error.to_string()))?
    }

    /// Waits until nothing is being verified or written any more.
    pub(crate) async fn idle(&self) {
        drop(self.inner.core.lock().await);
    }

    /// Asks for the newest checkpoint and folds what it covers.
    ///
    /// # Errors
    /// [`FollowerError::Stopped`] for good when the ledger contradicts itself or its rules; any
    /// other error leaves everything as it was and may be tried again.
    pub async fn sync(&self) -> Result<Seen, FollowerError> {
        self.round(0).await
    }

    async fn round(&self, beyond: u64) -> Result<Seen, FollowerError> {
        let asked = self.known();
        let note = match self.stopped() {
            Some(stopped) => return Err(stopped),
            None => self.inner.governance.checkpoint(LOG, beyond).await,
        };
        let taken = match note {
            Ok(note) => self.take(asked, &note).await,
            Err(error) => Err(error.into()),
        };
        self.report(&taken);
        taken
    }

    async fn take(&self, asked: u64, note: &str) -> Result<Seen, FollowerError> {
        let inner = &self.inner;
        let checkpoint = opened(note, &inner.trust, &self.state())?;
        let mut core = Arc::clone(&inner.core).lock_owned().await;
        loop {
            core = on_thread(core, Core::refresh).await?.0;
            if let Some(stop) = &core.stop {
                return Err(stop.error());
            }
            match core.compare(asked, &checkpoint) {
                Compared::Known => {
                    let (signed, text) = (checkpoint.clone(), note.to_owned());
                    core = on_thread(core, move |core| core.confirm(&signed, &text)).await?.0;
                    break;
                }
                Compared::Unproven => {
                    core = on_thread(core, Core::give_up).await?.0;
                    continue;
                }
                Compared::Contradicts(why) => return Err(core.stop(checkpoint.size, why, note)),
                Compared::Longer => {}
            }
            // What an interrupted try left behind was never verified.
            core.replica.discard()?;
            if !self.stage(&mut core, &checkpoint, note).await? {
                core = on_thread(core, Core::give_up).await?.0;
                continue;
            }
            let (signed, text) = (checkpoint.clone(), note.to_owned());
            let (folded, done) = on_thread(core, move |core| core.fold(&signed, &text)).await?;
            core = folded;
            if done == Folded::Done {
                break;
            }
        }
        if core.is_caught_up() {
            self.publish(&core);
        }
        if core.is_store_due() {
            let store = |core: &mut Core| {
                core.store_state();
                Ok(())
            };
            core = on_thread(core, store).await?.0;
        }
        core.head.seen().ok_or_else(|| FollowerError::Inconclusive("the ledger is not founded yet".to_owned()))
    }

    /// False when what is served contradicts what only this disk says.
    async fn stage(&self, core: &mut Core, checkpoint: &Checkpoint, note: &str) -> Result<bool, FollowerError> {
        let governance = &self.inner.governance;
        let known = core.head.size;
        let fork = || format!("fork: the log signed a tree that does not extend the {known} leaves seen before");
        match pull::stage(core, governance, checkpoint).await? {
            Staged::Signed(blobs) => pull::blobs(core, governance, blobs).await.map(|()| true),
            Staged::Denies if !core.head.is_signed() => Ok(false),
            Staged::Other if !core.head.is_signed() && pull::is_fork(core, governance, checkpoint).await? => Ok(false),
            Staged::Denies => Err(core.stop(known, fork(), note)),
            Staged::Other if pull::is_fork(core, governance, checkpoint).await? => Err(core.stop(known, fork(), note)),
            Staged::Other => Err(FollowerError::Served(checkpoint.size)),
        }
    }

    fn publish(&self, core: &Core) {
        let size = core.replayer.state().size;
        let mut fold = self.inner.fold.write().unwrap_or_else(PoisonError::into_inner);
        if fold.state.size < size || fold.seen != core.head.seen() {
            *fold = Fold::of(core);
            drop(fold);
            self.inner.size.send_replace(size);
        }
    }

    fn report(&self, taken: &Result<Seen, FollowerError>) {
        let mut health = self.inner.health.lock().unwrap_or_else(PoisonError::into_inner);
        *health = match (taken, &*health) {
            (_, FollowerHealth::Stopped { .. }) => return,
            (Ok(seen), _) => FollowerHealth::Following { seen: *seen, at: clock::now() },
            (Err(FollowerError::Stopped { index, why }), _) => {
                FollowerHealth::Stopped { index: *index, why: why.clone() }
            }
            (Err(error), FollowerHealth::Behind { since, .. }) => {
                FollowerHealth::Behind { since: *since, why: error.to_string() }
            }
            (Err(error), _) => FollowerHealth::Behind { since: clock::now(), why: error.to_string() },
        };
    }

    /// Follows until `shutdown` resolves. A dying connection is only *behind*; a follower that has
    /// stopped stays, so that its service can serve on with the last state.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let follow = async {
            let mut pause_ms = PAUSE_MS.0;
            // The first question, and the first after a failure, is answered at once: only then
            // is it known where the log stands, and news is worth waiting for.
            let mut beyond = 0;
            loop {
                match self.round(beyond).await {
                    Ok(_) => {
                        pause_ms = PAUSE_MS.0;
                        beyond = self.state().size;
                    }
                    Err(FollowerError::Stopped { .. }) => std::future::pending().await,
                    Err(error) => {
                        tracing::debug!(%error, pause_ms, "follower: cannot follow the ledger now");
                        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                        pause_ms = (pause_ms * 2).min(PAUSE_MS.1);
                        beyond = 0;
                    }
                }
            }
        };
        tokio::select! {
            () = shutdown => {}
            () = follow => {}
        }
    }

    /// The newest verified state; a snapshot that does not change under its holder.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.fold().state)
    }

    /// A change, whether or not it has ended, in a state of this follower's.
    ///
    /// # Errors
    /// When there is none, or no record of it.
    pub fn change<'a>(&self, state: &'a State, id: &ChangeId) -> Result<Cow<'a, Change>, NoRecord> {
        state.record(self, id)
    }

    /// The newest verified state with what the brakes take away that were handed to this service: asked before a step
    /// is begun, or more than the base is allowed.
    pub fn braked(&self) -> Arc<State> {
        let state = self.state();
        self.inner.brakes.as_ref().map_or(Arc::clone(&state), |brakes| brakes.braked(state))
    }

    /// The brakes that were handed to this service; none where nothing is carried out.
    pub fn brakes(&self) -> Option<Arc<Brakes>> {
        self.inner.brakes.clone()
    }

    /// The latest of this time, the last verified leaf and, where something is carried out, all that this was asked with
    /// before, over restarts too: what has ended by it has ended, whatever a clock says that was set back.
    pub fn latest(&self, now: Instant) -> Instant {
        let shown = self.inner.clock.as_ref().map_or(now, |clock| Instant::from_millis(clock.latest(now.as_millis())));
        shown.max(self.state().last)
    }

    /// What the clock has shown; none where nothing is carried out.
    pub(crate) fn clock(&self) -> Option<Arc<HighWater>> {
        self.inner.clock.clone()
    }

    /// The root of the verified tree at this size; none beyond it, and while the ledger is being pulled.
    pub(crate) async fn root_at(&self, size: u64) -> Option<Digest> {
        let core = tokio::time::timeout(ROOT_WITHIN, self.inner.core.lock()).await.ok()?;
        core.replayer.tree().root_at(size)
    }

    /// The verified tree behind [`Follower::state`]; none before the first.
    pub fn seen(&self) -> Option<Seen> {
        self.fold().seen
    }

    /// Resolves on each new state, with its size.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.size.subscribe()
    }

    /// How it stands.
    pub fn health(&self) -> FollowerHealth {
        self.inner.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The checks for `/readyz`: how it follows, whether its clock is the ledger's, and what became of damaged files.
    pub fn readiness(&self) -> Vec<ReadyCheck> {
        let since = self.inner.opened;
        let (ok, why) = self.inner.files.standing();
        let files = ReadyCheck { name: "files", ok, why, since };
        let brake = self.inner.brakes.as_ref().and_then(|brakes| brakes.check());
        let clock = clock::check(clock::now(), self.state().last, self.inner.clock.as_deref(), since);
        let own = [self.health().check(since), clock, files];
        own.into_iter().chain(brake).collect()
    }

    /// Where damage of this process's files is told: its readiness says it.
    pub fn files(&self) -> &Mended {
        &self.inner.files
    }

    /// Why it has stopped for good, if it has: nothing may be done any more then.
    pub fn stopped(&self) -> Option<FollowerError> {
        match self.health() {
            FollowerHealth::Stopped { index, why } => Some(FollowerError::Stopped { index, why }),
            _ => None,
        }
    }

    /// How far the ledger was verified, and the leaves that were; none while they are pulled again.
    pub(crate) async fn kept(&self) -> Result<Option<(Head, Entries)>, FollowerError> {
        let core = self.inner.core.lock().await;
        let kept = (core.is_caught_up() && core.head.is_signed()).then(|| (core.head.clone(), core.replica.kept()));
        Ok(kept)
    }

    /// Where the governing blobs are kept.
    pub(crate) async fn blob_dir(&self) -> BlobDir {
        self.inner.core.lock().await.blobs.clone()
    }

    /// The one turn to read the whole replica.
    pub(crate) async fn whole(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.inner.whole).lock_owned().await
    }

    pub(crate) fn known(&self) -> u64 {
        self.fold().known
    }

    fn fold(&self) -> std::sync::RwLockReadGuard<'_, Fold> {
        self.inner.fold.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log_of(trust: &Trust) -> Result<LogName, FollowerError> {
    let keys = trust.log_keys.iter().map(|key| key.parse()).collect::<Result<_, _>>().map_err(FollowerError::Trust)?;
    Ok(LogName { keys, origin: format!("{}/{LOG}", trust.origin) })
}

/// Work that may read the whole replica and waits for the disk, off the threads that others wait on.
async fn on_thread<T: Send + 'static>(
    mut core: OwnedMutexGuard<Core>,
    work: impl FnOnce(&mut Core) -> Result<T, FollowerError> + Send + 'static,
) -> Result<(OwnedMutexGuard<Core>, T), FollowerError> {
    let worked = tokio::task::spawn_blocking(move || {
        let done = work(&mut core);
        (core, done)
    });
    let (core, done) = worked.await.map_err(|error| FollowerError::Inconclusive(error.to_string()))?;
    Ok((core, done?))
}

impl Fold {
    fn of(core: &Core) -> Self {
        let seen = core.head.seen().filter(|_| core.is_caught_up());
        Self { state: Arc::new(core.replayer.state().clone()), seen, known: core.head.size }
    }
}

impl EndedChanges for Follower {
    fn record(&self, id: &ChangeId) -> Option<Change> {
        let record = self.inner.archive.as_ref()?.record(id);
        if record.is_none() {
            // A start without the snapshot replays every leaf, and makes each record again.
            Snapshot::remove(&self.inner.dir)
                .unwrap_or_else(|error| tracing::warn!(%error, "follower: the state snapshot could not be removed"));
        }
        record
    }
}
