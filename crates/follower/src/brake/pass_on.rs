//! Passing what was handed on to Governance, until the ledger has it.

use super::Brakes;
use crate::executor::RetryPolicy;
use crate::{Follower, clock};
use client::GovernanceClient;
use model::{AckLevel, Digest};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use wire::Submission;

/// Longest pause between two looks at what has ended, where nothing else says so.
const LOOK_WITHIN: Duration = Duration::from_secs(30);

impl Brakes {
    /// Ends what has ended and passes on what has not, for as long as the service runs.
    pub(crate) async fn run(&self, follower: &Follower, governance: &GovernanceClient) {
        tokio::join!(self.watch(follower), self.pass_on(follower, governance));
    }

    async fn watch(&self, follower: &Follower) {
        let (mut grown, mut changed) = (follower.changed(), self.changed());
        loop {
            grown.mark_unchanged();
            changed.mark_unchanged();
            self.settle(follower).await;
            tokio::select! {
                _ = grown.changed() => {}
                _ = changed.changed() => {}
                () = sleep(self.next_end()) => {}
            }
        }
    }

    /// How long until the first of them is over by the own clock.
    fn next_end(&self) -> Duration {
        let (inner, now) = (self.inner(), clock::now());
        let left = |until: model::Instant| u64::try_from(until.millis_since(now).max(0)).unwrap_or(0) + 1;
        let first = inner.standing().map(|record| Duration::from_millis(left(record.until))).min();
        first.unwrap_or(LOOK_WITHIN).min(LOOK_WITHIN)
    }

    async fn pass_on(&self, follower: &Follower, governance: &GovernanceClient) {
        let mut changed = self.changed();
        let retry = RetryPolicy::default();
        // What was tried: how often, and when next.
        let mut tried: BTreeMap<Digest, (u32, Instant)> = BTreeMap::new();
        loop {
            changed.mark_unchanged();
            let standing = self.unrecorded();
            tried.retain(|id, _| standing.iter().any(|(known, _)| known == id));
            for (id, submissions) in standing {
                let (tries, next) = tried.get(&id).copied().unwrap_or((0, Instant::now()));
                if follower.stopped().is_none() && next <= Instant::now() {
                    send(governance, &id, &submissions, tries).await;
                    let tries = tries.saturating_add(1);
                    tried.insert(id, (tries, Instant::now() + retry.pause(tries)));
                }
            }
            let next = tried.values().map(|(_, next)| *next).min();
            tokio::select! {
                _ = changed.changed() => {}
                () = async {
                    match next {
                        Some(next) => sleep_until(next).await,
                        None => std::future::pending().await,
                    }
                } => {}
            }
        }
    }

    /// What stands, and what of it the ledger is not known to have.
    fn unrecorded(&self) -> Vec<(Digest, Vec<Submission>)> {
        let inner = self.inner();
        let missing = |record: &super::Record| {
            let known = |n: usize| {
                let digest = record.statements.get(n).and_then(|statement| statement.digest().ok());
                digest.is_some_and(|digest| inner.recorded.contains_key(&digest))
            };
            let missing = record.submissions.iter().enumerate().filter(|(n, _)| !known(*n));
            (record.id, missing.map(|(_, submission)| submission.clone()).collect())
        };
        inner.standing().map(missing).collect()
    }
}

/// One try. What is answered decides nothing: the own verified state does.
async fn send(governance: &GovernanceClient, id: &Digest, submissions: &[Submission], tries: u32) {
    for submission in submissions {
        match governance.submit(submission, AckLevel::Durable).await {
            Ok(recorded) => {
                tracing::info!(brake = %id, entry = recorded.index, "brake: Governance says that it recorded it");
            }
            Err(error) if error.is_transient() => {
                tracing::debug!(brake = %id, %error, tries, "brake: not passed on yet; trying again");
                return;
            }
            // Of two words the ledger may have the first already: the second is passed on all the same.
            Err(error) if error.code() == Some("command.spent") => {}
            Err(error) => {
                tracing::warn!(brake = %id, %error, tries, "brake: Governance does not take it; it stands until its own end");
                return;
            }
        }
    }
}
