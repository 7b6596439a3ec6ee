//! One step, from what the fold says about it to the next receipt.

use super::context::ExecutorContext;
use super::deliver::Delivered;
use super::task::token;
use super::{ACT_BY_MS, Acted, Cause, Executor, Held, HeldOutcome, Task};
use crate::FollowerError;
use crate::clock::AHEAD_MAX_MS;
use control::{DueObservation, DueStep, State};
use model::{ChangeId, Id, Instant};
use signed::{Outcome, Report};
use std::sync::Arc;

/// The code of an outcome by which the ledger learns that somebody else signs with this service's key.
const FOREIGN: &str = "foreign_intent";
/// The code of an outcome by which nothing was begun.
const LATE: &str = "late";
/// The code of an outcome that nobody knows, because its act was cut off.
const INTERRUPTED: &str = "interrupted";

/// How a turn at something due ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepProgress {
    /// The ledger took a receipt: what is due next is in the fold.
    Moved,
    /// Nothing came of it now: after a pause the fold is asked again.
    Stuck,
}

impl ExecutorContext {
    /// Observes for a draft and submits what was seen.
    pub(super) async fn observe<E: Executor>(&self, executor: &E, state: &State, due: DueObservation) -> StepProgress {
        let Some(change) = state.changes.get(&due.change) else { return StepProgress::Stuck };
        match executor.observe(self.state(), change.package.clone()).await {
            Ok(observation) => {
                let report = Report::Observed { change: due.change, revision: due.revision, observation };
                self.report(report, &Cause::default(), None).await
            }
            Err(why) => {
                tracing::warn!(change = %due.change, why, "executor: cannot observe now");
                StepProgress::Stuck
            }
        }
    }

    /// Reads back that a grant is over here, and says so.
    pub(super) async fn end<E: Executor>(&self, executor: &E, state: Arc<State>, grant: ChangeId) -> StepProgress {
        match executor.read_back(state, grant).await {
            Ok(()) => self.report(Report::Ended { grant }, &Cause::default(), None).await,
            Err(why) => {
                tracing::warn!(%grant, why, "executor: the end of a grant is not read back yet");
                StepProgress::Stuck
            }
        }
    }

    async fn report(&self, report: Report, cause: &Cause, subject: Option<Id>) -> StepProgress {
        match self.deliver(report, cause, subject).await {
            Delivered::Taken => StepProgress::Moved,
            Delivered::NotTaken => StepProgress::Stuck,
        }
    }

    /// Takes the next turn at a step: an intent where there is none, else the act and its outcome.
    ///
    /// # Errors
    /// When the journal cannot be read or written. Nothing was submitted or begun then, unless it only could not forget
    /// what has come to its outcome.
    pub(super) async fn step<E: Executor>(
        &self,
        executor: &E,
        state: &State,
        due: DueStep,
    ) -> Result<StepProgress, FollowerError> {
        let Some(intent) = due.intent.clone() else { return self.intend(&due).await };
        let outcome = |outcome, code: Option<&str>, observed| Report::Outcome {
            step: due.step,
            nonce: intent.nonce,
            outcome,
            code: code.map(token),
            observed,
            credential: None,
        };
        let Some(held) = self.journal.find(&due.step)?.filter(|held| held.nonce == intent.nonce) else {
            // Whoever chose this nonce may be acting on it: what came of it is not ours to say.
            let (code, found) = match self.journal.damaged(&due.step) {
                Some(path) => {
                    ("intent.damaged", format!("`{}` is damaged: whether the step began is not known", path.display()))
                }
                None => (FOREIGN, "this service holds no such intent: somebody else signed it with its key".to_owned()),
            };
            tracing::error!(change = %due.step.change, code, found, "executor: an intent is not held here");
            return Ok(self.not_held(executor, state, &due, outcome, (code, &Cause::of(found))).await);
        };
        let Some(task) = Task::of(state, &self.braked(), &due, self.latest()) else { return Ok(StepProgress::Stuck) };
        if !held.begun {
            let now = (self.clock)();
            if let Some(code) = not_begun(state, &due, intent.act_by.min(held.act_by), (now, self.latest())) {
                let report = outcome(Outcome::Refused, Some(code), None);
                let progress = self.report(report, &Cause::default(), None).await;
                return self.close(&held, progress);
            }
            if self.was_braked(&due, intent.index) {
                // It was on its way when the brake was handed: not begun, it is late by and by.
                tracing::info!(change = %due.step.change, "executor: a brake came before the intent was accepted: not begun");
                return Ok(StepProgress::Stuck);
            }
            if state.last.millis_since(now) > AHEAD_MAX_MS {
                tracing::warn!("executor: the ledger's newest leaf is stamped over 2 min ahead of this clock: waiting");
                return Ok(StepProgress::Stuck);
            }
            self.journal.hold(&Held { begun: true, ..held.clone() })?;
        }
        let subject = task.subject;
        let Some(acted) = self.act(executor, task).await else { return Ok(StepProgress::Stuck) };
        let (came, cause) = came_of(acted);
        // Should the ledger not hear of it before its change is given up, it is told afterwards.
        self.journal
            .hold(&Held { begun: true, outcome: Some(came.clone()), ..held.clone() })
            .unwrap_or_else(|error| tracing::warn!(%error, "executor: what came of a step could not be written down"));
        let progress = self.report(came.report(due.step, intent.nonce), &cause, subject).await;
        self.close(&held, progress)
    }

