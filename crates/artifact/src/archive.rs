//! Reading an archive that nobody vouches for.

use crate::{
    ArtifactError, FileEntry, Manifest,
    disk::{self, copy_hashed},
    manifest::MAX_MANIFEST,
    path::MANIFEST,
};
use model::Digest;
use std::{
    io::{BufReader, Read, Write},
    path::Path,
};

/// What is in the archive, after reading every byte of it.
///
/// # Errors
/// When a member is not a plain file strictly inside the root, is missing, extra, twice or out of
/// order, differs from the manifest, or a limit is passed.
pub fn inspect(archive: &Path) -> Result<(Manifest, Digest), ArtifactError> {
    walk(archive, |_| Ok(()), |_| Ok(Box::new(std::io::sink())), |_, _| Ok(()))
}

/// Reads the archive in its one order. `begin` sees the manifest's bytes once they are accepted,
/// `open` gives the place for each file, `close` sees it again once its bytes were right.
pub(crate) fn walk<W: Write>(
    archive: &Path,
    mut begin: impl FnMut(&[u8]) -> Result<(), ArtifactError>,
    mut open: impl FnMut(&FileEntry) -> Result<Box<W>, ArtifactError>,
    mut close: impl FnMut(&FileEntry, Box<W>) -> Result<(), ArtifactError>,
) -> Result<(Manifest, Digest), ArtifactError> {
    let broken = |e: std::io::Error| ArtifactError::Archive(e.to_string());
    let mut tar = tar::Archive::new(BufReader::with_capacity(256 << 10, disk::open(archive)?));
    // Raw: extension headers (long names, pax) are then members of another kind, and refused.
    let mut members = tar.entries().map_err(broken)?.raw(true);
    let mut first = members.next().ok_or_else(|| ArtifactError::Archive("it is empty".to_owned()))?.map_err(broken)?;
    let manifest = read_manifest(&mut first)?;
    begin(&manifest.to_bytes()?)?;
    let mut expected = manifest.files.iter();
    for member in members {
        let mut member = member.map_err(broken)?;
        let path = plain_path(&member)?;
        let want = match expected.next() {
            Some(want) if want.path.as_str() == path => want,
            other => return Err(misplaced(&manifest, &path, other)),
        };
        check_header(want, &member)?;
        let mut place = open(want)?;
        let got = copy_hashed(&mut member, &mut *place, want.size).map_err(ArtifactError::io(archive))?;
        if got != Some((want.size, want.sha256)) {
            return Err(ArtifactError::Changed { path, what: "its bytes have another SHA-256".to_owned() });
        }
        close(want, place)?;
    }
    if let Some(missing) = expected.next() {
        return Err(ArtifactError::Missing(missing.path.to_string()));
    }
    let digest = manifest.digest()?;
    Ok((manifest, digest))
}

fn read_manifest(member: &mut tar::Entry<'_, impl Read>) -> Result<Manifest, ArtifactError> {
    if plain_path(member)? != MANIFEST {
        return Err(ArtifactError::Archive("its first member is not manifest.json".to_owned()));
    }
    if member.size() > MAX_MANIFEST {
        return Err(ArtifactError::Limit(format!(
            "a manifest of {} bytes, at most {MAX_MANIFEST} are allowed",
            member.size()
        )));
    }
    let mut bytes = Vec::new();
    member.read_to_end(&mut bytes).map_err(|e| ArtifactError::Archive(e.to_string()))?;
    Manifest::from_bytes(&bytes)
}

fn plain_path(member: &tar::Entry<'_, impl Read>) -> Result<String, ArtifactError> {
    let path = String::from_utf8_lossy(&member.path_bytes()).into_owned();
    if member.header().entry_type() == tar::EntryType::Regular { Ok(path) } else { Err(ArtifactError::Kind(path)) }
}

fn misplaced(manifest: &Manifest, path: &str, expected: Option<&FileEntry>) -> ArtifactError {
    let known = manifest.file(path).is_some() || path == MANIFEST;
    match expected {
        // Members come sorted, so a known name that is behind the expected one was there already.
        Some(want) if known && path > want.path.as_str() => ArtifactError::Missing(want.path.to_string()),
        _ if known => ArtifactError::Duplicate(path.to_owned()),
        _ if path.parse::<crate::FilePath>().is_err() => ArtifactError::Path(path.to_owned()),
        _ => ArtifactError::Extra(path.to_owned()),
    }
}

fn check_header(want: &FileEntry, member: &tar::Entry<'_, impl Read>) -> Result<(), ArtifactError> {
    let changed = |what| Err(ArtifactError::Changed { path: want.path.to_string(), what });
    if member.size() != want.size {
        return changed(format!("{} bytes instead of {}", member.size(), want.size));
    }
    match member.header().mode() {
        Ok(mode) if mode == want.mode.bits() => Ok(()),
        Ok(mode) => changed(format!("mode {mode:04o} instead of {:04o}", want.mode.bits())),
        Err(e) => Err(ArtifactError::Archive(e.to_string())),
    }
}
