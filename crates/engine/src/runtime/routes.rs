//! The front's table is derived: where it does not lead as recorded, it is written again.

use super::{Runtime, keep::Backoff};
use crate::{EngineError, Wanted, record::SideRecord};
use model::EngineId;
use std::collections::BTreeMap;

impl Runtime {
    /// Writes again what the front has lost of the routes, as after damage of its files; `backoffs` is when each engine
    /// may be tried again.
    pub(super) async fn mend_routes(&self, wanted: &[Wanted], backoffs: &mut BTreeMap<EngineId, Backoff>) {
        // A front that is being started is asked again soon.
        let Ok(status) = self.inner.front.status_now().await else { return };
        let (files, front) = (&self.inner.files, self.inner.layout.front());
        match &status.damaged {
            Some(what) if status.unmended => files.damaged(&front, what.clone()),
            Some(what) => files.mended(&front, what.clone()),
            None => files.whole(&front),
        }
        for wanted in wanted {
            let engine = wanted.site.engine;
            // What is being done to an engine comes first.
            let Ok(_held) = self.lock(&engine).try_lock_owned() else { continue };
            let Some(record) = self.record(&engine).filter(|record| record.pending.is_none()) else { continue };
            let serving = record.serving_side().and_then(|(_, side)| side);
            if !wanted.allows(record.generation, record.serving) || !serving.is_some_and(SideRecord::is_alive) {
                continue;
            }
            let Some(route) = record.own_route() else { continue };
            let in_force = status.routes.iter().find(|route| route.engine == engine);
            if in_force.is_some_and(|found| found.leads_like(&route)) {
                continue;
            }
            if backoffs.entry(engine).or_default().is_due(&self.inner.options.timing) {
                self.mend_route(&engine, route).await.unwrap_or_else(|error| {
                    tracing::error!(%engine, %error, "engine: the front does not lead to what serves, and cannot be made to");
                });
            }
        }
    }

    async fn mend_route(&self, engine: &EngineId, route: front::Route) -> Result<(), EngineError> {
        self.inner.front.publish(engine, Some(route)).await?;
        tracing::warn!(%engine, "engine: the front did not lead to what serves; it does again");
        let what = format!("it did not lead to engine {engine} as recorded; written again");
        self.inner.files.mended(&self.inner.layout.front().join(front::ROUTES), what);
        Ok(())
    }
}
