//! `placements.json`: whose memory is spoken for.

use crate::{NodeError, file};
use model::{Digest, EngineId, Side};
use serde::{Deserialize, Serialize};
use signed::Placed;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Memory reserved for one side of one engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Whose.
    #[schema(value_type = String)]
    pub engine: EngineId,
    /// For which of its two sides.
    #[schema(value_type = String)]
    pub side: Side,
    /// For which release.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// How much, MiB.
    pub memory_mib: u32,
    /// Key of the step that reserved it ([`signed::step_key`]).
    #[schema(value_type = String)]
    pub key: Digest,
}

/// The placements, durable before they are true.
#[derive(Debug)]
pub(crate) struct Placements {
    path: PathBuf,
    total_mib: u32,
    placed: Mutex<Vec<Placement>>,
}

/// Why there is no room.
pub(crate) enum NotPlaced {
    /// More is needed than is free.
    Insufficient,
    /// It could not be written down.
    Unwritten(NodeError),
}

impl Placements {
    pub(crate) fn open(dir: &Path, total_mib: u32) -> Result<Self, NodeError> {
        let path = dir.join("placements.json");
        let placed = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| NodeError::Placements { path: path.clone(), why: error.to_string() })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => vec![],
            Err(error) => return Err(NodeError::io(&path)(error)),
        };
        Ok(Self { path, total_mib, placed: Mutex::new(placed) })
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
        let mut theirs: Vec<_> = theirs.map(|one| Placed { side: one.side, artifact: one.artifact }).collect();
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
        self.write(&mut placed, next).map_err(NotPlaced::Unwritten)
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

    const BLUE: Side = Side::Blue;
    const GREEN: Side = Side::Green;

    fn one(engine: u8, side: Side, memory_mib: u32) -> Placement {
        let artifact = Digest::of_bytes(side.word().as_bytes());
        let key = Digest::of_bytes(format!("{engine} {side}").as_bytes());
        Placement { engine: EngineId([engine; 16]), side, artifact, memory_mib, key }
    }

    #[test]
    fn what_is_reserved_is_reserved_once_and_survives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let placements = Placements::open(dir.path(), 1_000).unwrap();
        for _ in 0..2 {
            assert!(placements.reserve(one(1, BLUE, 400)).is_ok());
            assert!(placements.reserve(one(1, GREEN, 500)).is_ok());
        }
        assert_eq!(placements.free_mib(), 100);
        assert!(matches!(placements.reserve(one(2, BLUE, 101)), Err(NotPlaced::Insufficient)));
        let again = Placements::open(dir.path(), 1_000).unwrap();
        assert_eq!(again.all(), [one(1, BLUE, 400), one(1, GREEN, 500)]);
        for _ in 0..2 {
            again.release(EngineId([1; 16]), BLUE).unwrap();
        }
        assert_eq!(again.free_mib(), 500);
        assert_eq!(Placements::open(dir.path(), 100).unwrap().free_mib(), 0, "a node made smaller has nothing left");
    }

    #[test]
    fn a_side_s_new_reservation_takes_the_place_of_its_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let placements = Placements::open(dir.path(), 1_000).unwrap();
        assert!(placements.reserve(one(1, BLUE, 900)).is_ok());
        let next = Placement { key: Digest::of_bytes(b"next"), ..one(1, BLUE, 800) };
        assert!(placements.fits(&next) && placements.reserve(next.clone()).is_ok());
        assert!(placements.has(&next) && !placements.has(&one(1, BLUE, 900)));
        assert_eq!(placements.free_mib(), 200);
    }

    #[test]
    fn a_torn_file_is_named_and_not_taken_for_an_empty_node() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Placements::open(dir.path(), 1_000).unwrap().reserve(one(1, BLUE, 1)).is_ok());
        let path = dir.path().join("placements.json");
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert!(matches!(Placements::open(dir.path(), 1_000), Err(NodeError::Placements { .. })), "at {cut}");
        }
    }
}
