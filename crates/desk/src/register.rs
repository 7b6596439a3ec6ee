//! Tenants, engines, and what engines are bound to.

use crate::{Desk, DeskError, readable, text};
use client::once_known;
use control::{Config, Retention, side_ports};
use model::{Digest, EngineId, NodeId, PersonId, Resource, TenantId, Token};
use signed::{Act, EngineProfile};
use std::path::Path;
use std::time::Duration;
use wire::DocumentUpload;

/// How long Platform Services may take to certify what was published.
const CERTIFIED_WITHIN: Duration = Duration::from_secs(60);

/// An engine that is to be registered.
#[derive(Debug, Clone)]
pub struct NewEngine<'a> {
    pub name: &'a str,
    pub tenant: TenantId,
    pub node: NodeId,
    /// The front's port; its sides use the ports 1,000 and 2,000 above.
    pub port: u16,
    /// The sort of engine: only artifacts that were packed for it can be deployed on it.
    pub runtime: Token,
    /// The most memory that one process on it may be given, MiB.
    pub memory_mib: u32,
    /// The host names it may answer under.
    pub hosts: Vec<Token>,
}

/// What a document is published as.
#[derive(Debug, Clone)]
pub struct Edition<'a> {
    pub product: Token,
    pub version: Token,
    /// What it is called; none: its product and version.
    pub name: Option<&'a str>,
    /// Whose engines may be bound to it; none: any.
    pub tenant: Option<TenantId>,
}

/// What publishing came to.
#[derive(Debug, Clone)]
pub struct Publication {
    /// What packages name it by.
    pub digest: Digest,
    /// The leaf that records it; absent when the same was published before, for these engines or for any.
    pub index: Option<u64>,
    /// The tenants whose engines alone may be bound to it now; none: any engine.
    pub tenants: Vec<TenantId>,
    /// The leaf since which it is recalled: publishing it again lifts no recall.
    pub recalled: Option<u64>,
}

