//! The service: a follower, the executor of its steps, and the inventory.

use crate::archives::Archives;
use crate::executor::NodeExecutor;
use crate::placements::Placements;
use crate::reconcile::decided;
use crate::routes::{self, NodeContext};
use crate::shelf::Shelf;
use crate::{NodeError, NodeOptions};
use client::{GovernanceClient, Http, HttpOptions, PlatformClient};
use control::Executor;
use follower::{Follower, FollowerHealth, LookAgain, OwnKey, OwnNode, ServiceOptions, ServiceTasks, system_clock};
use model::{Instant, Service};
use service_shell::{Check, Shell, ShellOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at what serves here.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Between two looks whether the ledger was heard.
const HEAR_EVERY: Duration = Duration::from_millis(100);
/// Longest wait for an archive, milliseconds.
const DOWNLOAD_MS: u64 = 600_000;

/// Serves until `shutdown` resolves. Keeps its replica, intents, placements and releases (`store/`)
/// in its directory.
///
/// # Errors
/// When the directory, the replica or the listener cannot be used.
pub async fn run(options: NodeOptions, shutdown: impl Future<Output = ()>) -> Result<(), NodeError> {
    let NodeOptions { service, node, platform, memory_mib, keep: rule } = options;
    let ServiceOptions { dir, listener, governance, trust, key, key_file, version } = service;
    let answer_max_bytes = usize::try_from(artifact::MAX_ARCHIVE).unwrap_or(usize::MAX);
    let http = Http::with(platform, HttpOptions { timeout_ms: DOWNLOAD_MS, answer_max_bytes });
    let own = OwnKey::of(&key, &key_file);
    let governance = GovernanceClient::new(Http::new(governance));
    let follower = Follower::start(&dir, trust, governance.clone()).await?;
    let files = follower.files().clone();
    let placements = Arc::new(Placements::open(&dir, memory_mib, files.clone())?);
    let here = (Arc::clone(&placements), files);
    let platform = PlatformClient::new(http);
    let archives = Archives { platform, follower: follower.clone(), key: key.clone(), clock: system_clock() };
    let shelf = Shelf::open(&dir, archives, system_clock(), here)?;
    let executor = NodeExecutor {
        node: node.clone(),
        follower: follower.clone(),
        placements: Arc::clone(&placements),
        shelf: shelf.clone(),
    };
    let tasks = ServiceTasks::start(&dir, &follower, governance, key, executor)?;
    let listen = listener.local_addr().map_err(NodeError::Serve)?;
    let (followed, named, started) = (follower.clone(), node.clone(), (system_clock())());
    let brake = follower::brake_routes(&follower);
    let shell = Shell::new(ShellOptions::new(Service::Node.word(), version, listen))
        .limits(follower::BRAKE, follower::brake_limits())
        .limits(routes::VERIFY, routes::verify_limits())
        .ready(move || checks(&followed, &named, &own, started));
    let keeping = tokio::spawn(keep(follower.clone(), node.clone(), Arc::clone(&placements), shelf.clone()));
    let pruning = tokio::spawn(follower::prune(follower.clone(), shelf.clone(), rule, system_clock()));
    let kept = follower::store_routes(&follower, Service::Node, shelf.clone(), rule, system_clock());
    let (looks, clock) = (LookAgain::default(), system_clock());
    let context = NodeContext { node, follower, placements, shelf, looks, clock };
    let routes = routes::routes(context).merge(brake).merge(kept);
    let served = service_shell::serve(listener, shell.router(routes), shutdown).await;
    [keeping, pruning].iter().for_each(tokio::task::JoinHandle::abort);
    tasks.stop().await;
    served.map_err(NodeError::Serve)
}

/// Keeps what is derived from the ledger as the ledger says: what is placed, and the releases that serve here. What a
/// rollback could restore is hashed again whenever it looks otherwise.
async fn keep(follower: Follower, node: OwnNode, placements: Arc<Placements>, shelf: Shelf) {
    let mut changed = follower.changed();
    let (mut checked, mut watched) = (BTreeMap::new(), BTreeMap::new());
    loop {
        // The own copy may end before what this node has done since: the ledger is heard first.
        let heard = matches!(follower.health(), FollowerHealth::Following { .. });
        let state = follower.state();
        if heard && let Err(error) = placements.reconcile_once(|| decided(&state, &node)) {
            tracing::warn!(%error, "node: what is placed cannot be written down yet");
        }
        let here = || state.engines.values().filter(|engine| node.is(&state, &engine.node));
        let archives = |bundle: model::Bundle| bundle.archives().map(|(_, digest)| digest);
        let serving: BTreeSet<_> = here().filter_map(control::Engine::bundle).flat_map(archives).collect();
        let kept = here().flat_map(control::Engine::restorable).flat_map(archives);
        let kept: BTreeSet<_> = kept.filter(|digest| !serving.contains(digest)).collect();
        checked.retain(|archive, _| serving.contains(archive));
        watched.retain(|digest, _| kept.contains(digest));
        for archive in serving {
            shelf.look(archive, &mut checked).await;
        }
        for digest in kept {
            shelf.watch(digest, &mut watched).await;
        }
        // A service that is ending drops this future; a follower that is gone is such a service.
        let within = if heard { LOOK_EVERY } else { HEAR_EVERY };
        let _ = tokio::time::timeout(within, changed.changed()).await;
    }
}

fn checks(follower: &Follower, node: &OwnNode, key: &OwnKey, started: Instant) -> Vec<Check> {
    let check = |check: follower::ReadyCheck| Check::new(check.name, check.ok, check.why, check.since);
    let state = follower.state();
    let who = node.entry(&state.roster).map(|own| Executor { service: Service::Node, node: Some(own.id) });
    let own = [node.check(&state, started), key.check(&state, who.as_ref(), started)];
    follower.readiness().into_iter().chain(own.into_iter().flatten()).map(check).collect()
}
