//! Bringing a signed receipt to the ledger, and waiting until the own verified state knows what came of it.

use super::context::ExecutorContext;
use super::{Cause, cause};
use control::{Command, State};
use model::{AckLevel, Digest, Id, Instant};
use signed::{Receipt, Report};
use std::time::Duration;
use wire::Submission;

/// What came of bringing a receipt there. It decides nothing: the caller reads the fold.
pub(super) enum Delivered {
    /// It is said to be recorded, and the own verified state has moved on since; or that state has it.
    Taken,
    /// It was not taken, or nothing came of it; the fold may say why.
    NotTaken,
}

impl ExecutorContext {
    /// Signs one report and submits it, again at each try while the failure is a passing one: what is
    /// signed says when, and what was seen.
    pub(super) async fn deliver(&self, report: Report, cause: &Cause, subject: Option<Id>) -> Delivered {
        let before = self.state();
        let mut tries = 0;
        loop {
            if self.is_braked(&report) {
                return Delivered::NotTaken;
            }
            let Some((submission, key)) = self.signed(&report, cause, subject) else { return Delivered::NotTaken };
            match self.governance.submit(&submission, AckLevel::Durable).await {
                Ok(recorded) => {
                    self.fold_covers(recorded.index).await;
                    // An answer without a new leaf in the verified state is only words.
                    let moved = self.state().size > before.size;
                    return if moved { Delivered::Taken } else { Delivered::NotTaken };
                }
                Err(error) if error.is_transient() => {
                    tries += 1;
                    tracing::debug!(%error, tries, "executor: receipt not delivered yet; trying again");
                    let folded = |state: &State| state.receipts.contains_key(&key);
                    if self.folds(self.retry.pause(tries), folded).await {
                        return Delivered::Taken;
                    }
                }
                Err(error) => {
                    tracing::info!(%error, "executor: receipt not taken");
                    if let client::ClientError::Problem(detail, _) = &error
                        && let Some(index) = detail.entry.or(detail.see_entry)
                    {
                        self.fold_covers(index).await;
                    }
                    return Delivered::NotTaken;
                }
            }
        }
    }

    /// The signed receipt, and what it is found by once it is recorded. None before anything was
    /// verified, while the roster does not say who this is, or where its texts cannot be sealed.
    fn signed(&self, report: &Report, cause: &Cause, subject: Option<Id>) -> Option<(Submission, (Instant, Digest))> {
        let (state, seen) = (self.state(), self.follower.seen()?);
        let (command, at) = (client::random_command(), (self.clock)());
        let texts = cause::part(cause, subject);
        let made = client::parts(&state.ledger, &command, texts);
        let (parts, openings) = made
            .inspect_err(|error| tracing::warn!(%error, "executor: a receipt cannot be made with its cause"))
            .ok()?;
        let who = (self.who)(&state)?;
        let receipt = Receipt {
            ledger: state.ledger,
            command,
            service: who.service,
            node: who.node,
            at,
            seen,
            report: report.clone(),
            parts,
        };
        let signature = self.key.sign(&receipt).expect("a receipt holds ids, numbers and tokens: always canonical");
        let digest = receipt.digest().expect("it was just signed, so it has a canonical form");
        let command = Command::Receipt { receipt, signature };
        Some((Submission { command, openings, package: None, document: None }, (at, digest)))
    }

    /// Waits until the own verified state covers a leaf, but not for ever: the one who named it may lie.
    async fn fold_covers(&self, index: u64) {
        let mut changed = self.follower.changed();
        let covered = changed.wait_for(|size| *size > index);
        // Late or not, what counts afterwards is what the fold says.
        let _ = tokio::time::timeout(Duration::from_millis(self.retry.fold_ms), covered).await;
    }

    /// Waits for a pause, or until the own verified state answers what the wire did not.
    async fn folds(&self, pause: Duration, holds: impl Fn(&State) -> bool) -> bool {
        let mut changed = self.follower.changed();
        let wait = async {
            while !holds(&self.state()) {
                if changed.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(pause, wait).await.is_ok()
    }

    /// Whether this would begin a step of a change that somebody has stopped here.
    fn is_braked(&self, report: &Report) -> bool {
        let Report::Intent { step, .. } = report else { return false };
        !step.undo && self.braked().changes.get(&step.change).is_some_and(control::Change::is_stopped)
    }
}
