//! The manifests of the archives that are kept, read one at a time.

use artifact::{ArtifactError, ArtifactStore, Manifest};
use model::Digest;
use std::sync::Arc;
use tokio::sync::Mutex;

/// One that was read, and of what.
type Known = (Digest, Arc<Manifest>);

/// The manifest that was read last: whoever reads on in a long list of files does not have it read again for each piece,
/// and no two are read at once, since one may have 32 MiB.
#[derive(Clone, Default)]
pub(crate) struct LastManifest(Arc<Mutex<Option<Known>>>);

impl LastManifest {
    /// Of an archive that is kept now.
    ///
    /// # Errors
    /// As [`ArtifactStore::manifest`].
    pub(crate) async fn of(&self, store: &ArtifactStore, id: Digest) -> Result<Arc<Manifest>, ArtifactError> {
        let mut last = self.0.lock().await;
        let store = store.clone();
        let known = last.as_ref().filter(|(known, _)| *known == id).map(|(_, manifest)| Arc::clone(manifest));
        // What has been dropped since is not kept, whatever is remembered of it.
        let read = move || match known {
            Some(manifest) => store.kept(&id).map(|_| manifest),
            None => store.manifest(&id).map(Arc::new),
        };
        let stopped = |error: tokio::task::JoinError| ArtifactError::Archive(error.to_string());
        let manifest = tokio::task::spawn_blocking(read).await.map_err(stopped)??;
        *last = Some((id, Arc::clone(&manifest)));
        Ok(manifest)
    }
}
