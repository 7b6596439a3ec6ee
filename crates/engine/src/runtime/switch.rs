//! The step *switch*: compare-and-set on an engine's generation, true only when the front serves it.

use super::{Runtime, launch::Launch};
use crate::{
    EngineError, Site,
    record::{Pending, Record, SideRecord},
};
use signed::Served;
use std::net::{Ipv4Addr, SocketAddr};

impl Runtime {
    /// Leads the engine's requests to another side, or to none. `from` is the generation that must be recorded.
    /// Returns when the front has the route in force and a request through it was answered by that very release.
    /// Done at once when `next` is recorded already with the same outcome.
    ///
    /// # Errors
    /// [`EngineError::Drifted`] on another generation; [`EngineError::SideNotReady`] when the side does not run that
    /// artifact, healthy; [`EngineError::FrontRefused`] and [`EngineError::Probe`] with the old route in force again;
    /// [`EngineError::FrontSilent`] when nobody knows; [`EngineError::Unsettled`] when it is done and not confirmed now.
    pub async fn switch(&self, site: Site, from: u64, next: u64, to: Option<Served>) -> Result<(), EngineError> {
        let lock = self.lock(&site.engine);
        let _held = lock.lock().await;
        let mut record = self.settled(&site.engine).await?.unwrap_or_else(|| Record::new(site));
        if (record.generation, record.serving) == (next, to) {
            let resumed = self.resume(site, record, to).await;
            return resumed.map_err(|error| EngineError::Unsettled(Box::new(error)));
        }
        if record.generation != from {
            let what = format!("its route is of generation {}, not {from}", record.generation);
            return Err(EngineError::Drifted { engine: site.engine, what });
        }
        let side = match to {
            Some(serving) => Some(self.ready(&record, serving).await?),
            None => None,
        };
        record.port = site.port;
        record.pending = Some(Pending { generation: next, serving: to });
        self.save(&record).await?;
        if let Err(error) = self.route_to(&record, next, to, side.as_ref()).await {
            return Err(if error.is_unknown() { error } else { self.back(&mut record, error).await? });
        }
        (record.generation, record.serving, record.pending) = (next, to, None);
        record.bind();
        self.save(&record).await?;
        tracing::info!(engine = %site.engine, generation = next, side = ?to.map(|to| to.side), "engine: traffic is switched");
        Ok(())
    }

    /// Whether the switch may go on although `refusal` is in the way: only where it is recorded as done. What an interrupted
    /// try left of it is taken back first, so that the refusal is true.
    ///
    /// # Errors
    /// The refusal; or that the route before could not be put in force again.
    pub async fn switched_already(
        &self,
        site: Site,
        (next, to): (u64, Option<Served>),
        refusal: EngineError,
    ) -> Result<(), EngineError> {
        let lock = self.lock(&site.engine);
        let _held = lock.lock().await;
        match self.settled(&site.engine).await? {
            Some(record) if (record.generation, record.serving) == (next, to) => Ok(()),
            Some(mut record) if record.pending.is_some() => Err(self.back(&mut record, refusal).await?),
            _ => Err(refusal),
        }
    }

    /// Puts a route in force and waits until the release answers through the front.
    async fn route_to(
        &self,
        record: &Record,
        generation: u64,
        to: Option<Served>,
        side: Option<&SideRecord>,
    ) -> Result<(), EngineError> {
        self.inner.front.publish(&record.engine, to.and_then(|to| record.route(generation, to))).await?;
        match side.zip(to) {
            Some((side, to)) => {
                self.until_served(SocketAddr::from((Ipv4Addr::LOCALHOST, record.port)), side, &to).await
            }
            None => Ok(()),
        }
    }

    /// Confirms a switch that is recorded. Its process is started again if it died before the outcome became a leaf.
    async fn resume(&self, site: Site, mut record: Record, to: Option<Served>) -> Result<(), EngineError> {
        let side = match to.map(|to| (to, record.side(to.side).cloned())) {
            None => None,
            Some((to, None)) => Some(self.ready(&record, to).await?),
            Some((_, Some(side))) if side.is_alive() => Some(side),
            Some((to, Some(side))) => {
                let how = Launch::again(&site, to.side, &side);
                let started = self.launch(&mut record, to, side.port, how).await?;
                self.until_healthy(&record.engine, to.side, &started).await?;
                Some(started)
            }
        };
        self.route_to(&record, record.generation, to, side.as_ref()).await
    }

    /// Puts the recorded route in force again, so that the refusal is true: nothing changed.
    async fn back(&self, record: &mut Record, error: EngineError) -> Result<EngineError, EngineError> {
        self.inner.front.publish(&record.engine, record.own_route()).await?;
        record.pending = None;
        self.save(record).await?;
        Ok(error)
    }

    async fn ready(&self, record: &Record, to: Served) -> Result<SideRecord, EngineError> {
        let refuse = |what: &str| EngineError::SideNotReady { side: to.side, what: what.to_owned() };
        let side = record.side(to.side).ok_or_else(|| refuse("nothing was started there"))?;
        if !side.bundle.runs_like(&to.bundle) {
            return Err(refuse("another bundle was started there"));
        }
        let found = self.probe_side(&record.engine, to.side, side).await;
        if found.ok { Ok(side.clone()) } else { Err(refuse(&found.why)) }
    }
}
