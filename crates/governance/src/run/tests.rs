//! A disk that fails: what is not written is never answered as done, and the process ends.

use super::*;
use crate::scene::{OPERATOR, TENANT, World};
use client::{ClientError, GovernanceClient, Http};
use ledger::{FaultTail, Faults, FileTail};
use model::{AckLevel, TenantId};
use signed::Act;
use std::sync::atomic::Ordering::SeqCst;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wire::Submission;

/// A service whose control log fails as `faults` say.
struct Faulty {
    dir: tempfile::TempDir,
    trust: Trust,
    clock: Arc<dyn Clock>,
    faults: Arc<Faults>,
    statement: Submission,
}

impl Faulty {
    async fn new() -> Self {
        let world = World::new().await;
        let statement = world.statement(OPERATOR, Act::RegisterTenant { tenant: TENANT });
        let World { dir, clock, service, ledger } = world;
        let log_keys = vec![service.vkey(LogName::Control)];
        let trust = Trust { origin: "clock.test/1".parse().unwrap(), log_keys, genesis: ledger };
        Self { dir, trust, clock, faults: Arc::default(), statement }
    }

    fn start(&self) -> (GovernanceClient, oneshot::Sender<()>, JoinHandle<Result<(), GovernanceError>>) {
        let service = open(self.dir.path(), &self.trust, false, None, Arc::clone(&self.clock)).unwrap();
        drop(service.control);
        let dir = Layout::of(self.dir.path()).control();
        let keys = service.log_keys.of(LogName::Control);
        let options = Options { clock: Arc::clone(&self.clock), ..Options::new(keys.origin(), keys) };
        let tail = FaultTail::new(FileTail::open(&dir, options.segment_bytes).unwrap(), Arc::clone(&self.faults));
        let machine = || ControlMachine::new(&self.trust, &service.blobs, &service.log_keys, Some(&service.archive));
        let control = Ledger::open_on(Arc::new(tail), &dir, options, machine(), machine()).unwrap();
        let service = Service { control, ..service };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = GovernanceClient::new(Http::new(format!("http://{}", listener.local_addr().unwrap())));
        let (stop, stopped) = oneshot::channel();
        let running = serve_until(service, listener, "0.0.0".to_owned(), async { drop(stopped.await) });
        (client, stop, tokio::spawn(running))
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (u16, String) {
    match answer {
        Err(ClientError::Problem(detail, status)) => (status, detail.code),
        other => panic!("not a problem: {other:?}"),
    }
}

#[tokio::test]
async fn a_flush_that_fails_is_unknown_and_ends_the_process() {
    for (torn, recorded) in [(false, true), (true, false)] {
        let faulty = Faulty::new().await;
        let fault = if torn { &faulty.faults.tear_write } else { &faulty.faults.fail_flush };
        fault.store(1, SeqCst);
        let (client, _stop, running) = faulty.start();
        let unknown = client.submit(&faulty.statement, AckLevel::Durable).await;
        assert_eq!(code(unknown), (503, "unknown".to_owned()));
        let ended = running.await.unwrap().unwrap_err();
        assert!(matches!(&ended, GovernanceError::Ended(why) if why.contains("could not be written")), "{ended}");

        // Started again, the same command is answered as what became of it: once, whichever.
        fault.store(0, SeqCst);
        let (client, stop, running) = faulty.start();
        assert_eq!(client.ledger().await.unwrap().control_size, 1 + u64::from(recorded));
        assert_eq!(client.submit(&faulty.statement, AckLevel::Published).await.unwrap().index, 1);
        assert_eq!(client.ledger().await.unwrap().control_size, 2);
        drop(stop);
        running.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_is_a_refusal_that_passes() {
    let faulty = Faulty::new().await;
    let (client, stop, running) = faulty.start();
    faulty.faults.disk_full.store(true, SeqCst);
    let full = client.submit(&faulty.statement, AckLevel::Durable).await;
    assert_eq!(code(full), (503, "ledger.disk_full".to_owned()));
    assert_eq!(client.ledger().await.unwrap().control_size, 1);
    faulty.faults.disk_full.store(false, SeqCst);
    assert_eq!(client.submit(&faulty.statement, AckLevel::Durable).await.unwrap().index, 1);
    drop(stop);
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_checkpoint_that_cannot_be_kept_is_not_published_and_ends_the_process() {
    let faulty = Faulty::new().await;
    faulty.faults.fail_checkpoints.store(true, SeqCst);
    let (client, _stop, running) = faulty.start();
    let unknown = client.submit(&faulty.statement, AckLevel::Published).await;
    assert_eq!(code(unknown), (503, "unknown".to_owned()));
    let ended = running.await.unwrap().unwrap_err();
    assert!(ended.to_string().contains("a checkpoint could not be written"), "{ended}");
}

#[tokio::test]
async fn what_happened_is_counted() {
    let faulty = Faulty::new().await;
    let (client, stop, running) = faulty.start();
    client.submit(&faulty.statement, AckLevel::Durable).await.unwrap();
    let text = client.http().get_bytes("/metrics").await.unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    for series in ["leaves_total", "refusals_total", "refusal_repeats_total", "events_total", "control_entries"] {
        assert!(text.contains(&format!("countersign_{series}{{service=\"governance\"}}")), "{series} in {text}");
    }
    assert!(text.contains("countersign_leaves_total{service=\"governance\"} 1"), "{text}");
    assert!(!text.contains(&TenantId([3; 16]).to_string()));
    drop(stop);
    running.await.unwrap().unwrap();
}
