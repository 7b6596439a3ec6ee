//! The loop: what is due, one task a change, never two for one change.

use super::context::ExecutorContext;
use super::step::StepProgress;
use super::{Executor, Held, Journal, RetryPolicy};
use crate::own_key::is_listed;
use crate::{Clock, Follower, FollowerError};
use client::GovernanceClient;
use control::{Awaited, DueObservation, DueStep, State, due_observations, due_steps};
use model::ChangeId;
use signed::{Report, ServiceKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Changes attended to at once; others wait for a place.
const TASKS_MAX: usize = 16;

/// What an executor runs with.
pub struct ExecutorOptions {
    pub journal: Journal,
    pub clock: Clock,
    /// How fast things are tried again.
    pub retry: RetryPolicy,
    /// What the service has to say unasked; delivered one after the other. Absent: nothing.
    pub reports: Option<tokio::sync::mpsc::Receiver<Report>>,
}

enum Due {
    Observation(DueObservation),
    Step(DueStep),
    /// What came of a step that is not to be carried out any more.
    Late(Held),
    /// A grant that is over, to be read back.
    End(ChangeId),
}

/// Carries out what is due until `shutdown` resolves. An act in progress is interrupted then, as a
/// crash would; the next start resumes it.
pub async fn run_executor<E: Executor>(
    follower: Follower,
    governance: GovernanceClient,
    key: ServiceKey,
    options: ExecutorOptions,
    executor: E,
    shutdown: impl Future<Output = ()> + Send,
) {
    let ExecutorOptions { journal, clock, retry, reports } = options;
    let executor = Arc::new(executor);
    let named = Arc::clone(&executor);
    let public = key.public();
    // With a key that the roster does not list for it, whatever it signs is nobody's: it does nothing.
    let who = Box::new(move |state: &State| named.who(state).filter(|who| is_listed(state, who, &public)));
    let context = Arc::new(ExecutorContext { follower, governance, who, key, journal, clock, retry });
    context.sweep().unwrap_or_else(|error| tracing::warn!(%error, "executor: old intents could not be swept"));
    let teller = Arc::clone(&context);
    let mut executor_loop =
        ExecutorLoop { context, executor, tasks: JoinSet::new(), busy: BTreeSet::new(), stuck: BTreeMap::new() };
    tokio::select! {
        () = shutdown => {}
        () = executor_loop.run() => {}
        () = tell(&teller, reports) => {}
        () = teller.keep_clock() => {}
    }
    executor_loop.tasks.shutdown().await;
    teller.store_clock().await;
}

/// Delivers what the service says unasked. What is not taken is dropped: the next report sums it up.
async fn tell(context: &ExecutorContext, reports: Option<tokio::sync::mpsc::Receiver<Report>>) {
    if let Some(mut reports) = reports {
        while let Some(report) = reports.recv().await {
            let _ = context.deliver(report, &super::Cause::default(), None).await;
        }
    }
    std::future::pending::<()>().await;
}

struct ExecutorLoop<E> {
    context: Arc<ExecutorContext>,
    executor: Arc<E>,
    tasks: JoinSet<(ChangeId, Result<StepProgress, FollowerError>)>,
    busy: BTreeSet<ChangeId>,
    /// Changes at which nothing came of the last tries: how many, and when to try again.
    stuck: BTreeMap<ChangeId, (u32, Instant)>,
}

impl<E: Executor> ExecutorLoop<E> {
    async fn run(&mut self) {
        let mut changed = self.context.follower.changed();
        let brakes = self.context.follower.brakes();
        let mut braked = brakes.as_ref().map(|brakes| brakes.changed());
        loop {
            changed.mark_unchanged();
            if let Some(braked) = &mut braked {
                braked.mark_unchanged();
            }
            let wake = self.begin();
            let pause = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(ended) = self.tasks.join_next() => self.ended(ended),
                _ = changed.changed() => {}
                () = news(&mut braked) => {}
                () = pause => {}
            }
        }
    }

    /// Starts a task for each change that has something due and none yet; says when to look again: a
    /// pause ends, or a grant.
    fn begin(&mut self) -> Option<Instant> {
        if self.context.follower.stopped().is_some() {
            return None;
        }
        let state = self.context.state();
        // That something is over is said when the ledger can take it, and a clock that has been far ahead once would say
        // it too early all the time: so it is read off the clock as it stands. What is allowed is asked at the use.
        let at = (self.context.clock)().max(state.last);
        let due = due(&state, &self.context, at);
        self.stuck.retain(|change, _| due.contains_key(change));
        let now = Instant::now();
        let mut wake = control::next_end(&state, at).map(|end| {
            let left = u64::try_from(end.millis_since(at)).unwrap_or(0);
            now + std::time::Duration::from_millis(left + 1)
        });
        for (change, due) in due {
            if self.busy.contains(&change) || self.busy.len() >= TASKS_MAX {
                continue;
            }
            if let Some((_, at)) = self.stuck.get(&change).filter(|(_, at)| *at > now) {
                wake = Some(wake.map_or(*at, |other: Instant| other.min(*at)));
                continue;
            }
            self.busy.insert(change);
            let (context, executor, state) =
                (Arc::clone(&self.context), Arc::clone(&self.executor), Arc::clone(&state));
            self.tasks.spawn(async move {
                let progress = match due {
                    Due::Observation(due) => Ok(context.observe(&*executor, &state, due).await),
                    Due::Step(due) => context.step(&*executor, &state, due).await,
                    Due::Late(held) => context.late(&held).await,
                    Due::End(grant) => Ok(context.end(&*executor, state, grant).await),
                };
                (change, progress)
            });
        }
        wake
    }

    fn ended(&mut self, ended: Result<(ChangeId, Result<StepProgress, FollowerError>), tokio::task::JoinError>) {
        let (change, progress) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                // Which change it was is not known here: a task that panicked keeps its place, so
                // that nothing panics in a loop; a restart of the service takes it up again.
                tracing::error!(%error, "executor: a task ended in a panic");
                return;
            }
        };
        self.busy.remove(&change);
        match progress {
            Ok(StepProgress::Moved) => drop(self.stuck.remove(&change)),
            Ok(StepProgress::Stuck) => self.pause(change),
            Err(error) => {
                tracing::error!(%error, "executor: the intents cannot be read or written; it is tried again");
                self.pause(change);
            }
        }
    }

    fn pause(&mut self, change: ChangeId) {
        let tries = self.stuck.get(&change).map_or(1, |(tries, _)| tries.saturating_add(1));
        self.stuck.insert(change, (tries, Instant::now() + self.context.retry.pause(tries)));
    }
}

