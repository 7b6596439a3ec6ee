//! The front as a real process: started confined, told by signals, killed, started again.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use confine::{Ended, Host, Limits, Log, Network, Started, Target, spawn};
use front::{FrontClient, FrontOptions, Route, Routes, write_routes};
use model::EngineId;
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["confine", words @ ..] => return confine::enter(words),
        ["front", dir] => front::main(FrontOptions { dir: dir.into() }).unwrap(),
        filters => {
            let name = "a_front_serves_through_signals_and_a_kill";
            if filters.iter().all(|word| word.starts_with('-') || name.contains(word)) {
                a_front_serves_through_signals_and_a_kill();
                println!("test {name} ... ok");
            }
        }
    }
    ExitCode::SUCCESS
}

/// Answers every connection with its name, for ever.
fn upstream(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{name}", name.len());
        }
    });
    at
}

fn get(listen: SocketAddr) -> String {
    let mut stream = TcpStream::connect(listen).unwrap();
    write!(stream, "GET / HTTP/1.1\r\nHost: {listen}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn start(dir: &Path) -> Started {
    let own = std::env::current_exe().unwrap();
    let target = Target {
        program: own.clone(),
        args: vec!["front".into(), dir.into()],
        cwd: dir.to_owned(),
        environment: confine::Environment::default(),
        directories: vec![],
    };
    let limits = Limits {
        group: None,
        uid_gid: None,
        memory_mib: 512,
        open_files: 4_096,
        processes: 4_000,
        read_paths: vec![own, "/proc".into()],
        write_paths: vec![dir.to_owned()],
        network: Network::Free,
    };
    let started = spawn(&Host::this(), &target, &limits, &Log::at(dir.join("log"))).unwrap();
    let deadline = Instant::now() + SOON;
    while FrontClient::new(dir).identity().unwrap().as_ref() != Some(&started.identity) {
        assert!(
            Instant::now() < deadline && started.identity.is_alive(),
            "{}",
            fs::read_to_string(dir.join("log")).unwrap()
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    started
}

fn a_front_serves_through_signals_and_a_kill() {
    let dir = TempDir::new().unwrap();
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (blue, green) = (upstream("blue"), upstream("green"));
    let routes = |generation, upstream, side: &str| Routes {
        generation,
        routes: vec![Route {
            engine: EngineId([1; 16]),
            generation: 1,
            listen,
            host: listen.to_string().parse().unwrap(),
            hosts: vec![],
            upstream,
            side: side.parse().unwrap(),
            bundle: model::Digest::ZERO,
            limits: None,
        }],
    };
    write_routes(dir.path(), &routes(1, blue, "blue")).unwrap();
    let client = FrontClient::new(dir.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();

    let first = start(dir.path());
    assert!(get(listen).ends_with("blue"));
    let status = runtime.block_on(client.status()).unwrap();
    assert_eq!((status.pid, status.generation), (first.identity.pid, 1));
    runtime.block_on(client.switch(&routes(2, green, "green"), SOON)).unwrap();
    assert!(get(listen).ends_with("green"));
    for lower in [routes(1, blue, "blue"), routes(2, blue, "blue")] {
        assert!(matches!(runtime.block_on(client.switch(&lower, SOON)), Err(front::FrontError::Refused { .. })));
    }
    runtime.block_on(client.switch(&routes(2, green, "green"), SOON)).unwrap();
    assert!(get(listen).ends_with("green"), "the lower table is not in force");

    // Killed without a chance to say anything: the stale socket and pid file do not stand in the way.
    assert_eq!(first.identity.terminate(SOON).unwrap(), Ended::Terminated);
    fs::write(dir.path().join("front.pid"), serde_json::to_vec(&first.identity).unwrap()).unwrap();
    assert!(client.identity().unwrap().is_none());
    let second = start(dir.path());
    assert!(get(listen).ends_with("green"), "restarted, it serves what was applied");
    let killed = second.identity.terminate(Duration::ZERO).unwrap();
    assert!(matches!(killed, Ended::Killed | Ended::Terminated));
    let third = start(dir.path());
    assert!(get(listen).ends_with("green"));
    assert_eq!(third.identity.terminate(SOON).unwrap(), Ended::Terminated);
    assert!(TcpStream::connect(listen).is_err());
    assert!(!dir.path().join("front.sock").exists() && !dir.path().join("front.pid").exists());
}
