//! The unpacked releases: `store/<digest>/`, each hashed again before anything is placed on it.

use crate::NodeError;
use crate::archives::Archives;
use crate::placements::Placements;
use artifact::{ArtifactError, inspect, unpack, verify_tree};
use client::ClientError;
use durable_file::Mended;
use follower::{ReleaseStore, Stored};
use model::{Digest, Instant};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use wire::Rehash;

/// How what is being unpacked is called until it is complete.
const INCOMPLETE: &str = ".incoming-";

/// Why a release is not here.
pub(crate) enum NotKept {
    /// Nobody hands it out.
    Unavailable(String),
    /// What is kept, or what was handed out, is not what its digest says.
    Changed(String),
    /// This node's own disk fails.
    Failed(String),
}

impl std::fmt::Display for NotKept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Unavailable(why) | Self::Changed(why) | Self::Failed(why)) = self;
        f.write_str(why)
    }
}

/// The releases of this node.
#[derive(Clone)]
pub(crate) struct Shelf {
    dir: PathBuf,
    archives: Archives,
    clock: follower::Clock,
    checked: Arc<Mutex<BTreeMap<Digest, Rehash>>>,
    /// One fetch at a time: an archive is large, and two must not unpack into one place.
    fetching: Arc<tokio::sync::Mutex<()>>,
    placements: Arc<Placements>,
    files: Mended,
}

