//! What the releases that were looked at last say of themselves.

use artifact::{FileEntry, Manifest, Program};
use model::Digest;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most files that a page lists.
const FILES_SHOWN: usize = 50;
/// Most manifests of which that is kept in memory, those read last.
const KEPT_MAX: usize = 64;

/// What a page shows of a manifest that was verified: all but most of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManifestSeen {
    pub(crate) program: Option<Program>,
    pub(crate) files_total: u64,
    pub(crate) bytes_total: u64,
    pub(crate) files: Vec<FileEntry>,
}

impl From<Manifest> for ManifestSeen {
    fn from(whole: Manifest) -> Self {
        let (files_total, bytes_total) = (whole.files.len() as u64, whole.total_bytes());
        let files = whole.files.into_iter().take(FILES_SHOWN).collect();
        Self { program: whole.program, files_total, bytes_total, files }
    }
}

/// Those that were looked at last: a digest fixes its manifest, so each is read once, and one at a time.
#[derive(Default)]
pub(crate) struct Manifests {
    kept: Mutex<VecDeque<(Digest, Arc<ManifestSeen>)>>,
    /// Held by who reads one now.
    pub(crate) reading: Arc<tokio::sync::Mutex<()>>,
}

impl Manifests {
    fn kept(&self) -> MutexGuard<'_, VecDeque<(Digest, Arc<ManifestSeen>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, digest: &Digest) -> Option<Arc<ManifestSeen>> {
        self.kept().iter().find(|(known, _)| known == digest).map(|(_, seen)| Arc::clone(seen))
    }

    pub(crate) fn keep(&self, digest: Digest, seen: Arc<ManifestSeen>) {
        let mut kept = self.kept();
        kept.push_front((digest, seen));
        kept.truncate(KEPT_MAX);
    }
}
