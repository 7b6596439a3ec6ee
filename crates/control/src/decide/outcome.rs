//! What came of a step.

use super::clock::silent;
use super::reporting::Reporting;
use super::run::effective;
use crate::{Action, ChangeEvent, Closed, Effect, EngineEvent, Inadmissible, Refusal, State, StepEvent};
use model::{ChangeId, Digest, Nonce, Side, Token};
use signed::{Outcome, Receipt, Report, StepRef};

/// How often a step may be late before that counts as refused.
const LATE_MAX: u32 = 5;
/// The outcome code of an intent that was not begun in time.
const LATE: &str = "late";
/// The outcome code of an intent that its service did not sign.
const FOREIGN: &str = "foreign_intent";

struct ReportedOutcome<'a> {
    step: &'a StepRef,
    nonce: &'a Nonce,
    outcome: Outcome,
    code: Option<&'a Token>,
    observed: Option<model::Digest>,
    credential: Option<model::Digest>,
}

/// The outcome of an accepted intent is always a leaf; a repeated one is spent.
pub(super) fn decide(r: &Reporting) -> Result<Result<Vec<Effect>, Refusal>, Inadmissible> {
    let Report::Outcome { step, nonce, outcome, code, observed, credential } = &r.receipt.report else {
        return Err(Inadmissible::NoChange);
    };
    let said = ReportedOutcome {
        step,
        nonce,
        outcome: *outcome,
        code: code.as_ref(),
        observed: *observed,
        credential: *credential,
    };
    if let Some((ended, leaf)) = r.change.steps.get(step.step as usize).and_then(|progress| progress.ended)
        && ended == *nonce
    {
        return Err(Inadmissible::Spent(leaf));
    }
    if (r.change.step_due().is_none() || r.change.is_silent(r.now))
        && r.change.steps.get(step.step as usize).and_then(|p| p.intent.as_ref()).is_some_and(|i| i.nonce == *nonce)
    {
        return Ok(late(r, &said));
    }
    Ok(in_turn(r, &said))
}

/// The same of a change that has ended: of an intent whose outcome nobody knows it is a leaf still.
pub(super) fn after_end(
    receipt: &Receipt,
    id: ChangeId,
    closed: &Closed,
) -> Result<Result<Vec<Effect>, Refusal>, Inadmissible> {
    let Report::Outcome { step, nonce, outcome, code, .. } = &receipt.report else {
        return Err(Inadmissible::NoChange);
    };
    let Some(progress) = closed.step(step.step) else { return Ok(Err(Refusal::StepNotDue {})) };
    if let Some((_, leaf)) = progress.ended.filter(|(ended, _)| ended == nonce) {
        return Err(Inadmissible::Spent(leaf));
    }
    if progress.executor != (receipt.service, receipt.node) {
        return Ok(Err(Refusal::ReceiptForeign {}));
    }
    if progress.intent != Some(*nonce) {
        return Ok(Err(Refusal::StepNotDue {}));
    }
    let (about, event) = (closed.about(id), StepEvent::LateOutcome { outcome: *outcome });
    let late = Effect::Step { about, step: *step, executor: receipt.service, event };
    Ok(Ok([late].into_iter().chain(distrusted(receipt, code.as_ref())).collect()))
}

/// The change ended while the intent was open (its executor had been silent): recorded, changes nothing.
/// That it had ended is written down first, where it is not yet.
fn late(r: &Reporting, said: &ReportedOutcome) -> Result<Vec<Effect>, Refusal> {
    let plan = r.change.plan.as_ref().ok_or(Refusal::StepNotDue {})?;
    let planned = plan.steps.get(said.step.step as usize).ok_or(Refusal::StepNotDue {})?;
    if planned.action.executor() != (r.receipt.service, r.receipt.node) {
        return Err(Refusal::ReceiptForeign {});
    }
    let late = r.step_event(said.step, StepEvent::LateOutcome { outcome: said.outcome });
    let settled = silent(r.change, r.now).into_iter();
    Ok(settled.chain([late]).chain(distrusted(r.receipt, said.code)).collect())
}

