//! The ledger alone: a machine that decides nothing, with entries of the usual size.

use crate::args::Pace;
use crate::drive::{Caller, drive};
use crate::error::Error;
use crate::figures::Run;
use ed25519_dalek::SigningKey;
use ledger::{Ack, Decision, Lane, Ledger, Machine, Options};
use model::{Id, Instant};
use std::path::Path;
use std::sync::Arc;
use tlog::note::NoteSigner;

/// Bytes of a leaf: what a decided command takes.
pub const LEAF_BYTES: usize = 700;
/// Bytes of a payload.
pub const PAYLOAD_BYTES: usize = 300;
const ORIGIN: &str = "countersign.bench/toy";

struct Toy;

impl Machine for Toy {
    type Command = u64;
    type Answer = ();

    fn decide(&self, now: Instant, command: &u64) -> Decision<()> {
        let mut leaf = format!("{now} {command}").into_bytes();
        leaf.resize(LEAF_BYTES, b'.');
        Decision::Append { leaf, payload: vec![b'.'; PAYLOAD_BYTES], answer: () }
    }

    fn apply(&mut self, _: u64, _: &[u8]) {}

    fn replay(&mut self, _: u64, _: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn panicked(&self) {}

    fn stamp(leaf: &[u8]) -> Option<Instant> {
        std::str::from_utf8(leaf).ok()?.split(' ').next()?.parse().ok()
    }
}

struct Submitter {
    ledger: Arc<Ledger<Toy>>,
    principal: Id,
    next: u64,
}

impl Caller for Submitter {
    async fn call(&mut self) -> Result<(), Error> {
        self.next += 1;
        self.ledger.submit(Lane::Normal, self.principal, self.next, Ack::Durable).await?;
        Ok(())
    }
}

/// One run on a fresh ledger below `dir`, which is removed afterwards. Each caller is a principal of its own.
///
/// # Errors
/// When the ledger does not take an entry.
pub async fn run(dir: &Path, callers: u32, pace: Pace) -> Result<Run, Error> {
    let dir = tempfile::tempdir_in(dir).map_err(Error::io("make a directory for a ledger"))?;
    let signer = NoteSigner::new(ORIGIN, SigningKey::from_bytes(&client::random_bytes()))?;
    let path = dir.path().to_owned();
    let open = move || Ledger::open(&path, Options::new(ORIGIN, signer), Toy, Toy);
    let ledger = Arc::new(tokio::task::spawn_blocking(open).await??);
    let caller = |_| Submitter { ledger: Arc::clone(&ledger), principal: Id(client::random_bytes()), next: 0 };
    let ran = drive((0..callers).map(caller).collect(), 1, pace).await;
    // Closing signs and writes what is left, and removing takes a while too: neither holds up a thread that serves.
    let close = move || {
        drop(ledger);
        dir.close()
    };
    tokio::task::spawn_blocking(close).await?.map_err(Error::io("remove a ledger"))?;
    ran
}
