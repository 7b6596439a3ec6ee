//! What an executor is asked to do, all of it out of its own fold.

use control::{Action, DueStep, Engine, Plan, State};
use model::{Digest, TenantId, Token};
use warrant::StepRef;

/// One step to carry out.
#[derive(Debug, Clone)]
pub struct Task {
    /// Which step.
    pub step: StepRef,
    /// What is to be done.
    pub action: Action,
    /// The key that goes with every attempt ([`warrant::step_key`]).
    pub key: Digest,
    /// The approved plan it is part of.
    pub plan: Plan,
    /// The engine as it is decided now.
    pub engine: Engine,
    /// Whose engine.
    pub tenant: TenantId,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// The effect is there, as observed.
    Done {
        /// Digest of what was observed, where there is something to compare.
        observed: Option<Digest>,
    },
    /// Nothing was changed, and why.
    Refused {
        /// A stable code, as `placement.insufficient`.
        code: Token,
    },
    /// Not known now; it is read and tried again.
    Unknown {
        /// A stable code, as `disk.failed`.
        code: Token,
    },
}

impl Acted {
    /// Nothing was changed.
    ///
    /// # Panics
    /// When `code` is no token: codes are constants of the programme.
    pub fn refused(code: &str) -> Self {
        Self::Refused { code: token(code) }
    }

    /// Not known.
    ///
    /// # Panics
    /// As [`Acted::refused`].
    pub fn unknown(code: &str) -> Self {
        Self::Unknown { code: token(code) }
    }
}

pub(super) fn token(code: &str) -> Token {
    code.parse().expect("codes are constants of the programme, each a token")
}

impl Task {
    /// The task behind a due step; none when the fold lacks what it names, which it never does.
    pub(super) fn of(state: &State, due: &DueStep) -> Option<Self> {
        let change = state.changes.get(&due.step.change)?;
        let engine = state.engines.get(&change.package.engine)?.clone();
        Some(Self {
            step: due.step,
            action: due.action.clone(),
            key: warrant::step_key(&due.step),
            plan: change.plan.clone()?,
            tenant: engine.tenant,
            engine,
        })
    }
}
