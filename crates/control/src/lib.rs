//! The pure core: what is decided, from nothing but the state and the command.
//!
//! [`decide`] maps (state, now, command) to a verdict and effects; [`apply`] folds the leaf that
//! records them into the state. Every service, the console and a stranger's verifier run the same
//! two functions over the same leaves ([`Replayer`]), so none of them has to believe the server.

mod apply;
mod authority;
mod blobs;
mod change;
mod command;
mod decide;
mod due;
mod effect;
mod explain;
mod guard;
mod kind;
mod leaf;
mod package;
mod plan;
mod principal;
mod refusal;
mod replay;
mod sight;
mod state;
mod viewer;

pub use apply::apply;
pub use authority::{Unauthentic, check_authority};
pub use blobs::{Blobs, GOVERNING, references};
pub use change::{Approval, Change, Intent, Observed, Run, StepState};
pub use command::{ClockAct, Command, Login, SessionAct, SessionCommand};
pub use decide::{Decided, Inadmissible, decide, decide_under};
pub use due::{DueObservation, DueStep, due_observations, due_steps};
pub use effect::{Effect, Row};
pub use explain::{Explanation, SlotView, blocked, explain};
pub use guard::{GUARDS, Guard, Guards, Signing};
pub use kind::{Kind, KindTable};
pub use leaf::{LEAF_MAX_BYTES, LEAF_PREFIX, Leaf, LeafError, Verdict};
pub use package::{Bundle, Package, Requirement, Window};
pub use plan::{Action, Base, Plan, Step, Target, plan};
pub use principal::Principal;
pub use refusal::Refusal;
pub use replay::{Broken, Replayer};
pub use sight::{Sight, concerns, visible};
pub use state::{Artifact, Certified, Engine, Session, State, Tenant};
pub use viewer::Viewer;

/// The number of the rules this binary decides by. Frozen from the first release on.
pub const RULES: u32 = 0;
