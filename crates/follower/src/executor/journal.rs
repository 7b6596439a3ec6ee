//! The nonces this executor has chosen, each durable before anybody hears of it.

use crate::{FollowerError, disk};
use durable_file::Mended;
use model::{Digest, Instant, Nonce, Token};
use serde::{Deserialize, Serialize};
use signed::{Outcome, Report, StepRef};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long after its `act_by`, by the ledger's clock, a nonce that is in no verified intent is kept, milliseconds
/// (24 h): one that was submitted may still turn up.
const KEEP_MS: i64 = 24 * 3_600_000;

/// What is said of a file that does not hold a nonce.
const DAMAGED: &str = "it does not hold an intent: a step that is due is read back, and its file removed then; where it is \
                       of a change that is over or was given up, remove the file and start the service again";

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
    /// What came of the act, where that was found and the ledger may not have it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<HeldOutcome>,
}

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOutcome {
    pub outcome: Outcome,
    /// Why, where it was not done.
    pub code: Option<Token>,
    /// Digest of what was observed, where there is something to compare.
    pub observed: Option<Digest>,
    /// SHA-256 of the credential that a process was started with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<Digest>,
}

impl HeldOutcome {
    /// As it is told to the ledger.
    pub(super) fn report(self, step: StepRef, nonce: Nonce) -> Report {
        let Self { outcome, code, observed, credential } = self;
        Report::Outcome { step, nonce, outcome, code, observed, credential }
    }
}

/// A directory of [`Held`], one file a step; locked, so that two processes never share intents.
#[derive(Debug)]
pub struct Journal {
    dir: PathBuf,
    /// Those of which the file is whole, by the step's key.
    held: Mutex<BTreeMap<Digest, Held>>,
    /// Where damage is told.
    files: Mended,
    _lock: File,
}

impl Journal {
    /// Opens it. A damaged file is told and stays: as long as it lies there, its step is known to have been this
    /// service's own, and nobody else's doing.
    ///
    /// # Errors
    /// When the directory cannot be used, or another process uses it.
    pub fn open(dir: &Path, files: &Mended) -> Result<Self, FollowerError> {
        let lock = disk::lock(dir)?;
        let mut held = BTreeMap::new();
        let entries = std::fs::read_dir(dir).map_err(FollowerError::io("read", dir))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        // What a crash left of one that was being written has another ending.
        for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
            let found = disk::read(&path).ok().flatten();
            let one = found.and_then(|bytes| serde_json::from_slice::<Held>(&bytes).ok());
            match one.filter(|one| file(dir, &one.step) == path) {
                Some(one) => drop(held.insert(signed::step_key(&one.step), one)),
                None => files.damaged(&path, DAMAGED),
            }
        }
        Ok(Self { dir: dir.to_owned(), held: Mutex::new(held), files: files.clone(), _lock: lock })
    }

    /// All that are held.
    pub(super) fn all(&self) -> Vec<Held> {
        self.index().values().cloned().collect()
    }

    fn index(&self) -> MutexGuard<'_, BTreeMap<Digest, Held>> {
        // Each entry is put or removed as a whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, step: &StepRef) -> PathBuf {
        file(&self.dir, step)
    }

    /// Makes it durable.
    ///
    /// # Errors
    /// When it cannot be written; nothing may be submitted or begun then.
    pub fn hold(&self, held: &Held) -> Result<(), FollowerError> {
        let bytes = serde_json::to_vec(held).expect("ids, numbers and instants always have a JSON form");
        disk::replace(&self.path(&held.step), &bytes)?;
        self.index().insert(signed::step_key(&held.step), held.clone());
        Ok(())
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

    /// Forgets a damaged one, of which the ledger has what was read of its step.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn forget_damaged(&self, step: &StepRef) -> Result<(), FollowerError> {
        self.forget(step)?;
        self.files
            .mended(&self.path(step), "it did not hold an intent; its step was read back and told, and it is removed");
        Ok(())
    }

    /// Forgets one that has come to its outcome.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn forget(&self, step: &StepRef) -> Result<(), FollowerError> {
        if self.path(step).exists() {
            disk::remove(&self.path(step))?;
        }
        self.index().remove(&signed::step_key(step));
        Ok(())
    }

    /// Forgets those that belong to nothing open: the verified state, whose last leaf is of this time, is a day past
    /// them and awaits no outcome of them.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub(super) fn sweep(&self, last: Instant, is_awaited: impl Fn(&Held) -> bool) -> Result<(), FollowerError> {
        let past = |held: &Held| last.millis_since(held.act_by) > KEEP_MS && !is_awaited(held);
        self.all().iter().filter(|held| past(held)).try_for_each(|held| self.forget(&held.step))
    }
}

