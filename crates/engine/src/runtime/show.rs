//! The runtime as its pages show it.

use super::check::serves_for_certain;
use super::{Runtime, blocking, locked};
use crate::{
    BoundView, EngineError, EngineView, EnginesView, FrontView, Orphan, SideView,
    record::{Record, SideRecord, side_name},
    scan,
};
use confine::Enforced;
use front::Status;
use model::{EngineId, Side};
use std::collections::BTreeMap;

impl Runtime {
    /// Every recorded engine, and the orphans.
    ///
    /// # Errors
    /// When the process table cannot be read.
    pub async fn engines(&self) -> Result<EnginesView, EngineError> {
        let status = self.inner.front.status_now().await.ok();
        let records: Vec<Record> = locked(&self.inner.records).values().cloned().collect();
        let store = self.inner.options.store.clone();
        let running = blocking(move || scan::engines(&store)).await?;
        let known = |found: &scan::Found| {
            records.iter().flat_map(|record| &record.sides).flatten().any(|side| match &side.process {
                Some(process) => *process == found.identity,
                // Being started at this moment.
                None => found.was_told(side.listen()),
            })
        };
        // What an engine started itself is the engine's, and ends with it.
        let leads = |session: u32| running.iter().any(|found| found.identity.pid == session && known(found));
        let is_child = |found: &scan::Found| confine::session(found.identity.pid).is_some_and(leads);
        let orphans = running.iter().filter(|found| !known(found) && !is_child(found)).map(orphan).collect();
        Ok(EnginesView { engines: records.iter().map(|record| self.show(record, status.as_ref())).collect(), orphans })
    }

    /// What is wrong with each engine: why it is not started, and how it stands.
    pub(super) fn troubles_by_engine(&self) -> BTreeMap<EngineId, String> {
        let mut troubles = self.inner.standings.troubles(self.inner.options.timing.healthy_after);
        for (engine, why) in locked(&self.inner.trouble).iter() {
            troubles
                .entry(*engine)
                .and_modify(|known| *known = format!("{why}; {known}"))
                .or_insert_with(|| why.clone());
        }
        troubles
    }

    /// One recorded engine.
    pub async fn engine(&self, engine: &EngineId) -> Option<EngineView> {
        let record = self.record(engine)?;
        let status = self.inner.front.status_now().await.ok();
        Some(self.show(&record, status.as_ref()))
    }

    /// The front.
    pub async fn front(&self) -> FrontView {
        let front = &self.inner.front;
        let status = front.status_now().await;
        let started =
            front.started().filter(|started| status.as_ref().is_ok_and(|status| status.pid == started.identity.pid));
        let not_enforced = started.map(|started| not_enforced(&started.enforced)).unwrap_or_default();
        let restarts = self.inner.counters.front_restarts.get();
        match status {
            Ok(status) => FrontView {
                alive: true,
                pid: Some(status.pid),
                generation: Some(status.generation),
                routes: status.routes.into_iter().map(Into::into).collect(),
                in_flight: status.in_flight,
                trouble: status.refused,
                restarts,
                not_enforced,
            },
            Err(error) => FrontView {
                alive: false,
                pid: None,
                generation: None,
                routes: Vec::new(),
                in_flight: std::collections::BTreeMap::default(),
                trouble: Some(error.to_string()),
                restarts,
                not_enforced,
            },
        }
    }

    /// The front's table in force.
    ///
    /// # Errors
    /// [`EngineError::FrontSilent`] when the front does not answer.
    pub async fn rows(&self) -> Result<Vec<front::Route>, EngineError> {
        self.inner.front.status_now().await.map(|status| status.routes).map_err(EngineError::FrontSilent)
    }

    /// Whether a front runs; does not wait for its answer.
    pub fn front_is_alive(&self) -> bool {
        self.inner.front.identity().is_some()
    }

    /// Why engines that should serve do not, one sentence each.
    pub fn troubles(&self) -> Vec<String> {
        self.troubles_by_engine().iter().map(|(engine, why)| format!("engine {}: {why}", engine.short())).collect()
    }

    fn show(&self, record: &Record, status: Option<&Status>) -> EngineView {
        let route = status.and_then(|status| status.routes.iter().find(|route| route.engine == record.engine));
        let sides: Vec<_> =
            record.started().map(|(side, running)| self.show_side(record, side, running, status)).collect();
        let serving = record.serving.and_then(|serving| sides.iter().find(|side| side.side == serving.side));
        let release = serving.and_then(|side| side.health.as_ref()?.release.clone());
        let wanted = record.own_route();
        let restarts_in_last_minute = self.restarts_lately(&record.engine);
        let (restarts, down_since) = self.inner.standings.of(&record.engine);
        let trouble = self.troubles_by_engine().remove(&record.engine).or_else(|| match (&wanted, status) {
            (_, None) => Some("the front does not answer".to_owned()),
            (wanted, Some(_)) if !agree(wanted.as_ref(), route) => {
                Some("the front leads elsewhere than recorded".to_owned())
            }
            (Some(_), _) if !serving.is_some_and(|side| side.running) => Some("what serves has ended".to_owned()),
            _ => None,
        });
        let unobserved = status.map_or_else(
            || Some("the front does not answer".to_owned()),
            |_| serves_for_certain(Some(record), route).err(),
        );
        EngineView {
            engine: record.engine,
            url: format!("http://127.0.0.1:{}", record.port),
            generation: record.generation,
            serving: record.serving.map(|serving| serving.bundle.artifact),
            bundle: record.serving.map(|serving| BoundView::of(&serving.bundle)),
            serving_side: record.serving.map(|serving| serving.side),
            release,
            route: route.cloned().map(Into::into),
            switching: record.pending.is_some(),
            trouble,
            unobserved,
            restarts_in_last_minute,
            restarts,
            down_since,
            secrets_missing: vec![],
            sides,
            release_health: self.release_health(&record.engine),
        }
    }

    fn show_side(&self, record: &Record, side: Side, started: &SideRecord, status: Option<&Status>) -> SideView {
        let in_flight = |status: &Status| status.in_flight.get(&side_name(&record.engine, side)).copied().unwrap_or(0);
        SideView {
            side,
            port: started.port,
            artifact: started.bundle.artifact,
            config: started.bundle.config,
            theme: started.bundle.theme,
            product: started.product.clone(),
            version: started.version.clone(),
            running: started.is_alive(),
            pid: started.process.as_ref().map(|process| process.pid),
            since: started.since,
            health: locked(&self.inner.health).get(&(record.engine, side)).cloned(),
            in_flight: status.map(in_flight),
            not_enforced: started.enforced.as_ref().map(not_enforced).unwrap_or_default(),
            enforced: started.enforced.clone(),
        }
    }
}

/// Whether the front leads as recorded, whatever the limits.
fn agree(wanted: Option<&front::Route>, route: Option<&front::Route>) -> bool {
    match (wanted, route) {
        (Some(wanted), Some(route)) => wanted.leads_like(route),
        (wanted, route) => wanted.is_none() && route.is_none(),
    }
}

fn orphan(found: &scan::Found) -> Orphan {
    Orphan { pid: found.identity.pid, program: found.program.display().to_string(), artifact: found.artifact }
}

fn not_enforced(enforced: &Enforced) -> Vec<String> {
    enforced.missing().into_iter().map(str::to_owned).collect()
}
