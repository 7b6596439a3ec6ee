//! The service: a follower, the executor of its checks, and what it says of the bindings.

use crate::IntegrationError;
use crate::bindings::Bindings;
use crate::executor::IntegrationExecutor;
use crate::routes::{self, IntegrationContext};
use client::{GovernanceClient, Http};
use control::Executor;
use follower::{Follower, OwnKey, ServiceOptions, ServiceTasks, system_clock};
use model::{Instant, Service};
use service_shell::{Check, Shell, ShellOptions};

/// Serves until `shutdown` resolves. Keeps its replica and intents in its directory, and reads
/// `bindings.json` there.
///
/// # Errors
/// When the directory, the replica or the listener cannot be used.
pub async fn run(options: ServiceOptions, shutdown: impl Future<Output = ()>) -> Result<(), IntegrationError> {
    let ServiceOptions { dir, listener, governance, trust, key, key_file, version } = options;
    let bindings = Bindings::of(&dir);
    let own = OwnKey::of(&key, &key_file);
    let governance = GovernanceClient::new(Http::new(governance));
    let follower = Follower::start(&dir, trust, governance.clone()).await?;
    let tasks = ServiceTasks::start(&dir, &follower, governance, key, IntegrationExecutor(bindings.clone()))?;
    let listen = listener.local_addr().map_err(IntegrationError::Serve)?;
    let (followed, started) = (follower.clone(), (system_clock())());
    let brake = follower::brake_routes(&follower);
    let shell = Shell::new(ShellOptions::new(Service::Integration.word(), version, listen))
        .limits(follower::BRAKE, follower::brake_limits())
        .ready(move || checks(&followed, &own, started));
    let context = IntegrationContext { follower, bindings, clock: system_clock() };
    let served = service_shell::serve(listener, shell.router(routes::routes(context).merge(brake)), shutdown).await;
    tasks.stop().await;
    served.map_err(IntegrationError::Serve)
}

fn checks(follower: &Follower, key: &OwnKey, started: Instant) -> Vec<Check> {
    let check = |check: follower::ReadyCheck| Check::new(check.name, check.ok, check.why, check.since);
    let own = key.check(&follower.state(), Some(&Executor { service: Service::Integration, node: None }), started);
    follower.readiness().into_iter().chain(own).map(check).collect()
}
