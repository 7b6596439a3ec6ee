//! `placements.json`: whose memory is spoken for.

use crate::reconcile::Decided;
use crate::{NodeError, Placement, file};
use durable_file::Mended;
use model::{EngineId, Side};
use signed::Placed;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The placements, durable before they are true.
#[derive(Debug)]
pub(crate) struct Placements {
    path: PathBuf,
    total_mib: u32,
    placed: Mutex<Vec<Placement>>,
    /// Why the file was not believed, until what is placed is known from the ledger; empty where it was.
    lost: Mutex<Option<Lost>>,
    reconciled: Mutex<bool>,
    files: Mended,
}

/// Why the file was not believed.
#[derive(Debug)]
struct Lost {
    why: String,
    /// Or it was not there, as before the first placement.
    damaged: bool,
}

/// Why there is no room.
pub(crate) enum NotPlaced {
    /// More is needed than is free.
    Insufficient,
    /// It could not be written down, and the file is as it was: nothing is reserved.
    Unchanged(NodeError),
    /// It could not be written down, and what the file says now is not known.
    Unknown(NodeError),
}

impl Placements {
    /// Reads them. A file that cannot be read is set aside; [`Placements::reconcile`] rebuilds it.
    pub(crate) fn open(dir: &Path, total_mib: u32, files: Mended) -> Result<Self, NodeError> {
        let path = dir.join("placements.json");
        let (placed, lost) = match std::fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(placed) => (placed, None),
                Err(error) => {
                    let aside = durable_file::set_aside(&path).map_err(NodeError::io(&path))?;
                    let why = format!("{error}; set aside as `{}`", aside.display());
                    tracing::warn!(path = %path.display(), why, "node: the placements are damaged");
                    files.damaged(&path, format!("{why}; rebuilt as soon as the ledger can be read"));
                    (vec![], Some(Lost { why, damaged: true }))
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (vec![], Some(Lost { why: "it was missing".to_owned(), damaged: false }))
            }
            Err(error) => return Err(NodeError::io(&path)(error)),
        };
        Ok(Self {
            path,
            total_mib,
            placed: Mutex::new(placed),
            lost: Mutex::new(lost),
            reconciled: Mutex::default(),
            files,
        })
    }

    /// [`Placements::reconcile`], once in the life of this process.
    pub(crate) fn reconcile_once(&self, decided: impl FnOnce() -> Vec<Decided>) -> Result<(), NodeError> {
        let mut reconciled = self.reconciled.lock().unwrap_or_else(PoisonError::into_inner);
        if !*reconciled {
            self.reconcile(&decided())?;
            *reconciled = true;
        }
        Ok(())
    }

    /// Makes the file agree with the ledger: what certainly is placed is in it, and nothing of an engine that is not
    /// here. What a running change has placed beside that stays, unless the file was lost.
    pub(crate) fn reconcile(&self, decided: &[Decided]) -> Result<(), NodeError> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut placed = self.placed();
        let known = |one: &&Placement| decided.iter().any(|engine| engine.engine == one.engine);
        let mut next: Vec<Placement> = placed.iter().filter(known).cloned().collect();
        for engine in decided.iter().filter(|engine| lost.is_some() || !engine.changing) {
            for one in &engine.placed {
                let what = |of: &Placement| (of.artifact, of.theme, of.memory_mib);
                let same = |other: &Placement| what(other) == what(one);
                let found = next.iter().find(|other| (other.engine, other.side) == (one.engine, one.side));
                if !found.is_some_and(same) {
                    next = others(&next, one.engine, one.side);
                    next.push(one.clone());
                }
            }
        }
        // A file that was damaged is written again even where nothing is placed; that none was there is no damage then.
        if *placed == next && !lost.as_ref().is_some_and(|lost| lost.damaged) {
            return Ok(());
        }
        let other = || Lost { why: "it did not say what the ledger says is placed".to_owned(), damaged: true };
        let was = lost.unwrap_or_else(other);
        if let Err(error) = self.write(&mut placed, next) {
            *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(was);
            return Err(error);
        }
        let was = was.why;
        tracing::warn!(path = %self.path.display(), was, "node: the placements are rebuilt from the ledger");
        self.files.mended(&self.path, format!("{was}; rebuilt from the ledger"));
        Ok(())
    }

    fn placed(&self) -> MutexGuard<'_, Vec<Placement>> {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<Placement> {
        self.placed().clone()
    }

    /// What is reserved for an engine, blue first.
    pub(crate) fn of(&self, engine: EngineId) -> Vec<Placed> {
        let placed = self.placed();
        let theirs = placed.iter().filter(|one| one.engine == engine);
        let mut theirs: Vec<_> =
            theirs.map(|one| Placed { side: one.side, artifact: one.artifact, theme: one.theme }).collect();
        theirs.sort_unstable();
        theirs
    }

    pub(crate) fn total_mib(&self) -> u32 {
        self.total_mib
    }

    /// What is not spoken for; nothing when the node was made smaller than what is placed on it.
    pub(crate) fn free_mib(&self) -> u32 {
        free(self.total_mib, &self.placed())
    }

    /// Whether exactly this is reserved already.
    pub(crate) fn has(&self, placement: &Placement) -> bool {
        self.placed().contains(placement)
    }

    /// Whether it would fit: a side's new reservation takes the place of its old one.
    pub(crate) fn fits(&self, placement: &Placement) -> bool {
        placement.memory_mib <= free(self.total_mib, &others(&self.placed(), placement.engine, placement.side))
    }

    /// Reserves. Doing it again changes nothing.
    pub(crate) fn reserve(&self, placement: Placement) -> Result<(), NotPlaced> {
        let mut placed = self.placed();
        if placed.contains(&placement) {
            return Ok(());
        }
        let mut next = others(&placed, placement.engine, placement.side);
        if placement.memory_mib > free(self.total_mib, &next) {
            return Err(NotPlaced::Insufficient);
        }
        next.push(placement);
        self.write(&mut placed, next).map_err(|error| {
            let now: Option<Vec<Placement>> = match std::fs::read(&self.path) {
                Ok(bytes) => serde_json::from_slice(&bytes).ok(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(vec![]),
                Err(_) => None,
            };
            if now.as_ref() == Some(&*placed) { NotPlaced::Unchanged(error) } else { NotPlaced::Unknown(error) }
        })
    }

    /// Gives a side's reservation back. Doing it again changes nothing.
    pub(crate) fn release(&self, engine: EngineId, side: Side) -> Result<(), NodeError> {
        let mut placed = self.placed();
        let next = others(&placed, engine, side);
        if next.len() == placed.len() { Ok(()) } else { self.write(&mut placed, next) }
    }

    fn write(&self, placed: &mut Vec<Placement>, next: Vec<Placement>) -> Result<(), NodeError> {
        let bytes = serde_json::to_vec_pretty(&next).expect("placements are ids and numbers: they have a JSON form");
        file::replace(&self.path, &bytes)?;
        *placed = next;
        Ok(())
    }
}

