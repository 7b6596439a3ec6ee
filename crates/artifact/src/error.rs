//! What can be wrong with an artifact, in the words of the person who published it.

use model::{Digest, canon::CanonError};
use std::path::{Path, PathBuf};

/// Why an artifact was not packed, believed, unpacked or started.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// A file could not be read or written.
    #[error("`{}`: {source}", path.display())]
    Io {
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A name that could leave the root or be read in two ways.
    #[error(
        "`{0}` is not a path inside an artifact; use at most 200 characters of A-Z a-z 0-9 . _ @ + - and /, without `..`"
    )]
    Path(String),
    /// The manifest is not canonical JSON.
    #[error("the manifest is not readable: {0}; pack the artifact again")]
    Canon(#[from] CanonError),
    /// The manifest is readable but breaks a rule.
    #[error("the manifest is not acceptable: {0}")]
    Manifest(String),
    /// The archive is not a tar as `pack` writes it.
    #[error("not an artifact archive: {0}; pack the artifact again")]
    Archive(String),
    /// A link, device or other member that is not a plain file.
    #[error("`{0}` is not a plain file; links and devices are not allowed in an artifact")]
    Kind(String),
    /// A file that the manifest does not name.
    #[error("`{0}` is not named in the manifest")]
    Extra(String),
    /// A file that stands in the archive twice.
    #[error("`{0}` is there twice")]
    Duplicate(String),
    /// A file that the manifest names and that is not there.
    #[error("`{0}` is named in the manifest and missing")]
    Missing(String),
    /// A file whose size, mode or bytes are not those of the manifest.
    #[error("`{path}` differs from the manifest: {what}")]
    Changed {
        /// The file, relative to the root.
        path: String,
        /// Which of size, mode or bytes, and how.
        what: String,
    },
    /// More than an artifact may hold.
    #[error("too large: {0}")]
    Limit(String),
    /// Another artifact than the one that was asked for.
    #[error("this is artifact {found}, not {expected}; ask for the artifact that the package names")]
    Identity {
        /// The digest that was asked for.
        expected: Digest,
        /// The digest of what came.
        found: Digest,
    },
    /// The store does not hold it.
    #[error("artifact {0} is not in this store; publish it to this node first")]
    Unknown(Digest),
}

impl ArtifactError {
    /// Names the file an input or output error belongs to.
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}
