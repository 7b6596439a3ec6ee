//! The service: a follower, the executor of its steps, and the inventory.

use crate::executor::NodeExecutor;
use crate::placements::Placements;
use crate::routes::{self, NodeContext};
use crate::shelf::Shelf;
use crate::{NodeError, NodeOptions};
use client::{GovernanceClient, Http, HttpOptions, PlatformClient};
use follower::{Follower, OwnNode, ServiceOptions, ServiceTasks, system_clock};
use model::{Instant, Service};
use service_shell::{Check, Shell, ShellOptions};
use std::sync::Arc;

/// Longest wait for an archive, milliseconds.
const DOWNLOAD_MS: u64 = 300_000;

/// Serves until `shutdown` resolves. Keeps its replica, intents, placements and releases (`store/`)
/// in its directory.
///
/// # Errors
/// When the directory, the replica or the listener cannot be used, or it is not known what is placed.
pub async fn run(options: NodeOptions, shutdown: impl Future<Output = ()>) -> Result<(), NodeError> {
    let NodeOptions { service, node, platform, memory_mib } = options;
    let ServiceOptions { dir, listener, governance, trust, key, version } = service;
    let answer_max_bytes = usize::try_from(artifact::MAX_BYTES).unwrap_or(usize::MAX).saturating_add(8 << 20);
    let http = Http::with(platform, HttpOptions { timeout_ms: DOWNLOAD_MS, answer_max_bytes });
    let shelf = Shelf::open(&dir, PlatformClient::new(http), system_clock())?;
    let placements = Arc::new(Placements::open(&dir, memory_mib)?);
    let governance = GovernanceClient::new(Http::new(governance));
    let follower = Follower::start(&dir, trust, governance.clone()).await?;
    let executor = NodeExecutor { node: node.clone(), placements: Arc::clone(&placements), shelf: shelf.clone() };
    let tasks = ServiceTasks::start(&dir, &follower, governance, key, executor)?;
    let listen = listener.local_addr().map_err(NodeError::Serve)?;
    let (followed, own, started) = (follower.clone(), node.clone(), (system_clock())());
    let brake = follower::brake_routes(&follower);
    let shell = Shell::new(ShellOptions::new(Service::Node.word(), version, listen))
        .limits(follower::BRAKE, follower::brake_limits())
        .ready(move || checks(&followed, &own, started));
    let context = NodeContext { node, follower, placements, shelf };
    let served = service_shell::serve(listener, shell.router(routes::routes(context).merge(brake)), shutdown).await;
    tasks.stop().await;
    served.map_err(NodeError::Serve)
}

fn checks(follower: &Follower, node: &OwnNode, started: Instant) -> Vec<Check> {
    let check = |check: follower::ReadyCheck| Check::new(check.name, check.ok, check.why, check.since);
    follower.readiness().into_iter().chain(node.check(&follower.state(), started)).map(check).collect()
}
