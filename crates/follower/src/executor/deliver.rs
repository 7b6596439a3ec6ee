//! Bringing a signed receipt to the ledger, and waiting until the own fold knows what came of it.

use super::run::Desk;
use client::wire::Submission;
use control::{Command, State};
use model::{AckLevel, ChangeId};
use std::sync::Arc;
use std::time::Duration;
use warrant::{Receipt, Report};

/// What the wire said. It decides nothing: the caller reads the fold.
pub(super) enum Delivered {
    /// It is said to be recorded, and the own fold has moved on since.
    Taken,
    /// It was not taken, or nothing came of it; the fold may say why.
    NotTaken,
}

impl Desk {
    /// Signs one report and submits it, the same bytes again while the failure is a passing one.
    pub(super) async fn deliver(&self, report: Report) -> Delivered {
        let before = self.state();
        let ledger = before.ledger;
        let change = report_change(&report);
        let receipt = Receipt { ledger, command: client::random_command(), service: self.service, report };
        let signature = self.key.sign(&receipt).expect("a receipt holds ids, numbers and tokens: always canonical");
        let digest = receipt.digest().expect("it was just signed, so it has a canonical form");
        let submission =
            Submission { command: Command::Receipt { receipt, signature }, openings: vec![], package: None };
        let mut tries = 0;
        loop {
            match self.governance.submit(&submission, AckLevel::Durable).await {
                Ok(recorded) => {
                    self.fold_covers(recorded.index).await;
                    // An answer without a new leaf in the fold is only words.
                    let moved = self.state().size > before.size;
                    return if moved { Delivered::Taken } else { Delivered::NotTaken };
                }
                Err(error) if error.is_transient() => {
                    tries += 1;
                    tracing::debug!(%error, tries, "a receipt is not delivered yet");
                    let folded = |state: &State| {
                        state.changes.get(&change).is_some_and(|change| change.receipts.contains_key(&digest))
                    };
                    if self.folds(self.pace.pause(tries), folded).await {
                        return Delivered::Taken;
                    }
                }
                Err(error) => {
                    tracing::info!(%error, "a receipt was not taken");
                    if let client::ClientError::Problem(detail, _) = &error
                        && let Some(index) = detail.entry
                    {
                        self.fold_covers(index).await;
                    }
                    return Delivered::NotTaken;
                }
            }
        }
    }

    /// Waits until the own fold covers a leaf, but not for ever: the one who named it may lie.
    async fn fold_covers(&self, index: u64) {
        let mut changed = self.follower.changed();
        let covered = changed.wait_for(|size| *size > index);
        // Late or not, what counts afterwards is what the fold says.
        let _ = tokio::time::timeout(Duration::from_millis(self.pace.fold_ms), covered).await;
    }

    /// Waits for a pause, or until the own fold answers what the wire did not.
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

    pub(super) fn state(&self) -> Arc<State> {
        self.follower.state()
    }
}

fn report_change(report: &Report) -> ChangeId {
    match report {
        Report::Observed { change, .. } => *change,
        Report::Intent { step, .. } | Report::Outcome { step, .. } => step.change,
    }
}
