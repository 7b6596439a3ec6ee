//! The step *stop*: a slot that serves nobody is drained and ended.

use super::Runtime;
use crate::{
    EngineError,
    record::{SLOTS, slot_name},
};
use model::EngineId;

impl Runtime {
    /// Waits until no request is in flight to a slot, at most the drain's deadline, and ends its process. Done at
    /// once when nothing runs there.
    ///
    /// # Errors
    /// [`EngineError::SlotServes`] when requests are led there: then nothing is ended.
    pub async fn stop(&self, engine: EngineId, slot: u8) -> Result<(), EngineError> {
        let lock = self.lock(&engine);
        let _held = lock.lock().await;
        if usize::from(slot) >= SLOTS {
            return Err(EngineError::NoSuchSlot(slot));
        }
        let Some(mut record) = self.settled(&engine).await? else { return Ok(()) };
        let front = &self.inner.front;
        let name = slot_name(&engine, slot);
        if record.leads_to(slot) || front.leads_to(&name).await? {
            return Err(EngineError::SlotServes(slot));
        }
        if record.slot(slot).is_none() {
            return Ok(());
        }
        let within = self.inner.options.timing.drain_within;
        if let Err(error) = front.drained(&name, within).await {
            tracing::warn!(%engine, slot, %error, "a slot is ended although it is not known to be drained");
        }
        self.end(&mut record, slot).await?;
        tracing::info!(%engine, slot, "an engine is stopped");
        Ok(())
    }
}
