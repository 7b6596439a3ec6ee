//! From due steps to actions, and from what came of them to receipts.

use crate::{EngineError, ReadBack, Runtime, Setup, Site, health, limits};
use control::{Action, EngineAction, Package, State, due_observations};
use follower::OwnNode;
use follower::executor::{Acted, Cause, Executor, Task};
use model::{Bundle, ChangeId, Digest, EngineId, Service, Side, canon};
use serde::Serialize;
use signed::{Observation, Served};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

/// Drafts that could not be observed, with the cause, for the health page.
#[derive(Clone, Default)]
pub(crate) struct Unobserved(Arc<Mutex<BTreeMap<ChangeId, String>>>);

impl Unobserved {
    fn set(&self, change: ChangeId, why: Option<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match why {
            Some(why) => drop(all.insert(change, why)),
            None => drop(all.remove(&change)),
        }
    }

    /// One sentence for each draft that still waits.
    pub(crate) fn waiting(&self, state: &State, node: &OwnNode) -> Vec<String> {
        let Some(who) = who(node, state) else { return vec![] };
        let waits: BTreeSet<_> = due_observations(state, &who).iter().map(|due| due.change).collect();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|change, _| waits.contains(change));
        all.values().cloned().collect()
    }
}

/// Who this is by the roster of a state.
pub(crate) fn who(node: &OwnNode, state: &State) -> Option<control::Executor> {
    let node = Some(node.entry(&state.roster)?.id);
    Some(control::Executor { service: Service::Engine, node })
}

/// Carries out the steps of Engine Runtime.
pub(crate) struct EngineExecutor {
    pub(crate) node: OwnNode,
    pub(crate) runtime: Runtime,
    pub(crate) unobserved: Unobserved,
}

/// What carries out the steps of Engine Runtime on a runtime, with no service around it.
pub fn executor(node: OwnNode, runtime: Runtime) -> impl Executor {
    EngineExecutor { node, runtime, unobserved: Unobserved::default() }
}

/// What an outcome's digest is of: what was observed after the act.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum After {
    Serving { engine: EngineId, observation: Observation },
    Started { engine: EngineId, side: Side, bundle: Bundle, found: Found },
    Stopped { engine: EngineId, side: Side },
}

/// What a process that was started answers of its bundle.
#[derive(Serialize)]
struct Found {
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact: Option<ReadBack>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<ReadBack>,
}

impl Executor for EngineExecutor {
    fn service(&self) -> Service {
        Service::Engine
    }

    fn who(&self, state: &State) -> Option<control::Executor> {
        who(&self.node, state)
    }

    async fn observe(&self, state: Arc<State>, package: Package) -> Result<Observation, String> {
        let (engine, _) = package.body.engine().ok_or("the change is about no engine")?;
        let Some(known) = state.engines.get(&engine) else {
            return Err("the package names an engine that is not registered".to_owned());
        };
        let seen = self.runtime.observe(engine).await.map_err(|error| error.to_string());
        self.unobserved.set(package.change, seen.as_ref().err().cloned());
        let config = package.body.bundle().and_then(|bundle| state.config(&bundle.config?));
        let (seen, named) = (seen?, config.iter().flat_map(|config| &config.secrets).map(|secret| secret.secret));
        let missing = self.runtime.missing(known.tenant, named.collect()).await.map_err(|error| error.to_string())?;
        Ok(observation(&seen, missing))
    }

    async fn read_back(&self, state: Arc<State>, grant: ChangeId) -> Result<(), String> {
        let terms = state.grants.get(&grant).ok_or("no such grant stands")?.terms.clone();
        let rows = self.runtime.rows().await.map_err(|error| error.to_string())?;
        limits::read_back(&state, &terms, &rows, health::now())
    }

