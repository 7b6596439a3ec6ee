//! Governing blobs: what a leaf names by digest and a replay must have (packages, rosters, governed documents,
//! configs, retention policies).

use model::Digest;
use std::collections::BTreeMap;

/// Object names of the blobs that govern.
pub const GOVERNING: [&str; 5] = ["package", "roster", "settings", "config", "retention"];

/// Where governing blobs are found. Contents are compared with the digest at every use.
pub trait Blobs {
    /// Canonical bytes of the object of this digest.
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>>;
}

impl Blobs for BTreeMap<Digest, Vec<u8>> {
    fn get(&self, _object: &str, digest: &Digest) -> Option<Vec<u8>> {
        self.get(digest).cloned()
    }
}

impl<T: Blobs + ?Sized> Blobs for &T {
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>> {
        (**self).get(object, digest)
    }
}

impl<T: Blobs + ?Sized> Blobs for std::sync::Arc<T> {
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>> {
        (**self).get(object, digest)
    }
}

/// The blob of this digest, if it is there and whole: a store is not believed.
pub(crate) fn whole(blobs: &dyn Blobs, object: &str, digest: &Digest) -> Option<Vec<u8>> {
    blobs.get(object, digest).filter(|bytes| Digest::of_object(object, bytes) == *digest)
}
