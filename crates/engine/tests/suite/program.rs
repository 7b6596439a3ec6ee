//! Programs that are no shop of ours: started by a script, told where to listen by their environment, healthy by any answer.

use super::life::watched;
use super::place::{Place, at, below, kill, pid, token, until};
use artifact::{Answer, Entry, Health, Mode, Program, Source, SourceFile, Spec};
use control::{Config, SecretValue, Value as ConfigValue};
use engine::{Runtime, Setup, Timing};
use model::{Bounds, Bundle, Digest, Instant, Need, Profile, Range, Side, TenantId};
use serde_json::Value;
use signed::Served;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::Arc,
};

/// What stands in no command line, log or record.
const PLANTED: &str = "planted-secret-value";
/// The script is the process that is known; what listens is its child, as with many a start script.
const SCRIPT: &str = "#!/bin/sh\n\"$COUNTERSIGN_RELEASE_DIR/bin/program\" program &\necho started $1\nwait\n";

/// One that listens only after a while, as what has much to load.
const SLOW: &str = "#!/bin/sh\nsleep 1.5\nexec \"$COUNTERSIGN_RELEASE_DIR/bin/program\" program\n";

/// The program: answers each path by what it finds around it.
pub fn program() {
    let listener = TcpListener::bind(std::env::var("COUNTERSIGN_LISTEN").unwrap()).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut line = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        reader.read_line(&mut line).unwrap();
        let mut header = String::new();
        while reader.read_line(&mut header).is_ok_and(|read| read > 2) {
            header.clear();
        }
        let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let (status, body) = match path.trim_start_matches('/').split_once('/').unwrap_or((&path[1..], "")) {
            ("health", _) => match says() {
                Some(answer) => ("200 OK", answer),
                None => ("204 No Content", String::new()),
            },
            ("env", _) => {
                let all: std::collections::BTreeMap<String, String> = std::env::vars().collect();
                ("200 OK", serde_json::to_string(&all).unwrap())
            }
            ("connect", port) => ("200 OK", TcpStream::connect(format!("127.0.0.1:{port}")).is_ok().to_string()),
            ("print", words) => {
                println!("{words}");
                ("200 OK", "true".to_owned())
            }
            ("eat", mib) => {
                let block = vec![1_u8; mib.parse::<usize>().unwrap() << 20];
                ("200 OK", block.iter().step_by(4096).map(|byte| u64::from(*byte)).sum::<u64>().to_string())
            }
            ("temporary", _) => {
                let dir = std::env::var("TMPDIR").unwrap();
                ("200 OK", fs::write(Path::new(&dir).join("x"), "x").is_ok().to_string())
            }
            _ => ("404 Not Found", String::new()),
        };
        let length = body.len();
        let head = if length == 0 { String::new() } else { format!("content-length: {length}\r\n") };
        drop(write!(stream, "HTTP/1.1 {status}\r\n{head}connection: close\r\n\r\n{body}"));
    }
}

/// What it answers when it is asked how it is: a file's text once there is one, else what it was started with.
fn says() -> Option<String> {
    let file = Path::new(&std::env::var_os("COUNTERSIGN_DATA_DIR")?).join("says");
    fs::read_to_string(file).ok().or_else(|| std::env::args().nth(2))
}

pub fn profile() -> Profile {
    let need = |key: &str, required, bounds| Need { key: key.parse().unwrap(), required, secret: required, bounds };
    Profile {
        needs: vec![need("PASSWORD", true, None), need("WORKERS", false, Some(Bounds { least: 1, most: 4 }))],
        memory_mib: Range { least: 64, usual: 128, most: 256 },
        outbound: vec![5432, 6543],
        ..testkit::release::profile()
    }
}

impl Place {
    /// Packs and unpacks a program of this version.
    pub fn publish_program(&self, version: &str, profile: Profile) -> Digest {
        self.publish_script(version, profile, SCRIPT)
    }

