//! Ours: callers in the process of the journal, as the routes of Platform Services are.

use super::pairs::{CALLERS, CYCLES, Opened};
use crate::args::Pace;
use crate::drive::{Caller, drive};
use crate::error::Error;
use crate::figures::Run;
use lease_journal::{Ask, CYCLES_MAX, Cap, Journal, JournalOptions, PeriodKind, ReservationKey, Right};
use model::{ChangeId, EngineId, Id};
use std::path::Path;
use std::time::Instant;

struct Client {
    journal: Journal,
    right: Right,
    lease: ChangeId,
    engine: EngineId,
}

impl Caller for Client {
    async fn call(&mut self) -> Result<(), Error> {
        let key = ReservationKey { engine: self.engine, id: Id(client::random_bytes()) };
        let ask = Ask { lease: self.lease, key, cycles: CYCLES.0, hold_ms: 60_000 };
        self.journal.reserve(ask, &self.right).await?;
        self.journal.post(self.lease, key, CYCLES.1).await?;
        Ok(())
    }
}

/// One run on a fresh journal below `dir`, which is removed afterwards; each caller is an engine, and a call is a pair.
///
/// # Errors
/// When the journal does not take a pair.
pub async fn run(dir: &Path, own: bool, pace: Pace) -> Result<(Run, Opened), Error> {
    let dir = tempfile::tempdir_in(dir).map_err(Error::io("make a directory for a journal"))?;
    let path = dir.path().to_owned();
    let open = move || Journal::open(&path, JournalOptions::new("countersign.bench/leases"));
    let journal = tokio::task::spawn_blocking(open.clone()).await??;
    let cap = Cap { cycles: CYCLES_MAX, control_size: 1 };
    let right = Right { cap, zone: "Europe/Berlin".to_owned(), kind: PeriodKind::Month };
    let caller = |number: u8| {
        let lease = ChangeId([if own { number } else { 0 }; 16]);
        Client { journal: journal.clone(), right: right.clone(), lease, engine: EngineId([number; 16]) }
    };
    let ran = drive((1..=CALLERS).map(caller).collect(), 1, pace).await;
    let again = move || {
        drop(journal);
        let began = Instant::now();
        let journal = open()?;
        let opened = Opened { entries: journal.log().size(), took: began.elapsed() };
        drop(journal);
        dir.close().map_err(Error::io("remove a journal"))?;
        Ok::<_, Error>(opened)
    };
    let opened = tokio::task::spawn_blocking(again).await??;
    Ok((ran?, opened))
}
