//! The one description of an artifact that people sign, by its digest.

use crate::{ArtifactError, FilePath};
use model::{Digest, Token, canon};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, ffi::OsString, net::SocketAddr, path::Path};

/// Most files in one artifact.
pub const MAX_FILES: usize = 4_096;
/// Most bytes in one artifact, all files together: 512 MiB.
pub const MAX_BYTES: u64 = 512 << 20;
/// Largest manifest: every file with the longest path.
pub(crate) const MAX_MANIFEST: u64 = 2 << 20;
const MAX_ARGS: usize = 64;
const MAX_MEMORY_MIB: u32 = 1 << 20;

/// What an artifact is: its files and how it starts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Product name, for example `pod-storefront-core`.
    pub product: Token,
    /// Version, for example `2026.03.1`.
    pub version: Token,
    /// What is started.
    pub entry: Entry,
    /// Memory one engine may use, in MiB.
    pub memory_mib: u32,
    /// Path that answers 200 when the engine is healthy, for example `/healthz`.
    pub health: Token,
    /// Every file, sorted by path.
    pub files: Vec<FileEntry>,
}

/// The command of an artifact: fixed when it is packed, except for the three places where it runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The executable, one of the files, mode `0555`.
    pub executable: FilePath,
    /// Its arguments in order, at most 64.
    pub args: Vec<Arg>,
}

/// One argument. Placeholders are words of their own, so no text is ever searched and replaced.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    /// The same in every start.
    Fixed(Token),
    /// The address to listen on, as `127.0.0.1:9001`.
    Listen,
    /// The directory the engine may write.
    DataDir,
    /// The directory of the unpacked artifact.
    ReleaseDir,
}

/// Where one start takes place: what the placeholders become.
#[derive(Clone, Copy, Debug)]
pub struct Placement<'a> {
    /// For [`Arg::Listen`].
    pub listen: SocketAddr,
    /// For [`Arg::DataDir`].
    pub data_dir: &'a Path,
    /// For [`Arg::ReleaseDir`].
    pub release_dir: &'a Path,
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Path relative to the root.
    pub path: FilePath,
    /// Readable, or executable too.
    pub mode: Mode,
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, as `sha256sum` prints it.
    pub sha256: Digest,
}

/// The two modes a sealed file may have; nobody may write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Mode {
    /// `0444`
    #[serde(rename = "0444")]
    Read,
    /// `0555`
    #[serde(rename = "0555")]
    Execute,
}

impl Mode {
    /// The permission bits.
    pub fn bits(self) -> u32 {
        match self {
            Self::Read => 0o444,
            Self::Execute => 0o555,
        }
    }
}

impl Entry {
    /// The arguments of one start.
    pub fn arguments(&self, at: Placement<'_>) -> Vec<OsString> {
        let one = |arg: &Arg| match arg {
            Arg::Fixed(token) => token.as_str().into(),
            Arg::Listen => at.listen.to_string().into(),
            Arg::DataDir => at.data_dir.into(),
            Arg::ReleaseDir => at.release_dir.into(),
        };
        self.args.iter().map(one).collect()
    }
}

impl Manifest {
    /// The identity of the artifact.
    pub fn digest(&self) -> Result<Digest, ArtifactError> {
        Ok(canon::digest("manifest", self)?)
    }

    /// The canonical bytes: what `manifest.json` holds.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        self.check()?;
        Ok(canon::to_vec(self)?)
    }

    /// Reads canonical bytes and checks every rule.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let manifest: Self = canon::from_slice(bytes)?;
        manifest.check()?;
        Ok(manifest)
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
        let names: BTreeSet<&str> = self.files.iter().map(|file| file.path.as_str()).collect();
        if let Some(both) = self.files.iter().flat_map(|file| file.path.parents()).find(|dir| names.contains(dir)) {
            return refuse(format!("`{both}` is a file and a directory"));
        }
        match self.file(self.entry.executable.as_str()) {
            None => return refuse(format!("its executable `{}` is not among its files", self.entry.executable)),
            Some(file) if file.mode != Mode::Execute => {
                return refuse(format!("its executable `{}` has not mode 0555", file.path));
            }
            Some(_) => {}
        }
        if self.entry.args.len() > MAX_ARGS {
            return refuse(format!("{} arguments, at most {MAX_ARGS} are allowed", self.entry.args.len()));
        }
        if !(1..=MAX_MEMORY_MIB).contains(&self.memory_mib) {
            return refuse(format!("memory of {} MiB is not between 1 and {MAX_MEMORY_MIB}", self.memory_mib));
        }
        if !self.health.as_str().starts_with('/') {
            return refuse(format!("the health path `{}` does not begin with /", self.health));
        }
        Ok(())
    }
}