    async fn act(&self, task: Task) -> Acted {
        match self.carry_out(&task).await {
            Ok((after, credential)) => Acted::Done { observed: canon::digest("observed", &after).ok(), credential },
            Err(error) => {
                tracing::warn!(step = task.action.word(), %error, "engine: step not done");
                let cause = Cause { found: error.to_string(), output: self.output(&task, &error).await };
                if error.is_unknown() && !task.action.is_check() {
                    Acted::Unknown { code: error.code(), cause }
                } else {
                    Acted::Refused { code: error.code(), cause }
                }
            }
        }
    }
}

fn in_the_way(refusal: &control::Refusal) -> EngineError {
    EngineError::InTheWay { code: refusal.code(), found: refusal.in_one_line() }
}

fn observation(seen: &crate::Seen, missing: Vec<Digest>) -> Observation {
    Observation::Engine { generation: seen.generation, serving: seen.serving, missing }
}

impl EngineExecutor {
    async fn carry_out(&self, task: &Task) -> Result<(After, Option<Digest>), EngineError> {
        let (Action::Engine { engine, action, .. }, Some(known)) = (&task.action, &task.engine) else {
            return Err(EngineError::NotOurs(task.action.word()));
        };
        let engine = *engine;
        let site = Site { engine, tenant: known.tenant, port: known.port };
        let after = |seen: crate::Seen| (After::Serving { engine, observation: observation(&seen, vec![]) }, None);
        match action {
            EngineAction::Check { generation, serving: expected, secrets } => {
                self.runtime.opens(known.tenant, secrets.clone()).await?;
                Ok(after(self.runtime.check(engine, *generation, *expected).await?))
            }
            EngineAction::Start { bundle, side, port, memory_mib, start_within_ms } => {
                let (side, bundle, config) = (*side, *bundle, task.config.clone());
                if let Some(refusal) = &task.in_the_way {
                    // Of an earlier try nothing stays: refused means that nothing was changed.
                    self.runtime.stop(engine, side).await?;
                    return Err(in_the_way(refusal));
                }
                let named = config.iter().flat_map(|config| &config.secrets).map(|secret| secret.secret);
                self.runtime.opens(known.tenant, named.collect()).await?;
                let setup = Setup { memory_mib: *memory_mib, start_within_ms: *start_within_ms, config };
                let begun = self.runtime.start(site, Served { side, bundle }, *port, setup).await?;
                let found = Found { artifact: begun.artifact, theme: begun.theme };
                Ok((After::Started { engine, side, bundle, found }, begun.credential))
            }
            EngineAction::Switch { generation, next, serving: to } => {
                if let Some(refusal) = task.in_the_way.as_ref().filter(|_| to.is_some()) {
                    self.runtime.switched_already(site, (*next, *to), in_the_way(refusal)).await?;
                }
                self.runtime.switch(site, *generation, *next, *to).await?;
                Ok(after(crate::Seen { generation: *next, serving: *to }))
            }
            EngineAction::Soak { generation, serving: served, soak_ms } => {
                let seen = crate::Seen { generation: *generation, serving: Some(*served) };
                self.runtime.soak(engine, seen, *soak_ms).await?;
                Ok(after(seen))
            }
            EngineAction::Stop { side } => {
                self.runtime.stop(engine, *side).await?;
                Ok((After::Stopped { engine, side: *side }, None))
            }
        }
    }

    /// The last lines of what the release of a step printed; none where it never ran: what is in the log of its side then
    /// is of another one.
    async fn output(&self, task: &Task, error: &EngineError) -> Vec<String> {
        let Action::Engine { engine, action, .. } = &task.action else { return vec![] };
        let side = match action {
            EngineAction::Start { side, .. } if error.has_run() => *side,
            EngineAction::Switch { serving: Some(served), .. } | EngineAction::Soak { serving: served, .. }
                if self.runtime.runs(engine, served) =>
            {
                served.side
            }
            _ => return vec![],
        };
        self.runtime.last_output(engine, side).await
    }
}
