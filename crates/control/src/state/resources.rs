//! What a bundle's digests stand for.

use super::{Content, Published, State};
use crate::{Config, Retention};
use model::{Digest, Resource, Token};

impl State {
    /// What was published under a digest as this.
    pub fn resource(&self, resource: Resource, digest: &Digest) -> Option<&Published> {
        self.resources.get(digest).filter(|published| published.content.resource() == resource)
    }

    /// What was published as a product and version.
    pub fn edition<'a>(
        &'a self,
        resource: Resource,
        product: &Token,
        version: &Token,
    ) -> impl Iterator<Item = (&'a Digest, &'a Published)> {
        let key = |digest| (resource, product.clone(), version.clone(), digest);
        let named = self.editions.range(key(Digest::ZERO)..=key(Digest([0xff; 32])));
        named.filter_map(|((.., digest), ())| Some((digest, self.resources.get(digest)?)))
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
