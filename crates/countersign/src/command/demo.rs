//! `demo`: a whole company on this machine, a way in, and real outages of it.

mod open;
mod standing;

use super::{Context, init, key, login, sample, serve};
use crate::child::Child;
use crate::cli::{DemoArgs, DemoCommand};
use crate::clock;
use crate::error::{CliError, file};
use crate::home::Home;
use crate::output;
use crate::ports::Ports;
use client::{GovernanceClient, Http, PlatformClient, Signer};
use control::side_ports;
use demo::{Cast, DemoFile, LogEntry, PERSONAS, PersonaEntry, Releases, ServiceUrls, Tokens, World};
use desk::Desk;
use follower::Follower;
use model::{Scope, Service};
use signed::{Trust, ssh};
use std::path::{Path, PathBuf};
use std::time::Instant;
use supervisor::{Request, Response};
use tokio::sync::oneshot;

/// Clocks of the demonstration, milliseconds: short enough to be waited for.
const DEMO_COOLING_MS: i64 = 60_000;
const DEMO_SOAK_MS: i64 = 500;
const DEMO_REVIEW_MS: i64 = 900_000;

/// Life of the demonstration's tokens, milliseconds (30 days).
const TOKEN_MS: i64 = 30 * 24 * 3_600_000;
/// Memory of the release that has no room on the node, MiB.
const LARGE_MIB: u32 = 2_048;
const RELEASE_MIB: u32 = 256;

pub async fn run(context: &Context, args: DemoArgs) -> Result<(), CliError> {
    match args.command {
        None => build_and_serve(context, args.base_port, args.fresh).await,
        Some(DemoCommand::Open { persona }) => open::run(context, &persona).await,
        Some(DemoCommand::Stop { service }) => {
            outage(context, service, Request::Stop { name: service.to_string() }).await
        }
        Some(DemoCommand::Start { service }) => {
            outage(context, service, Request::Start { name: service.to_string() }).await
        }
    }
}

async fn build_and_serve(context: &Context, base_port: u16, fresh: bool) -> Result<(), CliError> {
    let ports = Ports::new(base_port)
        .ok_or_else(|| CliError::Usage(format!("--base-port is between 1 and {}", crate::ports::BASE_MAX)))?;
    let home = &context.home;
    let ours = home.check()?;
    if ours {
        refuse_real(home)?;
    }
    // All that can be refused is refused before anything is deleted or written.
    supervisor::check_free(home.path())?;
    // Engines of an earlier, killed demonstration are ours too: they hold the shop's ports.
    let engines = engine_ports(ports);
    let running = home.join("serve.lock").exists() && home.join("engine").exists();
    serve::check_ports(ports, if running { &[] } else { &engines }).await?;
    if fresh && ours {
        clear(home)?;
    }
    let started = Instant::now();
    home.create()?;
    let lock = supervisor::lock(home.path())?;
    let trust = found(home).await?;
    serve::tell(home, ports)?;
    // Heard from here on to the end: a signal between two listeners would be lost.
    let signal = supervisor::stop_signal().map_err(file("signals"))?;
    tokio::pin!(signal);
    let (stop, stopped) = oneshot::channel::<()>();
    let mut services = {
        let home = home.clone();
        tokio::spawn(async move {
            // Whoever starts a demonstration again after weeks means this machine's clock, and starts it by hand.
            serve::supervise(&home, lock, ports, None, true, async move {
                // A dropped sender means the demonstration is ending: stop either way.
                let _ = stopped.await;
            })
            .await
        })
    };
    let outcome = tokio::select! {
        shown = show(home, ports, &trust, started) => match shown {
            Ok(()) => tokio::select! {
                () = &mut signal => end(services, stop).await,
                ended = &mut services => services_ended(ended),
            },
            Err(error) => end(services, stop).await.and(Err(error)),
        },
        () = &mut signal => end(services, stop).await,
        // When every process refuses to start, there is nothing to go on with.
        ended = &mut services => services_ended(ended),
    };
    crate::print_line!("stopping");
    let stopped =
        engine::stop_all(&home.join("engine")).map_err(|error| CliError::Service(Service::Engine, error.to_string()));
    outcome.and(stopped.map(|_| ()))
}

