//! Durable appends: the disk, the ledger, Governance, taking turns.

use crate::args::{Args, Pace};
use crate::error::Error;
use crate::figures::Run;
use crate::people::People;
use crate::plane::Plane;
use crate::{disk, event, toy};
use model::Scope;
use std::path::{Path, PathBuf};

/// The raw flushes: to one file, to two at once.
const RAW: [&str; 2] = ["raw: 4 KiB + fdatasync, one file", "raw: two files at once, each"];
/// How many callers at once.
const CALLERS: [u32; 3] = [1, 64, 256];
/// Connections and events a request of the batches: as many as one sender may have waiting.
const BATCHES: (u32, u32) = (8, 100);
/// How long the bench's own credential holds, milliseconds.
const TOKEN_LIFE_MS: i64 = 3_600_000;

/// One line of the figures.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is.
    pub name: String,
    /// Its runs, in the order in which they were made.
    pub runs: Vec<Run>,
    /// The rate of each run as a multiple of the better raw rate just before it; empty for the raw flushes.
    pub of_raw: Vec<f64>,
}

#[derive(Clone, Copy)]
enum Cell {
    InProcess(u32),
    Http { callers: u32, batch: u32 },
}

impl Cell {
    fn name(self) -> String {
        match self {
            Self::InProcess(1) => "in process, 1 caller".to_owned(),
            Self::InProcess(callers) => format!("in process, {callers} callers"),
            Self::Http { callers: 1, .. } => "HTTP, 1 caller".to_owned(),
            Self::Http { callers, batch: 1 } => format!("HTTP, {callers} callers"),
            Self::Http { callers, batch } => format!("HTTP, {callers} callers x {batch} events"),
        }
    }
}

/// Flushes to one file, then to two at once as the ledger does (entries and checkpoints): on a busy machine one
/// thread that only flushes waits for the scheduler, and would pass for a slow disk. Answers the better rate of a file.
async fn raw(rows: &mut [Row], dir: PathBuf, pace: Pace) -> Result<f64, Error> {
    let mut best = 0.0_f64;
    for (files, row) in (1..).zip(rows) {
        let dir = dir.clone();
        let runs = tokio::task::spawn_blocking(move || disk::raw(&dir, files, pace)).await??;
        best = runs.iter().map(|run| run.per_second).fold(best, f64::max);
        row.runs.extend(runs);
    }
    Ok(best)
}

/// Measures all of it, in rounds: within one, the raw flushes come first and each cell follows them.
///
/// # Errors
/// When Governance does not start, or something is not taken.
pub async fn measure(args: &Args, exe: &Path) -> Result<Vec<Row>, Error> {
    let mut plane = Plane::founded(args.dir(), exe)?;
    plane.serve(&["governance"]).await?;
    let people = People::open(&plane).await?;
    let token = people.ada.credential(Scope::Ingest, TOKEN_LIFE_MS).await?;
    let in_process = CALLERS.map(Cell::InProcess).to_vec();
    let mut http = CALLERS.map(|callers| Cell::Http { callers, batch: 1 }).to_vec();
    http.push(Cell::Http { callers: BATCHES.0, batch: BATCHES.1 });
    let row = |name: String| Row { name, runs: vec![], of_raw: vec![] };
    let mut rows: Vec<_> = RAW.map(|name| row(name.to_owned())).into();
    rows.extend(in_process.iter().chain(&http).map(|cell| row(cell.name())));
    let pace = args.pace();
    for round in 1..=pace.runs {
        let mut place = RAW.len();
        for group in [&in_process, &http] {
            eprintln!("round {round} of {}: raw fdatasync", pace.runs);
            let raw = raw(&mut rows[..RAW.len()], plane.scratch(), pace).await?;
            for cell in group {
                eprintln!("round {round} of {}: {}", pace.runs, rows[place].name);
                let run = match *cell {
                    Cell::InProcess(callers) => toy::run(&plane.scratch(), callers, pace).await?,
                    Cell::Http { callers, batch } => {
                        event::run(plane.port("governance"), &token, callers, batch, pace).await?
                    }
                };
                rows[place].runs.push(run);
                rows[place].of_raw.push(run.per_second / raw);
                place += 1;
            }
        }
    }
    Ok(rows)
}
