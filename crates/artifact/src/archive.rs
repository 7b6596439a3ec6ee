//! Reading an archive that nobody vouches for.

use crate::{
    ArtifactError, FileEntry, Manifest,
    disk::{self, copy_hashed},
    framing, long_name,
    manifest::MAX_MANIFEST,
    path::MANIFEST,
    watched_read::Failure,
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
/// order, differs from the manifest, a limit is passed, or anything around the files is not as `pack` writes it.
pub fn inspect(archive: &Path) -> Result<(Manifest, Digest), ArtifactError> {
    walk(archive, |_| Ok(()), |_| Ok(Box::new(std::io::sink())), |_, _| Ok(()))
}

/// The manifest alone, which is the first member: of the files after it nothing is read.
///
/// # Errors
/// When the archive cannot be read, or its first member is no manifest.
pub fn manifest(archive: &Path) -> Result<(Manifest, Digest), ArtifactError> {
    let failure = Failure::default();
    let mut tar = tar::Archive::new(failure.watch(disk::open(archive)?));
    let first = tar.entries().map_err(broken).and_then(|members| first(&mut members.raw(true)));
    let (manifest, bytes) = failure.or(archive, first)?;
    Ok((manifest, Digest::of_object("manifest", &bytes)))
}

/// Reads the archive in its one order. `begin` sees the manifest's bytes once they are accepted,
/// `open` gives the place for each file, `close` sees it again once its bytes were right.
pub(crate) fn walk<W: Write>(
    archive: &Path,
    begin: impl FnMut(&[u8]) -> Result<(), ArtifactError>,
    open: impl FnMut(&FileEntry) -> Result<Box<W>, ArtifactError>,
    close: impl FnMut(&FileEntry, Box<W>) -> Result<(), ArtifactError>,
) -> Result<(Manifest, Digest), ArtifactError> {
    let failure = Failure::default();
    let from = failure.watch(BufReader::with_capacity(256 << 10, disk::open(archive)?));
    let (manifest, digest, manifest_bytes) = failure.or(archive, members(from, archive, begin, open, close))?;
    framing::check(archive, &manifest, manifest_bytes)?;
    Ok((manifest, digest))
}

/// The members, each as the manifest says; the manifest, its digest and its length.
fn members<W: Write>(
    from: impl Read,
    archive: &Path,
    mut begin: impl FnMut(&[u8]) -> Result<(), ArtifactError>,
    mut open: impl FnMut(&FileEntry) -> Result<Box<W>, ArtifactError>,
    mut close: impl FnMut(&FileEntry, Box<W>) -> Result<(), ArtifactError>,
) -> Result<(Manifest, Digest, u64), ArtifactError> {
    let mut tar = tar::Archive::new(from);
    // Raw: extension headers are then members of another kind, and only the one that `pack` writes is read.
    let mut members = tar.entries().map_err(broken)?.raw(true);
    let (manifest, bytes) = first(&mut members)?;
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
    Ok((manifest, digest, bytes.len() as u64))
}

fn broken(error: std::io::Error) -> ArtifactError {
    ArtifactError::Archive(error.to_string())
}

/// The manifest and its bytes.
fn first<'a, R: Read + 'a>(
    members: &mut impl Iterator<Item = std::io::Result<Entry<'a, R>>>,
) -> Result<(Manifest, Vec<u8>), ArtifactError> {
    let first = members.next().ok_or_else(|| ArtifactError::Archive("it is empty".to_owned()))?;
    let no_tar = |error| ArtifactError::Archive(format!("it is no tar, or is cut short ({error})"));
    read_manifest(&mut first.map_err(no_tar)?)
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
    // Any other tar, whatever it begins with, is told as no package.
    if *member.path_bytes() != *MANIFEST.as_bytes() {
        return Err(ArtifactError::Archive("its first member is not manifest.json".to_owned()));
    }
    plain_path(member)?;
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

#[cfg(test)]
mod tests {
    use super::{Failure, members};
    use crate::{ArtifactError, Mode, Source, SourceFile, Spec, pack};
    use std::io::{self, Read};

    /// A disk that reads so many bytes and then no more.
    struct Failing<'a>(&'a [u8]);

    impl Read for Failing<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 if !into.is_empty() => Err(io::Error::from_raw_os_error(5)),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn a_disk_that_fails_is_never_told_as_an_archive_that_is_broken() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("a.tar");
        let long = format!("{}/{}", "d".repeat(200), "f".repeat(200));
        let file = |path: &str| SourceFile {
            path: path.parse().unwrap(),
            mode: Mode::Read,
            source: Source::Bytes(vec![7; 700]),
        };
        let spec = Spec { product: "shop".parse().unwrap(), version: "1".parse().unwrap(), program: None };
        pack(spec, vec![file("a"), file(&long)], &archive).unwrap();
        let whole = std::fs::read(&archive).unwrap();
        let read = |from: &mut dyn Read| {
            let failure = Failure::default();
            let read = members(failure.watch(from), &archive, |_| Ok(()), |_| Ok(Box::new(io::sink())), |_, _| Ok(()));
            failure.or(&archive, read).map(|(manifest, ..)| manifest.files.len())
        };
        assert_eq!(read(&mut whole.as_slice()).unwrap(), 2);
        // In the last block of the end nothing is read any more.
        for len in (0..whole.len() - 512).step_by(100) {
            let failed = read(&mut Failing(&whole[..len]));
            assert!(matches!(&failed, Err(ArtifactError::Io { .. })), "after {len} bytes: {failed:?}");
            let cut = read(&mut &whole[..len]);
            assert!(!matches!(&cut, Err(ArtifactError::Io { .. })), "an archive of {len} bytes: {cut:?}");
        }
    }
}