/// Refuses a directory whose ledger is not a demonstration: nothing of it is stopped, built on or deleted.
fn refuse_real(home: &Home) -> Result<(), CliError> {
    let begun = home.is_founded() || home.join(crate::home::DRAFT).exists();
    // The personas' keys stand for a genesis that cannot be read.
    let demo = || founded_as_demo(home).unwrap_or_else(|| home.join("personas").exists());
    if begun && !demo() {
        return Err(CliError::Refused(format!(
            "{} is a ledger of real people, not a demonstration; choose another with `--dir DIR`",
            home.path().display()
        )));
    }
    Ok(())
}

/// Waits for the processes, builds what is not there yet, and says what there is. While not all of them work, it says
/// which and goes on when they do. An error only where nothing was ever built: then there is nothing to go on with.
async fn show(home: &Home, ports: Ports, trust: &Trust, started: Instant) -> Result<(), CliError> {
    let stood = home.join("demo.json").exists();
    crate::print_line!("{:>6.1} s  wait for the five services", started.elapsed().as_secs_f64());
    let ailing = standing::ailing(home, ports).await?;
    if !ailing.is_empty() {
        standing::print(home, &ailing);
        standing::whole(home, ports).await?;
    }
    match build(home, ports, trust, started).await {
        Ok((file, world)) => print(home, &file, &world, started).await,
        Err(error) if stood => {
            output::error(&error);
            crate::print_line!("\nwhat was built before goes on, the shops too; Ctrl-C stops everything");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What leaf 0 says, or the genesis that waits for its signatures; none when neither can be read.
pub(super) fn founded_as_demo(home: &Home) -> Option<bool> {
    if !home.is_founded() {
        return init::is_demo(home);
    }
    let log = ledger::read::LogReader::open(&home.governance().join("control")).ok()?;
    let (_, first) = log.entries().next()?.ok()?;
    match control::Leaf::decode(&first.leaf).ok()?.command {
        control::Command::Genesis { genesis, .. } => Some(genesis.demo),
        _ => None,
    }
}

type Services = tokio::task::JoinHandle<Result<(), CliError>>;

fn services_ended(ended: Result<Result<(), CliError>, tokio::task::JoinError>) -> Result<(), CliError> {
    ended.unwrap_or_else(|error| Err(CliError::Refused(format!("the supervisor ended: {error}"))))
}

async fn end(services: Services, stop: oneshot::Sender<()>) -> Result<(), CliError> {
    drop(stop);
    services_ended(services.await)
}

fn engine_ports(ports: Ports) -> Vec<u16> {
    let fronts = [0, 1].map(|n| ports.engine(n));
    fronts.into_iter().chain(fronts.into_iter().filter_map(side_ports).flatten()).collect()
}

/// Deletes an earlier demonstration that is not running: engines first, then the directory.
fn clear(home: &Home) -> Result<(), CliError> {
    let lock = supervisor::lock(home.path())?;
    if home.join("engine").exists() {
        engine::stop_all(&home.join("engine"))
            .map_err(|error| CliError::Service(Service::Engine, error.to_string()))?;
    }
    drop(lock);
    crate::print_line!("deleting the earlier demonstration in {}", home.path().display());
    std::fs::remove_dir_all(home.path()).map_err(file(home.path()))
}

/// The demonstration's kinds: the standard ones, with clocks that somebody who tries them can wait for.
fn demo_kinds() -> control::KindTable {
    let mut kinds = control::KindTable::standard();
    for kind in &mut kinds.kinds {
        if kind.cooling_ms > 0 {
            kind.cooling_ms = DEMO_COOLING_MS;
        }
        if kind.soak_ms > 0 {
            kind.soak_ms = DEMO_SOAK_MS;
        }
        if let Some(review) = &mut kind.review {
            review.within_ms = DEMO_REVIEW_MS;
        }
    }
    kinds
}

/// Founds the ledger with the personas' keys, once.
async fn found(home: &Home) -> Result<Trust, CliError> {
    if home.is_founded() {
        return home.trust(None);
    }
    crate::print_line!("founding a ledger for {} people", PERSONAS.len());
    let dir = home.create_dir("personas")?;
    let mut founders = vec![];
    for persona in PERSONAS {
        let path = dir.join(persona.file);
        let openssh = if path.exists() { Signer::from_file(&path)?.public()? } else { key::new(&path, persona.file)? };
        founders.push(init::Founder { name: persona.name.to_owned(), roles: persona.roles.to_vec(), openssh });
    }
    let node = "prod-node-01".parse().expect("`prod-node-01` is a token");
    if !home.join(crate::home::DRAFT).exists() {
        let settings = vec![control::Setting::Kinds(demo_kinds())];
        let plan = init::Plan { founders, need: None, services: vec![], console: None, node, settings, demo: true };
        init::prepare(home, plan)?;
    }
    for persona in PERSONAS {
        init::add_signature(home, &dir.join(persona.file))?;
    }
    init::finish(home).await
}

async fn desk_of(home: &Home, ports: Ports, follower: &Follower, file: &str) -> Result<Desk, CliError> {
    let governance = GovernanceClient::new(Http::new(ports.url(Service::Governance)));
    let platform = PlatformClient::new(Http::new(ports.url(Service::Platform)));
    let signer = Signer::from_file(&home.join("personas").join(file))?;
    let desk = Desk::open(governance, platform, follower.clone(), signer, clock::now).await?;
    Ok(desk.sign_in().await?)
}

fn pack(home: &Home) -> Result<Releases, CliError> {
    let dir = home.create_dir("releases")?;
    let packed = |name: &str, release: &str, memory_mib| {
        let path = dir.join(name);
        // Packed once: another build's executable would be another release.
        if !path.exists() {
            sample::storefront(release, &path, memory_mib)?;
        }
        Ok::<PathBuf, CliError>(path)
    };
    Ok(Releases {
        fallback: packed("storefront-2026.02.tar", "2026.02", RELEASE_MIB)?,
        next: packed("storefront-2026.03.1.tar", "2026.03.1", RELEASE_MIB)?,
        large: packed("storefront-2026.03.1-large.tar", "2026.03.1", LARGE_MIB)?,
        theme_before: sample::theme("2026.02", &dir)?,
        theme: sample::theme("2026.03", &dir)?,
    })
}

async fn build(home: &Home, ports: Ports, trust: &Trust, started: Instant) -> Result<(DemoFile, World), CliError> {
    let say = |text: &str| crate::print_line!("{:>6.1} s  {text}", started.elapsed().as_secs_f64());
    say("pack the releases");
    let releases = pack(home)?;
    let governance = GovernanceClient::new(Http::new(ports.url(Service::Governance)));
    let replica = home.create_dir("cli/replica")?;
    let follower = Follower::open_shared(&replica, trust, governance)?;
    let (operator_1, operator_2) = (
        desk_of(home, ports, &follower, PERSONAS[0].file).await?,
        desk_of(home, ports, &follower, PERSONAS[1].file).await?,
    );
    let finance_1 = desk_of(home, ports, &follower, PERSONAS[2].file).await?;
    let cast = Cast { operator_1, operator_2, finance_1 };
    let world = demo::build(&cast, &releases, [ports.engine(0), ports.engine(1)], say).await?;
    let tokens = tokens(home, &cast).await?;
    let personas = PERSONAS.iter().map(|persona| entry(home, &follower, persona)).collect::<Result<_, _>>()?;
    let url = |service| ports.url(service);
    let file = DemoFile {
        console: ports.console_url(),
        services: ServiceUrls {
            governance: url(Service::Governance),
            platform: url(Service::Platform),
            node: url(Service::Node),
            engine: url(Service::Engine),
            integration: url(Service::Integration),
        },
        engines: world.engines.clone(),
        log: LogEntry {
            origin: format!("{}/control", trust.origin),
            vkey: trust.log_keys.first().cloned().unwrap_or_default(),
            url: format!("{}/log/control/", url(Service::Governance)),
        },
        trust: absolute(&home.trust_path()),
        personas,
        tokens,
    };
    home.write_json("demo.json", &file)?;
    Ok((file, world))
}

/// The tokens of an earlier start, as long as they are good.
async fn tokens(home: &Home, cast: &Cast) -> Result<Tokens, CliError> {
    let desk = &cast.operator_1;
    if let Ok(known) = home.read_json::<DemoFile>("demo.json") {
        let state = desk.follower().state();
        let good = |token: &str| state.session(&model::Digest::of_bytes(token.as_bytes()), desk.now()).is_some();
        if good(&known.tokens.read) && good(&known.tokens.ingest) {
            return Ok(known.tokens);
        }
    }
    let read = desk.credential(Scope::Read, TOKEN_MS).await?;
    Ok(Tokens { read, ingest: desk.credential(Scope::Ingest, TOKEN_MS).await? })
}

fn entry(home: &Home, follower: &Follower, persona: &demo::Persona) -> Result<PersonaEntry, CliError> {
    let key_file = absolute(&home.join("personas").join(persona.file));
    let id = ssh::key_id(&Signer::from_file(&key_file)?.public()?)?;
    let state = follower.state();
    let owner = state.roster.people.iter().find(|person| person.keys.iter().any(|key| key.id == id));
    let person = owner
        .map(|person| person.id)
        .ok_or_else(|| CliError::Usage(format!("{} is not on the roster", persona.name)))?;
    Ok(PersonaEntry { name: persona.name.to_owned(), person, roles: persona.roles.to_vec(), key_file })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

async fn print(home: &Home, file: &DemoFile, world: &World, started: Instant) {
    let dir = absolute(home.path());
    let exe = std::env::current_exe().map_or_else(|_| "countersign".to_owned(), |path| output::word(&path));
    let dir_flag = format!("--dir {}", output::word(&dir));
    let persona = |n: usize| output::word(&dir.join("personas").join(PERSONAS[n].file));
    crate::print_line!(
        "\nready after {:.1} s. This is a demonstration: the personas' keys lie in {}/personas.",
        started.elapsed().as_secs_f64(),
        dir.display()
    );
    way_in(home, file, &format!("{exe} demo open {dir_flag}")).await;
    crate::print_line!("  {:<18} {}", "Console", file.console);
    for engine in &file.engines {
        crate::print_line!("  {:<18} {}  ({})", engine.name, engine.url, engine.tenant);
    }
    crate::print_line!("  {:<18} {}", "Governance", file.services.governance);
    crate::print_line!("\npersonas");
    for persona in &file.personas {
        crate::print_line!("  {:<22} {}", persona.name, persona.key_file.display());
    }
    if world.was_run {
        crate::print_line!("\nPOD Engine Alpha's deployment of 2026.03.1 has been run: {}", file.engines[0].url);
        crate::print_line!("take it back, by two people and with a reason:");
    } else {
        crate::print_line!("\ncarry POD Engine Alpha on to 2026.03.1:");
        crate::print_line!("  {exe} change run {} --key {} {dir_flag}", world.deployment, persona(0));
        crate::print_line!("  then open {}", file.engines[0].url);
        crate::print_line!("and back, by two people and with a reason:");
    }
    crate::print_line!(
        "  {exe} change new --kind rollback --engine alpha --reason 'Checkout errors after the release' --key {} {dir_flag}",
        persona(1)
    );
    crate::print_line!("  {exe} change seal CHANGE --key {} {dir_flag}", persona(1));
    crate::print_line!("  {exe} change approve CHANGE --key {} {dir_flag}", persona(0));
    crate::print_line!("  {exe} change approve CHANGE --key {} {dir_flag}", persona(3));
    crate::print_line!("  {exe} change run CHANGE --key {} {dir_flag}", persona(0));
    crate::print_line!("check it all, offline:");
    crate::print_line!("  {exe} audit verify {dir_flag}");
    crate::print_line!("a real outage:");
    crate::print_line!("  {exe} demo stop engine {dir_flag}");
    crate::print_line!("  {exe} demo start engine {dir_flag}");
    crate::print_line!("\nCtrl-C stops everything; started again it goes on where it was.");
}

/// The address with which one begins. Without it the console is read as its demo visitor, so that what
/// is in its way ends nothing.
async fn way_in(home: &Home, file: &DemoFile, again: &str) {
    let persona = &file.personas[0];
    match open::address(home, file, persona).await {
        Ok(given) => {
            crate::print_line!("open this as {} (good once, until {}):", persona.name, given.expires);
            crate::print_line!("  {}", given.url);
        }
        Err(error) => output::error(&error),
    }
    crate::print_line!("another one, also as another persona:");
    crate::print_line!("  {again}");
    crate::print_line!();
}

async fn outage(context: &Context, service: Child, request: Request) -> Result<(), CliError> {
    crate::home::founded(&context.home)?;
    refuse_real(&context.home)?;
    match supervisor::request(context.home.path(), &request).await? {
        Response::Refused { message } => Err(CliError::Refused(message)),
        Response::Done { services } => {
            if context.json {
                output::json(&services);
                return Ok(());
            }
            let state = services
                .iter()
                .find(|known| known.name == service.to_string())
                .map(|known| format!("{:?}", known.state).to_lowercase());
            crate::print_line!("{} is {}", service.title(), state.unwrap_or_else(|| "unknown".to_owned()));
            Ok(())
        }
    }
}