fn in_turn(r: &Reporting, said: &ReportedOutcome) -> Result<Vec<Effect>, Refusal> {
    let (position, planned) = r.due(said.step)?;
    let progress = &r.change.steps[position];
    if progress.intent.as_ref().is_none_or(|intent| intent.nonce != *said.nonce) {
        return Err(Refusal::IntentUnknown {});
    }
    let code = || said.code.cloned().ok_or(Refusal::ReceiptCode {});
    let again = said.step.undo || !r.change.unwinding;
    let mut effects = match said.outcome {
        Outcome::Done => {
            // What must be so is compared here, by everyone, not only by who read it.
            if let Some(expected) = planned.expect.filter(|_| !said.step.undo)
                && said.observed != Some(expected)
            {
                return Err(Refusal::ReceiptObserved { expected });
            }
            let mut effects = vec![r.step_event(said.step, StepEvent::Done {})];
            let action = if said.step.undo { planned.undo.as_ref() } else { Some(&planned.action) };
            effects.extend(action.and_then(|action| process(r.state, action, said.credential)));
            effects.extend(action.and_then(switched));
            effects.extend(after_done(r, said.step));
            effects
        }
        // A step that is not undone is not due again once the change is taken back.
        Outcome::Refused if code()?.as_str() == LATE && progress.late < LATE_MAX && again => {
            vec![r.step_event(said.step, StepEvent::Late {})]
        }
        Outcome::Refused => {
            let code = code()?;
            let refused = r.step_event(said.step, StepEvent::Refused { code: code.clone() });
            let mut effects = vec![refused];
            effects.extend(after_refused(r, said.step, code));
            effects
        }
        Outcome::Unknown => {
            let unknown = r.step_event(said.step, StepEvent::Unknown { code: code()? });
            vec![unknown, r.change.event(ChangeEvent::Indeterminate {})]
        }
    };
    effects.extend(distrusted(r.receipt, said.code));
    Ok(effects)
}

/// A service that was asked to act on an intent it did not sign begins nothing any more.
fn distrusted(receipt: &Receipt, code: Option<&Token>) -> Option<Effect> {
    let foreign = code.is_some_and(|code| code.as_str() == FOREIGN);
    foreign.then_some(Effect::ServiceDistrusted { service: receipt.service, node: receipt.node })
}

/// A process that was started has the credential that came with it; one that was stopped has none any more.
fn process(state: &State, action: &Action, credential: Option<Digest>) -> Option<Effect> {
    let (engine, node, side, started) = action.process()?;
    let credential = credential.filter(|_| started);
    let known = state.engines.get(&engine)?.credentials[usize::from(side == Side::Green)];
    // One that another process has is nobody's.
    let credential =
        credential.filter(|credential| known == Some(*credential) || !state.credentials.contains_key(credential));
    let event = EngineEvent::CredentialChanged { side, credential };
    (known != credential).then_some(Effect::Engine { engine, node, event })
}

/// A switch moves the route, in the ledger too.
fn switched(action: &Action) -> Option<Effect> {
    let switch = action.switch()?;
    let event = EngineEvent::Switched { generation: switch.next, serving: switch.serving };
    Some(Effect::Engine { engine: switch.engine, node: switch.node, event })
}

/// Whether a step has changed something that is not taken back yet, once `done` is done too.
fn left_to_undo(r: &Reporting, but: usize, done: Option<usize>) -> bool {
    let plan = r.change.plan.as_ref();
    let mut steps = plan.iter().flat_map(|plan| plan.steps.iter().zip(&r.change.steps)).enumerate();
    steps.any(|(i, (step, state))| {
        i != but && step.undo.is_some() && (state.done.is_some() || done == Some(i)) && state.undone.is_none()
    })
}

fn after_done(r: &Reporting, step: &StepRef) -> Vec<Effect> {
    let change = r.change;
    let position = step.step as usize;
    if step.undo {
        let left = left_to_undo(r, position, None);
        return if left { vec![] } else { vec![change.event(ChangeEvent::Failed {})] };
    }
    if change.unwinding {
        // Taken back while this step was under way: it is undone next, if it can be.
        let left = left_to_undo(r, usize::MAX, Some(position));
        return if left { vec![] } else { vec![change.event(ChangeEvent::Failed {})] };
    }
    if position + 1 < change.steps.len() {
        return vec![];
    }
    effective(r.state, change, r.now)
}

/// A check that refuses has changed nothing; an act that refuses is followed by undoing what came
/// before; an undo that refuses needs a person.
fn after_refused(r: &Reporting, step: &StepRef, code: Token) -> Option<Effect> {
    let change = r.change;
    let plan = change.plan.as_ref()?;
    if step.undo {
        return Some(change.event(ChangeEvent::Indeterminate {}));
    }
    let position = step.step as usize;
    if change.unwinding {
        let left = left_to_undo(r, position, None);
        return (!left).then(|| change.event(ChangeEvent::Failed {}));
    }
    let acted = |i: usize| change.steps[i].done.is_some() && !plan.steps[i].action.is_check();
    if (0..position).any(acted) {
        // Past the last step that can be undone there is only forward: a person decides.
        let undoable = (0..position).filter(|&i| acted(i)).all(|i| plan.steps[i].undo.is_some());
        let event = if undoable { ChangeEvent::Unwinding {} } else { ChangeEvent::Indeterminate {} };
        return Some(change.event(event));
    }
    Some(if plan.steps[position].action.is_check() {
        change.event(ChangeEvent::Invalidated { service: r.receipt.service, code })
    } else {
        change.event(ChangeEvent::Failed {})
    })
}