impl Desk {
    /// Registers a tenant.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn register_tenant(&self, name: &str) -> Result<TenantId, DeskError> {
        let tenant = TenantId(client::random_bytes());
        self.sign_and_submit(Act::RegisterTenant { tenant }, vec![text("name", Some(tenant.into()), name)?]).await?;
        Ok(tenant)
    }

    /// Registers an engine of a tenant on a node.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn register_engine(&self, new: NewEngine<'_>) -> Result<EngineId, DeskError> {
        let NewEngine { name, tenant, node, port, runtime, memory_mib, mut hosts } = new;
        let profile = EngineProfile { runtime, memory_mib };
        hosts.sort_unstable();
        hosts.dedup();
        let engine = EngineId(client::random_bytes());
        let no_port =
            || DeskError::Unknown(format!("the port {port} leaves no room for the ports of its sides above it"));
        let side_ports = side_ports(port).ok_or_else(no_port)?;
        let act = Act::RegisterEngine { engine, tenant, node, port, side_ports, profile, hosts };
        self.sign_and_submit(act, vec![text("name", Some(tenant.into()), name)?]).await?;
        Ok(engine)
    }

    /// Verifies a packed artifact or client theme, uploads it to Platform Services, publishes its digest, and waits until
    /// it is certified.
    ///
    /// # Errors
    /// When it is not whole, refused, or found to be something else than it was published as.
    pub async fn publish(&self, tar: &Path, name: &str, tenant: Option<TenantId>) -> Result<Publication, DeskError> {
        let name = text("name", None, name)?;
        let path = tar.to_owned();
        let inspected = tokio::task::spawn_blocking(move || artifact::inspect(&path)).await;
        let broken_off = |error: tokio::task::JoinError| DeskError::Read {
            path: tar.display().to_string(),
            source: std::io::Error::other(error),
        };
        let (manifest, digest) = inspected.map_err(broken_off)??;
        once_known(|| self.upload(tar, &digest), DeskError::answer).await?;
        let resource = if manifest.program.is_some() { Resource::Artifact } else { Resource::Theme };
        let index = if self.is_published(&digest, tenant.as_ref()).await? {
            None
        } else {
            let (product, version) = (manifest.product.clone(), manifest.version.clone());
            let act = Act::Publish { resource, digest, product, version, tenant };
            Some(self.sign_and_submit(act, vec![name]).await?)
        };
        self.certified(digest).await?;
        self.publication(digest, index).await
    }

    /// Sends a packed artifact, which is read from its begin.
    async fn upload(&self, tar: &Path, digest: &Digest) -> Result<(), DeskError> {
        let read = |source| DeskError::Read { path: tar.display().to_string(), source };
        let file = tokio::fs::File::open(tar).await.map_err(read)?;
        let length = file.metadata().await.map_err(read)?.len();
        Ok(self.platform.upload_file(digest, file, length).await?)
    }

    /// Whether a tenant's engines may be bound to it already; absent: whether any engine may.
    async fn is_published(&self, digest: &Digest, tenant: Option<&TenantId>) -> Result<bool, DeskError> {
        self.follower.sync().await?;
        Ok(self.follower.state().resources.get(digest).is_some_and(|known| known.whose.covers(tenant)))
    }

    async fn publication(&self, digest: Digest, index: Option<u64>) -> Result<Publication, DeskError> {
        self.follower.sync().await?;
        let state = self.follower.state();
        let known = state.resources.get(&digest).map(|known| known.whose.tenants());
        let recalled = state.recalled.get(&digest).copied();
        Ok(Publication { digest, index, tenants: known.unwrap_or_default(), recalled })
    }

    /// Waits until Platform Services has certified what was published, or said that it never will.
    async fn certified(&self, digest: Digest) -> Result<(), DeskError> {
        let refused = self
            .until(CERTIFIED_WITHIN, "Platform Services to certify what was published", |state| {
                let known = state.resources.get(&digest)?;
                let refused = known.refused.as_ref().map(|(code, _)| code.clone());
                known.certified.is_some().then_some(None).or(refused.map(Some))
            })
            .await?;
        refused.map_or(Ok(()), |code| Err(DeskError::NotCertified { digest, code }))
    }

    /// Publishes a config. Of its values, those of the variables named in `public` may be read by everybody, whatever their
    /// names read like.
    ///
    /// # Errors
    /// When it does not hold together, holds what reads like a secret, or is refused.
    pub async fn publish_config(
        &self,
        config: &Config,
        public: &[String],
        edition: Edition<'_>,
    ) -> Result<Publication, DeskError> {
        config.check().map_err(|unsound| DeskError::Unsound { what: "config", unsound })?;
        // A program that was published a moment ago says, too, what is a secret.
        self.follower.sync().await?;
        readable::check(config, &self.follower.state(), edition.tenant, public)?;
        let digest = config.digest()?;
        self.publish_document(Resource::Config, digest, DocumentUpload::Config(config.clone()), edition).await
    }

    /// Publishes a retention policy.
    ///
    /// # Errors
    /// When it does not hold together, or is refused.
    pub async fn publish_retention(&self, policy: &Retention, edition: Edition<'_>) -> Result<Publication, DeskError> {
        policy.check().map_err(|unsound| DeskError::Unsound { what: "retention policy", unsound })?;
        let digest = policy.digest()?;
        self.publish_document(Resource::Retention, digest, DocumentUpload::Retention(policy.clone()), edition).await
    }

    async fn publish_document(
        &self,
        resource: Resource,
        digest: Digest,
        document: DocumentUpload,
        edition: Edition<'_>,
    ) -> Result<Publication, DeskError> {
        let Edition { product, version, name, tenant } = edition;
        if self.is_published(&digest, tenant.as_ref()).await? {
            return self.publication(digest, None).await;
        }
        let texts = name.map(|name| text("name", None, name)).transpose()?.into_iter().collect();
        let act = Act::Publish { resource, digest, product, version, tenant };
        let index = self.sign_and_submit_with(act, texts, |submission| submission.document = Some(document)).await?;
        self.publication(digest, Some(index)).await
    }

    /// Recalls something published: no plan may name it any more.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn recall(&self, digest: Digest, reason: Option<&str>) -> Result<u64, DeskError> {
        self.sign_and_submit(Act::Recall { digest }, self.why(reason)?).await
    }

    /// Suspends a key: one's own at once, another's with the second person's word.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn suspend(&self, person: PersonId, key: Digest, reason: Option<&str>) -> Result<u64, DeskError> {
        self.sign_and_submit(Act::Suspend { person, key }, self.why(reason)?).await
    }
}
