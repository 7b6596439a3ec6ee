//! All figures, and as JSON.

use crate::append::Row;
use crate::args::Pace;
use crate::deploy::Deployment;
use crate::figures::Spread;
use crate::machine::Machine;
use serde_json::{Value, json};
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
/// What the times of a deployment are told in.
pub const MILLISECOND: Duration = Duration::from_millis(1);

/// All figures of one bench.
pub struct Report {
    pub machine: Machine,
    /// Load averages afterwards.
    pub load_after: String,
    /// How long.
    pub pace: Pace,
    /// Durable appends; the first two rows are the disk's own.
    pub rows: Vec<Row>,
    pub deployments: Vec<Deployment>,
}

/// The spreads of a row.
pub struct Spreads {
    /// Entries a second.
    pub per_second: Spread,
    /// Microseconds.
    pub p50_us: Spread,
    /// Microseconds.
    pub p99_us: Spread,
    /// Multiples of the raw rate; none for the raw flushes themselves.
    pub of_raw: Option<Spread>,
}

impl Row {
    /// Its spreads over the runs.
    pub fn spreads(&self) -> Spreads {
        Spreads {
            per_second: Spread::of(self.runs.iter().map(|run| run.per_second)),
            p50_us: Spread::of_times(self.runs.iter().map(|run| run.p50), MICROSECOND),
            p99_us: Spread::of_times(self.runs.iter().map(|run| run.p99), MICROSECOND),
            of_raw: (!self.of_raw.is_empty()).then(|| Spread::of(self.of_raw.iter().copied())),
        }
    }
}

impl Report {
    /// A time of all deployments, in milliseconds.
    pub fn times_ms(&self, time: impl Fn(&Deployment) -> Duration) -> Spread {
        Spread::of_times(self.deployments.iter().map(time), MILLISECOND)
    }

    /// The steps in the order of the last deployment, each with the milliseconds of its turn.
    pub fn steps_ms(&self) -> Vec<(String, Spread)> {
        let turn = |deployment: &Deployment, place: usize, name: &str| {
            let (found, over) = deployment.steps.get(place)?;
            let before = place.checked_sub(1).map_or(Duration::ZERO, |before| deployment.steps[before].1);
            (found == name).then(|| over.saturating_sub(before))
        };
        let last = self.deployments.last().map(|deployment| deployment.steps.as_slice()).unwrap_or_default();
        let spread = |(place, (name, _)): (usize, &(String, Duration))| {
            let turns = self.deployments.iter().filter_map(|deployment| turn(deployment, place, name));
            (name.clone(), Spread::of_times(turns, MILLISECOND))
        };
        last.iter().enumerate().map(spread).collect()
    }

    /// As JSON: rates a second, latencies in microseconds, times of a deployment in milliseconds.
    pub fn json(&self) -> Value {
        let row = |row: &Row| {
            let all = row.spreads();
            json!({
                "name": row.name, "per_second": all.per_second, "p50_us": all.p50_us, "p99_us": all.p99_us,
                "of_raw_fdatasync": all.of_raw,
            })
        };
        let steps = self.steps_ms().into_iter().map(|(name, spread)| json!({"step": name, "ms": spread}));
        json!({
            "machine": self.machine,
            "load_after": self.load_after,
            "runs": self.pace.runs,
            "run_ms": self.pace.measured.as_millis(),
            "appends": self.rows.iter().map(row).collect::<Vec<_>>(),
            "deployments": {
                "count": self.deployments.len(),
                "run_to_serving_ms": self.times_ms(|one| one.serving),
                "run_to_effective_ms": self.times_ms(|one| one.effective),
                "own_start_ms": self.times_ms(|one| one.own_start),
                "steps": steps.collect::<Vec<_>>(),
            },
        })
    }
}
