//! The step *stop*: a side that serves nobody is drained and ended.

use super::Runtime;
use crate::{EngineError, record::side_name};
use model::{EngineId, Side};

impl Runtime {
    /// Waits until no request is in flight to a side, at most the drain's deadline, and ends its process. Done at
    /// once when nothing runs there.
    ///
    /// # Errors
    /// [`EngineError::SideServes`] when requests are led there: then nothing is ended.
    pub async fn stop(&self, engine: EngineId, side: Side) -> Result<(), EngineError> {
        let lock = self.lock(&engine);
        let _held = lock.lock().await;
        let Some(mut record) = self.settled(&engine).await? else { return Ok(()) };
        let front = &self.inner.front;
        let name = side_name(&engine, side);
        if record.leads_to(side) {
            return Err(EngineError::SideServes(side));
        }
        // Nothing runs there: so much is known while the front is silent, too.
        if record.side(side).is_none() {
            return Ok(());
        }
        if front.leads_to(&name).await? {
            return Err(EngineError::SideServes(side));
        }
        let within = self.inner.options.timing.drain_within;
        if let Err(error) = front.drained(&name, within).await {
            tracing::warn!(%engine, %side, %error, "engine: a side is ended although it is not known to be drained");
        }
        self.end(&mut record, side).await?;
        tracing::info!(%engine, %side, "engine: an engine is stopped");
        Ok(())
    }
}
