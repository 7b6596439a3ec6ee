//! What serves as one.

use crate::{ChangeId, Digest, Resource, canon};
use serde::{Deserialize, Serialize};

/// What a deployment puts in place as one: code and everything that must go back with it. People sign
/// its digest, a route names it, a rollback restores it whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Digest of the certified artifact's manifest.
    pub artifact: Digest,
    /// Digest of the config it gets; absent: it gets none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub config: Option<Digest>,
    /// The change that granted the AI lease it may use.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lease: Option<ChangeId>,
    /// Digest of the theme it wears.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub theme: Option<Digest>,
    /// Digest of the retention policy that is kept to once the engine is retired.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retention: Option<Digest>,
}

impl Bundle {
    /// An artifact and nothing else.
    pub fn of(artifact: Digest) -> Self {
        Self { artifact, config: None, lease: None, theme: None, retention: None }
    }

    /// Its identity.
    pub fn digest(&self) -> Digest {
        canon::digest("bundle", self).expect("a bundle holds digests and an id, which always have a canonical form")
    }

    /// What of it was published, the artifact first; a lease is granted.
    pub fn parts(&self) -> impl Iterator<Item = (Resource, Digest)> + use<> {
        let optional =
            [(Resource::Config, self.config), (Resource::Theme, self.theme), (Resource::Retention, self.retention)];
        let named = optional.into_iter().filter_map(|(resource, digest)| Some((resource, digest?)));
        [(Resource::Artifact, self.artifact)].into_iter().chain(named)
    }

    /// What of it Platform Services keeps as archives, and a node unpacks.
    pub fn archives(&self) -> impl Iterator<Item = (Resource, Digest)> + use<> {
        self.parts().filter(|(resource, _)| resource.is_archive())
    }

    /// Whether one process can be both: the same code, started with the same config and theme. It is given a token to use
    /// a lease with, and not the lease: which one counts is asked when it is used.
    pub fn runs_like(&self, other: &Self) -> bool {
        let started_with = |bundle: &Self| (bundle.artifact, bundle.config, bundle.theme, bundle.lease.is_some());
        started_with(self) == started_with(other)
    }
}
