//! What a receipt is decided in.

use crate::event::About;
use crate::refusal::refuse_if;
use crate::{Change, Effect, Refusal, State, Step, StepEvent};
use model::Instant;
use signed::{Receipt, StepRef};

/// A receipt and what it is decided in.
pub(super) struct Reporting<'a> {
    pub(super) state: &'a State,
    pub(super) now: Instant,
    pub(super) receipt: &'a Receipt,
    pub(super) change: &'a Change,
}

/// A key that signed an intent it does not know begins nothing, certifies nothing and accounts for nothing.
pub(super) fn trusted(state: &State, receipt: &Receipt) -> Result<(), Refusal> {
    let key = state.roster.service(receipt.service, receipt.node.as_ref()).ok_or(Refusal::ReceiptForeign {})?;
    refuse_if(state.distrusted.contains_key(key), Refusal::ServiceDistrusted {})
}

impl Reporting<'_> {
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
