//! A manifest that somebody answers a piece at a time: it is believed once the whole of it has the digest that was asked for.

use crate::manifest::MAX_MANIFEST;
use crate::{ArtifactError, FileEntry, MAX_FILES, Manifest, Program};
use model::{Digest, Token};
use serde::Deserialize;

/// Files of one piece.
const PIECE: usize = 1_000;
/// Least bytes that a file takes in a manifest beside its path: its digest, mode and size.
const ENTRY_BYTES: u64 = 100;

/// A piece as it is answered; newer fields tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ManifestPiece {
    artifact: Digest,
    product: Token,
    version: Token,
    #[serde(default)]
    program: Option<Program>,
    files: Vec<FileEntry>,
    #[serde(default)]
    next: Option<u64>,
}

/// What was answered so far. Whoever answers is not believed: neither in what it says nor in how much there is of it.
#[derive(Debug)]
pub struct Pieces {
    asked: Digest,
    read: Option<Manifest>,
    bytes: u64,
    is_whole: bool,
}

impl Pieces {
    /// Of the manifest with this digest.
    pub fn of(asked: Digest) -> Self {
        Self { asked, read: None, bytes: 0, is_whole: false }
    }

    /// Where the next piece is asked for; none once there is no more.
    pub fn next(&self) -> Option<String> {
        let after = self.read.as_ref().map_or(0, |read| read.files.len());
        (!self.is_whole).then(|| format!("/v1/artifacts/{}/manifest?after={after}&limit={PIECE}", self.asked))
    }

    /// Takes one in.
    ///
    /// # Errors
    /// When it is of another artifact, or more than a manifest can hold.
    pub fn take(&mut self, piece: ManifestPiece) -> Result<(), ArtifactError> {
        let ManifestPiece { artifact, product, version, program, files, next } = piece;
        if artifact != self.asked {
            return Err(ArtifactError::Identity { expected: self.asked, found: artifact });
        }
        // No answer makes this go on without end.
        self.is_whole = next.is_none() || files.is_empty();
        let size = |file: &FileEntry| file.path.as_str().len() as u64 + ENTRY_BYTES;
        self.bytes += files.iter().map(size).sum::<u64>();
        let read = self.read.get_or_insert_with(|| Manifest { product, version, program, files: vec![] });
        read.files.extend(files);
        if read.files.len() > MAX_FILES || self.bytes > MAX_MANIFEST {
            let what = format!("{MAX_FILES} files and {MAX_MANIFEST} bytes are the most of a manifest");
            return Err(ArtifactError::Limit(what));
        }
        Ok(())
    }

    /// All of it.
    ///
    /// # Errors
    /// When its digest is not the one that was asked for.
    pub fn verified(self) -> Result<Manifest, ArtifactError> {
        let manifest = self.read.filter(|_| self.is_whole).ok_or(ArtifactError::Unknown(self.asked))?;
        let found = manifest.digest()?;
        if found == self.asked { Ok(manifest) } else { Err(ArtifactError::Identity { expected: self.asked, found }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mode;

    fn file(n: usize) -> FileEntry {
        let path = format!("data/{n:06}").parse().unwrap();
        FileEntry { path, mode: Mode::Read, size: 1, sha256: Digest([7; 32]) }
    }

    fn manifest(files: usize) -> Manifest {
        let (product, version) = ("shop".parse().unwrap(), "1".parse().unwrap());
        Manifest { product, version, program: None, files: (0..files).map(file).collect() }
    }

    /// What somebody answers who was asked for one manifest and says another.
    fn read(asked: Digest, said: &Manifest, limit: usize) -> Result<Manifest, ArtifactError> {
        let mut pieces = Pieces::of(asked);
        let mut after = 0;
        while let Some(path) = pieces.next() {
            assert!(path.starts_with(&format!("/v1/artifacts/{asked}/manifest?after={after}&")), "{path}");
            let files: Vec<_> = said.files.iter().skip(after).take(limit).cloned().collect();
            after += files.len();
            let (product, version) = (said.product.clone(), said.version.clone());
            let next = (after < said.files.len()).then_some(after as u64);
            let program = said.program.clone();
            pieces.take(ManifestPiece { artifact: asked, product, version, program, files, next })?;
        }
        pieces.verified()
    }

    #[test]
    fn pieces_are_one_manifest_and_a_forged_one_is_not_believed() {
        let true_one = manifest(5);
        let digest = true_one.digest().unwrap();
        for limit in [1, 2, 5, 9] {
            assert_eq!(read(digest, &true_one, limit).unwrap(), true_one);
        }
        let forged = Manifest { version: "2".parse().unwrap(), ..true_one };
        assert!(
            matches!(read(digest, &forged, 2), Err(ArtifactError::Identity { expected, .. }) if expected == digest)
        );
    }

    #[test]
    fn who_answers_without_end_is_not_listened_to() {
        let endless = |files: Vec<FileEntry>| {
            let (product, version) = ("shop".parse().unwrap(), "1".parse().unwrap());
            ManifestPiece { artifact: Digest::ZERO, product, version, program: None, files, next: Some(1) }
        };
        let mut pieces = Pieces::of(Digest::ZERO);
        let refused =
            std::iter::repeat_with(|| pieces.take(endless(vec![file(1); 10_000]))).take(12).find_map(Result::err);
        assert!(matches!(refused, Some(ArtifactError::Limit(_))), "{refused:?}");
        let mut pieces = Pieces::of(Digest::ZERO);
        pieces.take(endless(vec![])).unwrap();
        assert!(pieces.next().is_none() && pieces.verified().is_err());
        let other = ManifestPiece { artifact: Digest([1; 32]), ..endless(vec![]) };
        assert!(matches!(Pieces::of(Digest::ZERO).take(other), Err(ArtifactError::Identity { .. })));
    }
}
