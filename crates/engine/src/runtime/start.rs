//! The step *start*: a release on a side, healthy or not there at all.

use super::{Runtime, blocking, launch::Launch};
use crate::{
    EngineError, HealthView, ReadBack, Setup,
    record::{Record, SideRecord, Site, group_name},
};
use model::{Digest, Side};
use signed::Served;

/// What was started, as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// What the ledger is to know the process's credential by.
    pub credential: Option<Digest>,
    /// What it answers of the artifact it was started from.
    pub artifact: Option<ReadBack>,
    /// What it answers of its theme.
    pub theme: Option<ReadBack>,
}

impl Begun {
    fn of(side: &SideRecord, found: &HealthView) -> Self {
        Self { credential: side.credential, artifact: found.artifact, theme: found.theme }
    }
}

impl Runtime {
    /// Starts a bundle's program on a side and probes it until it is healthy. Done at once when it already is.
    ///
    /// # Errors
    /// [`EngineError::ArtifactChanged`] before anything is started; [`EngineError::Probe`] when it was started, did
    /// not become healthy and was stopped again, or [`EngineError::OtherBundle`]; [`EngineError::SideServes`] rather than touch what serves.
    pub async fn start(&self, site: Site, at: Served, port: u16, setup: Setup) -> Result<Begun, EngineError> {
        let lock = self.lock(&site.engine);
        let _held = lock.lock().await;
        let Served { side, bundle } = at;
        let mut record = self.settled(&site.engine).await?.unwrap_or_else(|| Record::new(site));
        record.port = site.port;
        if let Some(running) = record.side(side).cloned() {
            let same = running.bundle == bundle && running.port == port && running.setup == setup && running.is_alive();
            if same && let Ok(found) = self.until_healthy(&site.engine, side, &running).await {
                return Ok(Begun::of(&running, &found));
            }
            if record.leads_to(side) {
                return Err(EngineError::SideServes(side));
            }
            // What an earlier change left on the side that this plan was given.
            self.end(&mut record, side).await?;
        } else if record.leads_to(side) {
            return Err(EngineError::SideServes(side));
        }
        let how = Launch { tenant: site.tenant, setup, restarted: false, ended: None };
        let started = self.launch(&mut record, at, port, how).await?;
        let found = match self.until_healthy(&site.engine, side, &started).await {
            Ok(found) => found,
            Err(refused) => {
                self.end(&mut record, side).await?;
                return Err(refused);
            }
        };
        let artifact = bundle.artifact.short();
        tracing::info!(engine = %site.engine, %side, %artifact, "engine: an engine is started and healthy");
        Ok(Begun::of(&started, &found))
    }

    /// Ends what runs on a side and frees it.
    pub(super) async fn end(&self, record: &mut Record, side: Side) -> Result<(), EngineError> {
        let Some(running) = record.side(side).cloned() else { return Ok(()) };
        record.put(side, None);
        let group = group_name(&record.engine, side, running.port);
        self.terminate(running, record.user).await?;
        confine::forget_group(&group);
        self.save(record).await?;
        super::locked(&self.inner.health).remove(&(record.engine, side));
        Ok(())
    }

    async fn terminate(&self, running: SideRecord, user: Option<u32>) -> Result<(), EngineError> {
        let Some(identity) = running.process else { return Ok(()) };
        let within = self.inner.options.timing.terminate_within;
        blocking(move || {
            identity.terminate(within)?;
            user.map_or(Ok(()), |user| identity.end_session(user)).map_err(EngineError::Process)
        })
        .await
    }
}
