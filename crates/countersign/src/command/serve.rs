//! `serve`: the five services as processes, or exactly one in the foreground.

use super::{Context, service};
use crate::child::Child;
use crate::cli::ServeArgs;
use crate::config::Config;
use crate::error::{CliError, file};
use crate::home::{Home, SERVING, Serving, founded};
use crate::output;
use crate::ports::Ports;
use model::Service;
use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use supervisor::{Lock, ServiceSpec, Supervisor, SupervisorOptions, Timing};

/// How long children of a killed supervisor may take to let their ports go.
const PORTS_WITHIN: Duration = Duration::from_secs(5);

pub async fn run(context: &Context, args: ServeArgs) -> Result<(), CliError> {
    let config = Config::read(args.config.as_deref())?;
    let before = served_before(&context.home);
    let known = before.map_or(crate::ports::BASE, Ports::base);
    let base = args.base_port.or(config.base_port).unwrap_or(known);
    let ports = Ports::new(base)
        .ok_or_else(|| CliError::Usage(format!("--base-port is between 1 and {}", crate::ports::BASE_MAX)))?;
    if args.only == Some(Child::Console) {
        return service::pages(&context.home, ports, &config).await;
    }
    founded(&context.home)?;
    if let Some(Child::Service(only)) = args.only {
        tell(&context.home, ports)?;
        return service::run(&context.home, only, ports, &config, args.accept_clock).await;
    }
    // Before the ports: who serves this directory holds them too, and its name is the better answer.
    supervisor::check_free(context.home.path())?;
    check_ports(ports, &[]).await?;
    let lock = supervisor::lock(context.home.path())?;
    tell(&context.home, ports)?;
    if let Some(before) = before.filter(|before| *before != ports) {
        crate::print_line!("moved from ports {} and above, where this directory was served before", before.base());
    }
    crate::print_line!("console {}", ports.console_url());
    crate::print_line!(
        "serving {} on ports {} and above; Ctrl-C stops the services; engines keep running, until `countersign engine stop-all`",
        context.home.path().display(),
        base
    );
    let stop = supervisor::stop_signal().map_err(file("signals"))?;
    supervise(&context.home, lock, ports, args.config.clone(), args.accept_clock, stop).await
}

/// On which ports this directory was served last; none where it never was.
fn served_before(home: &Home) -> Option<Ports> {
    home.read_json::<Serving>(SERVING).ok().map(|known| known.ports)
}

/// Writes down for the command line on which ports this directory's services are.
pub fn tell(home: &Home, ports: Ports) -> Result<(), CliError> {
    let serving = Serving { ports };
    if home.read_json::<Serving>(SERVING).is_ok_and(|known| known == serving) {
        return Ok(());
    }
    home.write_json(SERVING, &serving)
}

/// Finds out before anything is written whether every port can be had. Children of a supervisor
/// that was killed a moment ago get a few seconds to end.
pub async fn check_ports(ports: Ports, engines: &[u16]) -> Result<(), CliError> {
    let services = Child::all().map(|child| ports.child(child));
    let wanted: Vec<_> =
        services.chain(engines.iter().map(|port| (std::net::Ipv4Addr::LOCALHOST, *port).into())).collect();
    let deadline = Instant::now() + PORTS_WITHIN;
    loop {
        let Some(error) = wanted.iter().find_map(|address| service_shell::bind(*address).err()) else { return Ok(()) };
        if !may_end_soon(&error) || Instant::now() > deadline {
            return Err(error.into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Held by one of ours, or by nobody who can be seen: a process in its last moments has its port
/// still and no open files any more.
fn may_end_soon(error: &service_shell::BindError) -> bool {
    let ours =
        std::env::current_exe().ok().and_then(|exe| exe.file_name().map(|name| name.to_string_lossy().into_owned()));
    match error {
        service_shell::BindError::InUse { holder: Some(holder), .. } => ours.is_some_and(|ours| holder.command == ours),
        service_shell::BindError::InUse { holder: None, .. } => true,
        _ => false,
    }
}

/// Supervises the five and the console until `stop`.
pub async fn supervise(
    home: &Home,
    lock: Lock,
    ports: Ports,
    config: Option<PathBuf>,
    accept_clock: bool,
    stop: impl Future<Output = ()>,
) -> Result<(), CliError> {
    let exe = std::env::current_exe().map_err(file("current executable"))?;
    let config = config.map(|path| std::path::absolute(&path).map_err(file(&path))).transpose()?;
    let spec = |child: Child| {
        let mut args = vec!["serve".to_owned(), "--only".to_owned(), child.to_string()];
        args.extend(["--dir".to_owned(), home.path().display().to_string()]);
        args.extend(["--base-port".to_owned(), ports.base().to_string()]);
        args.extend(config.iter().flat_map(|path| ["--config".to_owned(), path.display().to_string()]));
        // Both write a log of their own.
        let writes = [Service::Governance, Service::Platform].map(Child::Service).contains(&child);
        args.extend((accept_clock && writes).then(|| "--accept-clock".to_owned()));
        ServiceSpec { name: child.to_string(), args, probe: ports.child(child) }
    };
    let refusing = |name: &str, cause: &[String]| {
        output::note(&format_args!("warning: {name} refused to start, the others go on: {}", cause.join(" / ")));
    };
    let services = Child::all().map(spec).collect();
    let options = SupervisorOptions { exe, services, timing: Timing::default() };
    Ok(Supervisor::run(lock, options, refusing, stop).await?)
}
