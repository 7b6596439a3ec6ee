//! What can be wrong with an artifact, in the words of the person who published it.

use model::{Digest, canon::CanonError};
use std::path::{Path, PathBuf};

/// Most characters of a wrong name that are shown.
const MAX_SHOWN: usize = 200;

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
    #[error("`{name}` is not a path inside an artifact: {why}")]
    Path {
        /// The name, with what cannot be shown escaped.
        name: String,
        /// What is wrong with it, and what to do.
        why: &'static str,
    },
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
    /// A symbolic link in a packed directory that cannot be resolved.
    #[error("the link `{name}` {why}")]
    Link {
        /// The link, relative to the directory.
        name: String,
        /// What is wrong with it, and what to do.
        why: &'static str,
    },
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
    /// A package of files that something was to be started from.
    #[error("{0} holds files and no program, so there is nothing to start; pack it again with an entry")]
    NoProgram(String),
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
    /// What is wrong with a copy that is kept: of one that was whole when it came nobody has to pack anything again.
    pub fn damage(&self) -> String {
        match self {
            Self::Canon(error) => format!("the manifest is not readable: {error}"),
            Self::Archive(what) => format!("not an artifact archive: {what}"),
            other => other.to_string(),
        }
    }

    /// A name that is no path, shown so that nothing in it can act on a terminal.
    pub(crate) fn path(name: &str, why: &'static str) -> Self {
        Self::Path { name: name.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect(), why }
    }

    /// Names the file an input or output error belongs to.
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}
