//! The archives that are kept, and what may be said about each.

use crate::places::Places;
use crate::room::Room;
use artifact::{ArtifactError, ArtifactStore, Manifest};
use durable_file::Mended;
use follower::{ReleaseStore, Stored};
use model::{Digest, Instant};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, watch};
use wire::Rehash;

/// Most archives kept.
pub(crate) const KEPT_MAX: usize = 512;

/// The archives, shared by routes and executor.
#[derive(Clone)]
pub(crate) struct Shelf {
    pub(crate) store: ArtifactStore,
    pub(crate) uploads: Places,
    /// What may still be uploaded.
    pub(crate) room: Room,
    /// How many archives have come in since the start.
    pub(crate) uploaded: Arc<watch::Sender<u64>>,
    /// Read by who looks at archives or brings them; written by who drops them.
    looking: Arc<RwLock<()>>,
    /// Where an archive that is damaged is told.
    files: Mended,
    /// What the last reading of each archive found, since the start.
    checked: Arc<Mutex<BTreeMap<Digest, Rehash>>>,
    clock: follower::Clock,
}

/// What an archive looks like without reading it: its length, its time of change and its place.
pub(crate) type Looks = Option<(u64, i64, i64, u64)>;

/// How what lies at `path` looks now; none: nothing does.
pub(crate) fn looks(path: &std::path::Path) -> Looks {
    let meta = std::fs::symlink_metadata(path).ok()?;
    Some((meta.len(), meta.ctime(), meta.ctime_nsec(), meta.ino()))
}

/// What a look at an archive found.
pub(crate) enum Found {
    /// There, every byte as the digest says.
    Whole,
    /// Not there.
    Missing,
    /// There, and not what its name says.
    Changed(String),
    /// It cannot be read now.
    Unreadable(String),
}

impl Shelf {
    pub(crate) fn open(dir: &std::path::Path, files: Mended) -> Result<Self, ArtifactError> {
        let (store, uploads) = (ArtifactStore::open(dir.join("artifacts"))?, Places::default());
        // Nothing starts here. An earlier version unpacked what was published as a theme, and left it beside its archive.
        store.forget_trees()?;
        let uploaded = Arc::new(watch::Sender::new(0));
        let (checked, clock) = (Arc::default(), follower::system_clock());
        let room = Room::of(dir);
        Ok(Self { store, uploads, room, uploaded, looking: Arc::default(), files, checked, clock })
    }

    /// While this is held nothing is dropped.
    pub(crate) async fn looking(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.looking).read_owned().await
    }

    /// Reads every byte of a kept archive again. Readiness names one that is damaged: nobody but who has its bytes can
    /// make it whole.
    pub(crate) async fn look(&self, digest: Digest) -> Found {
        let store = self.store.clone();
        let found = match tokio::task::spawn_blocking(move || store.verify(&digest)).await {
            Ok(verified) => found(verified),
            Err(error) => Found::Unreadable(error.to_string()),
        };
        self.note(digest, &found);
        let path = self.store.archive_path(&digest);
        match &found {
            Found::Whole | Found::Missing => self.files.whole(&path),
            Found::Changed(why) | Found::Unreadable(why) => {
                let next = "publish the same artifact again (its archive, under its name), which replaces it";
                self.files.damaged(&path, format!("{why}; {next}"));
            }
        }
        found
    }

    fn note(&self, digest: Digest, found: &Found) {
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (self.clock)();
        let why = match found {
            Found::Missing => {
                checked.remove(&digest);
                return;
            }
            Found::Whole => None,
            Found::Changed(why) | Found::Unreadable(why) => Some(why.clone()),
        };
        checked.insert(digest, Rehash { ok: why.is_none(), why, at });
    }

    /// What the last reading of an archive found; none since the start where absent.
    pub(crate) fn rehashed(&self, digest: &Digest) -> Option<Rehash> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Looks whether an archive that a rollback could need is as it was when it was read last, and reads it again where
    /// it is not. `seen` holds what each looked like; what could not be read is read again the next time.
    pub(crate) async fn watch(&self, digest: Digest, seen: &mut BTreeMap<Digest, Looks>) {
        let path = self.store.archive_path(&digest);
        let found = tokio::task::spawn_blocking(move || looks(&path)).await.ok().flatten();
        if seen.get(&digest) != Some(&found) {
            match self.look(digest).await {
                Found::Whole | Found::Changed(_) => drop(seen.insert(digest, found)),
                Found::Missing | Found::Unreadable(_) => drop(seen.remove(&digest)),
            }
        }
    }

    /// An archive was received whole.
    pub(crate) fn received(&self, digest: &Digest) {
        self.files.whole(&self.store.archive_path(digest));
        self.uploaded.send_modify(|count| *count += 1);
    }
}

