//! What is verified: a server's ledger, or a follower's replica of it.

use super::blobs::OfflineBlobs;
use crate::error::CliError;
use crate::home::Home;
use std::path::{Path, PathBuf};

/// Where leaves come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Governance's directory: both logs, sealed texts, governing blobs.
    Ledger(PathBuf),
    /// A replica: the leaves of the control log and governing blobs.
    Replica(PathBuf),
}

impl Source {
    /// What lies in a directory.
    pub fn of(home: &Home) -> Self {
        if follower::is_replica(home.path()) {
            Self::Replica(home.path().to_owned())
        } else {
            Self::Ledger(home.governance())
        }
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        let (Self::Ledger(dir) | Self::Replica(dir)) = self;
        dir
    }

    /// Its governing blobs.
    pub fn blobs(&self) -> OfflineBlobs {
        let dir = self.dir().join("blobs");
        match self {
            Self::Ledger(_) => OfflineBlobs::at(dir, ""),
            Self::Replica(_) => OfflineBlobs::at(dir, ".blob"),
        }
    }

    /// The data directory it belongs to: a replica lies two below it.
    pub fn installation(&self, home: &Home) -> Home {
        let above = || std::path::absolute(home.path()).ok()?.ancestors().nth(2).map(Path::to_owned);
        match self {
            Self::Ledger(_) => home.clone(),
            Self::Replica(_) => above().map_or_else(|| home.clone(), Home::at),
        }
    }

    /// The leaves of a replica, in order; none of a ledger, which is read with its texts.
    pub fn replica_leaves(&self) -> Result<Option<impl Iterator<Item = std::io::Result<Vec<u8>>> + use<>>, CliError> {
        match self {
            Self::Ledger(_) => Ok(None),
            Self::Replica(dir) => Ok(Some(follower::replica_leaves(dir)?)),
        }
    }
}
