//! The one description of an artifact that people sign, by its digest.

use crate::{ArtifactError, FileEntry, Program};
use model::{Digest, Token, canon};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

/// Most files in one artifact.
pub const MAX_FILES: usize = 100_000;
/// Most bytes in one artifact, all files together: 2 GiB.
pub const MAX_BYTES: u64 = 2 << 30;
/// Longest that it takes to read every byte of the largest artifact again on a slow disk: 4 MiB a second, and 200 files.
pub const READ_WITHIN: Duration = Duration::from_secs(MAX_BYTES / (4 << 20) + MAX_FILES as u64 / 200);
/// Largest manifest: 335 bytes a file where there are most of them.
pub(crate) const MAX_MANIFEST: u64 = 32 << 20;

/// What an artifact is: its files and, where it is one, how the program in them starts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Product name, for example `pod-storefront-core`.
    pub product: Token,
    /// Version, for example `2026.03.1`.
    pub version: Token,
    /// What starts; absent where the package is files and nothing else, as a client theme is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub program: Option<Program>,
    /// Every file, sorted by path.
    pub files: Vec<FileEntry>,
}

impl Manifest {
    /// The identity of the artifact.
    pub fn digest(&self) -> Result<Digest, ArtifactError> {
        Ok(canon::digest("manifest", self)?)
    }

    /// The canonical bytes: what `manifest.json` holds.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        self.check()?;
        let bytes = canon::to_vec(self)?;
        if bytes.len() as u64 > MAX_MANIFEST {
            return Err(ArtifactError::Limit(format!(
                "the names of its {} files make a manifest of {} bytes, at most {MAX_MANIFEST} are allowed; shorten \
                 the names of its directories, or pack fewer files",
                self.files.len(),
                bytes.len()
            )));
        }
        Ok(bytes)
    }

    /// Reads canonical bytes and checks every rule.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let manifest: Self = canon::from_slice(bytes)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// What starts.
    ///
    /// # Errors
    /// Where the package holds files and no program.
    pub fn program(&self) -> Result<&Program, ArtifactError> {
        self.program.as_ref().ok_or_else(|| ArtifactError::NoProgram(format!("{} {}", self.product, self.version)))
    }

    /// The entry of one file.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|at| &self.files[at])
    }

    /// Bytes of all files together.
    pub fn total_bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.size))
    }

    fn check(&self) -> Result<(), ArtifactError> {
        let refuse = |text: String| Err(ArtifactError::Manifest(text));
        if self.files.len() > MAX_FILES {
            return Err(ArtifactError::Limit(format!("{} files, at most {MAX_FILES} are allowed", self.files.len())));
        }
        if self.total_bytes() > MAX_BYTES {
            return Err(ArtifactError::Limit(format!(
                "{} bytes in its files, at most {MAX_BYTES} are allowed",
                self.total_bytes()
            )));
        }
        if let Some(pair) = self.files.windows(2).find(|pair| pair[0].path >= pair[1].path) {
            return refuse(format!("its files are not sorted or not unique at `{}`", pair[1].path));
        }
        let directories: BTreeSet<&str> = self.directories();
        if let Some(both) = self.files.iter().map(|file| file.path.as_str()).find(|path| directories.contains(path)) {
            return refuse(format!("`{both}` is a file and a directory"));
        }
        match &self.program {
            Some(program) => program.check(self.file(program.entry.executable.as_str())),
            None if self.files.is_empty() => refuse("it holds no file".to_owned()),
            None => Ok(()),
        }
    }

    /// Every directory that a file lies in.
    pub(crate) fn directories(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for file in &self.files {
            // What a directory lies in was put there with it.
            for parent in file.path.parents().collect::<Vec<_>>().into_iter().rev() {
                if !found.insert(parent) {
                    break;
                }
            }
        }
        found
    }
}
