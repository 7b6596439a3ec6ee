//! What died or hangs: how often it was started again, to be reported once a minute.

use super::{Runtime, locked};
use crate::record::SideRecord;
use model::{EngineId, Side};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Probes in a row without an answer before a running process counts as hung.
const HUNG_AFTER: u32 = 5;

/// Restarts not reported yet, by engine: how often since the last report.
#[derive(Debug, Default)]
pub(super) struct Restarts(Mutex<BTreeMap<EngineId, u32>>);

/// Probes in a row that a serving process did not answer, by engine.
#[derive(Debug, Default)]
pub(super) struct Hangs(Mutex<BTreeMap<EngineId, u32>>);

impl Restarts {
    pub(super) fn add(&self, engine: EngineId) {
        let mut all = locked(&self.0);
        let count = all.entry(engine).or_insert(0);
        *count = count.saturating_add(1);
    }
}

impl Hangs {
    /// Counts one probe; whether the process counts as hung by now.
    pub(super) fn count(&self, engine: &EngineId, silent: bool) -> bool {
        let mut all = locked(&self.0);
        if !silent {
            all.remove(engine);
            return false;
        }
        let count = all.entry(*engine).or_insert(0);
        *count += 1;
        let hung = *count >= HUNG_AFTER;
        if hung {
            all.remove(engine);
        }
        hung
    }
}

impl Runtime {
    /// Takes what was restarted of the engines that are `due` to be reported.
    pub fn take_restarts(&self, due: impl Fn(&EngineId) -> bool) -> BTreeMap<EngineId, u32> {
        let mut all = locked(&self.inner.restarts.0);
        let (taken, left) = std::mem::take(&mut *all).into_iter().partition(|(engine, _)| due(engine));
        *all = left;
        taken
    }

    /// Ends a process that serves and does not answer: the watch starts it again.
    pub(super) async fn end_hung(&self, engine: &EngineId, side: Side, running: &SideRecord) {
        let Ok(_held) = self.lock(engine).try_lock_owned() else { return };
        let Some(identity) = running.process.clone() else { return };
        tracing::error!(%engine, %side, "engine: what serves does not answer; ending it");
        let within = self.inner.options.timing.terminate_within;
        let ended = super::blocking(move || identity.terminate(within).map_err(crate::EngineError::Process)).await;
        if let Err(error) = ended {
            tracing::error!(%engine, %error, "engine: a process that does not answer cannot be ended");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_forgives_and_the_last_of_a_row_counts_as_hung() {
        let (hangs, engine) = (Hangs::default(), EngineId([1; 16]));
        for _ in 1..HUNG_AFTER {
            assert!(!hangs.count(&engine, true));
        }
        assert!(!hangs.count(&engine, false));
        for _ in 1..HUNG_AFTER {
            assert!(!hangs.count(&engine, true));
        }
        assert!(hangs.count(&engine, true));
        assert!(!hangs.count(&engine, true), "it is counted again after it was ended");
    }
}
