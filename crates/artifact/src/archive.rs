//! Reading an archive that nobody vouches for.

use crate::{
    ArtifactError, FileEntry, Manifest,
    disk::{self, copy_hashed},
    long_name,
    manifest::MAX_MANIFEST,
    path::MANIFEST,
};
use model::Digest;
use std::{
    io::{BufReader, Read, Write},
    path::Path,
};
use tar::{Entry, EntryType};

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
    let mut tar = tar::Archive::new(BufReader::with_capacity(256 << 10, disk::open(archive)?));
    // Raw: extension headers are then members of another kind, and only the one that `pack` writes is read.
    let mut members = tar.entries().map_err(broken)?.raw(true);
    let mut first = members.next().ok_or_else(|| ArtifactError::Archive("it is empty".to_owned()))?.map_err(broken)?;
    let (manifest, bytes) = read_manifest(&mut first)?;
    let digest = Digest::of_object("manifest", &bytes);
    begin(&bytes)?;
    let mut expected = manifest.files.iter();
    while let Some((path, mut member)) = next_file(&mut members)? {
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
    Ok((manifest, digest))
}

fn broken(error: std::io::Error) -> ArtifactError {
    ArtifactError::Archive(error.to_string())
}

/// The next plain file and its name, which may stand in an extension before it.
fn next_file<'a, R: Read>(
    members: &mut impl Iterator<Item = std::io::Result<Entry<'a, R>>>,
) -> Result<Option<(String, Entry<'a, R>)>, ArtifactError> {
    let Some(member) = members.next() else { return Ok(None) };
    let mut member = member.map_err(broken)?;
    if member.header().entry_type() != EntryType::XHeader {
        return Ok(Some((plain_path(&member)?, member)));
    }
    let path = long_name::read(&mut member)?;
    let file = members.next().ok_or_else(|| ArtifactError::Archive(format!("it ends where `{path}` should be")))?;
    let file = file.map_err(broken)?;
    if plain_path(&file)? != long_name::STAND_IN {
        return Err(ArtifactError::Archive(format!("`{path}` has two names")));
    }
    Ok(Some((path, file)))
}

fn read_manifest(member: &mut Entry<'_, impl Read>) -> Result<(Manifest, Vec<u8>), ArtifactError> {
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
    Ok((Manifest::from_bytes(&bytes)?, bytes))
}

fn plain_path(member: &Entry<'_, impl Read>) -> Result<String, ArtifactError> {
    let path = String::from_utf8_lossy(&member.path_bytes()).into_owned();
    if member.header().entry_type() == EntryType::Regular { Ok(path) } else { Err(ArtifactError::Kind(path)) }
}

fn misplaced(manifest: &Manifest, path: &str, expected: Option<&FileEntry>) -> ArtifactError {
    let known = manifest.file(path).is_some() || path == MANIFEST;
    match expected {
        // Members come sorted, so a known name that is behind the expected one was there already.
        Some(want) if known && path > want.path.as_str() => ArtifactError::Missing(want.path.to_string()),
        _ if known => ArtifactError::Duplicate(path.to_owned()),
        _ => match path.parse::<crate::FilePath>() {
            Ok(path) => ArtifactError::Extra(path.to_string()),
            Err(why) => why,
        },
    }
}

fn check_header(want: &FileEntry, member: &Entry<'_, impl Read>) -> Result<(), ArtifactError> {
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
