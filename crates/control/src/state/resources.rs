//! What a bundle's digests stand for.

use super::{Content, Published, State};
use crate::{Config, Retention};
use model::{Digest, Resource};

impl State {
    /// What was published under a digest as this.
    pub fn resource(&self, resource: Resource, digest: &Digest) -> Option<&Published> {
        self.resources.get(digest).filter(|published| published.content.resource() == resource)
    }

    /// The config that was published under a digest.
    pub fn config(&self, digest: &Digest) -> Option<&Config> {
        match &self.resources.get(digest)?.content {
            Content::Config(config) => Some(config),
            _ => None,
        }
    }

    /// The retention policy that was published under a digest.
    pub fn retention(&self, digest: &Digest) -> Option<&Retention> {
        match &self.resources.get(digest)?.content {
            Content::Retention(retention) => Some(retention),
            _ => None,
        }
    }
}