    fn publish_script(&self, version: &str, profile: Profile, script: &str) -> Digest {
        self.publish_answering(version, profile, script, Answer::Plain)
    }

    pub fn publish_answering(&self, version: &str, profile: Profile, script: &str, answer: Answer) -> Digest {
        let file = |path: &str, source| SourceFile { path: path.parse().unwrap(), mode: Mode::Execute, source };
        let args = vec![artifact::Arg::Fixed(version.parse().unwrap())];
        let program = Program {
            profile,
            entry: Entry { executable: "start it.sh".parse().unwrap(), args },
            health: Health { path: token("/health"), answer },
        };
        let spec = Spec { product: token("own-program"), version: token(version), program: Some(program) };
        let files = vec![
            file("start it.sh", Source::Bytes(script.as_bytes().to_vec())),
            file("bin/program", Source::File(std::env::current_exe().unwrap())),
        ];
        let archive = self.path("program.tar");
        artifact::pack(spec, files, &archive).unwrap();
        let (_, _, digest) = artifact::unpack(&archive, &self.store()).unwrap();
        fs::remove_file(archive).unwrap();
        digest
    }

    async fn asked<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        client::Http::new(format!("http://{}", self.front())).get(path).await.unwrap()
    }
}

/// What a process gets that may connect to these ports; its secret is deposited first.
fn given(runtime: &Runtime, connect: &[u16]) -> Setup {
    let secret = runtime.vault().put(TenantId([1; 16]), PLANTED, Instant::EPOCH).unwrap().secret;
    let config = Config {
        values: vec![ConfigValue { key: token("WORKERS"), value: "2".to_owned() }],
        secrets: vec![SecretValue { key: token("PASSWORD"), secret }],
        outbound: connect.to_vec(),
        memory_mib: Some(256),
        ..Config::default()
    };
    Setup { memory_mib: 256, start_within_ms: 10_000, config: Some(config) }
}

/// An artifact with what it gets.
fn bundle(artifact: Digest, setup: &Setup) -> Bundle {
    Bundle { config: setup.config.as_ref().map(|config| config.digest().unwrap()), ..Bundle::of(artifact) }
}

fn served(side: Side, artifact: Digest, setup: &Setup) -> Served {
    Served { side, bundle: bundle(artifact, setup) }
}

pub async fn a_program_is_started_by_its_environment_and_found_again_by_it() {
    let place = Place::new();
    let release = place.publish_program("1.0.0", profile());
    let process = {
        let (runtime, _watch) = watched(&place, Place::timing());
        let gets = given(&runtime, &[]);
        let worn = Bundle { theme: Some(place.old), ..bundle(release, &gets) };
        place.deploy_with(&runtime, 0, Served { side: Side::Green, bundle: worn }, gets).await;
        let found: Value = place.asked("/env").await;
        let data = place.dir().join("engines").join(place.site.engine.to_string()).join("data");
        let data = data.to_str().unwrap();
        let dir = |digest: Digest| place.store().join(digest.to_string()).display().to_string();
        for (key, value) in [
            ("PORT", place.side_ports[1].to_string()),
            ("HOST", "127.0.0.1".to_owned()),
            ("COUNTERSIGN_LISTEN", format!("127.0.0.1:{}", place.side_ports[1])),
            ("COUNTERSIGN_RELEASE_DIR", dir(release)),
            ("COUNTERSIGN_THEME_DIR", dir(place.old)),
            ("COUNTERSIGN_DATA_DIR", data.to_owned()),
            ("COUNTERSIGN_ARTIFACT", release.to_string()),
            ("COUNTERSIGN_CONFIG", worn.config.unwrap().to_string()),
            ("COUNTERSIGN_THEME", place.old.to_string()),
            ("HOME", data.to_owned()),
            ("TMPDIR", format!("{data}/tmp")),
            ("PASSWORD", PLANTED.to_owned()),
            ("WORKERS", "2".to_owned()),
        ] {
            assert_eq!(found[key], value, "{key}: {found}");
        }
        assert!(place.asked::<bool>("/temporary").await);
        // The secret is in the environment of what serves, and nowhere that anybody else reads.
        for item in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(item.path().join("cmdline")).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&line).contains(PLANTED));
        }
        let view = runtime.engines().await.unwrap();
        assert!(!serde_json::to_string(&view).unwrap().contains(PLANTED));
        assert!(view.orphans.is_empty(), "what it started is its own: {:?}", view.orphans);
        pid(&view, Side::Green)
    };
    for name in ["record.json", "logs/green.log"] {
        let path = place.dir().join("engines").join(place.site.engine.to_string()).join(name);
        assert!(!fs::read_to_string(&path).unwrap().contains(PLANTED), "{name}");
    }
    // As a crash between the start and the second write leaves it.
    place.edit_record(|record| drop(record["sides"][1].as_object_mut().unwrap().remove("process")));
    let (next, _watch) = watched(&place, Place::timing());
    let view = next.engines().await.unwrap();
    assert_eq!((pid(&view, Side::Green), view.orphans.len()), (process, 0));
    // The next version, and the way back, are the same steps.
    let second = place.publish_program("2.0.0", profile());
    let gets = given(&next, &[]);
    place.deploy_with(&next, 1, served(Side::Blue, second, &gets), gets.clone()).await;
    next.stop(place.site.engine, Side::Green).await.unwrap();
    assert_eq!(place.asked::<Value>("/env").await["COUNTERSIGN_ARTIFACT"], second.to_string());
    place.deploy_with(&next, 2, served(Side::Green, release, &gets), gets).await;
    assert_eq!(place.asked::<Value>("/env").await["COUNTERSIGN_ARTIFACT"], release.to_string());
}

