//! The nonces this executor has chosen, each durable before anybody hears of it.

use crate::{FollowerError, disk};
use model::{Digest, Instant, Nonce};
use serde::{Deserialize, Serialize};
use signed::StepRef;
use std::fs::File;
use std::path::{Path, PathBuf};

/// How long after its `act_by` a nonce of which nothing came is kept, milliseconds (24 h): an intent
/// that was submitted may still turn up.
const KEEP_MS: i64 = 24 * 3_600_000;

/// One chosen nonce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    pub nonce: Nonce,
    pub step: StepRef,
    /// The step's key.
    pub key: Digest,
    /// Not begun by then: it will not be.
    pub act_by: Instant,
    /// Whether the act has begun: from then on it is carried through, whatever the time.
    pub begun: bool,
}

/// A directory of [`Held`], one file a step; locked, so that two processes never share intents.
#[derive(Debug)]
pub struct Journal {
    dir: PathBuf,
    _lock: File,
}

impl Journal {
    /// Opens it.
    ///
    /// # Errors
    /// When the directory cannot be used, or another process uses it.
    pub fn open(dir: &Path) -> Result<Self, FollowerError> {
        let lock = disk::lock(dir)?;
        Ok(Self { dir: dir.to_owned(), _lock: lock })
    }

    fn path(&self, step: &StepRef) -> PathBuf {
        self.dir.join(format!("{}.json", signed::step_key(step)))
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// When it cannot be written; nothing may be submitted or begun then.
    pub fn hold(&self, held: &Held) -> Result<(), FollowerError> {
        let bytes = serde_json::to_vec(held).expect("ids, numbers and instants always have a JSON form");
        disk::replace(&self.path(&held.step), &bytes)
    }

    /// The nonce chosen for a step. One that cannot be read is not ours to act on: whether it had
    /// begun is then not known; see [`Journal::damaged`].
    ///
    /// # Errors
    /// When the file exists and cannot be read at all.
    pub fn find(&self, step: &StepRef) -> Result<Option<Held>, FollowerError> {
        let Some(bytes) = disk::read(&self.path(step))? else { return Ok(None) };
        let held: Option<Held> = serde_json::from_slice(&bytes).ok();
        Ok(held.filter(|held| held.step == *step))
    }

    /// The file of a step's nonce, where it is there and does not hold one: damage of this disk, and nobody else's
    /// doing.
    pub(crate) fn damaged(&self, step: &StepRef) -> Option<PathBuf> {
        let path = self.path(step);
        let found = disk::read(&path).ok()??;
        let held: Option<Held> = serde_json::from_slice(&found).ok();
        held.is_none_or(|held| held.step != *step).then_some(path)
    }

    /// Forgets one that has come to its outcome.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn forget(&self, step: &StepRef) -> Result<(), FollowerError> {
        if self.path(step).exists() { disk::remove(&self.path(step)) } else { Ok(()) }
    }

    /// Forgets those that were not begun for a day.
    pub(crate) fn sweep(&self, now: Instant) -> Result<(), FollowerError> {
        let entries = std::fs::read_dir(&self.dir).map_err(FollowerError::io("read", &self.dir))?;
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let Some(bytes) = disk::read(&path).ok().flatten() else { continue };
            let held: Option<Held> = serde_json::from_slice(&bytes).ok();
            // What has begun is remembered until its outcome: nobody else can tell what came of it.
            if held.is_some_and(|held| !held.begun && now.millis_since(held.act_by) > KEEP_MS) {
                disk::remove(&path)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ChangeId;

    fn held(change: u8, act_by: i64) -> Held {
        let step = StepRef { change: ChangeId([change; 16]), revision: 1, step: 2, undo: false };
        let (nonce, act_by) = (Nonce([9; 16]), Instant::from_millis(act_by));
        Held { nonce, step, key: signed::step_key(&step), act_by, begun: false }
    }

    #[test]
    fn what_is_held_is_found_by_its_step_alone() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let one = held(1, 1_000);
        journal.hold(&one).unwrap();
        journal.hold(&Held { begun: true, ..one.clone() }).unwrap();
        assert!(journal.find(&one.step).unwrap().unwrap().begun);
        assert_eq!(journal.find(&StepRef { undo: true, ..one.step }).unwrap(), None);
        assert!(matches!(Journal::open(dir.path()), Err(FollowerError::Locked(_))));
        assert_eq!(journal.damaged(&one.step), None);
        journal.forget(&one.step).unwrap();
        assert_eq!(journal.damaged(&one.step), None);
        journal.forget(&one.step).unwrap();
        assert_eq!(journal.find(&one.step).unwrap(), None);
    }

    #[test]
    fn a_damaged_one_is_not_acted_on_and_an_old_one_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let (old, new) = (held(1, 0), held(2, KEEP_MS));
        journal.hold(&old).unwrap();
        journal.hold(&new).unwrap();
        journal.sweep(Instant::from_millis(KEEP_MS + 1)).unwrap();
        assert_eq!(journal.find(&old.step).unwrap(), None);
        // What has begun is never swept: without its nonce nobody could tell what came of it.
        let begun = Held { begun: true, ..held(3, 0) };
        journal.hold(&begun).unwrap();
        journal.sweep(Instant::from_millis(100 * KEEP_MS)).unwrap();
        assert_eq!(journal.find(&begun.step).unwrap(), Some(begun));
        journal.hold(&new).unwrap();
        let path = journal.path(&new.step);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(journal.find(&new.step).unwrap(), None);
            assert_eq!(journal.damaged(&new.step), Some(path.clone()), "which is not the same as none");
        }
    }
}
