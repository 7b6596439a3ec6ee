//! Which ended reservations are still known, so that a question asked again is answered as before: for a time, and so many
//! of each engine. Where all engines together have too many, the one that has most forgets first: a busy engine does not
//! push out what a quiet one asked.

use crate::ReservationKey;
use model::{EngineId, Instant};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// How long an ended reservation is known, milliseconds.
pub const KNOWN_MS: i64 = 48 * 3_600_000;
/// Most ended reservations of one engine that are known; beyond it its own oldest is forgotten earlier. An open one never is.
pub const KNOWN_MAX: usize = 1 << 16;
/// Most of all engines: what a start keeps in memory, whatever there is on disk.
pub const KNOWN_IN_ALL: usize = 1 << 20;

/// The ended reservations that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// Most of all engines.
    most: usize,
    /// How many have ended, which is the place of the next.
    ended: u64,
    /// In the order in which they ended, by their place in it.
    all: BTreeMap<u64, (Instant, ReservationKey)>,
    /// The same of each engine.
    of: HashMap<EngineId, VecDeque<u64>>,
}

impl Default for Known {
    fn default() -> Self {
        Self::with_room(KNOWN_IN_ALL)
    }
}

impl Known {
    fn with_room(most: usize) -> Self {
        Self { most, ended: 0, all: BTreeMap::new(), of: HashMap::new() }
    }

    /// Notes one that has ended; what is given back is its engine's oldest, where that is one too many.
    #[must_use]
    pub(crate) fn add(&mut self, at: Instant, key: ReservationKey) -> Option<ReservationKey> {
        self.all.insert(self.ended, (at, key));
        let own = self.of.entry(key.engine).or_default();
        own.push_back(self.ended);
        self.ended += 1;
        let oldest = if own.len() > KNOWN_MAX { own.pop_front() } else { None };
        self.all.remove(&oldest?).map(|(_, key)| key)
    }

    /// Takes out one that is too old at the instant, or one of the engine that has most, where there are too many.
    pub(crate) fn forgotten(&mut self, now: Instant) -> Option<ReservationKey> {
        let (at, oldest) = self.all.first_key_value()?.1;
        let engine = if now.millis_since(*at) >= KNOWN_MS {
            oldest.engine
        } else if self.all.len() > self.most {
            // Of two that have as many it is always the same one: a journal read again decides as it did.
            *self.of.iter().max_by_key(|(engine, own)| (own.len(), **engine))?.0
        } else {
            return None;
        };
        let own = self.of.get_mut(&engine)?;
        let place = own.pop_front()?;
        if own.is_empty() {
            self.of.remove(&engine);
        }
        self.all.remove(&place).map(|(_, key)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Id;

    fn key(engine: u8, id: u8) -> ReservationKey {
        ReservationKey { engine: EngineId([engine; 16]), id: Id([id; 16]) }
    }

    #[test]
    fn a_busy_engine_makes_nothing_of_a_quiet_one_forgotten() {
        let (mut known, now) = (Known::with_room(4), Instant::EPOCH);
        let mut forgotten = vec![];
        for key in [key(1, 0), key(2, 1), key(2, 2), key(2, 3), key(2, 4), key(3, 5)] {
            assert_eq!(known.add(now, key), None);
            forgotten.extend(std::iter::from_fn(|| known.forgotten(now)));
        }
        assert_eq!(forgotten, [key(2, 1), key(2, 2)], "its own, the oldest first");
    }

    #[test]
    fn each_is_forgotten_when_its_time_is_over() {
        let (mut known, now) = (Known::with_room(4), Instant::EPOCH);
        assert_eq!(known.add(now, key(1, 0)), None);
        assert_eq!(known.add(now.plus_millis(1), key(2, 1)), None);
        assert_eq!(known.forgotten(now.plus_millis(KNOWN_MS - 1)), None);
        assert_eq!(known.forgotten(now.plus_millis(KNOWN_MS)), Some(key(1, 0)));
        assert_eq!(known.forgotten(now.plus_millis(KNOWN_MS)), None);
        assert_eq!(known.forgotten(now.plus_millis(KNOWN_MS + 1)), Some(key(2, 1)));
    }
}
