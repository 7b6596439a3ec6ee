//! Copies that are being hashed again on a reader's word: it takes minutes, and nobody waits for it.

use model::{Digest, Instant, Service};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is kept, at whom.
pub type CopyAt = (Service, Digest);

/// How it is with one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Asked for then; the answer has not come.
    Asked(Instant),
    /// It did not come to an end, and why.
    Failed(Instant, String),
}

/// Every one that was asked for and is not answered, and what failed of the last that were asked for. Clones share.
#[derive(Debug, Clone, Default)]
pub struct Readings(Arc<Mutex<BTreeMap<CopyAt, Reading>>>);

impl Readings {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<CopyAt, Reading>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that these are asked for; none while one of them is being read already.
    pub(crate) fn begin(&self, copies: &[CopyAt], at: Instant) -> Option<Asked> {
        let mut all = self.lock();
        all.retain(|_, reading| matches!(reading, Reading::Asked(_)));
        if copies.iter().any(|copy| all.contains_key(copy)) {
            return None;
        }
        all.extend(copies.iter().map(|copy| (*copy, Reading::Asked(at))));
        Some(Asked { readings: self.clone(), copies: copies.to_vec() })
    }

    /// How it is with a copy; none: nobody has asked, or the answer came.
    pub(crate) fn of(&self, copy: &CopyAt) -> Option<Reading> {
        self.lock().get(copy).cloned()
    }
}

/// Copies that were asked for. Once this is dropped, none of them is being read any more.
pub(crate) struct Asked {
    readings: Readings,
    pub(crate) copies: Vec<CopyAt>,
}

impl Asked {
    /// The answer came.
    pub(crate) fn came(&self, copy: &CopyAt) {
        self.readings.lock().remove(copy);
    }

    /// It does not come.
    pub(crate) fn failed(&self, copy: &CopyAt, at: Instant, why: String) {
        self.readings.lock().insert(*copy, Reading::Failed(at, why));
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut all = self.readings.lock();
        for copy in &self.copies {
            if matches!(all.get(copy), Some(Reading::Asked(_))) {
                all.remove(copy);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_being_read_until_its_answer_has_come() {
        let (readings, at) = (Readings::default(), Instant::EPOCH);
        let [one, two, three] = [1, 2, 3].map(|n| (Service::Node, Digest([n; 32])));
        let asked = readings.begin(&[one, two, three], at).unwrap();
        assert!(readings.begin(&[two], at).is_none(), "it is read once");
        asked.came(&one);
        asked.failed(&two, at, "cut off".to_owned());
        let failed = Reading::Failed(at, "cut off".to_owned());
        assert_eq!([one, two, three].map(|copy| readings.of(&copy)), [None, Some(failed), Some(Reading::Asked(at))]);
        drop(asked);
        assert_eq!(readings.of(&three), None, "nobody waits for it any more");
        assert!(readings.of(&two).is_some());
        drop(readings.begin(&[one], at));
        assert_eq!(readings.of(&two), None, "only the last ones are told");
    }
}
