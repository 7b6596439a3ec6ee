//! What an executor is asked to do, all of it out of its own verified state.

use control::{Action, Change, Config, DueStep, Engine, Plan, Refusal, State, in_the_way};
use model::{Digest, Id, Instant, Token};
use signed::StepRef;

/// One step to carry out.
#[derive(Debug, Clone)]
pub struct Task {
    pub step: StepRef,
    /// What is to be done.
    pub action: Action,
    /// The key that goes with every attempt ([`signed::step_key`]).
    pub key: Digest,
    /// The approved plan it is part of.
    pub plan: Plan,
    /// The engine as it is decided now, where the change is about one.
    pub engine: Option<Engine>,
    /// The config of the bundle that the change puts in place.
    pub config: Option<Config>,
    /// Why the change may put nothing more in place, with what the brakes take away, if it may not; never for a step
    /// that takes something back.
    pub in_the_way: Option<Refusal>,
    /// Under whose key texts about it are sealed; absent: nobody's.
    pub subject: Option<Id>,
}

/// What an executor found when a step did not go well: for people, never decided upon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// In a sentence.
    pub found: String,
    /// The last lines of the program's output.
    pub output: Vec<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acted {
    /// The effect is there, as observed.
    Done {
        /// Digest of what was observed, where there is something to compare.
        observed: Option<Digest>,
        /// SHA-256 of the credential that a process was started with.
        credential: Option<Digest>,
    },
    /// Nothing was changed, and why.
    Refused {
        /// A stable code, as `placement.insufficient`.
        code: Token,
        /// What was found.
        cause: Cause,
    },
    /// Not known now; it is read and tried again.
    Unknown {
        /// A stable code, as `disk.failed`.
        code: Token,
        /// What was found.
        cause: Cause,
    },
}

impl Acted {
    /// The effect is there, and there is nothing to compare.
    pub fn done() -> Self {
        Self::Done { observed: None, credential: None }
    }

    /// The effect is there, as observed.
    pub fn observed(observed: Digest) -> Self {
        Self::Done { observed: Some(observed), credential: None }
    }

    /// Nothing was changed, and what was found.
    ///
    /// # Panics
    /// When `code` is no token: codes are constants of the programme.
    pub fn refused(code: &str, found: impl Into<String>) -> Self {
        Self::Refused { code: token(code), cause: Cause::of(found) }
    }

    /// Not known, and what was found.
    ///
    /// # Panics
    /// As [`Acted::refused`].
    pub fn unknown(code: &str, found: impl Into<String>) -> Self {
        Self::Unknown { code: token(code), cause: Cause::of(found) }
    }
}

impl Cause {
    /// A sentence.
    pub fn of(found: impl Into<String>) -> Self {
        Self { found: found.into(), output: vec![] }
    }
}

pub(super) fn token(code: &str) -> Token {
    code.parse().expect("codes are constants of the programme, each a token")
}

impl Task {
    /// The task behind a due step; none when the state lacks what it names, which it never does. What there is to do
    /// is of the verified state, and what may be put in place of the one with what the brakes take away, at
    /// `latest`: a grant has ended when any clock has said so.
    pub(super) fn of(state: &State, braked: &State, due: &DueStep, latest: Instant) -> Option<Self> {
        let change = state.changes.get(&due.step.change)?;
        Some(Self {
            step: due.step,
            action: due.action.clone(),
            key: signed::step_key(&due.step),
            plan: change.plan.clone()?,
            engine: change.subject.engine.and_then(|engine| state.engines.get(&engine)).cloned(),
            config: config(state, change),
            in_the_way: in_the_way(braked, change, latest).filter(|_| !due.step.undo),
            subject: change.subject.tenants.first().map(|tenant| (*tenant).into()),
        })
    }
}

fn config(state: &State, change: &Change) -> Option<Config> {
    state.config(&change.package.body.bundle()?.config?).cloned()
}