impl Shelf {
    /// Opens `dir/store`, sweeping away what a crash left incomplete.
    pub(crate) fn open(
        dir: &Path,
        archives: Archives,
        clock: follower::Clock,
        (placements, files): (Arc<Placements>, Mended),
    ) -> Result<Self, NodeError> {
        let (checked, fetching) = (Arc::default(), Arc::default());
        let shelf = Self { dir: dir.to_owned(), archives, clock, checked, fetching, placements, files };
        // Engines run as users of their own and read their releases; what is still being checked is ours.
        for (dir, mode) in [(shelf.store(), 0o755), (shelf.fetched(), 0o700)] {
            DirBuilder::new().recursive(true).mode(mode).create(&dir).map_err(NodeError::io(&dir))?;
        }
        for path in [names(&shelf.store())?, names(&shelf.fetched())?].concat() {
            let fetched = path.parent() == Some(&shelf.fetched());
            if fetched || path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(INCOMPLETE)) {
                let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                gone.map_err(NodeError::io(&path))?;
            }
        }
        Ok(shelf)
    }

    fn store(&self) -> PathBuf {
        self.dir.join("store")
    }

    fn fetched(&self) -> PathBuf {
        self.dir.join("fetched")
    }

    /// Every release kept, with what its last hashing found; none since the start where absent.
    pub(crate) fn kept(&self) -> Result<Vec<(Digest, Option<Rehash>)>, NodeError> {
        let checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = |path: &PathBuf| path.file_name()?.to_str()?.parse::<Digest>().ok();
        let mut kept: Vec<_> = names(&self.store())?.iter().filter_map(digest).collect();
        kept.sort_unstable();
        Ok(kept.into_iter().map(|digest| (digest, checked.get(&digest).cloned())).collect())
    }

    /// Has the release here, whole: hashes what is kept again, or fetches it and believes only what its digest says. A
    /// kept release that was changed is set aside, to be looked at, and fetched again; where nobody hands it out it stays
    /// and is reported.
    pub(crate) async fn have(&self, digest: Digest) -> Result<(), NotKept> {
        let _one = self.fetching.lock().await;
        let path = self.path(&digest);
        if !path.exists() {
            return self.fetch(digest, None).await;
        }
        let shelf = self.clone();
        let Err(changed) = blocking(move || shelf.hash(&digest)).await else { return Ok(()) };
        let (NotKept::Changed(why) | NotKept::Failed(why) | NotKept::Unavailable(why)) = &changed;
        tracing::error!(path = %path.display(), why, "node: a kept release is damaged");
        self.files.damaged(&path, format!("{why}; it is fetched again as soon as Platform Services hands it out"));
        match self.fetch(digest, Some(why.clone())).await {
            Err(NotKept::Unavailable(_)) => Err(changed),
            fetched => fetched,
        }
    }

    /// Looks whether a release that serves is as it was when it was hashed last, and hashes it again where it is not; one
    /// that is damaged or gone is fetched again. `checked` holds what each looked like.
    pub(crate) async fn look(&self, digest: Digest, checked: &mut BTreeMap<Digest, Option<u64>>) {
        let (path, now) = (self.path(&digest), self.clone());
        let looks = move || looks(&now.path(&digest));
        let before = checked.get(&digest).copied().flatten();
        let found = tokio::task::spawn_blocking(looks.clone()).await.ok().flatten();
        if before.is_some() && before == found {
            return;
        }
        match self.have(digest).await {
            Ok(()) => {
                self.files.whole(&path);
                checked.insert(digest, tokio::task::spawn_blocking(looks).await.ok().flatten());
            }
            Err(why) => {
                tracing::warn!(path = %path.display(), %why, "node: a release that serves here is not whole");
                self.files
                    .damaged(&path, format!("{why}; it is fetched again as soon as Platform Services hands it out"));
            }
        }
    }

    /// The releases kept, none of them read: when each came or was needed last, and whether it is placed.
    fn stored(&self) -> Result<Vec<Stored>, NodeError> {
        let placed = self.placements.all();
        let uses = |digest: Digest| placed.iter().any(|one| one.artifact == digest || one.theme == Some(digest));
        let one = |(artifact, _)| Some((artifact, fs::symlink_metadata(self.path(&artifact)).ok()?));
        let all = self.kept()?.into_iter().filter_map(one).map(|(artifact, meta)| {
            let since = Instant::from_millis(meta.mtime() * 1_000);
            Stored { artifact, since, placed: uses(artifact), bytes: None }
        });
        Ok(all.collect())
    }

    /// Takes a release away, at once by its name: what a crash leaves of it is swept away at the next start. Copies of it
    /// that were set aside go with it.
    fn remove(&self, digest: &Digest) -> Result<(), NodeError> {
        let (path, gone) = (self.path(digest), self.store().join(format!("{INCOMPLETE}{digest}")));
        if gone.exists() {
            fs::remove_dir_all(&gone).map_err(NodeError::io(&gone))?;
        }
        fs::rename(&path, &gone).map_err(NodeError::io(&path))?;
        fs::remove_dir_all(&gone).map_err(NodeError::io(&gone))?;
        durable_file::forget_aside(&path).map_err(NodeError::io(&path))?;
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).remove(digest);
        self.files.whole(&path);
        Ok(())
    }

    /// Hashes a kept release again and says what was found; none where it is not kept. Nothing is fetched for it: what a
    /// rollback needs is fetched when it is placed.
    pub(crate) async fn rehash(&self, digest: Digest) -> Option<Rehash> {
        self.read(digest).await?.ok();
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
    }

    /// As [`Shelf::rehash`]; what it comes to is noted, whatever it is.
    async fn read(&self, digest: Digest) -> Option<Result<(), NotKept>> {
        let _one = self.fetching.lock().await;
        let (path, shelf) = (self.path(&digest), self.clone());
        if !path.exists() {
            self.checked.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest);
            self.files.whole(&path);
            return None;
        }
        let read = blocking(move || shelf.hash(&digest)).await;
        match &read {
            Ok(()) => self.files.whole(&path),
            Err(why) => {
                tracing::error!(path = %path.display(), %why, "node: a kept release is damaged");
                self.files.damaged(&path, format!("{why}; it is fetched again when it is placed"));
            }
        }
        Some(read)
    }

    /// Looks whether what a rollback could restore is as it was when it was hashed last, and hashes it again where it is
    /// not. `checked` holds what each looked like; what could not be read is hashed again the next time.
    pub(crate) async fn watch(&self, digest: Digest, checked: &mut BTreeMap<Digest, Option<u64>>) {
        let now = self.clone();
        let looks = move || looks(&now.path(&digest));
        let found = tokio::task::spawn_blocking(looks).await.ok().flatten();
        if checked.get(&digest) != Some(&found) {
            match self.read(digest).await {
                Some(Ok(()) | Err(NotKept::Changed(_))) => drop(checked.insert(digest, found)),
                _ => drop(checked.remove(&digest)),
            }
        }
    }

    /// Where a release is kept.
    pub(crate) fn path(&self, digest: &Digest) -> PathBuf {
        self.store().join(digest.to_string())
    }

    /// Fetches a release; `damaged` says what is wrong with the one that is here.
    async fn fetch(&self, digest: Digest, damaged: Option<String>) -> Result<(), NotKept> {
        let shelf = self.clone();
        let path = self.fetched().join(format!("{digest}.tar"));
        if let Err(why) = self.download(&digest, &path).await {
            // What was written of it takes room, of which there may be none.
            let _ = tokio::fs::remove_file(&path).await;
            return Err(why);
        }
        blocking(move || shelf.unpack(&digest, &path, damaged)).await
    }

    /// Writes what is handed out into a file, as it comes.
    async fn download(&self, digest: &Digest, path: &Path) -> Result<(), NotKept> {
        let failed = |error: &std::io::Error| NotKept::Failed(format!("`{}`: {error}", path.display()));
        let mut file = tokio::fs::File::create(path).await.map_err(|error| failed(&error))?;
        self.archives.download(digest, &mut file).await.map_err(|error| match &error {
            ClientError::Problem(..) | ClientError::Unreachable { .. } | ClientError::Timeout { .. } => {
                NotKept::Unavailable(error.to_string())
            }
            ClientError::NotWritten(error) => failed(error),
            _ => NotKept::Unavailable(format!("it was not handed out whole: {error}")),
        })
    }

    fn unpack(&self, digest: &Digest, path: &Path, damaged: Option<String>) -> Result<(), NotKept> {
        let failed = |error: std::io::Error| NotKept::Failed(format!("`{}`: {error}", path.display()));
        // Its name in the store is its own digest, so it must be the right one before it gets there.
        let unpacked = inspect(path).and_then(|(_, found)| {
            if found == *digest { Ok(()) } else { Err(ArtifactError::Identity { expected: *digest, found }) }
        });
        let unpacked = unpacked.map_err(not_kept).and_then(|()| {
            let aside = damaged.map(|why| self.set_aside(digest, why)).transpose()?;
            unpack(path, &self.store()).map_err(not_kept)?;
            Ok(aside)
        });
        fs::remove_file(path).map_err(failed)?;
        let aside = unpacked?;
        self.hash(digest)?;
        let kept = self.path(digest);
        match aside {
            Some(what) => self.files.mended(&kept, format!("{what}, fetched again")),
            None => self.files.whole(&kept),
        }
        Ok(())
    }

    fn set_aside(&self, digest: &Digest, why: String) -> Result<String, NotKept> {
        let path = self.path(digest);
        let aside = durable_file::set_aside(&path);
        let aside = aside.map_err(|error| NotKept::Failed(format!("`{}`: {error}", path.display())))?;
        Ok(format!("{why}; set aside as `{}`", aside.display()))
    }

    fn hash(&self, digest: &Digest) -> Result<(), NotKept> {
        let verified = verify_tree(&self.path(digest), digest);
        let why = verified.as_ref().err().map(ToString::to_string);
        let rehash = Rehash { ok: why.is_none(), why, at: (self.clock)() };
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).insert(*digest, rehash);
        verified.map(|_| ()).map_err(not_kept)
    }
}

