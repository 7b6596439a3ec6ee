//! Places for uploads: few at once, and one of each person's, so that nobody takes them all.

use model::PersonId;
use service_shell::Problem;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Uploads at once; each writes up to [`artifact::MAX_ARCHIVE`] (2.4 GiB) beside what is kept, as far as there is room.
const PLACES: usize = 4;
/// When a place is asked for again, seconds.
const AGAIN_S: u32 = 5;

/// Who has one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(Arc<Mutex<BTreeSet<PersonId>>>);

/// One that was taken; it is free again once this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    of: PersonId,
    all: Places,
}

impl Places {
    fn taken(&self) -> MutexGuard<'_, BTreeSet<PersonId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One for this person.
    ///
    /// # Errors
    /// When they have one, or as many others as there are.
    pub(crate) fn take(&self, person: PersonId) -> Result<Place, Problem> {
        let mut taken = self.taken();
        if taken.contains(&person) {
            let what = "another upload of yours is in progress, and each person has one at a time";
            return Err(Problem::unavailable("upload.in_progress", what, "ask again once it has ended", AGAIN_S));
        }
        if taken.len() >= PLACES {
            let what = "as many uploads are in progress as are taken";
            return Err(Problem::unavailable("busy", what, "ask again", AGAIN_S));
        }
        taken.insert(person);
        Ok(Place { of: person, all: self.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.taken().remove(&self.of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_one_and_there_are_few() {
        let (places, person) = (Places::default(), |n: u8| PersonId([n; 16]));
        let first = places.take(person(1)).unwrap();
        assert_eq!(places.take(person(1)).unwrap_err().code(), "upload.in_progress");
        let others: Vec<_> = (2..5).map(|n| places.take(person(n)).unwrap()).collect();
        assert_eq!(others.len() + 1, PLACES);
        assert_eq!(places.take(person(9)).unwrap_err().code(), "busy");
        assert_eq!(places.take(person(1)).unwrap_err().code(), "upload.in_progress", "they know what to wait for");
        drop(first);
        places.take(person(9)).unwrap();
    }
}
