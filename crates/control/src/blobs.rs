//! Governing blobs: what a leaf names by digest and a replay must have (skeletons, the kind table).

use crate::{Command, SessionAct};
use model::Digest;
use std::collections::BTreeMap;

/// Object names of the blobs that govern.
pub const GOVERNING: [&str; 2] = ["kinds", "package"];

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

/// The governing blobs a command names: (object, digest).
pub fn references(command: &Command) -> Vec<(&'static str, Digest)> {
    match command {
        Command::Genesis { genesis, .. } => vec![("kinds", genesis.kind_table)],
        Command::Session(session) => match &session.act {
            SessionAct::OpenDraft { package, .. } => vec![("package", *package)],
            SessionAct::Login(_) => vec![],
        },
        Command::Signed { .. } | Command::Receipt { .. } | Command::Clock { .. } => vec![],
    }
}
