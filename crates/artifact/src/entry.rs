//! One file of an artifact.

use crate::FilePath;
use model::Digest;
use serde::{Deserialize, Serialize};

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
