//! Opening both ledgers, serving, and the orderly end.

use crate::clock;
use crate::event_machine::EventsMachine;
use crate::governing::Governing;
use crate::layout::Layout;
use crate::log_keys::LogKeys;
use crate::log_name::LogName;
use crate::machine::ControlMachine;
use crate::metrics::Metrics;
use crate::openings::Openings;
use crate::refusal_dedup::RepeatCounts;
use crate::search::Searches;
use crate::service::Service;
use crate::timeline::Timeline;
use crate::{GovernanceError, routes};
use ledger::blob::FileBlobs;
use ledger::{Clock, Ledger, LedgerError, Options, SystemClock};
use service_shell::{Check, RouteLimits, Shell, ShellOptions, serve};
use signed::Trust;
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Most bytes of a submitted command with its openings, its package and a governing document.
const COMMAND_MAX: usize = 512 << 10;

/// How Governance runs.
pub struct GovernanceOptions {
    /// The directory of ledger, blobs and keys.
    pub dir: PathBuf,
    /// Where it listens ([`service_shell::bind`]).
    pub listener: TcpListener,
    /// The pinned ledger.
    pub trust: Trust,
    /// A person has looked at a clock that was refused: believe it.
    pub accept_clock: bool,
    /// The product's version.
    pub version: String,
    /// Whether entry bundles and governing blobs are read without a token; absent: in a
    /// demonstration only.
    pub entries_public: Option<bool>,
    /// Ports on which this installation listens, beside this listener's: no engine may be registered on one.
    pub own_ports: Vec<u16>,
}

/// Serves until `shutdown` resolves; then what is queued is decided, covered by a checkpoint, and
/// the files are closed.
///
/// # Errors
/// When the files, keys or pinned trust do not hold together, and `Ended` when the ledger can no
/// longer write: the process must end and be started again.
pub async fn run(options: GovernanceOptions, shutdown: impl Future<Output = ()>) -> Result<(), GovernanceError> {
    let GovernanceOptions { dir, listener, trust, accept_clock, version, entries_public, own_ports } = options;
    let opening = tokio::task::spawn_blocking(move || {
        open(&dir, &trust, accept_clock, entries_public, Arc::new(SystemClock::new()))
    });
    let mut service = opening.await.map_err(task)??;
    service.own_ports.extend(own_ports);
    service.own_ports.insert(listener.local_addr().map_err(GovernanceError::Serve)?.port());
    serve_until(service, listener, version, shutdown).await
}

fn task(error: tokio::task::JoinError) -> GovernanceError {
    GovernanceError::Task(error.to_string())
}

/// Serves what was opened, until it is stopped or a ledger can no longer write.
async fn serve_until(
    service: Service,
    listener: TcpListener,
    version: String,
    shutdown: impl Future<Output = ()>,
) -> Result<(), GovernanceError> {
    let service = Arc::new(service);
    let router = shell(&service, &listener, version).map_err(GovernanceError::Serve)?;
    let ticking = tokio::spawn(clock::run(Arc::clone(&service)));
    let ended: Mutex<Option<String>> = Mutex::new(None);
    let (control, events) = (service.control.failed(), service.events.failed());
    let stop = async {
        let why = tokio::select! {
            () = shutdown => return,
            why = control => why,
            why = events => why,
        };
        *ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    };
    let served = serve(listener, router, stop).await;
    ticking.abort();
    // It was aborted; that it did not end by itself is no news.
    drop(ticking.await);
    let failed = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_none() {
        service.sum(service.now(), true).await;
        service.commit_events().await;
    }
    tokio::task::spawn_blocking(move || drop(service)).await.map_err(task)?;
    match failed {
        Some(why) => Err(GovernanceError::Ended(why)),
        None => served.map_err(GovernanceError::Serve),
    }
}

/// Reads everything back and checks it. Blocks for as long as that takes.
pub(crate) fn open(
    dir: &Path,
    trust: &Trust,
    accept_clock: bool,
    entries_public: Option<bool>,
    clock: Arc<dyn Clock>,
) -> Result<Service, GovernanceError> {
    let (keys, layout) = (LogKeys::open(dir, &trust.origin)?, Layout::of(dir));
    if !layout.control().exists() {
        return Err(GovernanceError::NotFounded(dir.to_owned()));
    }
    let blobs = Governing(Arc::new(FileBlobs::open(&layout.blobs())?));
    let [control, events] = [LogName::Control, LogName::Events].map(|name| {
        let keys = keys.of(name);
        Options { accept_clock, clock: Arc::clone(&clock), ..Options::new(keys.origin(), keys) }
    });
    let archive = layout.archive()?;
    let machine = |archive| ControlMachine::new(trust, &blobs, &keys, archive);
    let opened = Ledger::open(&layout.control(), control, machine(Some(&archive)), machine(None));
    let control_ledger = opened.map_err(|error| match error {
        LedgerError::Replay { index: 0, why } => GovernanceError::Trust(why),
        error => error.into(),
    })?;
    if control_ledger.log().size() == 0 {
        return Err(GovernanceError::NotFounded(dir.to_owned()));
    }
    if keys.of(LogName::Control).vkey().is_none() {
        return Err(GovernanceError::LogKey(dir.to_owned()));
    }
    // An idle events log says nothing about the clock; the control log's stamps do.
    let events_options = Options { accept_clock: true, ..events };
    let events_ledger = Ledger::open(&layout.events(), events_options, EventsMachine::new(), EventsMachine::new())?;
    let service = Service {
        control: control_ledger,
        events: events_ledger,
        log_keys: keys,
        blobs,
        openings: Openings::open(&layout.subjects(), trust.genesis)?.telling(archive.files()),
        archive,
        timeline: Timeline::default(),
        counted: RepeatCounts::default(),
        searches: Searches::default(),
        metrics: Metrics::default(),
        clock,
        entries_public: entries_public.unwrap_or_default(),
        own_ports: BTreeSet::new(),
        registering: tokio::sync::Mutex::default(),
    };
    let (demo, head) = service.with_state(|state| (state.demo, state.events_head));
    if let Some((size, root)) = head
        && service.events.log().root_at(size) != Some(root)
    {
        return Err(GovernanceError::EventsLost { size });
    }
    service.timeline.catch_up(&service);
    Ok(Service { entries_public: entries_public.unwrap_or(demo), ..service })
}

fn shell(service: &Arc<Service>, listener: &TcpListener, version: String) -> std::io::Result<axum::Router> {
    let since = service.now();
    let checked = Arc::downgrade(service);
    let shell = Shell::new(ShellOptions::new("governance", version, listener.local_addr()?))
        .limits("/v1/commands", RouteLimits::default().body_bytes(COMMAND_MAX))
        .limits("/v1/checkpoints/{log}", RouteLimits::default().timeout(Duration::from_secs(35)))
        .ready(move || {
            let Some(service) = checked.upgrade() else {
                return vec![Check::new("ledger", false, "it is closing", since)];
            };
            let size = service.control.log().size();
            let (ok, why) = service.openings.files().standing();
            vec![
                Check::new("ledger", true, format!("{size} entries are durable"), since),
                service.clock_check(since),
                Check::new("files", ok, why, since),
            ]
        });
    service.metrics.register(&shell.metrics());
    Ok(shell.router(routes::all(Arc::clone(service))))
}

#[cfg(test)]
mod tests;
