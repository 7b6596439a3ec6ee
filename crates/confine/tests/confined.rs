//! Real processes under real limits. This executable is host, target and test in one (`harness = false`).

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod suite;

use confine::{
    ConfineError, Ended, Environment, Host, Identity, Landlock, Limits, Log, Memory, Network, Started, Target, spawn,
};
use serde_json::{Value, json};
use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};
use suite::system;
use tempfile::TempDir;

/// A user that owns nothing.
const NOBODY: (u32, u32) = (61_234, 61_234);
const SOON: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["confine", words @ ..] => return confine::enter(words),
        ["act", dir, ports @ ..] => act(Path::new(dir), ports),
        ["eat", mib] => drop(system::eat(mib.parse().unwrap())),
        ["hold", mib] => {
            let _held = system::eat(mib.parse().unwrap());
            std::thread::sleep(Duration::from_secs(1_000));
        }
        ["look", pid] => system::look(pid),
        ["parent", dir] => parent(Path::new(dir)),
        filters => run(filters),
    }
    ExitCode::SUCCESS
}

/// The tests, as `cargo test` shows them; words that are not options choose among them.
fn run(filters: &[&str]) {
    let tests: [(&str, fn()); 15] = [
        ("the_limits_hold_inside", the_limits_hold_inside),
        ("what_is_not_enforced_is_named", what_is_not_enforced_is_named),
        ("a_free_network_is_free_and_said_so", a_free_network_is_free_and_said_so),
        ("it_ends_on_request", it_ends_on_request),
        ("it_is_killed_when_it_does_not_listen_and_so_is_its_session", killed_with_its_session),
        ("it_outlives_who_started_it", it_outlives_who_started_it),
        ("an_end_of_its_own_is_seen", an_end_of_its_own_is_seen),
        ("what_cannot_start_says_why", what_cannot_start_says_why),
        ("a_secret_is_in_the_environment_and_in_no_command_line", system::secret_in_no_command_line),
        ("it_reads_its_own_entry_in_the_process_table_and_no_other", system::own_entry_and_no_other),
        ("what_a_runtime_needs_of_the_system_is_there", system::what_a_runtime_needs),
        ("a_group_holds_the_memory_of_all_its_processes_together", system::memory_of_all_together),
        ("its_log_stays_within_its_bounds_while_it_runs", system::log_stays_bounded),
        ("its_log_is_kept_without_its_secrets_or_it_does_not_start", system::log_is_kept_or_nothing_starts),
        ("directories_it_is_promised_are_there_and_its_own", system::directories_are_its_own),
    ];
    let chosen = filters.iter().filter(|word| !word.starts_with('-')).collect::<Vec<_>>();
    for (name, test) in tests {
        if chosen.is_empty() || chosen.iter().any(|word| name.contains(**word)) {
            test();
            println!("test {name} ... ok");
        }
    }
    if !root() {
        println!("test becoming another user ... skipped (1): only root can");
    }
}

fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A place that the unprivileged user may enter, with a copy of this executable in it.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let place = Self { dir };
        fs::set_permissions(place.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        for (name, mode) in [("bin", 0o755), ("data", 0o777), ("outside", 0o777)] {
            fs::create_dir(place.path(name)).unwrap();
            fs::set_permissions(place.path(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::copy(std::env::current_exe().unwrap(), place.path("bin/act")).unwrap();
        fs::write(place.path("bin/readable"), "yes").unwrap();
        fs::write(place.path("outside/secret"), "no").unwrap();
        symlink(place.path("outside/secret"), place.path("data/link")).unwrap();
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    fn limits(&self, network: Network) -> Limits {
        Limits {
            uid_gid: root().then_some(NOBODY),
            memory_mib: 256,
            group: None,
            open_files: 64,
            processes: 4_000,
            read_paths: vec![self.path("bin")],
            write_paths: vec![self.path("data")],
            network,
        }
    }

    fn target(&self, program: impl Into<PathBuf>, args: &[&str]) -> Target {
        Target {
            program: program.into(),
            args: args.iter().map(Into::into).collect(),
            cwd: self.path("data"),
            environment: Environment::default(),
            directories: vec![],
        }
    }

    fn spawn(&self, target: &Target, limits: &Limits) -> Result<Started, ConfineError> {
        spawn(&Host::this(), target, limits, &Log::at(self.path("log")))
    }

    /// What the target wrote, once it has ended.
    fn said(&self, started: &Started) -> Value {
        until(|| !started.identity.is_alive());
        // The writer of its log has the last bytes a moment later.
        let read = || serde_json::from_str(&fs::read_to_string(self.path("log")).unwrap());
        until(|| read().is_ok());
        read().unwrap()
    }
}

fn until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !condition() {
        assert!(Instant::now() < deadline, "it did not come true in time");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The target: tries what it should and should not be able to do, and prints what worked.
fn act(dir: &Path, ports: &[&str]) {
    let readable = |path: &str| fs::read(dir.join(path)).is_ok();
    let writable = |path: &str| fs::write(dir.join(path), "x").is_ok();
    let ports: Vec<u16> = ports.iter().map(|port| port.parse().unwrap()).collect();
    let mut block: Vec<u8> = Vec::new();
    let status = fs::read_dir("/etc").is_ok() || fs::read_dir("/proc").is_ok() || fs::read_dir("/var").is_ok();
    let mut environment: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
    environment.sort();
    let said = json!({
        "uid": rustix::process::geteuid().as_raw(),
        "gid": rustix::process::getegid().as_raw(),
        "leader": rustix::process::getsid(None).unwrap() == rustix::process::getpid(),
        "no_new_privs": rustix::thread::no_new_privs().unwrap(),
        "open_files": rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum,
        "environment": environment,
        "reads_own": readable("bin/readable"),
        "writes_data": writable("data/new"),
        "reads_outside": readable("outside/secret"),
        "reads_outside_by_link": readable("data/link"),
        "reads_system": status,
        "writes_own": writable("bin/readable"),
        "writes_outside": writable("outside/new"),
        "binds": ports[..2].iter().map(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).collect::<Vec<_>>(),
        "connects": TcpStream::connect(("127.0.0.1", ports[2])).is_ok(),
        "gets_128_mib": block.try_reserve_exact(128 << 20).is_ok(),
        "gets_768_mib": block.try_reserve_exact(768 << 20).is_ok(),
        "signals_parent": rustix::process::getppid().is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok()),
        "input_is_empty": std::io::read_to_string(std::io::stdin()).is_ok_and(|text| text.is_empty()),
    });
    println!("{said}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn acting(place: &Place, free: bool) -> (Started, Value) {
    let listening = TcpListener::bind("127.0.0.1:0").unwrap();
    let (own, other, third) = (free_port(), free_port(), listening.local_addr().unwrap().port());
    let network = if free { Network::Free } else { Network::Only { bind: vec![own], connect: vec![] } };
    let words = [place.path("").display().to_string(), own.to_string(), other.to_string(), third.to_string()];
    let args: Vec<&str> = ["act"].into_iter().chain(words.iter().map(String::as_str)).collect();
    let started = place.spawn(&place.target(place.path("bin/act"), &args), &place.limits(network)).unwrap();
    let said = place.said(&started);
    (started, said)
}

fn the_limits_hold_inside() {
    let place = Place::new();
    let (started, said) = acting(&place, false);
    for name in ["leader", "no_new_privs", "reads_own", "writes_data", "gets_128_mib", "input_is_empty"] {
        assert_eq!(said[name], true, "{name}: {said}");
    }
    assert_eq!(said["gets_768_mib"], false, "256 MiB, and as many of room");
    assert_eq!(said["open_files"], 64);
    assert_eq!(said["environment"], json!(["LANG", "PATH", "TZ"]));
    if root() {
        assert_eq!((&said["uid"], &said["gid"]), (&json!(NOBODY.0), &json!(NOBODY.1)));
    }
    match started.enforced.landlock {
        Landlock::Full => {
            for name in [
                "reads_outside",
                "reads_outside_by_link",
                "reads_system",
                "writes_own",
                "writes_outside",
                "connects",
                "signals_parent",
            ] {
                assert_eq!(said[name], false, "{name}: {said}");
            }
            assert_eq!(said["binds"], json!([true, false]));
        }
        other => println!("test files, ports and signals ... skipped (1): landlock is {other:?} on this machine"),
    }
}

fn what_is_not_enforced_is_named() {
    let place = Place::new();
    let (started, said) = acting(&place, false);
    let enforced = started.enforced;
    assert_eq!(
        (enforced.uid, enforced.no_new_privs, enforced.memory),
        (u32::try_from(said["uid"].as_u64().unwrap()).unwrap(), true, Memory::Rlimit)
    );
    assert!(enforced.missing().iter().any(|line| line.contains("by what each process reserves")));
    assert!(enforced.missing().iter().any(|line| line.contains("UDP")));
    assert_eq!(enforced.missing().iter().any(|line| line.contains("runs as root")), enforced.uid == 0);
    let kept = serde_json::to_string(&enforced).unwrap();
    assert_eq!(serde_json::from_str::<confine::Enforced>(&kept).unwrap(), enforced);
}

fn a_free_network_is_free_and_said_so() {
    let place = Place::new();
    let (started, said) = acting(&place, true);
    assert_eq!((&said["binds"], &said["connects"]), (&json!([true, true]), &json!(true)));
    assert!(started.enforced.missing().contains(&"TCP ports are not limited"));
}

fn none() -> Network {
    Network::Only { bind: vec![], connect: vec![] }
}

fn it_ends_on_request() {
    let place = Place::new();
    let started = place.spawn(&place.target("/bin/sleep", &["1000"]), &place.limits(none())).unwrap();
    let identity = started.identity;
    assert_eq!(Identity::of_pid(identity.pid).unwrap(), Some(identity.clone()));
    let command = fs::read(format!("/proc/{}/cmdline", identity.pid)).unwrap();
    assert_eq!(command, b"/bin/sleep\x001000\x00", "the target took the host's place");
    let handles = || fs::read_dir(format!("/proc/{}/fd", identity.pid)).unwrap().count();
    // While it starts it has its libraries open, one after the other.
    let deadline = Instant::now() + SOON;
    // Its output, its input, and its own entry in the process table.
    while handles() != 4 + started.enforced.handed_files as usize {
        assert!(Instant::now() < deadline, "nothing of the service is inherited, and the rest is said: {}", handles());
        std::thread::yield_now();
    }
    let other = Identity { start_ticks: identity.start_ticks + 1, ..identity.clone() };
    assert_eq!(other.terminate(SOON).unwrap(), Ended::Already);
    assert!(!other.hang_up().unwrap());
    assert!(identity.is_alive(), "another start time is another process");
    assert_eq!(identity.terminate(SOON).unwrap(), Ended::Terminated);
    assert!(!identity.is_alive());
    assert_eq!(identity.terminate(SOON).unwrap(), Ended::Already);
}

fn killed_with_its_session() {
    let place = Place::new();
    let script = "trap '' TERM; sleep 1000 & echo $!; while :; do sleep 1000; done";
    let started = place.spawn(&place.target("/bin/sh", &["-c", script]), &place.limits(none())).unwrap();
    let child = || fs::read_to_string(place.path("log")).unwrap().trim().parse::<u32>().ok();
    until(|| child().is_some());
    let child = Identity::of_pid(child().unwrap()).unwrap().unwrap();
    assert_eq!(started.identity.terminate(Duration::from_millis(50)).unwrap(), Ended::Killed);
    until(|| !child.is_alive());
}

/// Starts a confined process, says who it is, and ends.
fn parent(dir: &Path) {
    let script = "while :; do echo on; sleep 0.05; done";
    let target = Target {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        cwd: dir.join("data"),
        environment: Environment::default(),
        directories: vec![],
    };
    let limits = Limits {
        uid_gid: None,
        memory_mib: 64,
        group: None,
        open_files: 16,
        processes: 4_000,
        read_paths: vec![],
        write_paths: vec![dir.join("data")],
        network: none(),
    };
    let started = spawn(&Host::this(), &target, &limits, &Log::at(dir.join("log"))).unwrap();
    println!("{}", serde_json::to_string(&started.identity).unwrap());
}

fn it_outlives_who_started_it() {
    let place = Place::new();
    let output = Command::new(std::env::current_exe().unwrap()).arg("parent").arg(place.path("")).output().unwrap();
    let adopted: Identity = serde_json::from_slice(&output.stdout).unwrap();
    assert!(adopted.is_alive());
    let printed = || fs::read(place.path("log")).unwrap().len();
    let before = printed();
    until(|| printed() > before + 9);
    assert_eq!(adopted.terminate(SOON).unwrap(), Ended::Terminated);
}

fn an_end_of_its_own_is_seen() {
    let place = Place::new();
    let started = place.spawn(&place.target("/bin/true", &[]), &place.limits(none())).unwrap();
    until(|| !started.identity.is_alive());
    until(|| !Path::new(&format!("/proc/{}", started.identity.pid)).exists());
}

fn what_cannot_start_says_why() {
    let place = Place::new();
    let why = |target: &Target, limits: &Limits| place.spawn(target, limits).unwrap_err().to_string();
    let limits = place.limits(none());
    let missing = why(&place.target(place.path("bin/nothing"), &[]), &limits);
    assert!(missing.contains("bin/nothing`") && missing.contains("nothing was started"), "{missing}");
    let absent = Limits { read_paths: vec![place.path("absent")], ..limits.clone() };
    let said = why(&place.target("/bin/sleep", &["1"]), &absent);
    assert!(said.contains("absent` does not exist"), "{said}");
    let nowhere = Target { cwd: place.path("absent"), ..place.target("/bin/sleep", &["1"]) };
    assert!(why(&nowhere, &limits).contains("absent`"));
    let host = Host { program: place.path("bin/nothing"), args: vec![] };
    let error = spawn(&host, &place.target("/bin/sleep", &["1"]), &limits, &Log::at(place.path("log"))).unwrap_err();
    assert!(error.to_string().contains("cannot be started"), "{error}");
    let stranger = Host { program: "/bin/echo".into(), args: vec!["hello".into()] };
    let error =
        spawn(&stranger, &place.target("/bin/sleep", &["1"]), &limits, &Log::at(place.path("log"))).unwrap_err();
    assert!(error.to_string().contains("said something else than a report"), "{error}");
    if !root() {
        let other = Limits { uid_gid: Some(NOBODY), ..limits };
        assert!(why(&place.target("/bin/sleep", &["1"]), &other).contains("cannot be started"));
    }
}