    /// Says what came of a step whose change has ended or was given up meanwhile: what was found then, or that it
    /// was cut off. Nothing is acted, and nothing read: what there is by now may be somebody else's doing.
    ///
    /// # Errors
    /// When the intent cannot be forgotten.
    pub(super) async fn late(&self, held: &Held) -> Result<StepProgress, FollowerError> {
        let but = |outcome, code| HeldOutcome { outcome, code: Some(token(code)), observed: None, credential: None };
        let (came, cause) = match &held.outcome {
            Some(came) => (came.clone(), Cause::default()),
            None if held.begun => {
                let found = "the service was interrupted in this step, and its change was given up before it was back";
                (but(Outcome::Unknown, INTERRUPTED), Cause::of(found))
            }
            None => (but(Outcome::Refused, LATE), Cause::default()),
        };
        let progress = self.report(came.report(held.step, held.nonce), &cause, None).await;
        self.close(held, progress)
    }

    /// Whoever chose this nonce may be acting on it. What there is, is read: unchanged is refused,
    /// changed is unknown. Of a foreign one the ledger hears that the key is not trusted any more.
    async fn not_held<E: Executor>(
        &self,
        executor: &E,
        state: &State,
        due: &DueStep,
        outcome: impl Fn(Outcome, Option<&str>, Option<model::Digest>) -> Report,
        (code, cause): (&'static str, &Cause),
    ) -> StepProgress {
        let change = state.changes.get(&due.step.change);
        let before = change.and_then(|change| change.observed.get(&executor.service()).cloned());
        let now = match change {
            Some(change) => executor.observe(self.state(), change.package.clone()).await.ok(),
            None => None,
        };
        let unchanged = now.is_some() && now == before.map(|before| before.observation);
        let ended = if unchanged { Outcome::Refused } else { Outcome::Unknown };
        let progress = self.report(outcome(ended, Some(code), None), cause, None).await;
        if progress == StepProgress::Moved && code != FOREIGN {
            self.journal
                .forget_damaged(&due.step)
                .unwrap_or_else(|error| tracing::warn!(%error, "executor: a damaged intent stays"));
        }
        progress
    }

    /// Whether the change was stopped by a brake before the intent was in the verified ledger.
    fn was_braked(&self, due: &DueStep, intent: u64) -> bool {
        let state = self.braked();
        let change = state.changes.get(&due.step.change).filter(|change| !due.step.undo && change.is_stopped());
        change.is_some_and(|change| change.holds.values().any(|since| *since <= intent))
    }

    /// Chooses a nonce, makes it durable, and only then says it.
    async fn intend(&self, due: &DueStep) -> Result<StepProgress, FollowerError> {
        let step = due.step;
        // One that was chosen before and is not in the fold may still be on its way: it stays ours.
        let chosen = self.journal.find(&step)?.filter(|held| !held.begun).map(|held| held.nonce);
        let nonce = chosen.unwrap_or_else(client::random_nonce);
        let (key, act_by) = (signed::step_key(&step), (self.clock)().plus_millis(ACT_BY_MS));
        self.journal.hold(&Held { nonce, step, key, act_by, begun: false, outcome: None })?;
        Ok(self.report(Report::Intent { step, key, nonce, act_by }, &Cause::default(), None).await)
    }

    /// Runs the act; again while its effect is not known, up to a limit. None when this follower
    /// has stopped for good: nothing is done any more then.
    async fn act<E: Executor>(&self, executor: &E, task: Task) -> Option<Acted> {
        let mut tries = 0;
        loop {
            if self.follower.stopped().is_some() {
                return None;
            }
            let acted = executor.act(task.clone()).await;
            tries += 1;
            match &acted {
                Acted::Unknown { code, .. } if tries < self.retry.unknown_tries => {
                    tracing::warn!(code = code.as_str(), tries, "executor: step outcome unknown; reading it back");
                    tokio::time::sleep(self.retry.pause(tries)).await;
                }
                _ => return Some(acted),
            }
        }
    }

    /// Forgets a nonce once the fold awaits no outcome of it. What the wire said and the fold does not know has not
    /// moved anything.
    fn close(&self, held: &Held, progress: StepProgress) -> Result<StepProgress, FollowerError> {
        if self.is_awaited(&self.state(), held) {
            return Ok(StepProgress::Stuck);
        }
        self.journal.forget(&held.step)?;
        Ok(progress)
    }
}

/// What came of an act, as it is kept and told, and what was found.
fn came_of(acted: Acted) -> (HeldOutcome, Cause) {
    let (outcome, code, (observed, credential), cause) = match acted {
        Acted::Done { observed, credential } => (Outcome::Done, None, (observed, credential), Cause::default()),
        Acted::Refused { code, cause } => (Outcome::Refused, Some(code), (None, None), cause),
        Acted::Unknown { code, cause } => (Outcome::Unknown, Some(code), (None, None), cause),
    };
    (HeldOutcome { outcome, code, observed, credential }, cause)
}

/// Why an accepted intent whose act has not begun must not begin any more. By when it must have is reckoned on the own
/// clock alone; a window opens by the own clock, and has closed when any clock has said so.
fn not_begun(state: &State, due: &DueStep, act_by: Instant, (now, latest): (Instant, Instant)) -> Option<&'static str> {
    if now > act_by {
        return Some(LATE);
    }
    let change = state.changes.get(&due.step.change)?;
    let window = change.package.window?;
    let position = usize::try_from(due.step.step).ok()?;
    let before = change.plan.as_ref()?.steps.get(..=position)?;
    // A window is for beginning: what has begun to change something is carried through.
    let untouched = !due.step.undo && before.iter().all(|step| step.action.is_check());
    (untouched && (now < window.from || window.until < latest)).then_some("window.closed")
}
