//! From due steps to actions, and from what came of them to receipts.

use crate::{EngineError, Runtime, Serving, Site};
use control::{Action, Package, State, due_observations};
use follower::OwnNode;
use follower::executor::{Acted, Executor, Task};
use model::{ChangeId, EngineId, NodeId, Service, canon};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use warrant::Observation;

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
    pub(crate) fn waiting(&self, state: &State) -> Vec<String> {
        let waits: BTreeSet<_> = due_observations(state, Service::Engine).iter().map(|due| due.change).collect();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|change, _| waits.contains(change));
        all.values().cloned().collect()
    }
}

/// Carries out the steps of Engine Runtime.
pub(crate) struct EngineExecutor {
    pub(crate) node: OwnNode,
    pub(crate) runtime: Runtime,
    pub(crate) unobserved: Unobserved,
}

/// What an outcome's digest is of: what was observed after the act.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum After {
    Serving { engine: EngineId, observation: Observation },
    Started { engine: EngineId, slot: u8, artifact: model::Digest },
    Stopped { engine: EngineId, slot: u8 },
}

impl Executor for EngineExecutor {
    fn service(&self) -> Service {
        Service::Engine
    }

    fn serves(&self, state: &State, node: &NodeId) -> bool {
        self.node.is(state, node)
    }

    async fn observe(&self, state: Arc<State>, package: Package) -> Result<Observation, String> {
        let engine = package.engine;
        if !state.engines.contains_key(&engine) {
            return Err("the package names an engine that is not registered".to_owned());
        }
        let seen = self.runtime.observe(engine).await.map_err(|error| error.to_string());
        self.unobserved.set(package.change, seen.as_ref().err().cloned());
        let seen = seen?;
        Ok(Observation::Engine { generation: seen.generation, serving: seen.serving.map(|serving| serving.artifact) })
    }

    async fn act(&self, task: Task) -> Acted {
        match self.carry_out(&task).await {
            Ok(after) => Acted::Done { observed: canon::digest("observed", &after).ok() },
            Err(error) => {
                tracing::warn!(step = task.action.word(), %error, "a step is not done");
                if error.is_unknown() && !task.action.is_check() {
                    Acted::Unknown { code: error.code() }
                } else {
                    Acted::Refused { code: error.code() }
                }
            }
        }
    }
}

impl EngineExecutor {
    async fn carry_out(&self, task: &Task) -> Result<After, EngineError> {
        let engine = task.plan.engine;
        let site = Site { engine, port: task.engine.port };
        let serving = |seen: crate::Seen| {
            let serving = seen.serving.map(|serving| serving.artifact);
            After::Serving { engine, observation: Observation::Engine { generation: seen.generation, serving } }
        };
        match &task.action {
            Action::CheckEngine { generation, serving: expected } => {
                Ok(serving(self.runtime.check(engine, *generation, *expected).await?))
            }
            Action::Start { artifact, slot, port } => {
                self.runtime.start(site, Serving { slot: *slot, artifact: *artifact }, *port).await?;
                Ok(After::Started { engine, slot: *slot, artifact: *artifact })
            }
            Action::Switch { generation, next, slot, artifact } => {
                let to = slot.zip(*artifact).map(|(slot, artifact)| Serving { slot, artifact });
                self.runtime.switch(site, *generation, *next, to).await?;
                Ok(serving(crate::Seen { generation: *next, serving: to }))
            }
            Action::Stop { slot } => {
                self.runtime.stop(engine, *slot).await?;
                Ok(After::Stopped { engine, slot: *slot })
            }
            other => Err(EngineError::NotOurs(other.word())),
        }
    }
}
