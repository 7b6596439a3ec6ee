//! The service: a follower, the executor of its steps, and the routes.

use crate::executor::PlatformExecutor;
use crate::leases::{self, Decided, Leases};
use crate::routes::{self, PlatformContext};
use crate::shelf::Shelf;
use crate::{PlatformError, certify};
use client::{GovernanceClient, Http};
use control::Executor;
use follower::{Follower, OwnKey, ServiceOptions, ServiceTasks, system_clock};
use lease_journal::{Journal, JournalOptions};
use model::{Instant, Service};
use service_shell::{Check, Shell, ShellOptions};
use std::sync::{Arc, Mutex, PoisonError};

/// Reports that may wait to be delivered.
const REPORTS_MAX: usize = 64;

/// Serves until `shutdown` resolves. Keeps its replica, intents and artifacts in its directory.
///
/// # Errors
/// When the directory, the replica or the listener cannot be used.
pub async fn run(options: ServiceOptions, shutdown: impl Future<Output = ()>) -> Result<(), PlatformError> {
    let ServiceOptions { dir, listener, governance, trust, key, key_file, version } = options;
    let own = OwnKey::of(&key, &key_file);
    let governance = GovernanceClient::new(Http::new(governance));
    let journal = JournalOptions::new(format!("{}/leases", trust.origin));
    let follower = Follower::start(&dir, trust, governance.clone()).await?;
    let shelf = Shelf::open(&dir, follower.files().clone())?;
    let (told, reports) = tokio::sync::mpsc::channel(REPORTS_MAX);
    let journal = Journal::open(&dir.join("leases"), journal)?;
    // Before anything is granted: what was lost of it would be granted again.
    if leases::shown(&follower.state(), &journal).is_err() {
        tracing::error!("platform: no cycles are granted until the journal of leases is restored");
    }
    let executor = PlatformExecutor { shelf: shelf.clone(), journal: journal.clone() };
    let tasks = ServiceTasks::start_with(&dir, &follower, governance, key, executor, Some(reports))?;
    let certifier = tokio::spawn(certify::keep(follower.clone(), shelf.clone(), told.clone()));
    let totals = tokio::spawn(leases::keep(follower.clone(), journal.clone(), told));
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
        .ready(move || {
            let mut all = checks(&followed, &own, started);
            all.push(checked.check(started));
            all
        });
    let shell = leases.in_shell(shell);
    let context = PlatformContext { follower, shelf, clock: system_clock() };
    let routes = routes::routes(context).merge(brake).merge(leases.routes());
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
    [certifier, totals, expiry].iter().for_each(tokio::task::JoinHandle::abort);
    tasks.stop().await;
    let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
    failed.map_or(Ok(()), |why| Err(PlatformError::JournalFailed(why)))?;
    served.map_err(PlatformError::Serve)
}

fn checks(follower: &Follower, key: &OwnKey, started: Instant) -> Vec<Check> {
    let check = |check: follower::ReadyCheck| Check::new(check.name, check.ok, check.why, check.since);
    let own = key.check(&follower.state(), Some(&Executor { service: Service::Platform, node: None }), started);
    follower.readiness().into_iter().chain(own).map(check).collect()
}
