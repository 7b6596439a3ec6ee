//! What is observed of an engine, and whether it is what a plan expects.

use super::Runtime;
use crate::EngineError;
use crate::record::{Record, SideRecord};
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

/// What serves, where record, front and side agree on it; nothing: nothing does. What is not certain is not said.
///
/// # Errors
/// What disagrees.
pub(super) fn serves_for_certain<'a>(
    record: Option<&'a Record>,
    route: Option<&front::Route>,
) -> Result<Option<(&'a Record, Served, &'a SideRecord)>, String> {
    let Some((record, serving)) = record.and_then(|record| Some((record, record.serving?))) else {
        let leads = |route: &front::Route| format!("the front leads to {}, and no route is recorded here", route.side);
        return route.map_or(Ok(None), |route| Err(leads(route)));
    };
    let side = record.side(serving.side).ok_or_else(|| "nothing runs on the serving side".to_owned())?;
    if !route.zip(record.own_route().as_ref()).is_some_and(|(found, wanted)| found.leads_like(wanted)) {
        let leads = route.map_or_else(|| "nowhere".to_owned(), |route| format!("to {}", route.side));
        return Err(format!("the front leads {leads}, recorded is side {}", serving.side));
    }
    let same = side.bundle == serving.bundle;
    if same { Ok(Some((record, serving, side))) } else { Err("the serving side runs another bundle".to_owned()) }
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
        let generation = record.as_ref().map_or(0, |record| record.generation);
        let certain = serves_for_certain(record.as_ref(), route.as_ref()).map_err(drifted)?;
        let Some((record, serving, side)) = certain else { return Ok(Seen { generation, serving: None }) };
        // Its health is no part of what serves: a broken release must be replaceable, by a rollback first of all.
        let own = self.probe_side(&engine, serving.side, side).await;
        let front = self.probe_through(SocketAddr::from((Ipv4Addr::LOCALHOST, record.port)), side, &serving).await;
        if let Some(bad) = [own, front].into_iter().find(|found| !found.ok) {
            tracing::warn!(%engine, why = %bad.why, "engine: what serves is not healthy");
        }
        Ok(Seen { generation, serving: Some(serving) })
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
