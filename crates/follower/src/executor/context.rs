//! What every task of one executor shares.

use super::{Held, Journal, RetryPolicy};
use crate::{Clock, Follower, FollowerError};
use client::GovernanceClient;
use control::State;
use durable_file::HighWater;
use model::Instant;
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

    /// By when it is told whether something has ended: see [`Follower::latest`].
    pub(super) fn latest(&self) -> Instant {
        self.follower.latest((self.clock)())
    }

    /// Makes durable what the clock has shown, again and again, on a thread that others do not wait for.
    pub(super) async fn keep_clock(&self) {
        loop {
            self.store_clock().await;
            tokio::time::sleep(HighWater::STORE_EVERY).await;
        }
    }

    /// The same, once.
    pub(super) async fn store_clock(&self) {
        self.latest();
        // The replica is not held for it: a service that is gone has let go of its directory.
        let Some(clock) = self.follower.clock() else { return };
        let stored = tokio::task::spawn_blocking(move || clock.store()).await;
        stored
            .unwrap_or_else(|error| tracing::error!(%error, "executor: what the clock has shown could not be stored"));
    }

    /// Whether the ledger, as far as it is verified, still lacks the outcome of this intent. While the roster does not
    /// say who this is, nobody knows, and it may.
    pub(super) fn is_awaited(&self, state: &State, held: &Held) -> bool {
        let awaited = |who| control::awaited(state, &who, &held.step, &held.nonce, state.last).is_some();
        (self.who)(state).is_none_or(awaited)
    }

    /// Forgets the intents that belong to nothing open.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub(super) fn sweep(&self) -> Result<(), FollowerError> {
        let state = self.state();
        self.journal.sweep(state.last, |held| self.is_awaited(&state, held))
    }
}
