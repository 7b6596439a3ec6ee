//! The archives that are kept, and what may be said about each.

use artifact::{ArtifactError, ArtifactStore, Manifest};
use durable_file::Mended;
use model::Digest;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// Most archives kept.
pub(crate) const KEPT_MAX: usize = 512;
/// Uploads at once; each writes up to half a gibibyte.
const UPLOADS_MAX: usize = 4;

/// The archives, shared by routes and executor.
#[derive(Clone)]
pub(crate) struct Shelf {
    pub(crate) store: ArtifactStore,
    pub(crate) uploads: Arc<Semaphore>,
    /// How many archives have come in since the start.
    pub(crate) uploaded: Arc<watch::Sender<u64>>,
    /// Where an archive that is damaged is told.
    files: Mended,
}

/// What a look at an archive found.
pub(crate) enum Found {
    /// There, every byte as the digest says.
    Whole,
    /// Not there.
    Missing,
    /// There, and not what its name says.
    Changed(String),
    /// It cannot be read now.
    Unreadable(String),
}

impl Shelf {
    pub(crate) fn open(dir: &std::path::Path, files: Mended) -> Result<Self, ArtifactError> {
        let (store, uploads) = (ArtifactStore::open(dir.join("artifacts"))?, Arc::new(Semaphore::new(UPLOADS_MAX)));
        Ok(Self { store, uploads, uploaded: Arc::new(watch::Sender::new(0)), files })
    }

    /// Reads every byte of a kept archive again. Readiness names one that is damaged: nobody but who has its bytes can
    /// make it whole.
    pub(crate) async fn look(&self, digest: Digest) -> Found {
        let store = self.store.clone();
        let found = match tokio::task::spawn_blocking(move || store.verify(&digest)).await {
            Ok(verified) => found(verified),
            Err(error) => Found::Unreadable(error.to_string()),
        };
        let path = self.store.archive_path(&digest);
        match &found {
            Found::Whole | Found::Missing => self.files.whole(&path),
            Found::Changed(why) | Found::Unreadable(why) => {
                let next = "publish the same artifact again (its archive, under its name), which replaces it";
                self.files.damaged(&path, format!("{why}; {next}"));
            }
        }
        found
    }

    /// An archive was received whole.
    pub(crate) fn received(&self, digest: &Digest) {
        self.files.whole(&self.store.archive_path(digest));
        self.uploaded.send_modify(|count| *count += 1);
    }
}

fn found(verified: Result<Manifest, ArtifactError>) -> Found {
    match verified {
        Ok(_) => Found::Whole,
        Err(ArtifactError::Unknown(_)) => Found::Missing,
        Err(error @ ArtifactError::Io { .. }) => Found::Unreadable(error.to_string()),
        Err(error) => Found::Changed(error.to_string()),
    }
}
