//! The service: a follower, the executor of its steps, and the routes.

use crate::PlatformError;
use crate::executor::PlatformExecutor;
use crate::routes::{self, PlatformContext};
use crate::shelf::Shelf;
use client::{GovernanceClient, Http};
use control::Executor;
use follower::{Follower, OwnKey, ServiceOptions, ServiceTasks, system_clock};
use model::{Instant, Service};
use service_shell::{Check, Shell, ShellOptions};

/// Serves until `shutdown` resolves. Keeps its replica, intents and artifacts in its directory.
///
/// # Errors
/// When the directory, the replica or the listener cannot be used.
pub async fn run(options: ServiceOptions, shutdown: impl Future<Output = ()>) -> Result<(), PlatformError> {
    let ServiceOptions { dir, listener, governance, trust, key, key_file, version } = options;
    let own = OwnKey::of(&key, &key_file);
    let governance = GovernanceClient::new(Http::new(governance));
    let follower = Follower::start(&dir, trust, governance.clone()).await?;
    let shelf = Shelf::open(&dir, follower.files().clone())?;
    let tasks = ServiceTasks::start(&dir, &follower, governance, key, PlatformExecutor(shelf.clone()))?;
    let listen = listener.local_addr().map_err(PlatformError::Serve)?;
    let (followed, started) = (follower.clone(), (system_clock())());
    let brake = follower::brake_routes(&follower);
    let shell = Shell::new(ShellOptions::new(Service::Platform.word(), version, listen))
        .limits(follower::BRAKE, follower::brake_limits())
        .limits(routes::TAR, routes::tar_limits())
        .ready(move || checks(&followed, &own, started));
    let context = PlatformContext { follower, shelf, clock: system_clock() };
    let served = service_shell::serve(listener, shell.router(routes::routes(context).merge(brake)), shutdown).await;
    tasks.stop().await;
    served.map_err(PlatformError::Serve)
}

fn checks(follower: &Follower, key: &OwnKey, started: Instant) -> Vec<Check> {
    let check = |check: follower::ReadyCheck| Check::new(check.name, check.ok, check.why, check.since);
    let own = key.check(&follower.state(), Some(&Executor { service: Service::Platform, node: None }), started);
    follower.readiness().into_iter().chain(own).map(check).collect()
}
