//! How fast people may deposit secrets.

use follower::Pace;
use model::PersonId;
use service_shell::Problem;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Most secrets that one person deposits within a minute.
const PER_MINUTE: usize = 60;

/// Those of the last minute, by person. Only who may publish is in it, so the roster bounds it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deposits(Arc<Mutex<BTreeMap<PersonId, Pace>>>);

impl Deposits {
    /// One more of this person's.
    ///
    /// # Errors
    /// When they have deposited enough within this minute.
    pub(crate) fn step(&self, person: PersonId, now: Instant) -> Result<(), Problem> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(person).or_default().step(PER_MINUTE, now).map_err(|wait| {
            let what = format!("{PER_MINUTE} secrets within a minute is the most that one person deposits");
            Problem::too_many("secrets.too_often", what, wait)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_a_pace_of_their_own() {
        let (deposits, now) = (Deposits::default(), Instant::now());
        let [quick, other] = [PersonId([1; 16]), PersonId([2; 16])];
        for _ in 0..PER_MINUTE {
            deposits.step(quick, now).unwrap();
        }
        assert_eq!(deposits.step(quick, now).unwrap_err().code(), "secrets.too_often");
        deposits.step(other, now).unwrap();
    }
}
