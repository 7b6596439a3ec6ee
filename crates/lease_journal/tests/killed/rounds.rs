//! The rounds.

use crate::callers::{Caller, Dice, Told};
use crate::checks::check;
use crate::server::{JOURNAL, SOCKET};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CALLERS: u8 = 64;
/// Cycles by which each round raises the cap.
const RAISE: u64 = 200;
/// Longest wait for anything.
const DEADLINE: Duration = Duration::from_secs(60);

/// The served process; whoever leaves it behind kills it.
struct Server(Child);

impl Server {
    fn start(dir: &Path, cap: u64, control_size: u64) -> Self {
        let exe = std::env::current_exe().unwrap();
        let mut command = Command::new(exe);
        command.arg("serve").arg(dir).args([cap.to_string(), control_size.to_string()]).stdin(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// SIGKILL.
    fn kill_9(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// `COUNTERSIGN_SEED`, or a new one; printed either way.
fn seed() -> u64 {
    let given = std::env::var("COUNTERSIGN_SEED").ok().map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|| {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).unwrap();
        u64::from_be_bytes(bytes)
    });
    println!("COUNTERSIGN_SEED={seed}");
    seed
}

pub fn run() {
    let seed = seed();
    let rounds = if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 150 } else { 3 };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(killed(seed, rounds));
}

async fn killed(seed: u64, rounds: u64) {
    let dir = tempfile::tempdir().unwrap();
    let (told, mut dice) = (Arc::new(Told::default()), Dice(seed));
    let mut caps = BTreeMap::new();
    let mut calling = JoinSet::new();
    for number in 0..CALLERS {
        calling.spawn(Caller::new(dir.path().to_owned(), Arc::clone(&told), number, seed).run());
    }
    for round in 1..=rounds {
        let cap = RAISE * round;
        caps.insert(round, cap);
        let mut server = Server::start(dir.path(), cap, round);
        // Somewhere in the stream of answers, and then anywhere between two of them.
        answers(&told, 50 + dice.below(1_500)).await;
        tokio::time::sleep(Duration::from_micros(dice.below(3_000))).await;
        server.kill_9();
    }
    // Once more, for those who were not answered.
    let cap = RAISE * rounds;
    caps.insert(rounds, cap);
    let mut server = Server::start(dir.path(), cap, rounds);
    told.stop.store(true, SeqCst);
    let yes = tokio::time::timeout(DEADLINE, calling.join_all()).await.expect("every question is answered").concat();
    server.kill_9();
    drop(std::fs::remove_file(dir.path().join(SOCKET)));
    let (entries, full) = check(&dir.path().join(JOURNAL), &caps, &yes);
    println!("{rounds} kills, {entries} entries, {} yeses, the cap met to its last cycle {full} times", yes.len());
    assert!(full > 0, "the cap was never met: this has shown nothing");
}

/// Waits until so many more questions were answered.
async fn answers(told: &Told, more: u64) {
    let (until, begun) = (told.answers.load(SeqCst) + more, Instant::now());
    while told.answers.load(SeqCst) < until {
        assert!(begun.elapsed() < DEADLINE, "nobody is answered");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
