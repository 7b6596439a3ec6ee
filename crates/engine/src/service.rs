//! The service: a follower, the executor of its steps, the watch over the processes, and the pages.

use crate::{
    EngineError, Regression, Restarted, RunAs, Runtime, RuntimeOptions, Timing, Wanted,
    deposits::Deposits,
    executor::{EngineExecutor, Unobserved, who},
    health, output_page, pages,
    secrets::{self, SecretsContext},
};
use client::{GovernanceClient, Http};
use follower::{Follower, OwnKey, OwnNode, ServiceOptions, ServiceTasks, system_clock};
use model::{Instant, Service};
use service_shell::{Check, Shell, ShellOptions};
use signed::Report;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Reports that may wait to be delivered.
const REPORTS_MAX: usize = 64;
/// Most drafts that are told of one by one: who asks for readiness reads no page of any length.
const TOLD_MAX: usize = 20;
/// Between two looks for what is to be told.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two reports about one engine.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// What Engine Runtime is started with.
pub struct EngineOptions {
    pub service: ServiceOptions,
    /// Which node this is: it starts nothing for any other.
    pub node: OwnNode,
    /// Node Runtime's unpacked artifacts: `store/<manifest digest>/`.
    pub store: PathBuf,
    /// See [`RuntimeOptions::program`].
    pub program: PathBuf,
    /// See [`RunAs::if_root`].
    pub run_as: Option<RunAs>,
    /// See [`RuntimeOptions::platform`].
    pub platform: Option<(String, u16)>,
    pub timing: Timing,
}

/// Serves until `shutdown` resolves. Front and engines run on afterwards; see [`crate::stop_all`].
///
/// The replica and the intents are kept in the service's directory; `engines/` and `front/` beside them.
///
/// # Errors
/// When the directory, the replica or the listener cannot be used; nothing is started then.
pub async fn run(options: EngineOptions, shutdown: impl Future<Output = ()>) -> Result<(), EngineError> {
    let EngineOptions { service, node, store, program, run_as, platform, timing } = options;
    let ServiceOptions { dir, listener, governance, trust, key, key_file, version } = service;
    let own_key = OwnKey::of(&key, &key_file);
    let governance = GovernanceClient::new(Http::new(governance));
    let follower = Follower::start(&dir, trust, governance.clone()).await?;
    let runtime = RuntimeOptions { dir: dir.clone(), store, program, run_as, platform, timing };
    let files = follower.files().clone();
    // It opens every secret once and looks at every process.
    let opened = tokio::task::spawn_blocking(move || Runtime::open_telling(runtime, files)).await;
    let runtime = opened.map_err(|error| EngineError::Broken(error.to_string()))??;
    let unobserved = Unobserved::default();
    let executor = EngineExecutor { node: node.clone(), runtime: runtime.clone(), unobserved: unobserved.clone() };
    let (told, reports) = tokio::sync::mpsc::channel(REPORTS_MAX);
    let tasks = ServiceTasks::start_with(&dir, &follower, governance, key, executor, Some(reports));
    let tasks = tasks.map_err(EngineError::Intents)?;
    let teller = tokio::spawn(tell(runtime.clone(), told));
    let (fold, own) = (follower.clone(), node.clone());
    let watch = tokio::spawn(runtime.clone().keep(move || Wanted::all(&fold.braked(), &own)));
    let listen = listener.local_addr().map_err(EngineError::Serve)?;
    let context = SecretsContext {
        runtime: runtime.clone(),
        follower: follower.clone(),
        node: node.clone(),
        clock: system_clock(),
        deposits: Deposits::default(),
    };
    let (ready, checks) = (runtime.clone(), Checks::of(node, own_key));
    let output = output_page::Context { runtime: runtime.clone(), follower: follower.clone() };
    let pages = pages::Context { runtime: runtime.clone(), follower: follower.clone(), clock: system_clock() };
    let routes = pages::routes(pages).merge(output_page::routes(output)).merge(secrets::routes(context));
    let routes = routes.merge(follower::brake_routes(&follower));
    let shell = Shell::new(ShellOptions::new(Service::Engine.word(), version, listen))
        .limits(follower::BRAKE, follower::brake_limits())
        .limits(secrets::SECRETS, secrets::limits())
        .ready(move || checks.all(&follower, &ready, &unobserved));
    runtime.counters().register(&shell.metrics());
    let served = service_shell::serve(listener, shell.router(routes), shutdown).await;
    watch.abort();
    teller.abort();
    tasks.stop().await;
    served.map_err(EngineError::Serve)
}

