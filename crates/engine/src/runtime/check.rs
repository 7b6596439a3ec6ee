//! What is observed of an engine, and whether it is what a plan expects.

use super::Runtime;
use crate::EngineError;
use model::EngineId;
use signed::Served;
use std::net::{Ipv4Addr, SocketAddr};

/// What serves, as found in the front, the process table and the answers of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Generation of the route; 0 before the first deployment.
    pub generation: u64,
    /// What serves.
    pub serving: Option<Served>,
}

impl Runtime {
    /// Looks at one engine.
    ///
    /// # Errors
    /// [`EngineError::Drifted`] when the front or the side disagree with the record: what is not certain is not said. [`EngineError::FrontSilent`] when the front does not answer.
    pub async fn observe(&self, engine: EngineId) -> Result<Seen, EngineError> {
        let drifted = |what: String| EngineError::Drifted { engine, what };
        let status = self.inner.front.status().await?;
        let route = status.routes.into_iter().find(|route| route.engine == engine);
        let record = self.record(&engine);
        let Some((record, serving)) = record.as_ref().and_then(|record| Some((record, record.serving?))) else {
            return match route {
                Some(route) => Err(drifted(format!("the front leads to {}, recorded is none", route.side))),
                None => Ok(Seen { generation: record.map_or(0, |record| record.generation), serving: None }),
            };
        };
        let side = record.side(serving.side).ok_or_else(|| drifted("nothing runs on the serving side".to_owned()))?;
        let (wanted, found) = (record.own_route(), route.as_ref());
        if !found.zip(wanted.as_ref()).is_some_and(|(found, wanted)| found.leads_like(wanted)) {
            let leads = route.map_or_else(|| "nowhere".to_owned(), |route| format!("to {}", route.side));
            return Err(drifted(format!("the front leads {leads}, recorded is side {}", serving.side)));
        }
        if side.bundle != serving.bundle {
            return Err(drifted("the serving side runs another bundle".to_owned()));
        }
        // Its health is no part of what serves: a broken release must be replaceable, by a rollback first of all.
        let own = self.probe_side(&engine, serving.side, side).await;
        let front = self.probe_through(SocketAddr::from((Ipv4Addr::LOCALHOST, record.port)), side, &serving).await;
        if let Some(bad) = [own, front].into_iter().find(|found| !found.ok) {
            tracing::warn!(%engine, why = %bad.why, "engine: what serves is not healthy");
        }
        Ok(Seen { generation: record.generation, serving: Some(serving) })
    }

    /// Compares what is observed with what a plan expects.
    ///
    /// # Errors
    /// [`EngineError::Drifted`] when they differ, and as [`Runtime::observe`].
    pub async fn check(&self, engine: EngineId, generation: u64, serving: Option<Served>) -> Result<Seen, EngineError> {
        let seen = self.observe(engine).await?;
        if (seen.generation, seen.serving) == (generation, serving) {
            return Ok(seen);
        }
        let name = |serving: Option<Served>| {
            let named = |serving: Served| format!("{} on {}", serving.bundle.artifact.short(), serving.side);
            serving.map_or_else(|| "nothing".to_owned(), named)
        };
        let (found, wanted) = (name(seen.serving), name(serving));
        let what = format!("{found} serves in generation {}, expected {wanted} in {generation}", seen.generation);
        Err(EngineError::Drifted { engine, what })
    }
}
