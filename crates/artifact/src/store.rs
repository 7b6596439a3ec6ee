//! A directory of artifacts: `archives/<digest>.tar` as received, `trees/<digest>/` as started.

use crate::{ArtifactError, FileEntry, MAX_BYTES, MAX_FILES, Manifest, archive, disk, manifest::MAX_MANIFEST, tree};
use model::Digest;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    time::SystemTime,
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
        let (manifest, found) = archive::inspect(temporary)?;
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
        as_named(digest, archive::inspect(&self.known(digest)?)?)
    }

    /// The manifest of a kept archive, which its digest fixes. The files are not read: [`Self::verify`] does that.
    pub fn manifest(&self, digest: &Digest) -> Result<Manifest, ArtifactError> {
        as_named(digest, archive::manifest(&self.known(digest)?)?)
    }

    /// Every file of a kept archive by its path, in memory, nothing unpacked on the disk; for what is as small as a theme.
    ///
    /// # Errors
    /// [`ArtifactError::Limit`] where the manifest has more than `most` bytes in its files: none of them is read then.
    pub fn contents(&self, digest: &Digest, most: u64) -> Result<BTreeMap<String, Vec<u8>>, ArtifactError> {
        let total = self.manifest(digest)?.total_bytes();
        if total > most {
            return Err(ArtifactError::Limit(format!("{total} bytes in its files, at most {most} are read")));
        }
        let mut files = BTreeMap::new();
        let keep = |entry: &FileEntry, bytes: Box<Vec<u8>>| {
            files.insert(entry.path.to_string(), *bytes);
            Ok(())
        };
        as_named(digest, archive::walk(&self.known(digest)?, |_| Ok(()), |_| Ok(Box::new(vec![])), keep)?)?;
        Ok(files)
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

    /// How many bytes a kept archive has, and when it came or was last [kept on](Self::keep_on).
    pub fn kept(&self, digest: &Digest) -> Result<(u64, SystemTime), ArtifactError> {
        let path = self.known(digest)?;
        let meta = fs::symlink_metadata(&path).map_err(ArtifactError::io(&path))?;
        Ok((meta.len(), meta.modified().map_err(ArtifactError::io(&path))?))
    }

    /// Notes that a kept archive is needed now.
    pub fn keep_on(&self, digest: &Digest) -> Result<(), ArtifactError> {
        let path = self.known(digest)?;
        File::open(&path).and_then(|file| file.set_modified(SystemTime::now())).map_err(ArtifactError::io(&path))
    }

    /// Forgets an artifact: tree, then archive, each at once by its name: after a crash in between it is whole or not
    /// there, and [`ArtifactStore::open`] sweeps the rest away. Whether it may be forgotten is the caller's question.
    pub fn remove(&self, digest: &Digest) -> Result<(), ArtifactError> {
        let (archive, tree) = (self.known(digest)?, self.trees().join(digest.to_string()));
        if tree.exists() {
            forget_tree(&tree, &self.trees())?;
        }
        fs::remove_file(&archive).map_err(ArtifactError::io(&archive))?;
        disk::sync_dir(&self.archives())
    }

    /// Forgets every unpacked tree: for a store from which nothing starts.
    pub fn forget_trees(&self) -> Result<(), ArtifactError> {
        for tree in entries(&self.trees())? {
            forget_tree(&tree, &self.trees())?;
        }
        Ok(())
    }

    fn known(&self, digest: &Digest) -> Result<PathBuf, ArtifactError> {
        let path = self.archive_path(digest);
        if path.is_file() { Ok(path) } else { Err(ArtifactError::Unknown(*digest)) }
    }
}

/// First under a name that [`ArtifactStore::open`] sweeps away.
fn forget_tree(tree: &Path, trees: &Path) -> Result<(), ArtifactError> {
    let gone = disk::incoming(trees);
    disk::publish(tree, &gone)?;
    fs::remove_dir_all(&gone).map_err(ArtifactError::io(&gone))
}

fn as_named(digest: &Digest, (manifest, found): (Manifest, Digest)) -> Result<Manifest, ArtifactError> {
    if found == *digest { Ok(manifest) } else { Err(ArtifactError::Identity { expected: *digest, found }) }
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, ArtifactError> {
    let all = fs::read_dir(dir).map_err(ArtifactError::io(dir))?;
    all.map(|item| item.map(|item| item.path()).map_err(ArtifactError::io(dir))).collect()
}
