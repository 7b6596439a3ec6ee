//! The storefront as it runs in production: its own process, under the limits of an engine.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use confine::{Ended, Environment, Host, Limits, Log, Network, Target, spawn};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};
use storefront::{StorefrontOptions, releases};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(10);
/// A user that owns nothing but its data directory.
const ENGINE: u32 = 61_301;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["confine", words @ ..] => return confine::enter(words),
        ["storefront", release, data, listen] => {
            let listen = listen.parse().unwrap();
            storefront::main(StorefrontOptions {
                release_dir: release.into(),
                data_dir: data.into(),
                listen,
                generation: None,
            })
            .unwrap();
        }
        filters => {
            let name = "a_confined_shop_sells_and_ends_in_order";
            if filters.iter().all(|word| word.starts_with('-') || name.contains(word)) {
                a_confined_shop_sells_and_ends_in_order();
                println!("test {name} ... ok");
            }
        }
    }
    ExitCode::SUCCESS
}

fn ask(at: SocketAddr, head: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(at).ok()?;
    let form = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close";
    write!(stream, "{head} HTTP/1.1\r\nHost: {at}\r\n{form}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    Some(answer)
}

fn open_dir(path: &Path) {
    fs::create_dir_all(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn a_confined_shop_sells_and_ends_in_order() {
    let root = is_root();
    let dir = TempDir::new().unwrap();
    let (release, data) = (dir.path().join("release"), dir.path().join("data"));
    for path in [dir.path(), &release, &data] {
        open_dir(path);
    }
    for (path, bytes) in releases().pop().unwrap().1 {
        fs::write(release.join(path), bytes).unwrap();
    }
    fs::copy(std::env::current_exe().unwrap(), release.join("engine")).unwrap();
    if root {
        chown(&data, Some(ENGINE), Some(ENGINE)).unwrap();
    } else {
        println!("test becoming another user ... skipped (1): only root can");
    }
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let target = Target {
        program: release.join("engine"),
        args: vec!["storefront".into(), (&release).into(), (&data).into(), listen.to_string().into()],
        cwd: data.clone(),
        environment: Environment::default(),
        directories: vec![],
    };
    let limits = Limits {
        uid_gid: root.then_some((ENGINE, ENGINE)),
        memory_mib: 128,
        group: None,
        open_files: 1_024,
        processes: 4_000,
        read_paths: vec![release.clone()],
        write_paths: vec![data.clone()],
        network: Network::Only { bind: vec![listen.port()], connect: vec![] },
    };
    let log = dir.path().join("log");
    let started = spawn(&Host::this(), &target, &limits, &Log::at(&log)).unwrap();
    let deadline = Instant::now() + SOON;
    let health = loop {
        if let Some(answer) = ask(listen, "GET /healthz", "") {
            break answer;
        }
        assert!(Instant::now() < deadline && started.identity.is_alive(), "{}", fs::read_to_string(&log).unwrap());
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let added = ask(listen, "POST /cart/add", "sku=field-bottle").unwrap();
    assert!(added.starts_with("HTTP/1.1 303"), "{added}");
    assert_eq!(
        fs::read_dir(data.join("carts"))
            .unwrap()
            .filter(|item| item.as_ref().unwrap().path().extension().is_some())
            .count(),
        1
    );
    assert_eq!(started.identity.terminate(SOON).unwrap(), Ended::Terminated);
    assert_eq!(fs::read_to_string(&log).unwrap(), "");
}

/// The owner of a file one has just made is oneself.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(TempDir::new().unwrap().path()).unwrap().uid() == 0
}
