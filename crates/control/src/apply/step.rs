//! How far steps have come, in the state.

use super::Fold;
use crate::StepEvent;
use crate::change::Intent;
use crate::{
    Command,
    change::{StepState, Trouble},
};
use model::Nonce;
use signed::{Report, StepRef};

impl Fold<'_> {
    pub(super) fn stepped(&mut self, step: &StepRef, event: &StepEvent) {
        let (index, now) = (self.index, self.now());
        let report = match &self.leaf.command {
            Command::Receipt { receipt, .. } => Some(receipt.report.clone()),
            _ => None,
        };
        if let Some(closed) = self.state.closed.get_mut(&step.change) {
            // What was said after the end leaves the record as it was.
            let progress = closed.steps.iter_mut().find(|known| known.position == step.step);
            if let (Some(progress), Some(Report::Outcome { nonce, .. })) = (progress, &report) {
                (progress.intent, progress.ended) = (None, Some((*nonce, index)));
                progress.late_outcome = Some(index);
            }
            closed.last = index;
            return;
        }
        self.change(&step.change, |change| {
            let Some(progress) = change.steps.get_mut(step.step as usize) else { return };
            match (event, &report) {
                (StepEvent::Intended { .. }, Some(Report::Intent { nonce, act_by, .. })) => {
                    let intent = Intent { nonce: *nonce, act_by: *act_by, at: now, index, undo: step.undo };
                    progress.intent = Some(intent);
                }
                // The intent stays open: its outcome is still a leaf, whenever it comes.
                (StepEvent::Silent {}, _) => {}
                (event, Some(Report::Outcome { nonce, .. })) => {
                    ended(progress, step, event, *nonce, index);
                    change.waits = Some((now, index));
                }
                _ => {}
            }
        });
    }
}

fn ended(progress: &mut StepState, step: &StepRef, event: &StepEvent, nonce: Nonce, index: u64) {
    progress.intent = None;
    progress.ended = Some((nonce, index));
    match event {
        StepEvent::Done {} if step.undo => progress.undone = Some(index),
        StepEvent::Done {} => {
            progress.done = Some(index);
            // Its compensation, should it come to that, may be late as often.
            progress.late = 0;
        }
        StepEvent::Late {} => progress.late += 1,
        StepEvent::Refused { code } | StepEvent::Unknown { code } => {
            let unknown = matches!(event, StepEvent::Unknown { .. });
            progress.trouble = Some(Trouble { code: code.clone(), index, unknown, undo: step.undo });
        }
        StepEvent::LateOutcome { .. } => progress.late_outcome = Some(index),
        StepEvent::Intended { .. } | StepEvent::Silent {} => {}
    }
}
