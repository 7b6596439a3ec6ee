//! The governing blobs on disk, as the pure core asks for them.

use ledger::blob::{Blobs as _, FileBlobs};
use model::Digest;
use std::sync::Arc;

/// Governing blobs, shared by the writer, the readers and the intake.
#[derive(Debug, Clone)]
pub(crate) struct Governing(pub(crate) Arc<FileBlobs>);

impl control::Blobs for Governing {
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>> {
        match self.0.get(object, digest) {
            Ok(bytes) => Some(bytes),
            Err(ledger::LedgerError::BlobMissing { .. }) => None,
            Err(error) => {
                tracing::error!(%error, "governance: a governing blob cannot be read");
                None
            }
        }
    }
}
