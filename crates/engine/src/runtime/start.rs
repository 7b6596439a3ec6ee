//! The step *start*: a release in a slot, healthy or not there at all.

use super::{Runtime, blocking};
use crate::{
    EngineError,
    record::{Record, SLOTS, Serving, Site, SlotRecord},
};

impl Runtime {
    /// Starts a release in a slot and probes it until it is healthy. Done at once when it already is.
    ///
    /// # Errors
    /// [`EngineError::ArtifactChanged`] before anything is started; [`EngineError::Probe`] when it was started, did
    /// not become healthy and was stopped again; [`EngineError::SlotServes`] rather than touch what serves.
    pub async fn start(&self, site: Site, at: Serving, port: u16) -> Result<(), EngineError> {
        let lock = self.lock(&site.engine);
        let _held = lock.lock().await;
        let Serving { slot, artifact } = at;
        if usize::from(slot) >= SLOTS {
            return Err(EngineError::NoSuchSlot(slot));
        }
        let mut record = self.settled(&site.engine).await?.unwrap_or_else(|| Record::new(site));
        record.port = site.port;
        if let Some(running) = record.slot(slot).cloned() {
            let same = running.artifact == artifact && running.port == port && running.is_alive();
            if same && self.until_healthy(&site.engine, slot, &running).await.is_ok() {
                return Ok(());
            }
            if record.leads_to(slot) {
                return Err(EngineError::SlotServes(slot));
            }
            // What an earlier change left in the slot that this plan was given.
            self.end(&mut record, slot).await?;
        } else if record.leads_to(slot) {
            return Err(EngineError::SlotServes(slot));
        }
        let started = self.launch(&mut record, at, port).await?;
        if let Err(refused) = self.until_healthy(&site.engine, slot, &started).await {
            self.end(&mut record, slot).await?;
            return Err(refused);
        }
        tracing::info!(engine = %site.engine, slot, artifact = %artifact.short(), "an engine is started and healthy");
        Ok(())
    }

    /// Ends what runs in a slot and frees it.
    pub(super) async fn end(&self, record: &mut Record, slot: u8) -> Result<(), EngineError> {
        let Some(running) = record.slots.get_mut(usize::from(slot)).and_then(Option::take) else { return Ok(()) };
        self.terminate(running).await?;
        self.save(record).await?;
        super::locked(&self.inner.health).remove(&(record.engine, slot));
        Ok(())
    }

    async fn terminate(&self, running: SlotRecord) -> Result<(), EngineError> {
        let Some(identity) = running.process else { return Ok(()) };
        let within = self.inner.options.timing.terminate_within;
        blocking(move || identity.terminate(within).map_err(EngineError::Process)).await.map(|_| ())
    }
}
