//! How fast one engine may reserve: each reservation is an entry of the journal that is kept, and another one when it ends.
//! What was granted can always be posted or given back.

use super::problems;
use model::EngineId;
use service_shell::Problem;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One in so long, over time: fifty a second.
const EACH: Duration = Duration::from_millis(20);
/// So many at once, after a pause.
const AT_ONCE: u32 = 1_000;

/// The pace of each engine. Clones share.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// When all that an engine has asked for would be through at the pace that holds over time.
    through: Arc<Mutex<HashMap<EngineId, Instant>>>,
}

impl Pace {
    /// Counts one reservation of an engine.
    ///
    /// # Errors
    /// When it asks faster than it may.
    pub(super) fn step(&self, engine: EngineId) -> Result<(), Problem> {
        self.step_at(engine, Instant::now()).map_err(problems::too_often)
    }

    /// # Errors
    /// How long it has to wait.
    fn step_at(&self, engine: EngineId, now: Instant) -> Result<(), Duration> {
        let mut all = self.through.lock().unwrap_or_else(PoisonError::into_inner);
        // Who has paused for so long that nothing is left counts as one who never asked.
        all.retain(|known, through| *known == engine || *through > now);
        let through = all.get(&engine).map_or(now, |through| now.max(*through));
        let wait = (through + EACH).saturating_duration_since(now + EACH * AT_ONCE);
        if wait > Duration::ZERO {
            return Err(wait);
        }
        all.insert(engine, through + EACH);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINE: EngineId = EngineId([1; 16]);
    const OTHER: EngineId = EngineId([2; 16]);

    #[test]
    fn so_many_at_once_then_fifty_a_second_each_engine_by_itself() {
        let (pace, now) = (Pace::default(), Instant::now());
        for _ in 0..AT_ONCE {
            pace.step_at(ENGINE, now).unwrap();
        }
        assert_eq!(pace.step_at(ENGINE, now), Err(EACH));
        pace.step_at(OTHER, now).unwrap();
        assert_eq!(pace.step_at(ENGINE, now), Err(EACH), "what was refused counts for nothing");
        pace.step_at(ENGINE, now + EACH).unwrap();
        pace.step_at(ENGINE, now + EACH).unwrap_err();
        let later = now + EACH * (AT_ONCE + 1);
        for _ in 0..AT_ONCE {
            pace.step_at(ENGINE, later).unwrap();
        }
        pace.step_at(ENGINE, later).unwrap_err();
    }
}