/// Resolves when a brake is taken or ends.
async fn news(braked: &mut Option<watch::Receiver<u64>>) {
    let ended = match braked {
        Some(braked) => braked.changed().await.is_err(),
        None => true,
    };
    if ended {
        std::future::pending::<()>().await;
    }
}

/// At most one thing a change: a draft is observed, a running one has one step due, one that was given up
/// an outcome to come, or what it granted is over.
fn due(state: &State, context: &ExecutorContext, at: model::Instant) -> BTreeMap<ChangeId, Due> {
    let Some(who) = (context.who)(state) else { return BTreeMap::new() };
    let observations = due_observations(state, &who).into_iter().map(|due| (due.change, Due::Observation(due)));
    let steps = due_steps(&context.braked(), &who).into_iter().map(|due| (due.step.change, Due::Step(due)));
    let is_late = |held: &Held| control::awaited(state, &who, &held.step, &held.nonce, at) == Some(Awaited::Late);
    let late = context.journal.all().into_iter().filter(is_late).map(|held| (held.step.change, Due::Late(held)));
    // The end of a grant is reported by who enforces it.
    let ends = control::due_ends(state, &who, at);
    // Of two for one change the later in this order: what is late is not acted on.
    steps.chain(late).chain(observations).chain(ends.into_iter().map(|grant| (grant, Due::End(grant)))).collect()
}
