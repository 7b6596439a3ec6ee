//! The step *soak*: what was switched to stays healthy for a while before it is certified.

use super::{Runtime, Seen};
use crate::{
    EngineError, OutputView,
    output::{self, Ask},
    record::SideRecord,
};
use model::{EngineId, Side};
use signed::Served;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Probes in a row that may fail before a soaking release counts as unhealthy.
const FAILED_MAX: u32 = 2;
/// How much of it is told at most, bytes.
const TAIL_BYTES: usize = 8 << 10;
/// How long a log's writer may take once nobody prints any more: a child left behind may print on for ever.
const WRITTEN_WITHIN: Duration = Duration::from_secs(1);
/// How many lines of it are told.
const TAIL_LINES: usize = 20;

impl Runtime {
    /// Watches what serves for `soak_ms`: the same process throughout, answering its probes. It is
    /// not started again within its soak: dying is what the soak is there to find.
    ///
    /// # Errors
    /// [`EngineError::Drifted`] when something else serves; [`EngineError::Probe`] when it ended or
    /// did not answer.
    pub async fn soak(&self, engine: EngineId, seen: Seen, soak_ms: i64) -> Result<(), EngineError> {
        let until = Instant::now() + Duration::from_millis(u64::try_from(soak_ms).unwrap_or(0));
        let drifted = |what: &str| EngineError::Drifted { engine, what: what.to_owned() };
        let serving = seen.serving.ok_or_else(|| drifted("nothing serves"))?;
        let record = self.record(&engine).ok_or_else(|| drifted("nothing was ever started"))?;
        if (record.generation, record.serving) != (seen.generation, Some(serving)) {
            return Err(drifted("something else serves"));
        }
        let process = record.side(serving.side).cloned().ok_or_else(|| drifted("nothing runs there"))?;
        if process.restarted {
            return Err(EngineError::Probe("its process ended before its soak, and was started again".to_owned()));
        }
        let mut failed = 0;
        loop {
            let now = self.record(&engine).and_then(|record| record.side(serving.side).cloned());
            let same = now.is_some_and(|now| now.process == process.process);
            if !same || !process.is_alive() {
                return Err(EngineError::Probe("its process ended within its soak".to_owned()));
            }
            let found = self.probe_side(&engine, serving.side, &process).await;
            failed = if found.ok { 0 } else { failed + 1 };
            if failed >= FAILED_MAX {
                return Err(found.refusal(format!("within its soak, {}", found.why)));
            }
            if Instant::now() >= until && failed == 0 {
                return Ok(());
            }
            let next = Instant::now() + self.inner.options.timing.probe_every;
            if Instant::now() < until {
                sleep_until(next.min(until)).await;
            } else {
                sleep(Duration::from_millis(1)).await;
            }
        }
    }

    /// Whether this is what runs, or ran last, where it serves.
    pub(crate) fn runs(&self, engine: &EngineId, served: &Served) -> bool {
        let record = self.record(engine);
        record.and_then(|record| record.side(served.side).map(|side| side.bundle)) == Some(served.bundle)
    }

    /// The last lines of what was printed on a side since something was started there; none when there is no log.
    pub async fn last_output(&self, engine: &EngineId, side: Side) -> Vec<String> {
        self.until_written(engine, side).await;
        let ask = Ask { side: Some(side), lines: TAIL_LINES, after: None };
        let mut lines = output::since_start(self.output(*engine, ask).await.map(|view| view.lines).unwrap_or_default());
        let mut left = TAIL_BYTES;
        let told = lines.iter().rev().take_while(|line| {
            let fits = line.len() <= left;
            left = left.saturating_sub(line.len());
            fits
        });
        let told = told.count();
        lines.split_off(lines.len() - told)
    }

    /// Of a process that has ended: waits until the writer of its log has written all that it printed.
    async fn until_written(&self, engine: &EngineId, side: Side) {
        let record = self.record(engine);
        if record.is_some_and(|record| record.side(side).is_some_and(SideRecord::is_alive)) {
            return;
        }
        let log = self.inner.layout.log(engine, side);
        let deadline = Instant::now() + WRITTEN_WITHIN;
        while Instant::now() < deadline {
            let log = log.clone();
            let is_kept = super::blocking(move || Ok(confine::is_kept(&log))).await;
            if !is_kept.is_ok_and(|is_kept| is_kept) {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// What an engine prints, on a side or on the one that printed last.
    pub(crate) async fn output(&self, engine: EngineId, ask: Ask) -> Result<OutputView, EngineError> {
        let layout = self.inner.layout.clone();
        super::blocking(move || output::read(&layout, &engine, ask)).await
    }
}
