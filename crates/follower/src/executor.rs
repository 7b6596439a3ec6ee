//! Carrying out what is due: intent, own verified state, act, outcome.
//!
//! The order is what makes it safe. A nonce is durable before anybody hears of it; the act begins
//! only after the intent is accepted in the executor's *own* verified fold; that it has begun is
//! durable before it does; and after a crash the same act is run again, which reads before it acts.
//! Nothing is ever done because of an answer on the wire.

mod cause;
mod context;
mod deliver;
mod journal;
mod retry;
mod run;
mod step;
mod task;

pub use journal::{Held, HeldOutcome, Journal};
pub use retry::RetryPolicy;
pub use run::{ExecutorOptions, run_executor};
pub use task::{Acted, Cause, Task};

use crate::FollowerError;
use control::{Package, State};
use model::{ChangeId, NodeId, Service};
use signed::Observation;
use std::sync::Arc;

/// How long an intent may wait for its act to begin, milliseconds.
pub const ACT_BY_MS: i64 = 60_000;

/// What one service can do.
///
/// Acts are idempotent: each reads first whether its effect is there, then acts. The same task may
/// be asked for again after a crash, never twice at once.
pub trait Executor: Send + Sync + 'static {
    /// Whose receipts these are.
    fn service(&self) -> Service;

    /// Who this is in the ledger: a service of one node names it and leaves every other node's
    /// changes alone; one that serves all nodes keeps this answer. None: the roster does not say
    /// which node this is, and nothing is done.
    fn who(&self, _state: &State) -> Option<control::Executor> {
        Some(control::Executor { service: self.service(), node: None::<NodeId> })
    }

    /// Observes for a draft.
    ///
    /// # Errors
    /// Why it cannot be observed now, for the log; it is tried again.
    fn observe(&self, state: Arc<State>, package: Package) -> impl Future<Output = Result<Observation, String>> + Send;

    /// Carries out one step, or finds that it is carried out already.
    fn act(&self, task: Task) -> impl Future<Output = Acted> + Send;

    /// Reads back that what a grant allowed, which is over, is no longer possible here.
    ///
    /// # Errors
    /// Why that is not so yet, for the log; it is tried again.
    fn read_back(&self, _state: Arc<State>, _grant: ChangeId) -> impl Future<Output = Result<(), String>> + Send {
        std::future::ready(Ok(()))
    }
}

/// Why an executor cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// Its intents cannot be read or written.
    #[error(transparent)]
    Journal(#[from] FollowerError),
}
