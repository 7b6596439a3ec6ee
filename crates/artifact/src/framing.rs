//! What stands around the files of an archive: headers, padding and its end, which must be what `pack` writes. A file
//! has one archive, so that no byte of it is unread and two archives of one artifact are equal.

use crate::{ArtifactError, Manifest, Mode, disk, long_name, path::MANIFEST};
use std::{
    io::{BufReader, Read},
    path::Path,
};
use tar::Header;

/// Size of a block; every header is one, and every member's bytes are filled up to whole ones.
const BLOCK: usize = 512;
/// Blocks of zeros at the end.
const END: usize = 2;

/// An archive whose members are known to be those of its manifest, read again between their bytes.
struct Framing<R> {
    from: BufReader<R>,
    archive: std::path::PathBuf,
}

/// Whether everything but the files' own bytes is as `pack` writes it; `manifest_bytes` is the length of the manifest.
///
/// # Errors
/// When a header, a filling or the end is another one.
pub(crate) fn check(archive: &Path, manifest: &Manifest, manifest_bytes: u64) -> Result<(), ArtifactError> {
    let from = BufReader::with_capacity(256 << 10, disk::open(archive)?);
    let mut framing = Framing { from, archive: archive.to_owned() };
    framing.member(MANIFEST, Mode::Read, manifest_bytes)?;
    for file in &manifest.files {
        framing.member(file.path.as_str(), file.mode, file.size)?;
    }
    framing.end()
}

impl<R: Read + std::io::Seek> Framing<R> {
    fn member(&mut self, path: &str, mode: Mode, size: u64) -> Result<(), ArtifactError> {
        let (before, head) = long_name::headers(path, mode, size)?;
        if let Some((extension, record)) = before {
            self.header(path, &extension)?;
            self.bytes(path, record.len() as u64)?;
        }
        self.header(path, &head)?;
        self.bytes(path, size)
    }

    fn header(&mut self, path: &str, wanted: &Header) -> Result<(), ArtifactError> {
        let mut found = [0; BLOCK];
        self.read(path, &mut found)?;
        if found == *wanted.as_bytes() {
            return Ok(());
        }
        Err(ArtifactError::Archive(format!("the header of `{path}` is not the one that `artifact pack` writes")))
    }

    /// Passes over what was read already, and reads what fills its last block.
    fn bytes(&mut self, path: &str, size: u64) -> Result<(), ArtifactError> {
        let size_signed = i64::try_from(size).unwrap_or(i64::MAX);
        self.from.seek_relative(size_signed).map_err(ArtifactError::io(&self.archive))?;
        let mut filling = [0; BLOCK];
        let filling = &mut filling[..usize::try_from(size.next_multiple_of(BLOCK as u64) - size).unwrap_or_default()];
        self.read(path, filling)?;
        if filling.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        Err(ArtifactError::Archive(format!("there are bytes behind `{path}` that belong to no file")))
    }

    fn read(&mut self, path: &str, to: &mut [u8]) -> Result<(), ArtifactError> {
        self.from.read_exact(to).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ArtifactError::Archive(format!("it ends in the middle of `{path}`")),
            _ => ArtifactError::io(&self.archive)(error),
        })
    }

    fn end(mut self) -> Result<(), ArtifactError> {
        const LENGTH: usize = END * BLOCK;
        let mut rest = Vec::with_capacity(LENGTH + 1);
        let most = LENGTH as u64 + 1;
        self.from.by_ref().take(most).read_to_end(&mut rest).map_err(ArtifactError::io(&self.archive))?;
        if rest == [0; LENGTH] {
            return Ok(());
        }
        Err(ArtifactError::Archive("behind its last file there is not the end that `artifact pack` writes".to_owned()))
    }
}
