//! The front as this service owns it: adopted or started, asked, and given its table.

use super::{
    blocking,
    ceiling::{at_most, processes},
};
use crate::{EngineError, RuntimeOptions, file, layout::Layout};
use confine::{Environment, Identity, Limits, Log, Network, Started, Target};
use durable_file::Mended;
use front::{FrontClient, FrontError, Health, Route, Routes, Status, read_routes};
use model::{EngineId, Token};
use rustix::process::Resource;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

const OPEN_FILES: u32 = 16_384;
const MEMORY_MIB: u32 = 512;
/// Between two looks at something that is about to come.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What each engine that the fold knows is limited to; none: not at all.
pub(super) type Allowed = BTreeMap<EngineId, Option<front::Limits>>;

/// The one front of a runtime.
pub(super) struct Front {
    options: RuntimeOptions,
    layout: Layout,
    client: FrontClient,
    files: Mended,
    /// One writer of the table at a time.
    table: Mutex<Allowed>,
}

impl Front {
    pub(super) fn new(layout: &Layout, options: &RuntimeOptions, files: Mended) -> Self {
        let client = FrontClient::new(layout.front());
        Self { options: options.clone(), layout: layout.clone(), client, files, table: Mutex::default() }
    }

    /// Its process, when one runs.
    pub(super) fn identity(&self) -> Option<Identity> {
        // Between its start and its own pid file only this service knows it.
        let started = || self.started().map(|started| started.identity).filter(Identity::is_alive);
        self.layout.front_by_itself().or_else(started)
    }

    /// What was recorded of its last start: the limits that are enforced on it.
    pub(super) fn started(&self) -> Option<Started> {
        file::read(&self.layout.front_start()).ok().flatten()
    }

    /// Starts a front and waits until it answers. The caller has found that none runs.
    pub(super) async fn start(&self) -> Result<(), EngineError> {
        let (options, layout) = (self.options.clone(), self.layout.clone());
        blocking(move || spawn(&options, &layout)).await?;
        self.reachable(self.options.timing.front_within).await.map(|_| ())
    }

    /// What it does now; waits for a front that is being restarted.
    pub(super) async fn status(&self) -> Result<Status, EngineError> {
        self.reachable(self.options.timing.front_within).await
    }

    /// What it does now, without waiting for one that does not run.
    pub(super) async fn status_now(&self) -> Result<Status, FrontError> {
        self.client.status().await
    }

    /// How each generation does under its visitors.
    pub(super) async fn health(&self) -> Result<Health, FrontError> {
        self.client.health().await
    }

