//! A directory of artifacts: `archives/<digest>.tar` as received, `trees/<digest>/` as started.

use crate::{ArtifactError, MAX_BYTES, MAX_FILES, Manifest, archive::inspect, disk, manifest::MAX_MANIFEST, tree};
use model::Digest;
use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

/// Largest archive: files, manifest, and for each file its header and padding, and those of its long name.
pub const MAX_ARCHIVE: u64 = MAX_BYTES + MAX_MANIFEST + 4_096 * (MAX_FILES as u64 + 12);

/// The artifacts one process keeps. One process owns a store at a time.
#[derive(Clone, Debug)]
pub struct ArtifactStore {
    root: PathBuf,
}

impl ArtifactStore {
    /// Opens a store, making its directories and sweeping away what an earlier crash left half written.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, ArtifactError> {
        let store = Self { root: root.into() };
        disk::private_dir(&store.root)?;
        for dir in [store.archives(), store.trees()] {
            disk::private_dir(&dir)?;
            for path in entries(&dir)? {
                if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(disk::INCOMING)) {
                    let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                    gone.map_err(ArtifactError::io(&path))?;
                }
            }
        }
        Ok(store)
    }

    fn archives(&self) -> PathBuf {
        self.root.join("archives")
    }

    fn trees(&self) -> PathBuf {
        self.root.join("trees")
    }

    /// Where the archive of this digest is kept.
    pub fn archive_path(&self, digest: &Digest) -> PathBuf {
        self.archives().join(format!("{digest}.tar"))
    }

    /// Takes an archive from any reader, and keeps it only when it verifies and is the expected one.
    pub fn receive(&self, reader: &mut dyn Read, expected: &Digest) -> Result<Manifest, ArtifactError> {
        let temporary = disk::incoming(&self.archives());
        let kept = self.take(reader, expected, &temporary);
        if kept.is_err() {
            // The first error is the one to tell; `open` sweeps a left-over away.
            let _ = fs::remove_file(&temporary);
        }
        kept
    }

    fn take(&self, reader: &mut dyn Read, expected: &Digest, temporary: &Path) -> Result<Manifest, ArtifactError> {
        let mut file = disk::create(temporary)?;
        if disk::copy_hashed(reader, &mut file, MAX_ARCHIVE).map_err(ArtifactError::io(temporary))?.is_none() {
            return Err(ArtifactError::Limit(format!("the archive is above {MAX_ARCHIVE} bytes")));
        }
        let (manifest, found) = inspect(temporary)?;
        if found != *expected {
            return Err(ArtifactError::Identity { expected: *expected, found });
        }
        disk::seal(&file, temporary, 0o400)?;
        disk::publish(temporary, &self.archive_path(expected))?;
        Ok(manifest)
    }

    /// Every digest whose archive is kept, sorted. Presence only: [`Self::verify`] reads the bytes.
    pub fn list(&self) -> Result<Vec<Digest>, ArtifactError> {
        let digest = |path: PathBuf| path.file_name()?.to_str()?.strip_suffix(".tar")?.parse().ok();
        let mut found: Vec<_> = entries(&self.archives())?.into_iter().filter_map(digest).collect();
        found.sort_unstable();
        Ok(found)
    }

    /// Opens a kept archive, to hand it on.
    pub fn reader(&self, digest: &Digest) -> Result<File, ArtifactError> {
        disk::open(&self.known(digest)?)
    }

    /// Reads the kept archive again, every byte.
    pub fn verify(&self, digest: &Digest) -> Result<Manifest, ArtifactError> {
        let (manifest, found) = inspect(&self.known(digest)?)?;
        if found == *digest { Ok(manifest) } else { Err(ArtifactError::Identity { expected: *digest, found }) }
    }

    /// The unpacked tree, made from the archive when it is not there, and hashed again on every call.
    ///
    /// A tree that was changed after unpacking is reported, not repaired: somebody changed it.
    pub fn tree(&self, digest: &Digest) -> Result<(PathBuf, Manifest), ArtifactError> {
        let target = self.trees().join(digest.to_string());
        if !target.exists() {
            self.verify(digest)?;
            tree::unpack(&self.known(digest)?, &self.trees())?;
        }
        let manifest = tree::verify_tree(&target, digest)?;
        Ok((target, manifest))
    }

    /// Forgets an artifact: archive and tree. Whether it may be forgotten is the caller's question.
    pub fn remove(&self, digest: &Digest) -> Result<(), ArtifactError> {
        let (archive, tree) = (self.known(digest)?, self.trees().join(digest.to_string()));
        if tree.exists() {
            fs::remove_dir_all(&tree).map_err(ArtifactError::io(&tree))?;
        }
        fs::remove_file(&archive).map_err(ArtifactError::io(&archive))?;
        disk::sync_dir(&self.archives())
    }

    fn known(&self, digest: &Digest) -> Result<PathBuf, ArtifactError> {
        let path = self.archive_path(digest);
        if path.is_file() { Ok(path) } else { Err(ArtifactError::Unknown(*digest)) }
    }
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, ArtifactError> {
    let all = fs::read_dir(dir).map_err(ArtifactError::io(dir))?;
    all.map(|item| item.map(|item| item.path()).map_err(ArtifactError::io(dir))).collect()
}