pub async fn what_a_killed_program_left_on_its_port_does_not_keep_it_down() {
    let place = Place::new();
    let release = place.publish_program("1.0.0", profile());
    let runtime = place.runtime_with(Timing { probe_successes: 1, ..Place::timing() });
    let wanted = Arc::new(std::sync::Mutex::new(Vec::new()));
    let asked = Arc::clone(&wanted);
    let _watch = super::life::Watch(tokio::spawn(runtime.clone().keep(move || asked.lock().unwrap().clone())));
    let gets = given(&runtime, &[]);
    let serving = Some(served(Side::Green, release, &gets));
    place.deploy_with(&runtime, 0, served(Side::Green, release, &gets), gets.clone()).await;
    wanted.lock().unwrap().push(engine::Wanted { serving, setup: Some(gets), ..place.wanted(1, release) });
    let leader = pid(&runtime.engines().await.unwrap(), Side::Green).unwrap();
    let children = || below(&place.store());
    let [child] = children()[..] else { panic!("{:?}", children()) };
    kill(leader);
    if engine::RunAs::if_root().is_none() {
        // Without a user of its own nobody knows whose child that is: the port is said to be taken.
        return kill(child);
    }
    until("another one serves", || async {
        let now = children();
        (now.len() == 1 && now[0] != child && place.met_at("/health").await).then_some(())
    })
    .await;
}

