//! `snapshot.json`: complete or not at all, for this user only.

use super::Snapshot;
use model::Instant;
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
                tracing::warn!(%error, "console: the kept snapshot cannot be read; begins without");
                Snapshot::default()
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Snapshot::default(),
            Err(error) => {
                tracing::warn!(%error, "console: the kept snapshot cannot be read; begins without");
                Snapshot::default()
            }
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
            tracing::warn!(%error, "console: the snapshot cannot be kept on disk");
        }
    }

    fn write(&self, snapshot: &Snapshot) -> std::io::Result<()> {
        durable_file::replace(&self.path, &serde_json::to_vec(snapshot)?, 0o600)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{BindingsSeen, Dated, GovernanceData, KEEP_MS, Rows};
    use model::{Category, Digest, Severity, TenantId};
    use std::os::unix::fs::PermissionsExt as _;
    use view::EntryRow;
    use wire::LedgerInfo;

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

    fn row() -> EntryRow {
        EntryRow {
            log: "control".to_owned(),
            index: 3,
            effect: 0,
            at: Instant::EPOCH,
            headline: true,
            category: Category::AccessControl,
            severity: Severity::Info,
            title: "Tenant registered: Harbor".to_owned(),
            sentence: "Governance Operator 1 registered Harbor.".to_owned(),
            actor: "Governance Operator 1".to_owned(),
            change: None,
            refused: None,
            tags: vec![TenantId([1; 16])],
        }
    }

    #[test]
    fn a_row_that_does_not_say_whom_it_concerns_is_no_row_for_everybody() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = LedgerInfo {
            origin: "governance.test/1".to_owned(),
            genesis: Digest::ZERO,
            control_vkey: String::new(),
            events_vkey: String::new(),
            control_size: 4,
            events_size: 0,
            demo: false,
        };
        let rows = Rows { rows: vec![row()], ..Rows::default() };
        let data = GovernanceData {
            ledger,
            names: view::Names::default(),
            headlines: rows.clone(),
            all: rows,
            headlines_total: 1,
            rows_total: 1,
        };
        let snapshot = Snapshot { governance: Some(Dated { at: Instant::EPOCH, data }), ..Snapshot::default() };
        Kept::open(dir.path(), Instant::EPOCH).set(snapshot.clone());
        assert_eq!(*Kept::open(dir.path(), Instant::EPOCH).get(), snapshot);

        let mut older = serde_json::to_value(&snapshot).unwrap();
        let row = older["governance"]["data"]["all"]["rows"][0].as_object_mut().unwrap();
        assert!(row.remove("tags").is_some());
        std::fs::write(dir.path().join("snapshot.json"), older.to_string()).unwrap();
        let kept = Kept::open(dir.path(), Instant::EPOCH);
        assert_eq!(*kept.get(), Snapshot::default());
        kept.set(snapshot.clone());
        assert_eq!(*Kept::open(dir.path(), Instant::EPOCH).get(), snapshot, "and another takes its place");
    }

    #[test]
    fn what_cannot_be_read_at_all_is_no_snapshot() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("snapshot.json")).unwrap();
        assert_eq!(*Kept::open(dir.path(), Instant::EPOCH).get(), Snapshot::default());
    }
}