/// The file of a step's nonce.
fn file(dir: &Path, step: &StepRef) -> PathBuf {
    dir.join(format!("{}.json", signed::step_key(step)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ChangeId;

    fn held(change: u8, act_by: i64) -> Held {
        let step = StepRef { change: ChangeId([change; 16]), revision: 1, step: 2, undo: false };
        let (nonce, act_by) = (Nonce([9; 16]), Instant::from_millis(act_by));
        Held { nonce, step, key: signed::step_key(&step), act_by, begun: false, outcome: None }
    }

    #[test]
    fn what_is_held_is_found_by_its_step_alone() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), &Mended::default()).unwrap();
        let one = held(1, 1_000);
        journal.hold(&one).unwrap();
        journal.hold(&Held { begun: true, ..one.clone() }).unwrap();
        assert!(journal.find(&one.step).unwrap().unwrap().begun);
        let outcome = HeldOutcome { outcome: Outcome::Done, code: None, observed: None, credential: None };
        let came = Held { begun: true, outcome: Some(outcome), ..one.clone() };
        journal.hold(&came).unwrap();
        assert_eq!(journal.find(&one.step).unwrap(), Some(came.clone()));
        drop(journal);
        let journal = Journal::open(dir.path(), &Mended::default()).unwrap();
        assert_eq!(journal.all(), [came], "it is known again after a start");
        assert_eq!(journal.find(&StepRef { undo: true, ..one.step }).unwrap(), None);
        assert!(matches!(Journal::open(dir.path(), &Mended::default()), Err(FollowerError::Locked(_))));
        assert_eq!(journal.damaged(&one.step), None);
        journal.forget(&one.step).unwrap();
        assert_eq!(journal.damaged(&one.step), None);
        journal.forget(&one.step).unwrap();
        assert_eq!(journal.find(&one.step).unwrap(), None);
    }

    #[test]
    fn a_damaged_one_is_not_acted_on_and_an_old_one_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), &Mended::default()).unwrap();
        let (old, new) = (held(1, 0), held(2, KEEP_MS));
        journal.hold(&old).unwrap();
        journal.hold(&new).unwrap();
        journal.sweep(Instant::from_millis(KEEP_MS + 1), |_| false).unwrap();
        assert_eq!((journal.find(&old.step).unwrap(), journal.all()), (None, vec![new.clone()]));
        // What is awaited is never swept: without its nonce nobody could tell what came of it.
        let begun = Held { begun: true, ..held(3, 0) };
        journal.hold(&begun).unwrap();
        journal.sweep(Instant::from_millis(100 * KEEP_MS), |held| held.begun).unwrap();
        assert_eq!(journal.find(&begun.step).unwrap(), Some(begun.clone()));
        journal.sweep(Instant::from_millis(100 * KEEP_MS), |_| false).unwrap();
        assert_eq!(journal.find(&begun.step).unwrap(), None);
        journal.hold(&new).unwrap();
        let path = journal.path(&new.step);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(journal.find(&new.step).unwrap(), None);
            assert_eq!(journal.damaged(&new.step), Some(path.clone()), "which is not the same as none");
        }
        drop(journal);
        // Another step's name is as good as none.
        std::fs::write(&path, serde_json::to_vec(&old).unwrap()).unwrap();
        let files = Mended::default();
        let journal = Journal::open(dir.path(), &files).unwrap();
        let (ok, told) = files.standing();
        assert!(!ok && told.contains(&path.display().to_string()), "{told}");
        assert_eq!(journal.all(), []);
        journal.forget_damaged(&new.step).unwrap();
        assert!(files.standing().0 && !path.exists());
    }
}