/// Whose a secret is, is asked at each start: the first, and whenever what serves is started again.
pub async fn what_is_started_again_gets_secrets_of_its_own_tenant_alone() {
    let place = Place::new();
    let release = place.publish_program("1.0.0", profile());
    let runtime = place.runtime_with(Timing { probe_successes: 1, ..Place::timing() });
    let wanted = Arc::new(std::sync::Mutex::new(Vec::new()));
    let asked = Arc::clone(&wanted);
    let _watch = super::life::Watch(tokio::spawn(runtime.clone().keep(move || asked.lock().unwrap().clone())));
    let gets = given(&runtime, &[]);
    let serving = Some(served(Side::Green, release, &gets));
    place.deploy_with(&runtime, 0, served(Side::Green, release, &gets), gets.clone()).await;
    let own = engine::Wanted { serving, setup: Some(gets), ..place.wanted(1, release) };
    let site = engine::Site { tenant: TenantId([2; 16]), ..place.site };
    *wanted.lock().unwrap() = vec![engine::Wanted { site, ..own.clone() }];
    let leader = pid(&runtime.engines().await.unwrap(), Side::Green).unwrap();
    let children = below(&place.store());
    kill(leader);
    if engine::RunAs::if_root().is_none() {
        // Without a user of its own nobody knows whose child that is.
        children.into_iter().for_each(kill);
    }
    until("it is said why it is not started again", || async {
        let said = runtime.engines().await.unwrap().engines[0].trouble.clone();
        said.filter(|why| why.contains("is not deposited on this node"))
    })
    .await;
    let started = || async { pid(&runtime.engines().await.unwrap(), Side::Green).filter(|process| *process != leader) };
    assert_eq!(started().await, None, "nothing was started");
    *wanted.lock().unwrap() = vec![own];
    until("it is started again", started).await;
    until("it serves", || async { place.met_at("/health").await.then_some(()) }).await;
}

/// What lies in a file of this node decides nothing: what is started again gets what the ledger's bundle names, or it is
/// not started.
pub async fn what_is_started_again_gets_what_its_bundle_names_and_not_what_a_file_says() {
    let place = Place::new();
    let release = place.publish_program("1.0.0", profile());
    let (own, gets) = {
        let (runtime, _watch) = watched(&place, Place::timing());
        let gets = given(&runtime, &[]);
        let at = served(Side::Green, release, &gets);
        place.deploy_with(&runtime, 0, at, gets.clone()).await;
        let own = engine::Wanted { serving: Some(at), setup: None, ..place.wanted(1, release) };
        (own, gets)
    };
    assert_eq!(place.asked::<Value>("/env").await["WORKERS"], "2");
    place.edit_record(|record| record["sides"][1]["setup"]["config"]["values"][0]["value"] = "3".into());
    for process in below(&place.store()) {
        kill(process);
    }
    let runtime = place.runtime();
    let wanted = Arc::new(std::sync::Mutex::new(vec![own.clone()]));
    let asked = Arc::clone(&wanted);
    let _watch = super::life::Watch(tokio::spawn(runtime.clone().keep(move || asked.lock().unwrap().clone())));
    // The ledger does not say here what it gets.
    let (refused, _) = until("it is said why it is not started again", || async {
        runtime.engines().await.unwrap().engines[0]
            .trouble
            .clone()
            .filter(|why| why.contains("deploy the bundle again"))
    })
    .await;
    assert!(refused.contains("not the config that its bundle names"), "{refused}");
    assert!(below(&place.store()).is_empty() && !place.met_at("/health").await);
    *wanted.lock().unwrap() = vec![engine::Wanted { setup: Some(gets), ..own }];
    until("it serves again", || async { place.met_at("/health").await.then_some(()) }).await;
    assert_eq!(place.asked::<Value>("/env").await["WORKERS"], "2");
}

pub async fn a_program_is_given_what_it_needs_or_is_not_started() {
    let place = Place::new();
    let release = place.publish_program("1.0.0", profile());
    let refusal = async |bundle: Bundle, setup: Setup| {
        let bundle = Bundle { theme: bundle.theme, ..self::bundle(release, &setup) };
        let at = Served { side: Side::Green, bundle };
        place.runtime().start(place.site, at, place.side_ports[1], setup).await.unwrap_err()
    };
    let runtime = place.runtime();
    let whole = given(&runtime, &[]);
    for (setup, why) in [
        (Setup { config: None, ..whole.clone() }, "`PASSWORD`"),
        (given(&runtime, &[25]), "`outbound`"),
        (Setup { start_within_ms: 1, ..whole.clone() }, "time to start"),
    ] {
        let refused = refusal(Bundle::of(release), setup).await;
        assert_eq!((refused.code(), refused.is_unknown()), (token("start.incomplete"), false));
        assert!(refused.to_string().contains(why), "{refused}");
    }
    let mut unknown = whole.clone();
    unknown.config.as_mut().unwrap().secrets[0].secret = Digest::ZERO;
    assert_eq!(refusal(Bundle::of(release), unknown).await.code(), token("secret.missing"));
    let gone = refusal(Bundle { theme: Some(Digest::ZERO), ..Bundle::of(release) }, whole.clone()).await;
    assert_eq!(gone.code(), token("bundle.missing"));
    let taken = TcpListener::bind(("127.0.0.1", place.side_ports[1])).unwrap();
    let refused = refusal(Bundle::of(release), whole).await;
    assert_eq!(refused.code(), token("port.taken"));
    assert!(refused.to_string().contains("another process listens"), "{refused}");
    drop(taken);
    assert!(below(&place.store()).is_empty());
}

