//! The figures, and what they must come to.

use super::pairs::{Opened, Row};
use crate::args::Pace;
use crate::figures::Spread;
use crate::machine::Machine;
use crate::table::{aligned, heading, triple};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

const MICROSECOND: Duration = Duration::from_micros(1);
/// Pairs a second that the journal must come to, on one lease.
const LEAST: f64 = 20_000.0;
/// How many times what PostgreSQL comes to, on one lease and in its faster form.
const TIMES: f64 = 10.0;

/// All figures.
pub struct Figures {
    pub machine: Machine,
    pub load_after: String,
    pub pace: Pace,
    /// PostgreSQL's own word.
    pub version: String,
    pub raw: Row,
    /// In the order of the cells.
    pub rows: Vec<Row>,
    /// The journals of the runs, opened again.
    pub opened: Vec<Opened>,
}

/// A figure and the least it must be.
pub struct Goal {
    name: String,
    value: f64,
    least: f64,
}

impl Goal {
    /// Whether it is met.
    pub fn is_met(&self) -> bool {
        self.value >= self.least
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, least, .. } = self;
        write!(f, "{name:<56} {value:>9.1}  at least {least:<7} {}", if self.is_met() { "ok" } else { "FAILED" })
    }
}

fn rate(row: &Row) -> Spread {
    Spread::of(row.runs.iter().map(|run| run.per_second))
}

/// How many times as fast one is as the other, in the same rounds.
fn times(one: &Row, other: &Row) -> Spread {
    Spread::of(one.runs.iter().zip(&other.runs).map(|(one, other)| one.per_second / other.per_second))
}

impl Figures {
    /// The goals, by the middle run.
    pub fn goals(&self) -> Vec<Goal> {
        let [journal, for_update, statement, ..] = &self.rows[..] else { return vec![] };
        let faster = if rate(for_update).median > rate(statement).median { for_update } else { statement };
        let name = format!("journal, times {}", faster.name);
        vec![
            Goal { name: "journal, one lease: pairs a second".to_owned(), value: rate(journal).median, least: LEAST },
            Goal { name, value: times(journal, faster).median, least: TIMES },
        ]
    }

    /// Entries a second of a start.
    fn start(&self) -> Spread {
        let rate =
            |opened: &Opened| f64::from(u32::try_from(opened.entries).unwrap_or(u32::MAX)) / opened.took.as_secs_f64();
        Spread::of(self.opened.iter().map(rate))
    }

    /// As a person reads them.
    pub fn text(&self) -> String {
        let mut lines = vec![["RESERVE + POST, 64 CALLERS", "PAIRS/s", "P50 µs", "P99 µs"].map(str::to_owned).to_vec()];
        for row in std::iter::once(&self.raw).chain(&self.rows) {
            lines.push(vec![
                row.name.to_owned(),
                triple(rate(row), 0),
                triple(Spread::of_times(row.runs.iter().map(|run| run.p50), MICROSECOND), 0),
                triple(Spread::of_times(row.runs.iter().map(|run| run.p99), MICROSECOND), 0),
            ]);
        }
        let mut out = heading(&self.machine, &self.load_after, self.pace) + "\n" + &aligned(&lines);
        let told = format!(
            "PostgreSQL {}: fsync and synchronous_commit on, its own pgbench over a socket, prepared statements; the\n\
             journal: in process, each answer after its flush; both on the same disk and cores\n\
             a start of the journal reads every entry again: {} a second\n\n",
            self.version,
            triple(self.start(), 0)
        );
        out += &told;
        let goals: Vec<_> = self.goals().iter().map(|goal| format!("{goal}\n")).collect();
        out + &goals.concat()
    }

    /// As JSON: rates a second, latencies in microseconds.
    pub fn json(&self) -> Value {
        let row = |row: &Row| {
            json!({
                "name": row.name, "per_second": rate(row),
                "p50_us": Spread::of_times(row.runs.iter().map(|run| run.p50), MICROSECOND),
                "p99_us": Spread::of_times(row.runs.iter().map(|run| run.p99), MICROSECOND),
            })
        };
        let goal =
            |goal: &Goal| json!({"name": goal.name, "value": goal.value, "least": goal.least, "met": goal.is_met()});
        json!({
            "machine": self.machine,
            "load_after": self.load_after,
            "runs": self.pace.runs,
            "run_ms": self.pace.measured.as_millis(),
            "postgresql": self.version,
            "raw": row(&self.raw),
            "leases": self.rows.iter().map(row).collect::<Vec<_>>(),
            "start_entries_per_second": self.start(),
            "goals": self.goals().iter().map(goal).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Run;

    fn row(name: &'static str, rates: &[f64]) -> Row {
        let run = |per_second: &f64| Run { per_second: *per_second, p50: MICROSECOND, p99: MICROSECOND };
        Row { name, runs: rates.iter().map(run).collect() }
    }

    fn figures(journal: &[f64], for_update: &[f64], statement: &[f64]) -> Figures {
        Figures {
            machine: Machine::of(std::path::Path::new(".")).unwrap(),
            load_after: String::new(),
            pace: Pace { runs: 3, warm_up: MICROSECOND, measured: MICROSECOND, deployments: 0 },
            version: "0".to_owned(),
            opened: vec![Opened { entries: 5, took: Duration::from_secs(1) }],
            raw: row("raw", &[1.0]),
            rows: vec![row("journal", journal), row("locks", for_update), row("statement", statement)],
        }
    }

    #[test]
    fn the_faster_of_both_forms_is_what_is_beaten_in_the_middle_round() {
        let met = figures(&[30_000.0, 20_000.0, 90_000.0], &[1.0, 1.0, 1.0], &[3_000.0, 2_000.0, 100.0]);
        assert!(met.goals().iter().all(Goal::is_met));
        assert!(met.text().contains("journal, times statement"));
        let missed = figures(&[19_999.0], &[2_100.0], &[2_000.0]);
        assert!(missed.goals().iter().all(|goal| !goal.is_met()));
        assert!(missed.text().contains("times locks") && missed.text().contains("FAILED"));
    }
}
