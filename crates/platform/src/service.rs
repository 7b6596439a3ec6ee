//! The service: a follower, the executor of its steps, and the routes.

use crate::executor::PlatformExecutor;
use crate::leases::{self, BesideLedger, Decided, Leases};
use crate::manifests::LastManifest;
use crate::routes::{self, PlatformContext};
use crate::shelf::Shelf;
use crate::{PlatformError, certify};
use client::{GovernanceClient, Http};
use control::{Executor, KeepRule};
use follower::{Follower, LookAgain, OwnKey, ServiceOptions, ServiceTasks, system_clock};
use lease_journal::{Journal, JournalOptions, SystemClock};
use model::{Instant, Service};
use service_shell::{Check, Shell, ShellOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Reports that may wait to be delivered.
const REPORTS_MAX: usize = 64;
/// Between two looks at what a rollback could need.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What it is started with beside what every service is.
pub struct PlatformOptions {
    /// What every service is started with.
    pub service: ServiceOptions,
    /// By which artifacts are dropped that nothing needs.
    pub keep: KeepRule,
    /// A person has looked at a clock that the journal of leases refused: believe it.
    pub accept_clock: bool,
}

/// Serves until `shutdown` resolves. Keeps its replica, intents and artifacts in its directory, and drops
/// of the artifacts what nothing needs.
///
/// # Errors
/// When the directory, the replica or the listener cannot be used.
pub async fn run(options: PlatformOptions, shutdown: impl Future<Output = ()>) -> Result<(), PlatformError> {
    let PlatformOptions { service, keep, accept_clock } = options;
    let ServiceOptions { dir, listener, governance, trust, key, key_file, version } = service;
    let own = OwnKey::of(&key, &key_file);
    let governance = GovernanceClient::new(Http::new(governance));
    let origin = format!("{}/leases", trust.origin);
    let follower = Follower::start(&dir, trust, governance.clone()).await?;
    let (place, files) = (dir.clone(), follower.files().clone());
    let shelf = opened(move || Ok(Shelf::open(&place, files)?)).await?;
    let (told, reports) = tokio::sync::mpsc::channel(REPORTS_MAX);
    let clock = Arc::new(BesideLedger { follower: follower.clone(), own: SystemClock });
    let journal = JournalOptions { clock, accept_clock, ..JournalOptions::new(origin) };
    let place = dir.join("leases");
    let journal = opened(move || Ok(Journal::open(&place, journal)?)).await?;
    // Before anything is granted: what was lost of it would be granted again.
    if leases::shown(&follower.state(), &journal).is_err() {
        tracing::error!("platform: no cycles are granted until the journal of leases is restored");
    }
    let executor = PlatformExecutor { shelf: shelf.clone(), journal: journal.clone() };
    let tasks = ServiceTasks::start_with(&dir, &follower, governance, key, executor, Some(reports))?;
    let certifier = tokio::spawn(certify::keep(follower.clone(), shelf.clone(), told.clone()));
    let pruning = tokio::spawn(follower::prune(follower.clone(), shelf.clone(), keep, system_clock()));
    let totals = tokio::spawn(leases::keep(follower.clone(), journal.clone(), system_clock(), told));
    let expiring = journal.clone();
    let expiry = tokio::spawn(async move { expiring.keep_expiring().await });
    let listen = listener.local_addr().map_err(PlatformError::Serve)?;
    let (followed, started) = (follower.clone(), (system_clock())());
    let rights = Decided { follower: follower.clone(), clock: system_clock() };
    let leases = Leases::new(journal.clone(), rights);
    let checked = leases.clone();
    let brake = follower::brake_routes(&follower);
    let shell = Shell::new(ShellOptions::new(Service::Platform.word(), version, listen))
        .limits(follower::BRAKE, follower::brake_limits())
        .limits(routes::TAR, routes::tar_limits())
        .limits(routes::VERIFY, routes::verify_limits())
        .ready(move || {
            let mut all = checks(&followed, &own, started);
            all.push(checked.check(started));
            all
        });
    let shell = leases.in_shell(shell);
    let kept = follower::store_routes(&follower, Service::Platform, shelf.clone(), keep, system_clock());
    let watching = tokio::spawn(watch(follower.clone(), shelf.clone()));
    let context = PlatformContext {
        follower,
        shelf,
        clock: system_clock(),
        looks: LookAgain::default(),
        manifests: LastManifest::default(),
    };
    let routes = routes::routes(context).merge(brake).merge(leases.routes()).merge(kept);
    // A journal that cannot be written any more ends the process: the start that follows finds out what it holds.
    let failed = Arc::new(Mutex::new(None));
    let (fails, why) = (journal.failed(), Arc::clone(&failed));
    let ends = async move {
        tokio::select! {
            () = shutdown => {}
            reason = fails => *why.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason),
        }
    };
    let served = service_shell::serve(listener, shell.router(routes), ends).await;
    [certifier, totals, expiry, pruning, watching].iter().for_each(tokio::task::JoinHandle::abort);
    tasks.stop().await;
    let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
    failed.map_or(Ok(()), |why| Err(PlatformError::JournalFailed(why)))?;
    served.map_err(PlatformError::Serve)
}

/// Opens what may have much to read, away from the threads on which the follower runs already.
async fn opened<T: Send + 'static>(
    open: impl FnOnce() -> Result<T, PlatformError> + Send + 'static,
) -> Result<T, PlatformError> {
    tokio::task::spawn_blocking(open).await.map_err(|error| PlatformError::Broken(error.to_string()))?
}

/// Reads what a rollback could restore again whenever it looks otherwise.
async fn watch(follower: Follower, shelf: Shelf) {
    let mut due = tokio::time::interval(LOOK_EVERY);
    let mut seen = BTreeMap::new();
    loop {
        due.tick().await;
        let state = follower.state();
        let restorable = state.engines.values().flat_map(control::Engine::restorable);
        let kept: BTreeSet<_> = restorable.flat_map(|bundle| bundle.archives().map(|(_, digest)| digest)).collect();
        seen.retain(|digest, _| kept.contains(digest));
        for digest in kept {
            shelf.watch(digest, &mut seen).await;
        }
    }
}

fn checks(follower: &Follower, key: &OwnKey, started: Instant) -> Vec<Check> {
    let check = |check: follower::ReadyCheck| Check::new(check.name, check.ok, check.why, check.since);
    let own = key.check(&follower.state(), Some(&Executor { service: Service::Platform, node: None }), started);
    follower.readiness().into_iter().chain(own).map(check).collect()
}
