//! Which ended reservations are still known, so that a question asked again is answered as before: for a time, and so many
//! of each engine. What one engine asks makes nothing of another's forgotten.

use crate::ReservationKey;
use model::{EngineId, Instant};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// How long an ended reservation is known, milliseconds.
pub const KNOWN_MS: i64 = 48 * 3_600_000;
/// Most ended reservations of one engine that are known; beyond it its own oldest is forgotten earlier. An open one never is.
pub const KNOWN_MAX: usize = 1 << 16;
/// Most of all engines: what a start keeps in memory, whatever there is on disk.
const KNOWN_IN_ALL: usize = 1 << 20;

/// The ended reservations that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// How many have ended, which is the place of the next.
    ended: u64,
    /// In the order in which they ended, by their place in it.
    all: BTreeMap<u64, (Instant, ReservationKey)>,
    /// The same of each engine.
    of: HashMap<EngineId, VecDeque<u64>>,
}

impl Known {
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

    /// Takes out the oldest of all, where it is too old at the instant, or one too many.
    pub(crate) fn forgotten(&mut self, now: Instant) -> Option<ReservationKey> {
        let (at, _) = self.all.first_key_value()?.1;
        if now.millis_since(*at) < KNOWN_MS && self.all.len() <= KNOWN_IN_ALL {
            return None;
        }
        let (_, (_, key)) = self.all.pop_first()?;
        // It is the first of its engine, too: both stand in the order in which they ended.
        if let Some(own) = self.of.get_mut(&key.engine) {
            own.pop_front();
        }
        Some(key)
    }
}
