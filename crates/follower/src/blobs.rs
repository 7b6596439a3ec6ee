//! Governing blobs, kept beside the replica: a replay must have them, whoever is gone.

use crate::{FollowerError, disk};
use control::{Blobs, GOVERNING};
use model::Digest;
use std::path::PathBuf;

/// A directory of blobs, one file each.
#[derive(Debug, Clone)]
pub(crate) struct BlobDir(pub(crate) PathBuf);

impl BlobDir {
    fn path(&self, object: &str, digest: &Digest) -> PathBuf {
        self.0.join(format!("{object}-{digest}.blob"))
    }

    /// Whether it is there and whole.
    pub(crate) fn has(&self, object: &str, digest: &Digest) -> bool {
        self.get(object, digest).is_some_and(|bytes| Digest::of_object(object, &bytes) == *digest)
    }

    /// Keeps one durably.
    pub(crate) fn put(&self, object: &str, digest: &Digest, bytes: &[u8]) -> Result<(), FollowerError> {
        disk::replace(&self.path(object, digest), bytes)
    }
}

impl Blobs for BlobDir {
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>> {
        // What cannot be read is missing: the replay then says which blob, at which leaf.
        GOVERNING.contains(&object).then(|| std::fs::read(self.path(object, digest)).ok()).flatten()
    }
}