    async fn reachable(&self, within: Duration) -> Result<Status, EngineError> {
        let deadline = Instant::now() + within;
        loop {
            match self.client.status().await {
                Ok(status) => return Ok(status),
                Err(error) if Instant::now() >= deadline => return Err(EngineError::FrontSilent(error)),
                Err(_) => sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Whether any route leads to a side.
    pub(super) async fn leads_to(&self, side: &Token) -> Result<bool, EngineError> {
        Ok(self.status().await?.routes.iter().any(|route| route.side == *side))
    }

    pub(super) async fn drained(&self, side: &Token, within: Duration) -> Result<(), FrontError> {
        self.client.drained(side, within).await
    }

    /// Puts an engine's route in force, or takes it away. Returns when the front says that it is.
    ///
    /// # Errors
    /// [`EngineError::FrontRefused`] with the routes of before in force; [`EngineError::FrontSilent`] when nobody knows.
    pub(super) async fn publish(&self, engine: &EngineId, route: Option<Route>) -> Result<(), EngineError> {
        let limits = self.table.lock().await;
        let status = self.status().await?;
        let current = status.routes.iter().find(|route| route.engine == *engine);
        // What the fold does not know yet keeps the limits it has.
        let kept = current.and_then(|route| route.limits.clone());
        let route = route.map(|route| Route { limits: kept, ..route });
        let others = status.routes.iter().filter(|other| other.engine != *engine).cloned();
        let next = others.chain(route).collect();
        self.put(&limits, status, next).await
    }

    /// Puts the limits of engines in force, where they differ from what is.
    ///
    /// # Errors
    /// As [`Front::publish`].
    pub(super) async fn limit(&self, limits: Allowed) -> Result<(), EngineError> {
        let mut known = self.table.lock().await;
        *known = limits;
        // A front that is being started is asked again soon.
        let Ok(status) = self.status_now().await else { return Ok(()) };
        let same = status.routes.clone();
        self.put(&known, status, same).await
    }

    /// Puts these rows in force with the limits of their engines; nothing is written when they are in force already.
    /// INVARIANT: the caller holds the table. Rows of one tenant change together: one bucket has one schedule.
    async fn put(&self, limits: &Allowed, status: Status, mut routes: Vec<Route>) -> Result<(), EngineError> {
        for route in &mut routes {
            if let Some(limits) = limits.get(&route.engine) {
                route.limits.clone_from(limits);
            }
        }
        routes.sort_by_key(|route| route.listen);
        let (written, damaged) = self.written().await?;
        // What is in force is the base: a table that was written and never applied is overtaken.
        let before = status.routes;
        if before == routes && written <= status.generation && damaged.is_none() {
            return Ok(());
        }
        if let Some(error) = damaged {
            // What is in force is known without it: it is written again below.
            let path = self.layout.front().join(front::ROUTES);
            let moved = path.clone();
            let aside = blocking(move || durable_file::set_aside(&moved).map_err(EngineError::io(&moved))).await?;
            tracing::error!(%error, aside = %aside.display(), "engine: the written routes are damaged");
            self.files.mended(&path, format!("{error}; set aside as `{}`, written again", aside.display()));
        }
        let next = Routes { generation: status.generation.max(written) + 1, routes };
        match self.apply(&next).await {
            Ok(()) => Ok(()),
            Err(FrontError::Refused { what, .. } | FrontError::Content { what, .. }) => {
                let restored = Routes { generation: next.generation + 1, routes: before };
                self.apply(&restored).await.map_err(EngineError::FrontSilent)?;
                Err(EngineError::FrontRefused(what))
            }
            Err(error) => Err(EngineError::FrontSilent(error)),
        }
    }

    /// The generation of the routing table on disk (0 when there is no file), and, when the file is damaged, why it cannot be used.
    pub(super) async fn written(&self) -> Result<(u64, Option<FrontError>), EngineError> {
        let dir = self.layout.front();
        blocking(move || match read_routes(&dir) {
            Ok(written) => Ok((written.map_or(0, |routes| routes.generation), None)),
            Err(error @ (FrontError::Content { .. } | FrontError::Refused { .. })) => Ok((0, Some(error))),
            Err(error) => Err(EngineError::FrontSilent(error)),
        })
        .await
    }

    /// A front that dies meanwhile finds the written table at its next start, so its answer is waited for.
    async fn apply(&self, routes: &Routes) -> Result<(), FrontError> {
        let deadline = Instant::now() + self.options.timing.front_within;
        let left = || deadline.saturating_duration_since(Instant::now());
        let mut answer = self.client.switch(routes, left()).await;
        while let Err(FrontError::Unreachable { .. }) = answer {
            if left().is_zero() {
                return answer;
            }
            sleep(LOOK_EVERY).await;
            answer = self.client.switch(routes, left()).await;
        }
        answer
    }
}

fn spawn(options: &RuntimeOptions, layout: &Layout) -> Result<(), EngineError> {
    layout.own_front(options.run_as)?;
    let dir = std::fs::canonicalize(layout.front()).map_err(EngineError::io(&layout.front()))?;
    let user = options.run_as.map(|users| users.base);
    let target = Target {
        program: options.program.clone(),
        args: vec!["front".into(), "--dir".into(), dir.clone().into()],
        cwd: dir.clone(),
        environment: Environment::default(),
        directories: Vec::new(),
    };
    let limits = Limits {
        uid_gid: user.map(|user| (user, user)),
        memory_mib: MEMORY_MIB,
        group: None,
        open_files: at_most(Resource::Nofile, OPEN_FILES),
        processes: processes(user),
        // It reads its own identity in the process table.
        read_paths: vec![options.program.clone(), PathBuf::from("/proc")],
        write_paths: vec![dir],
        network: Network::Free,
    };
    let started =
        confine::spawn(&options.host(), &target, &limits, &Log::at(layout.front_log())).map_err(EngineError::Start)?;
    file::write(&layout.front_start(), &started)
}
