//! The governed package: the sealed, immutable description of one change.

use crate::{Blobs, Body, blobs};
use model::{ChangeId, Digest, Instant, KindName, Nonce, canon};
use serde::{Deserialize, Serialize};
use signed::Part;

/// Most parts of a package are bounded by [`signed::PARTS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Not before.
    pub from: Instant,
    /// Not after.
    pub until: Instant,
}

/// The skeleton: what decides. People sign its digest; titles and reasons are its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The ledger it is for.
    pub ledger: Digest,
    /// Random; its parts are bound to it.
    pub nonce: Nonce,
    /// The change it describes.
    pub change: ChangeId,
    /// What is to be done. The kind of the change follows from it.
    pub body: Body,
    /// When it may be run; absent: any time before it expires.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<Window>,
    /// The open change that ends when this one is sealed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub supersedes: Option<ChangeId>,
    /// What explains it (`title`, `reason`).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<Part>,
}

impl Package {
    /// Its identity.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("package", self)
    }

    /// Its kind.
    pub fn kind(&self) -> KindName {
        self.body.kind()
    }
}

/// A package from its blob.
pub(crate) fn stored(store: &dyn Blobs, digest: &Digest) -> Option<Package> {
    canon::from_slice(&blobs::whole(store, "package", digest)?).ok()
}

/// The governing blobs that the package of this digest names; none while the package is not there.
pub fn package_references(blobs: &dyn Blobs, package: &Digest) -> Vec<(&'static str, Digest)> {
    stored(blobs, package).map(|package| package.body.references()).unwrap_or_default()
}
