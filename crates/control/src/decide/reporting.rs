//! What a receipt is decided in.

use crate::event::About;
use crate::{Change, Effect, Refusal, State, Step, StepEvent};
use model::{Digest, Instant};
use signed::{Receipt, StepRef};

/// A receipt and what it is decided in.
pub(super) struct Reporting<'a> {
    pub(super) state: &'a State,
    pub(super) now: Instant,
    pub(super) receipt: &'a Receipt,
    pub(super) change: &'a Change,
}

impl Reporting<'_> {
    /// The key this receipt was signed with.
    pub(super) fn key(&self) -> Result<Digest, Refusal> {
        let key = self.state.roster.service(self.receipt.service, self.receipt.node.as_ref());
        key.copied().ok_or(Refusal::ReceiptForeign {})
    }

    /// The step a receipt is about, if it is the one whose turn it is and this service's.
    pub(super) fn due(&self, step: &StepRef) -> Result<(usize, &Step), Refusal> {
        let plan = self.change.plan.as_ref().ok_or(Refusal::StepNotDue {})?;
        let position = step.step as usize;
        let planned = plan.steps.get(position).ok_or(Refusal::StepNotDue {})?;
        if planned.action.executor() != (self.receipt.service, self.receipt.node) {
            return Err(Refusal::ReceiptForeign {});
        }
        if self.change.step_due() != Some(*step) || self.change.is_silent(self.now) {
            return Err(Refusal::StepNotDue {});
        }
        Ok((position, planned))
    }

    /// Something that happened to a step.
    pub(super) fn step_event(&self, step: &StepRef, event: StepEvent) -> Effect {
        Effect::Step { about: About::of(self.change), step: *step, executor: self.receipt.service, event }
    }
}
