//! AI leases: reserve and post, the journal beside PostgreSQL with row locks, taking turns on the same disk.

mod goals;
mod journal;
mod pairs;
mod pgbench;
mod server;

use crate::args::Args;
use crate::disk;
use crate::error::Error;
use crate::machine::{self, Machine};
use goals::Figures;
use pairs::Row;
use pgbench::Script;
use server::Server;

pub use goals::Goal;

/// Pairs of reserve and post, and who keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// The journal, in process; all callers on one lease, or each on its own.
    Journal { own: bool },
    /// PostgreSQL, driven by its own pgbench.
    Postgres(Script),
}

const CELLS: [Cell; 5] = [
    Cell::Journal { own: false },
    Cell::Postgres(Script::ForUpdate),
    Cell::Postgres(Script::OneStatement),
    Cell::Journal { own: true },
    Cell::Postgres(Script::OwnLease),
];

impl Cell {
    fn name(self) -> &'static str {
        match self {
            Self::Journal { own: false } => "journal, one lease",
            Self::Journal { own: true } => "journal, a lease for each caller",
            Self::Postgres(Script::ForUpdate) => "PostgreSQL, one lease, SELECT FOR UPDATE",
            Self::Postgres(Script::OneStatement) => "PostgreSQL, one lease, one statement each",
            Self::Postgres(Script::OwnLease) => "PostgreSQL, a lease for each caller, one statement each",
        }
    }
}

/// Measures in rounds: in each, the raw flushes first and then every cell once.
///
/// # Errors
/// When there is no PostgreSQL here, or something is not taken.
pub async fn measure(args: &Args) -> Result<Figures, Error> {
    let (machine, pace) = (Machine::of(args.dir())?, args.pace());
    let home = args.dir().to_owned();
    let server = tokio::task::spawn_blocking(move || Server::start(&home)).await??;
    let mut raw = Row::new("raw: 4 KiB + fdatasync, one file");
    let mut opened = vec![];
    let mut rows = CELLS.map(|cell| Row::new(cell.name()));
    for round in 1..=pace.runs {
        eprintln!("round {round} of {}: raw fdatasync", pace.runs);
        let dir = args.dir().to_owned();
        raw.runs.extend(tokio::task::spawn_blocking(move || disk::raw(&dir, 1, pace)).await??);
        for (cell, row) in CELLS.into_iter().zip(&mut rows) {
            eprintln!("round {round} of {}: {}", pace.runs, row.name);
            match cell {
                Cell::Journal { own } => {
                    let (run, again) = journal::run(args.dir(), own, pace).await?;
                    row.runs.push(run);
                    opened.push(again);
                }
                Cell::Postgres(script) => {
                    row.runs.push(tokio::task::block_in_place(|| pgbench::run(&server, script, pace))?);
                }
            }
        }
    }
    let version = server.version()?;
    Ok(Figures { machine, load_after: machine::load(), pace, version, raw, rows: rows.into(), opened })
}