pub async fn a_program_connects_to_the_ports_it_is_given_and_to_no_other() {
    let place = Place::new();
    let listeners: Vec<_> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let [open, closed] = [0, 1].map(|n: usize| listeners[n].local_addr().unwrap().port());
    let mut outbound = vec![open, closed];
    outbound.sort_unstable();
    let release = place.publish_program("1.0.0", Profile { outbound, ..profile() });
    let (runtime, _watch) = watched(&place, Place::timing());
    let gets = given(&runtime, &[open]);
    place.deploy_with(&runtime, 0, served(Side::Green, release, &gets), gets).await;
    assert!(place.asked::<bool>(&format!("/connect/{open}")).await);
    let limited = runtime.engines().await.unwrap().engines[0].sides[0].enforced.as_ref().unwrap().tcp_ports;
    assert_eq!(place.asked::<bool>(&format!("/connect/{closed}")).await, !limited);
}

impl Place {
    /// Whether a path answers through the front.
    async fn met_at(&self, path: &str) -> bool {
        client::Http::new(format!("http://{}", self.front())).get_bytes(path).await.is_ok()
    }
}

pub async fn a_program_has_as_long_to_start_as_it_is_given() {
    let place = Place::new();
    let start_within_ms = Range { least: 1_000, usual: 1_000, most: 60_000 };
    let profile = Profile { start_within_ms, needs: vec![], ..profile() };
    // It listens after longer than what is usual.
    let slow = place.publish_script("1.0.0", profile, SLOW);
    let (runtime, _watch) = watched(&place, Place::timing());
    let usual = Setup { memory_mib: 128, start_within_ms: 1_000, config: None };
    let refused =
        runtime.start(place.site, at(Side::Green, slow), place.side_ports[1], usual.clone()).await.unwrap_err();
    assert_eq!(refused.code(), token("probe.failed"));
    assert!(refused.to_string().contains("1000 ms"), "{refused}");
    let config = Some(Config { start_within_ms: Some(30_000), ..Config::default() });
    let setup = Setup { start_within_ms: 30_000, config, ..usual };
    runtime.start(place.site, served(Side::Green, slow, &setup), place.side_ports[1], setup).await.unwrap();
}

pub async fn what_uses_more_memory_than_it_may_have_ends_and_that_is_said() {
    let place = Place::new();
    let release = place.publish_program("1.0.0", profile());
    let (runtime, _watch) = watched(&place, Place::timing());
    let mut little = Setup { memory_mib: 64, ..given(&runtime, &[]) };
    little.config.as_mut().unwrap().memory_mib = Some(64);
    place.deploy_with(&runtime, 0, served(Side::Green, release, &little), little).await;
    assert!(place.asked::<u64>("/eat/16").await > 0);
    let enforced = runtime.engines().await.unwrap().engines[0].sides[0].enforced.clone().unwrap();
    if enforced.memory != confine::Memory::Group {
        return println!("test more memory than it may have ... skipped (1): no memory control group may be used here");
    }
    assert!(!place.met_at("/eat/200").await);
    let why = || async {
        let health = runtime.engine(&place.site.engine).await?.sides.remove(0).health?;
        health.why.contains("more memory than it may have").then_some(())
    };
    until("it is said", why).await;
}
