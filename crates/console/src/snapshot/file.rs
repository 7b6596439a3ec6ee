//! `snapshot.json`: complete or not at all, for this user only.

use super::Snapshot;
use model::Instant;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// The snapshot in memory and its file.
pub struct Kept {
    path: PathBuf,
    now: RwLock<Arc<Snapshot>>,
}

impl Kept {
    /// Reads what an earlier console left; what cannot be read is no snapshot.
    pub fn open(dir: &Path, now: Instant) -> Self {
        let path = dir.join("snapshot.json");
        let mut snapshot = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, "the kept snapshot cannot be read; begins without");
                Snapshot::default()
            }),
            Err(_) => Snapshot::default(),
        };
        snapshot.expire(now);
        Self { path, now: RwLock::new(Arc::new(snapshot)) }
    }

    /// As it is.
    pub fn get(&self) -> Arc<Snapshot> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another one, in memory at once and on disk.
    pub fn set(&self, snapshot: Snapshot) {
        let snapshot = Arc::new(snapshot);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&snapshot);
        if let Err(error) = self.write(&snapshot) {
            // The page goes on from memory; only a restart during an outage would show less.
            tracing::warn!(%error, "the snapshot cannot be kept on disk");
        }
    }

    fn write(&self, snapshot: &Snapshot) -> std::io::Result<()> {
        let temporary = self.path.with_extension("new");
        let bytes = serde_json::to_vec(snapshot)?;
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{BindingsSeen, Dated, KEEP_MS};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_is_kept_is_private_and_survives_a_restart_for_seven_days() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept::open(dir.path(), Instant::from_millis(0));
        assert_eq!(*kept.get(), Snapshot::default());
        let at = Instant::from_millis(1_000);
        let snapshot =
            Snapshot { integration: Some(Dated { at, data: BindingsSeen::default() }), ..Snapshot::default() };
        kept.set(snapshot.clone());
        let mode = std::fs::metadata(dir.path().join("snapshot.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(*Kept::open(dir.path(), at).get(), snapshot);
        assert_eq!(*Kept::open(dir.path(), at.plus_millis(KEEP_MS + 1)).get(), Snapshot::default());
    }

    #[test]
    fn a_damaged_file_is_no_snapshot() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("snapshot.json"), b"{\"governance\":7").unwrap();
        assert_eq!(*Kept::open(dir.path(), Instant::EPOCH).get(), Snapshot::default());
    }
}