/// Says of each engine at once that it was started again or could not be, then once a minute how often since; and of each release
/// whose health regressed, once until it recovers.
async fn tell(runtime: Runtime, told: tokio::sync::mpsc::Sender<Report>) {
    let mut last: BTreeMap<model::EngineId, tokio::time::Instant> = BTreeMap::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = tokio::time::Instant::now();
        last.retain(|_, at| now < *at + TELL_EVERY);
        for (engine, restarted) in runtime.take_restarts(|engine| !last.contains_key(engine)) {
            last.insert(engine, now);
            let Restarted { count, failed } = restarted;
            if told.send(Report::Restarted { engine, count, failed }).await.is_err() {
                return;
            }
        }
        for Regression { engine, generation, counted } in runtime.take_regressions() {
            if told.send(Report::Regressed { engine, generation, counted }).await.is_err() {
                return;
            }
        }
    }
}

/// The service's own checks, and since when each stands as it does.
struct Checks {
    node: OwnNode,
    key: OwnKey,
    started: Instant,
    stands: Mutex<BTreeMap<&'static str, (bool, Instant)>>,
}

/// How many engines do not do what they should, for whoever asks: which they are is told to who may read of them.
fn in_trouble(engines: usize) -> Vec<String> {
    match engines {
        0 => vec![],
        1 => vec!["one engine is in trouble; `countersign engine ls` says which, and why".to_owned()],
        many => vec![format!("{many} engines are in trouble; `countersign engine ls` says which, and why")],
    }
}

impl Checks {
    fn of(node: OwnNode, key: OwnKey) -> Self {
        Self { node, key, started: health::now(), stands: Mutex::default() }
    }

    fn all(&self, follower: &Follower, runtime: &Runtime, unobserved: &Unobserved) -> Vec<Check> {
        let state = follower.state();
        let key = self.key.check(&state, who(&self.node, &state).as_ref(), self.started);
        let own = [self.node.check(&state, self.started), key];
        let followed = follower.readiness().into_iter().chain(own.into_iter().flatten());
        let followed = followed.map(|check| Check::new(check.name, check.ok, check.why, check.since));
        let front = if runtime.front_is_alive() { vec![] } else { vec!["it is being started".to_owned()] };
        let waiting = unobserved.waiting(&state, &self.node);
        let own = [
            self.check("front", "it runs", front),
            self.check("engines", "what serves runs", in_trouble(runtime.troubles().len())),
            self.check("drafts", "what drafts ask for is observed", first_drafts(waiting)),
        ];
        followed.chain(own).collect()
    }

    fn check(&self, name: &'static str, good: &str, bad: Vec<String>) -> Check {
        let (ok, now) = (bad.is_empty(), health::now());
        let mut stands = self.stands.lock().unwrap_or_else(PoisonError::into_inner);
        let stand = stands.entry(name).or_insert((ok, now));
        if stand.0 != ok {
            *stand = (ok, now);
        }
        Check::new(name, ok, if ok { good.to_owned() } else { bad.join("; ") }, stand.1)
    }
}

/// A sentence for each of the first drafts, and how many more there are.
fn first_drafts(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(TOLD_MAX);
    lines.truncate(TOLD_MAX);
    lines.extend((more > 0).then(|| format!("and {more} more drafts")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_drafts_the_first_are_told_and_the_rest_counted() {
        let waiting = |count: usize| (0..count).map(|n| format!("draft {n}: silent")).collect::<Vec<_>>();
        assert_eq!(first_drafts(waiting(TOLD_MAX)), waiting(TOLD_MAX));
        let many = first_drafts(waiting(1_000));
        assert_eq!((many.len(), many[TOLD_MAX].as_str()), (TOLD_MAX + 1, "and 980 more drafts"));
        assert_eq!(many[..TOLD_MAX], waiting(TOLD_MAX));
    }
}
