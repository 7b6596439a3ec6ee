//! Where things stand below the directory of this service.

use crate::GovernanceError;
use archive::Archive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The directory and the places in it.
#[derive(Debug, Clone)]
pub(crate) struct Layout(PathBuf);

impl Layout {
    pub(crate) fn of(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    /// The control log: decided commands.
    pub(crate) fn control(&self) -> PathBuf {
        self.0.join("control")
    }

    /// The events log: what other systems sent.
    pub(crate) fn events(&self) -> PathBuf {
        self.0.join("events")
    }

    /// Governing blobs.
    pub(crate) fn blobs(&self) -> PathBuf {
        self.0.join("blobs")
    }

    /// The records of changes that have ended.
    pub(crate) fn archive(&self) -> Result<Arc<Archive>, GovernanceError> {
        let dir = self.0.join("ended");
        Archive::open(&dir).map(Arc::new).map_err(|source| GovernanceError::Archive { path: dir, source })
    }

    /// Secrets: the log key and subject keys. Kept out of the ledger's backups.
    pub(crate) fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// The key that signs the checkpoints.
    pub(crate) fn log_key(&self) -> PathBuf {
        self.keys().join("log.key")
    }

    /// One key for each person or tenant whose text is sealed.
    pub(crate) fn subjects(&self) -> PathBuf {
        self.keys().join("subjects")
    }
}
