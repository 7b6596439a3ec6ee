//! What every task of one executor shares.

use super::{Journal, RetryPolicy};
use crate::{Clock, Follower};
use client::GovernanceClient;
use control::State;
use signed::ServiceKey;
use std::sync::Arc;

/// Who this executor is by the roster of a state.
pub(super) type Who = Box<dyn Fn(&State) -> Option<control::Executor> + Send + Sync>;

/// What every task of one executor shares.
pub(super) struct ExecutorContext {
    pub(super) follower: Follower,
    pub(super) governance: GovernanceClient,
    /// Who this is in the ledger's roster.
    pub(super) who: Who,
    pub(super) key: ServiceKey,
    pub(super) journal: Journal,
    pub(super) clock: Clock,
    pub(super) retry: RetryPolicy,
}

impl ExecutorContext {
    /// The verified state with what the brakes take away.
    pub(super) fn braked(&self) -> Arc<State> {
        self.follower.braked()
    }

    pub(super) fn state(&self) -> Arc<State> {
        self.follower.state()
    }
}
