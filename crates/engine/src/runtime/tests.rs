//! That nobody is held up: by a disk that takes its time, or by an engine that does not answer.

use super::{launch::Launch, *};
use crate::{
    Setup, Site, Timing, health,
    record::{Record, SideRecord},
};
use artifact::{Answer, Health};
use control::{Config, SecretValue};
use model::Bundle;
use signed::Served;
use std::{
    io::Write as _,
    net::TcpListener,
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};
use tokio::time::{Instant, sleep};

const SECRET: Digest = Digest([7; 32]);
const TENANT: TenantId = TenantId([1; 16]);

fn runtime(dir: &Path, timing: Timing) -> Runtime {
    let (dir, store, program) = (dir.to_owned(), dir.join("store"), "/proc/self/exe".into());
    Runtime::open(RuntimeOptions { dir, store, program, run_as: None, platform: None, timing }).unwrap()
}

/// A file that takes its time: whoever reads it waits, and finds nothing usable.
fn slow(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let path = path.to_owned();
    thread::spawn(move || {
        // It opens once somebody reads.
        while let Ok(mut file) = fs::OpenOptions::new().write(true).open(&path) {
            thread::sleep(Duration::from_millis(400));
            if file.write_all(b"{").is_err() {
                return;
            }
        }
    });
}

/// What the work comes to, and whether others on the same thread got on meanwhile.
async fn beside_others<T>(work: impl Future<Output = T>) -> (T, bool) {
    let turns = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&turns);
    let others = tokio::spawn(async move {
        loop {
            sleep(Duration::from_millis(10)).await;
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let found = work.await;
    others.abort();
    (found, turns.load(Ordering::Relaxed) > 3)
}

fn site(number: u8) -> Site {
    Site { engine: EngineId([number; 16]), tenant: TENANT, port: 8_101 }
}

#[tokio::test]
async fn nobody_waits_while_a_secret_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = runtime(dir.path(), Timing::default());
    slow(&dir.path().join(format!("secrets/{SECRET}.json")));
    let (opened, others) = beside_others(runtime.opens(TENANT, vec![SECRET])).await;
    assert!(matches!(opened, Err(EngineError::SecretDamaged { .. })) && others, "{opened:?}");
    let (missing, others) = beside_others(runtime.missing(TENANT, [SECRET].into())).await;
    assert!(missing.as_ref().is_ok_and(|missing| *missing == [SECRET]) && others, "{missing:?}");

    // A start gives it to its process.
    let secrets = vec![SecretValue { key: "TOKEN".parse().unwrap(), secret: SECRET }];
    let config = Config { secrets, ..Config::default() };
    let bundle = Bundle { config: Some(config.digest().unwrap()), ..Bundle::of(Digest::ZERO) };
    let setup = Setup { memory_mib: 64, start_within_ms: 1_000, config: Some(config) };
    let how = Launch { tenant: TENANT, setup, restarted: false, ended: None };
    let (mut record, at) = (Record::new(site(1)), Served { side: Side::Blue, bundle });
    let (started, others) = beside_others(runtime.launch(&mut record, at, 9_101, how)).await;
    assert!(matches!(started, Err(EngineError::SecretDamaged { .. })) && others, "{started:?}");
}

#[tokio::test]
async fn nobody_waits_while_a_credential_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = runtime(dir.path(), Timing::default());
    slow(&dir.path().join(format!("credentials/{}-{}.json", site(1).engine, Side::Blue)));
    let setup = Setup { memory_mib: 64, start_within_ms: 1_000, config: None };
    let (how, at) = (Launch::with_setup(&site(1), setup), Served { side: Side::Blue, bundle: Bundle::of(SECRET) });
    let mut record = Record::new(site(1));
    let (started, others) = beside_others(runtime.launch(&mut record, at, 9_101, how)).await;
    assert!(matches!(started, Err(EngineError::ArtifactMissing(_))) && others, "{started:?}");
}

#[tokio::test]
async fn nobody_waits_while_the_written_routes_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = runtime(dir.path(), Timing::default());
    slow(&runtime.inner.layout.front().join(::front::ROUTES));
    let (written, others) = beside_others(runtime.inner.front.written()).await;
    assert!(matches!(written, Ok((0, Some(_)))) && others, "{written:?}");
}

/// Something was started on a side, and listens there, and answers nobody.
fn silent(number: u8, listener: &TcpListener) -> Record {
    let started = SideRecord {
        bundle: Bundle::of(Digest::ZERO),
        setup: Setup { memory_mib: 64, start_within_ms: 1_000, config: None },
        product: "shop".parse().unwrap(),
        version: "1".parse().unwrap(),
        health: Health { path: "/healthz".parse().unwrap(), answer: Answer::Release },
        port: listener.local_addr().unwrap().port(),
        since: health::now(),
        restarted: false,
        credential: None,
        process: None,
        enforced: None,
    };
    let mut record = Record::new(site(number));
    record.put(Side::Blue, Some(started));
    record
}

#[tokio::test]
async fn an_engine_that_does_not_answer_delays_the_probe_of_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let timing = Timing { probe_timeout: Duration::from_millis(500), ..Timing::default() };
    let runtime = runtime(dir.path(), timing);
    let listeners: Vec<_> = (0..16).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let records = (0..).zip(&listeners).map(|(number, listener)| silent(number, listener));
    *locked(&runtime.inner.records) = records.map(|record| (record.engine, record)).collect();
    let all_probed = async {
        while locked(&runtime.inner.health).len() < listeners.len() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let begun = Instant::now();
    tokio::select! {
        () = runtime.keep_health() => unreachable!("it goes on for ever"),
        () = all_probed => {}
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(4), "one after the other they take 8 s: {took:?}");
}
