//! Tenants, engines and artifacts.

use crate::{Desk, DeskError, text};
use model::{Digest, EngineId, NodeId, PersonId, TenantId};
use signed::Act;
use std::path::Path;

/// A published artifact.
#[derive(Debug, Clone)]
pub struct Published {
    /// Digest of its manifest.
    pub artifact: Digest,
    /// The leaf that records it; absent when it was published before.
    pub index: Option<u64>,
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

    /// Registers an engine of a tenant on a node. Its sides use the ports 1,000 and 2,000 above
    /// the front's.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn register_engine(
        &self,
        name: &str,
        tenant: TenantId,
        node: NodeId,
        port: u16,
    ) -> Result<EngineId, DeskError> {
        let engine = EngineId(client::random_bytes());
        let no_port =
            || DeskError::Unknown(format!("the port {port} leaves no room for the ports of its sides above it"));
        let side = |above: u16| port.checked_add(above).ok_or_else(no_port);
        let side_ports = [side(1_000)?, side(2_000)?];
        let act = Act::RegisterEngine { engine, tenant, node, port, side_ports };
        self.sign_and_submit(act, vec![text("name", Some(tenant.into()), name)?]).await?;
        Ok(engine)
    }

    /// Verifies a packed artifact, uploads it to Platform Services and publishes its digest.
    ///
    /// # Errors
    /// When it is not whole, or refused.
    pub async fn publish(&self, tar: &Path, name: &str) -> Result<Published, DeskError> {
        let name = text("name", None, name)?;
        let (manifest, artifact) = artifact::inspect(tar)?;
        let read = |source| DeskError::Read { path: tar.display().to_string(), source };
        let bytes = std::fs::read(tar).map_err(read)?;
        self.platform.upload(&artifact, bytes.into()).await?;
        self.follower.sync().await?;
        if self.follower.state().artifacts.contains_key(&artifact) {
            return Ok(Published { artifact, index: None });
        }
        let act = Act::PublishArtifact {
            artifact,
            product: manifest.product.clone(),
            version: manifest.version.clone(),
            memory_mib: manifest.memory_mib,
        };
        let index = self.sign_and_submit(act, vec![name]).await?;
        Ok(Published { artifact, index: Some(index) })
    }

    /// Recalls an artifact: no plan may name it any more.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn recall(&self, artifact: Digest, reason: Option<&str>) -> Result<u64, DeskError> {
        self.sign_and_submit(Act::Recall { artifact }, self.why(reason)?).await
    }

    /// Suspends a key: one's own at once, another's with the second person's word.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn suspend(&self, person: PersonId, key: Digest, reason: Option<&str>) -> Result<u64, DeskError> {
        self.sign_and_submit(Act::Suspend { person, key }, self.why(reason)?).await
    }
}
