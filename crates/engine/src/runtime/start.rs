//! The step *start*: a release on a side, healthy or not there at all.

use super::{Runtime, blocking};
use crate::{
    EngineError,
    record::{Record, Serving, SideRecord, Site},
};
use model::Side;

impl Runtime {
    /// Starts a release on a side and probes it until it is healthy. Done at once when it already is.
    ///
    /// # Errors
    /// [`EngineError::ArtifactChanged`] before anything is started; [`EngineError::Probe`] when it was started, did
    /// not become healthy and was stopped again; [`EngineError::SideServes`] rather than touch what serves.
    pub async fn start(&self, site: Site, at: Serving, port: u16) -> Result<(), EngineError> {
        let lock = self.lock(&site.engine);
        let _held = lock.lock().await;
        let Serving { side, artifact } = at;
        let mut record = self.settled(&site.engine).await?.unwrap_or_else(|| Record::new(site));
        record.port = site.port;
        if let Some(running) = record.side(side).cloned() {
            let same = running.artifact == artifact && running.port == port && running.is_alive();
            if same && self.until_healthy(&site.engine, side, &running).await.is_ok() {
                return Ok(());
            }
            if record.leads_to(side) {
                return Err(EngineError::SideServes(side));
            }
            // What an earlier change left on the side that this plan was given.
            self.end(&mut record, side).await?;
        } else if record.leads_to(side) {
            return Err(EngineError::SideServes(side));
        }
        let started = self.launch(&mut record, at, port, false).await?;
        if let Err(refused) = self.until_healthy(&site.engine, side, &started).await {
            self.end(&mut record, side).await?;
            return Err(refused);
        }
        tracing::info!(engine = %site.engine, %side, artifact = %artifact.short(), "engine: an engine is started and healthy");
        Ok(())
    }

    /// Ends what runs on a side and frees it.
    pub(super) async fn end(&self, record: &mut Record, side: Side) -> Result<(), EngineError> {
        let Some(running) = record.side(side).cloned() else { return Ok(()) };
        record.put(side, None);
        self.terminate(running).await?;
        self.save(record).await?;
        super::locked(&self.inner.health).remove(&(record.engine, side));
        Ok(())
    }

    async fn terminate(&self, running: SideRecord) -> Result<(), EngineError> {
        let Some(identity) = running.process else { return Ok(()) };
        let within = self.inner.options.timing.terminate_within;
        blocking(move || identity.terminate(within).map_err(EngineError::Process)).await.map(|_| ())
    }
}
