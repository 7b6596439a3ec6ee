//! The unpacked artifact: `store_dir/<digest>/`, hashed again before every start.

use crate::{
    ArtifactError, FileEntry, Manifest,
    archive::{inspect, walk},
    disk::{self, copy_hashed},
    manifest::MAX_MANIFEST,
    path::MANIFEST,
};
use model::Digest;
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Most files of a release that are made durable one after the other.
const SYNCED_ONE_BY_ONE: usize = 512;

/// Unpacks an archive to `store_dir/<digest>/` (temporary directory, fsync, rename) and returns that directory.
///
/// Doing it again is harmless: a tree that still verifies is left alone, a damaged one is replaced.
pub fn unpack(archive: &Path, store_dir: &Path) -> Result<(PathBuf, Manifest, Digest), ArtifactError> {
    let (manifest, digest) = inspect(archive)?;
    let target = store_dir.join(digest.to_string());
    if target.exists() {
        if verify_tree(&target, &digest).is_ok() {
            return Ok((target, manifest, digest));
        }
        fs::remove_dir_all(&target).map_err(ArtifactError::io(&target))?;
    }
    disk::create_dir(store_dir)?;
    let temporary = disk::incoming(store_dir);
    let done = write_tree(archive, &temporary, &digest).and_then(|()| disk::publish(&temporary, &target));
    if done.is_err() {
        // The first error is the one to tell; a left-over temporary directory is never started.
        let _ = fs::remove_dir_all(&temporary);
    }
    done?;
    Ok((target, manifest, digest))
}

fn write_tree(archive: &Path, root: &Path, expected: &Digest) -> Result<(), ArtifactError> {
    disk::create_dir(root)?;
    let mut dirs = BTreeSet::new();
    let begin = |bytes: &[u8]| {
        let path = root.join(MANIFEST);
        let mut file = disk::create(&path)?;
        file.write_all(bytes).map_err(ArtifactError::io(&path))?;
        disk::seal(&file, &path, 0o444)
    };
    let written = Cell::new(0);
    let open = |entry: &FileEntry| {
        for parent in entry.path.parents() {
            if dirs.insert(parent.to_owned()) {
                disk::create_dir(&root.join(parent))?;
            }
        }
        disk::create(&entry.path.below(root)).map(Box::new)
    };
    // Each file is waited for where there are few; the whole file system once where there are many.
    let close = |entry: &FileEntry, file: Box<File>| {
        written.set(written.get() + 1);
        let seal = if written.get() > SYNCED_ONE_BY_ONE { disk::close } else { disk::seal };
        seal(&file, &entry.path.below(root), entry.mode.bits())
    };
    let (_, found) = walk(archive, begin, open, close)?;
    if found != *expected {
        return Err(ArtifactError::Identity { expected: *expected, found });
    }
    if written.get() > SYNCED_ONE_BY_ONE {
        return disk::sync_all_below(root);
    }
    dirs.iter().rev().try_for_each(|dir| disk::sync_dir(&root.join(dir)))?;
    disk::sync_dir(root)
}

/// Hashes the unpacked tree again. Nothing may be started from a tree for which this fails.
///
/// # Errors
/// Names the first file that is changed, missing or extra.
pub fn verify_tree(dir: &Path, expected: &Digest) -> Result<Manifest, ArtifactError> {
    let (manifest, found) = read_manifest(dir)?;
    if found != *expected {
        return Err(ArtifactError::Identity { expected: *expected, found });
    }
    let mut present = BTreeMap::new();
    list(dir, "", &manifest, &manifest.directories(), &mut present)?;
    for entry in &manifest.files {
        match present.get(entry.path.as_str()) {
            None => return Err(ArtifactError::Missing(entry.path.to_string())),
            Some(mode) => verify_file(dir, entry, *mode)?,
        }
    }
    Ok(manifest)
}

fn read_manifest(dir: &Path) -> Result<(Manifest, Digest), ArtifactError> {
    let path = dir.join(MANIFEST);
    let mut bytes = Vec::new();
    disk::open(&path)?.take(MAX_MANIFEST + 1).read_to_end(&mut bytes).map_err(ArtifactError::io(&path))?;
    if bytes.len() as u64 > MAX_MANIFEST {
        return Err(ArtifactError::Limit(format!("the manifest is above {MAX_MANIFEST} bytes")));
    }
    Ok((Manifest::from_bytes(&bytes)?, Digest::of_object("manifest", &bytes)))
}

/// Collects every file with its permission bits, and refuses at the first name that the manifest does not
/// have, so its work is bounded by the manifest and not by what somebody put there.
fn list(
    root: &Path,
    below: &str,
    manifest: &Manifest,
    directories: &BTreeSet<&str>,
    present: &mut BTreeMap<String, u32>,
) -> Result<(), ArtifactError> {
    let dir = root.join(below);
    let mut names = BTreeSet::new();
    for item in fs::read_dir(&dir).map_err(ArtifactError::io(&dir))? {
        names.insert(item.map_err(ArtifactError::io(&dir))?.file_name().to_string_lossy().into_owned());
    }
    for name in names {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let meta = fs::symlink_metadata(root.join(&path)).map_err(ArtifactError::io(&root.join(&path)))?;
        if meta.is_dir() {
            if !directories.contains(path.as_str()) {
                return Err(ArtifactError::Extra(path));
            }
            list(root, &path, manifest, directories, present)?;
        } else if !meta.is_file() {
            return Err(ArtifactError::Kind(path));
        } else if manifest.file(&path).is_some() {
            present.insert(path, meta.permissions().mode() & 0o7777);
        } else if path != MANIFEST {
            return Err(ArtifactError::Extra(path));
        }
    }
    Ok(())
}

fn verify_file(root: &Path, entry: &FileEntry, mode: u32) -> Result<(), ArtifactError> {
    let changed = |what| Err(ArtifactError::Changed { path: entry.path.to_string(), what });
    if mode != entry.mode.bits() {
        return changed(format!("mode {mode:04o} instead of {:04o}", entry.mode.bits()));
    }
    let path = entry.path.below(root);
    match copy_hashed(&mut disk::open(&path)?, &mut std::io::sink(), entry.size).map_err(ArtifactError::io(&path))? {
        None => changed(format!("more than {} bytes", entry.size)),
        Some((size, _)) if size != entry.size => changed(format!("{size} bytes instead of {}", entry.size)),
        Some((_, sha256)) if sha256 != entry.sha256 => changed("its bytes have another SHA-256".to_owned()),
        Some(_) => Ok(()),
    }
}
