//! The plan: a fixed list of steps, a pure function of package, state and observations.
//!
//! No choice is left for later: ports, sides, generations and the compensation of each step are
//! named here, and people approve the digest.

use crate::Action;
use model::{ChangeId, Digest, EngineId, KindName, Service, SettingName, canon};
use serde::{Deserialize, Serialize};
use signed::Served;

/// Something the plan rests on, or leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// What serves on an engine.
    Engine {
        engine: EngineId,
        /// Generation of its route.
        generation: u64,
        /// What serves; absent when nothing does.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        serving: Option<Served>,
    },
    /// Outside bindings of an engine, which the change leaves as they are.
    Bindings {
        engine: EngineId,
        /// Digest of the set as read.
        digest: Digest,
    },
    /// The roster in force.
    Roster { digest: Digest },
    /// A governed document in force.
    Setting { name: SettingName, digest: Digest },
}

/// What the change needs once it is effective, on the engine's node and of the tenant's quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    pub memory_mib: u32,
    /// Engines that serve.
    pub engines: u32,
    pub storage_mib: u32,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done, and by whom.
    pub action: Action,
    /// What takes it back; absent where there is nothing to take back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undo: Option<Action>,
    /// What the executor must have observed afterwards, compared by everyone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expect: Option<Digest>,
}

/// The plan people approve by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub change: ChangeId,
    pub package: Digest,
    /// What holds before.
    pub base: Vec<Fact>,
    /// What holds after.
    pub after: Vec<Fact>,
    /// Services that were not observed: they are read, and the change reviewed, afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unchecked: Vec<Service>,
    /// Kinds of change that nobody could ask for, approve and run any more afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub loses_reach: Vec<KindName>,
    /// In this order.
    pub steps: Vec<Step>,
    /// How long what serves afterwards must stay healthy, milliseconds.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub soak_ms: i64,
    /// For how long it grants something, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub for_ms: Option<i64>,
    pub needs: Needs,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(ms: &i64) -> bool {
    *ms == 0
}

impl Step {
    /// Who carries it out.
    pub fn executor(&self) -> Service {
        self.action.executor().0
    }
}

impl Plan {
    /// A plan that changes only what the ledger says: no executor has a step.
    pub(crate) fn of_ledger(
        (change, package): (ChangeId, Digest),
        base: Vec<Fact>,
        after: Vec<Fact>,
        for_ms: Option<i64>,
    ) -> Self {
        Self {
            change,
            package,
            base,
            after,
            unchecked: vec![],
            loses_reach: vec![],
            steps: vec![],
            soak_ms: 0,
            for_ms,
            needs: Needs::default(),
        }
    }

    /// How long the action of a step, or what undoes it, may take by its own terms.
    pub(crate) fn may_take_ms(&self, step: u32, undo: bool) -> i64 {
        let step = usize::try_from(step).ok().and_then(|position| self.steps.get(position));
        let action = step.and_then(|step| if undo { step.undo.as_ref() } else { Some(&step.action) });
        action.map_or(0, Action::may_take_ms)
    }

    /// Its identity.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("plan", self)
    }

    /// The outside bindings as they are before, and shall stay.
    pub(crate) fn bindings(&self) -> Option<Digest> {
        self.base.iter().find_map(|fact| match fact {
            Fact::Bindings { digest, .. } => Some(*digest),
            _ => None,
        })
    }

    /// What serves on the engine before and after, where the plan is about one.
    pub fn engine(&self) -> Option<(EngineFact, EngineFact)> {
        let of = |facts: &[Fact]| {
            facts.iter().find_map(|fact| match fact {
                Fact::Engine { engine, generation, serving } => {
                    Some(EngineFact { engine: *engine, generation: *generation, serving: *serving })
                }
                _ => None,
            })
        };
        of(&self.base).zip(of(&self.after))
    }
}

/// What serves on an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineFact {
    pub engine: EngineId,
    /// Generation of its route.
    pub generation: u64,
    /// What serves.
    pub serving: Option<Served>,
}