impl ReleaseStore for Shelf {
    async fn kept(&self) -> Result<Vec<Stored>, String> {
        let store = self.store.clone();
        blocking(move || {
            // What is dropped meanwhile is not kept.
            let one = |artifact| stored(&store, artifact).ok();
            Ok(store.list()?.into_iter().filter_map(one).collect())
        })
        .await
    }

    async fn needed(&self, artifact: Digest) -> Result<(), String> {
        let store = self.store.clone();
        blocking(move || store.keep_on(&artifact)).await
    }

    async fn drop_if(&self, artifact: Digest, may_go: impl FnOnce(&Stored) -> bool + Send) -> Result<bool, String> {
        // Who looks or uploads now goes first; there is another time.
        let Ok(alone) = Arc::clone(&self.looking).try_write_owned() else { return Ok(false) };
        let store = self.store.clone();
        let found = blocking(move || stored(&store, artifact)).await?;
        if !may_go(&found) {
            return Ok(false);
        }
        let store = self.store.clone();
        blocking(move || {
            let _alone = alone;
            store.remove(&artifact)
        })
        .await?;
        self.files.whole(&self.store.archive_path(&artifact));
        Ok(true)
    }
}

fn stored(store: &ArtifactStore, artifact: Digest) -> Result<Stored, ArtifactError> {
    let (bytes, since) = store.kept(&artifact)?;
    Ok(Stored { artifact, since: instant(since), placed: false, bytes: Some(bytes) })
}

fn instant(time: SystemTime) -> Instant {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArtifactError> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(worked) => worked.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn found(verified: Result<Manifest, ArtifactError>) -> Found {
    match verified {
        Ok(_) => Found::Whole,
        Err(ArtifactError::Unknown(_)) => Found::Missing,
        Err(error @ ArtifactError::Io { .. }) => Found::Unreadable(error.to_string()),
        Err(error) => Found::Changed(error.damage()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that fails once: what was not read then is read again though nothing about it looks otherwise.
    #[tokio::test]
    async fn what_could_not_be_read_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let tar = dir.path().join("a.tar");
        let digest = testkit::packed(&tar, "2026.04", b"one");
        let shelf = Shelf::open(dir.path(), Mended::default()).unwrap();
        let mut seen = BTreeMap::new();
        shelf.store.receive(&mut std::fs::File::open(&tar).unwrap(), &digest).unwrap();
        let (path, away) = (shelf.store.archive_path(&digest), dir.path().join("away"));
        std::fs::rename(&path, &away).unwrap();
        // It is there and cannot be opened: no link is followed.
        std::os::unix::fs::symlink(&away, &path).unwrap();
        shelf.watch(digest, &mut seen).await;
        assert!(!shelf.rehashed(&digest).unwrap().ok && !shelf.files.standing().0);
        assert!(seen.is_empty(), "it would be read again only once it changes: {seen:?}");
        std::fs::remove_file(&path).unwrap();
        std::fs::rename(&away, &path).unwrap();
        shelf.watch(digest, &mut seen).await;
        assert!(shelf.rehashed(&digest).unwrap().ok && shelf.files.standing().0 && seen.contains_key(&digest));
        std::fs::write(&path, "cut short").unwrap();
        shelf.watch(digest, &mut seen).await;
        assert!(!shelf.rehashed(&digest).unwrap().ok && seen.contains_key(&digest), "it was read");
    }

    #[tokio::test]
    async fn what_somebody_looks_at_is_not_dropped_and_nothing_else_without_a_last_question() {
        let dir = tempfile::tempdir().unwrap();
        let tar = dir.path().join("a.tar");
        let digest = testkit::packed(&tar, "2026.04", b"one");
        let shelf = Shelf::open(dir.path(), Mended::default()).unwrap();
        shelf.store.receive(&mut std::fs::File::open(&tar).unwrap(), &digest).unwrap();
        let looking = shelf.looking().await;
        assert_eq!(shelf.drop_if(digest, |_| panic!("not asked while somebody looks")).await, Ok(false));
        drop(looking);
        assert_eq!(shelf.drop_if(digest, |_| false).await, Ok(false));
        assert!(matches!(shelf.look(digest).await, Found::Whole));
        assert_eq!(shelf.drop_if(digest, |stored| stored.artifact == digest).await, Ok(true));
        assert!(matches!(shelf.look(digest).await, Found::Missing));
        assert_eq!(shelf.kept().await.unwrap(), []);
    }
}
