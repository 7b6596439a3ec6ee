//! `serve --only X`: exactly one service in this process.

use super::pages;
use crate::child::Child;
use crate::config::Config;
use crate::error::CliError;
use crate::home::Home;
use crate::log_line::OneLine;
use crate::ports::Ports;
use engine::{EngineOptions, RunAs, Timing};
use follower::{OwnNode, ServiceOptions};
use governance::GovernanceOptions;
use model::Service;
use node::NodeOptions;
use platform::PlatformOptions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tracing_subscriber::EnvFilter;

/// Runs it until a signal, or until the supervisor that started it is gone.
pub async fn run(
    home: &Home,
    service: Service,
    ports: Ports,
    config: &Config,
    accept_clock: bool,
) -> Result<(), CliError> {
    log(config);
    let listener = service_shell::bind(ports.service(service))?;
    let trust = home.trust(None)?;
    let stop = stop()?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let ended = |error: String| CliError::Service(service, error);
    if service == Service::Governance {
        // Leaves and governing blobs hold no free text and no personal data, and every service must read them; closing
        // them to strangers needs each follower to sign what it reads, which this build does not do.
        let entries_public = Some(true);
        let own_ports = Child::all().map(|child| ports.child(child).port()).collect();
        let dir = home.governance();
        let options = GovernanceOptions { dir, listener, trust, accept_clock, version, entries_public, own_ports };
        return Ok(governance::run(options, stop).await?);
    }
    let dir = home.create_dir(service.word())?;
    let key = home.open_service_key(service)?;
    let governance = ports.url(Service::Governance);
    let node = OwnNode::named(config.node.clone());
    let key_file = home.service_key(service);
    let options = ServiceOptions { dir, listener, governance, trust, key, key_file, version };
    let keep = config.keep().map_err(ended)?;
    match service {
        // INVARIANT: Governance has no follower and returned above.
        Service::Governance => Err(ended("it is not started as a follower".to_owned())),
        Service::Platform => {
            let options = PlatformOptions { service: options, keep, accept_clock };
            platform::run(options, stop).await.map_err(|error| ended(error.to_string()))
        }
        Service::Node => {
            let platform = ports.url(Service::Platform);
            let options = NodeOptions { service: options, node, platform, memory_mib: config.node_memory_mib, keep };
            node::run(options, stop).await.map_err(|error| ended(error.to_string()))
        }
        Service::Engine => {
            let options = EngineOptions {
                service: options,
                node,
                store: home.join("node/store"),
                program: PathBuf::from("/proc/self/exe"),
                run_as: run_as(home),
                platform: Some((ports.url(Service::Platform), ports.service(Service::Platform).port())),
                timing: Timing::default(),
            };
            engine::run(options, stop).await.map_err(|error| ended(error.to_string()))
        }
        Service::Integration => integration::run(options, stop).await.map_err(|error| ended(error.to_string())),
    }
}

/// The console in this process.
pub async fn pages(home: &Home, ports: Ports, config: &Config) -> Result<(), CliError> {
    log(config);
    pages::run(home, ports, stop()?).await
}

fn stop() -> Result<impl Future<Output = ()>, CliError> {
    let signal = supervisor::stop_signal().map_err(crate::error::file("signals"))?;
    Ok(async move {
        tokio::select! {
            () = signal => {}
            () = supervisor::parent_gone() => {}
        }
    })
}

/// Users of their own for the engines, where they can reach their releases: every directory above
/// must let them pass. Otherwise they run as this user, and Engine Runtime's pages name that.
fn run_as(home: &Home) -> Option<RunAs> {
    let path = std::path::absolute(home.path()).unwrap_or_else(|_| home.path().to_owned());
    let passable = |dir: &Path| std::fs::metadata(dir).is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0);
    match path.ancestors().find(|dir| !passable(dir)) {
        None => RunAs::if_root(),
        Some(closed) => {
            tracing::warn!(dir = %closed.display(), "serve: engines run as this user: no other can pass this directory");
            None
        }
    }
}

fn log(config: &Config) {
    let filter = EnvFilter::try_from_env("COUNTERSIGN_LOG").or_else(|_| EnvFilter::try_new(&config.log));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = supervisor::LogLines::of_this_process();
    let fmt = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    // A complaint about a line that was not written would go to the same place, and end whoever wrote it.
    fmt.log_internal_errors(false).with_writer(move || OneLine(lines.clone())).init();
}