fn others(placed: &[Placement], engine: EngineId, side: Side) -> Vec<Placement> {
    placed.iter().filter(|one| (one.engine, one.side) != (engine, side)).cloned().collect()
}

fn free(total_mib: u32, placed: &[Placement]) -> u32 {
    placed.iter().fold(total_mib, |free, one| free.saturating_sub(one.memory_mib))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Digest;

    const BLUE: Side = Side::Blue;
    const GREEN: Side = Side::Green;

    fn one(engine: u8, side: Side, memory_mib: u32) -> Placement {
        let artifact = Digest::of_bytes(side.word().as_bytes());
        let key = Some(Digest::of_bytes(format!("{engine} {side}").as_bytes()));
        Placement { engine: EngineId([engine; 16]), side, artifact, theme: None, memory_mib, key }
    }

    #[test]
    fn what_is_reserved_is_reserved_once_and_survives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let placements = opened(dir.path());
        for _ in 0..2 {
            assert!(placements.reserve(one(1, BLUE, 400)).is_ok());
            assert!(placements.reserve(one(1, GREEN, 500)).is_ok());
        }
        assert_eq!(placements.free_mib(), 100);
        assert!(matches!(placements.reserve(one(2, BLUE, 101)), Err(NotPlaced::Insufficient)));
        let again = opened(dir.path());
        assert_eq!(again.all(), [one(1, BLUE, 400), one(1, GREEN, 500)]);
        for _ in 0..2 {
            again.release(EngineId([1; 16]), BLUE).unwrap();
        }
        assert_eq!(again.free_mib(), 500);
        assert_eq!(
            Placements::open(dir.path(), 100, Mended::default()).unwrap().free_mib(),
            0,
            "a node made smaller has nothing left"
        );
    }

    #[test]
    fn a_side_s_new_reservation_takes_the_place_of_its_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let placements = opened(dir.path());
        assert!(placements.reserve(one(1, BLUE, 900)).is_ok());
        let next = Placement { key: Some(Digest::of_bytes(b"next")), ..one(1, BLUE, 800) };
        assert!(placements.fits(&next) && placements.reserve(next.clone()).is_ok());
        assert!(placements.has(&next) && !placements.has(&one(1, BLUE, 900)));
        assert_eq!(placements.free_mib(), 200);
    }

    fn opened(dir: &Path) -> Placements {
        Placements::open(dir, 1_000, Mended::default()).unwrap()
    }

    fn engine(number: u8, placed: &[Placement], changing: bool) -> Decided {
        Decided { engine: EngineId([number; 16]), placed: placed.to_vec(), changing }
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_rebuilt_from_the_ledger() {
        let dir = tempfile::tempdir().unwrap();
        assert!(opened(dir.path()).reserve(one(1, BLUE, 300)).is_ok());
        let path = dir.path().join("placements.json");
        let whole = std::fs::read(&path).unwrap();
        let decided = [engine(1, &[one(1, BLUE, 300)], false), engine(2, &[one(2, GREEN, 200)], true)];
        std::fs::write(&path, "{").unwrap();
        let placements = opened(dir.path());
        placements.reconcile(&[]).unwrap();
        assert!(placements.files.standing().0, "that nothing is placed is known too");
        let others = serde_json::to_vec(&[one(9, BLUE, 900)]).unwrap();
        for damaged in [vec![], whole[..whole.len() / 2].to_vec(), b"{}".to_vec(), others, b"[]".to_vec()] {
            std::fs::write(&path, &damaged).unwrap();
            let placements = opened(dir.path());
            let readable = serde_json::from_slice::<Vec<Placement>>(&damaged).is_ok();
            assert_eq!(placements.files.standing().0, readable, "until it is rebuilt it is not ready");
            placements.reconcile(&decided).unwrap();
            let (ok, said) = placements.files.standing();
            assert!(ok && said.contains("placements.json") && said.contains("rebuilt from the ledger"), "{said}");
            let again = opened(dir.path());
            assert_eq!(again.all()[0], one(1, BLUE, 300));
            // A readable file is believed about a change that is being carried out, a lost one cannot be.
            assert_eq!(again.all().len(), if readable { 1 } else { 2 });
        }
        std::fs::remove_file(&path).unwrap();
        let placements = opened(dir.path());
        placements.reconcile(&decided).unwrap();
        assert_eq!(placements.all().len(), 2);
    }

    #[test]
    fn what_agrees_with_the_ledger_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let placements = opened(dir.path());
        for placement in [one(1, BLUE, 300), one(1, GREEN, 200)] {
            assert!(placements.reserve(placement).is_ok());
        }
        let before = std::fs::metadata(dir.path().join("placements.json")).unwrap().modified().unwrap();
        let placements = opened(dir.path());
        let unkeyed = Placement { key: None, ..one(1, BLUE, 300) };
        placements.reconcile(&[engine(1, &[unkeyed], false)]).unwrap();
        assert_eq!(placements.all(), [one(1, BLUE, 300), one(1, GREEN, 200)]);
        assert_eq!(std::fs::metadata(dir.path().join("placements.json")).unwrap().modified().unwrap(), before);
        assert_eq!(placements.files.standing(), (true, "no file is damaged".to_owned()));
    }

    #[test]
    fn a_reservation_that_cannot_be_written_is_none_and_it_is_known_whether_the_file_changed() {
        let dir = tempfile::tempdir().unwrap();
        let placements = opened(dir.path());
        std::fs::remove_dir(dir.path()).unwrap();
        assert!(matches!(placements.reserve(one(2, BLUE, 100)), Err(NotPlaced::Unchanged(_))));
        std::fs::create_dir_all(dir.path().join("placements.json")).unwrap();
        assert!(matches!(placements.reserve(one(2, BLUE, 100)), Err(NotPlaced::Unknown(_))));
        assert_eq!((placements.all(), placements.free_mib()), (vec![], 1_000));
    }
}