impl ReleaseStore for Shelf {
    async fn kept(&self) -> Result<Vec<Stored>, String> {
        let shelf = self.clone();
        unblocked(move || shelf.stored()).await
    }

    async fn needed(&self, artifact: Digest) -> Result<(), String> {
        let path = self.path(&artifact);
        unblocked(move || {
            let noted = fs::File::open(&path).and_then(|dir| dir.set_modified(SystemTime::now()));
            noted.map_err(NodeError::io(&path))
        })
        .await
    }

    async fn drop_if(&self, artifact: Digest, may_go: impl FnOnce(&Stored) -> bool + Send) -> Result<bool, String> {
        // Who fetches or hashes now goes first; there is another time.
        let Ok(_alone) = self.fetching.try_lock() else { return Ok(false) };
        let found = ReleaseStore::kept(self).await?.into_iter().find(|stored| stored.artifact == artifact);
        if !found.is_some_and(|stored| may_go(&stored)) {
            return Ok(false);
        }
        let shelf = self.clone();
        unblocked(move || shelf.remove(&artifact)).await.map(|()| true)
    }
}

async fn unblocked<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeError> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(worked) => worked.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// What a tree looks like without reading its files: paths, lengths and times of change. None where it cannot be listed.
fn looks(dir: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        let mut paths: Vec<_> =
            fs::read_dir(&dir).ok()?.map(|item| item.map(|item| item.path())).collect::<Result<_, _>>().ok()?;
        paths.sort();
        for path in paths {
            let meta = fs::symlink_metadata(&path).ok()?;
            (&path, meta.len(), meta.ctime(), meta.ctime_nsec(), meta.ino()).hash(&mut hasher);
            if meta.is_dir() {
                dirs.push(path);
            }
        }
    }
    Some(hasher.finish())
}

fn not_kept(error: ArtifactError) -> NotKept {
    match error {
        ArtifactError::Io { .. } => NotKept::Failed(error.to_string()),
        error => NotKept::Changed(error.damage()),
    }
}

async fn blocking(work: impl FnOnce() -> Result<(), NotKept> + Send + 'static) -> Result<(), NotKept> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.unwrap_or_else(|error| Err(NotKept::Failed(error.to_string())))
}

fn names(dir: &Path) -> Result<Vec<PathBuf>, NodeError> {
    let entries = fs::read_dir(dir).map_err(NodeError::io(dir))?;
    entries.map(|entry| Ok(entry.map_err(NodeError::io(dir))?.path())).collect()
}

#[cfg(test)]
mod tests;
