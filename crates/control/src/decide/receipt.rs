//! A service's signed word.

use super::{Decided, Inadmissible};
use crate::{Action, Change, Effect, Plan, Refusal, State, StepState};
use model::{Instant, KindName, Nonce, Service, Status, Token};
use warrant::{Observation, Outcome, Receipt, Report, StepRef, step_key};

/// Longest time an intent may name for its act, milliseconds.
const ACT_BY_MAX_MS: i64 = 600_000;
/// How often a step may be late before that counts as refused.
const LATE_MAX: u32 = 5;
/// The outcome code of an intent that was not begun in time.
const LATE: &str = "late";

pub(super) fn decide(state: &State, now: Instant, receipt: &Receipt) -> Result<Decided, Inadmissible> {
    if receipt.ledger != state.ledger {
        return Err(Inadmissible::OtherLedger);
    }
    if state.roster.service(receipt.service).is_none() {
        return Err(Inadmissible::Stranger);
    }
    let id = match &receipt.report {
        Report::Observed { change, .. } => *change,
        Report::Intent { step, .. } | Report::Outcome { step, .. } => step.change,
    };
    let change = state.changes.get(&id).ok_or(Inadmissible::UnknownObject)?;
    let digest = receipt.digest().map_err(|_| Inadmissible::Bounds("the receipt has no canonical form"))?;
    if let Some(leaf) = change.receipts.get(&digest) {
        return Err(Inadmissible::Spent(*leaf));
    }
    let tags = vec![change.package.tenant];
    let effects = match &receipt.report {
        Report::Observed { revision, observation, .. } => observed(state, now, change, receipt, *revision, observation),
        Report::Intent { step, key, nonce, act_by } => {
            let life_ms = act_by.millis_since(now);
            let fits = *key == step_key(step) && (0..=ACT_BY_MAX_MS).contains(&life_ms);
            intent(change, receipt.service, step, *nonce, fits)
        }
        Report::Outcome { step, nonce, outcome, code, observed } => {
            let ended = Ended { outcome: *outcome, code: code.clone(), observed: *observed };
            self::outcome(state, change, receipt.service, step, nonce, ended)
        }
    };
    Ok(match effects {
        Ok(effects) => Decided::accepted(effects, tags),
        Err(refusal) => Decided::refused(refusal, tags),
    })
}

fn observed(
    state: &State,
    now: Instant,
    change: &Change,
    receipt: &Receipt,
    revision: u32,
    observation: &Observation,
) -> Result<Vec<Effect>, Refusal> {
    let service = receipt.service;
    let asked = state.kinds.kind(change.kind).is_some_and(|kind| kind.observers.contains(&service));
    if observation.service() != service || !asked {
        return Err(Refusal::ReceiptWrong {});
    }
    if revision != change.revision {
        return Err(Refusal::RevisionStale { current: change.revision });
    }
    let status = change.status_at(now);
    if status != Status::Draft {
        return Err(Refusal::StatusWrong { status });
    }
    Ok(vec![Effect::DraftObserved { change: change.package.change, service }])
}

/// The step a receipt is about, if it is the one whose turn it is and this service's.
fn due<'a>(change: &'a Change, service: Service, step: &StepRef) -> Result<(&'a Plan, &'a StepState), Refusal> {
    let plan = change.plan.as_ref().ok_or(Refusal::StepNotDue {})?;
    let position = step.step as usize;
    let mine = plan.steps.get(position).is_some_and(|planned| planned.executor == service);
    if change.step_due() != Some(*step) || !mine {
        return Err(Refusal::StepNotDue {});
    }
    Ok((plan, &change.steps[position]))
}

fn intent(change: &Change, service: Service, step: &StepRef, nonce: Nonce, fits: bool) -> Result<Vec<Effect>, Refusal> {
    let (_, progress) = due(change, service, step)?;
    if progress.intent.is_some() {
        return Err(Refusal::IntentOpen {});
    }
    if let Some(by) = change.held_by {
        return Err(Refusal::Held { by });
    }
    if !fits {
        return Err(Refusal::ReceiptWrong {});
    }
    Ok(vec![Effect::StepIntended { step: *step, executor: service, nonce }])
}

struct Ended {
    outcome: Outcome,
    code: Option<Token>,
    observed: Option<model::Digest>,
}

fn outcome(
    state: &State,
    change: &Change,
    executor: Service,
    step: &StepRef,
    nonce: &Nonce,
    ended: Ended,
) -> Result<Vec<Effect>, Refusal> {
    let (plan, progress) = due(change, executor, step)?;
    if progress.intent.as_ref().is_none_or(|intent| intent.nonce != *nonce) {
        return Err(Refusal::IntentUnknown {});
    }
    let (id, kind) = (change.package.change, change.kind);
    let planned = &plan.steps[step.step as usize];
    let action = if step.undo { planned.undo.as_ref().unwrap_or(&planned.action) } else { &planned.action };
    match ended.outcome {
        Outcome::Done => {
            // What must stay the same is compared here, by everyone, not only by who read it.
            if let Action::CheckBindings { bindings } = action
                && ended.observed != Some(*bindings)
            {
                return Err(Refusal::ReceiptWrong {});
            }
            let mut effects = vec![Effect::StepDone { step: *step, executor }];
            if let Action::Switch { next, artifact, .. } = action {
                effects.push(Effect::RouteSwitched { engine: plan.engine, generation: *next, artifact: *artifact });
            }
            effects.extend(after_done(state, change, plan, step));
            Ok(effects)
        }
        Outcome::Refused
            if ended.code.as_ref().is_some_and(|code| code.as_str() == LATE) && progress.late < LATE_MAX =>
        {
            Ok(vec![Effect::StepLate { step: *step, executor }])
        }
        Outcome::Refused => {
            let code = ended.code.ok_or(Refusal::ReceiptWrong {})?;
            let refused = Effect::StepRefused { step: *step, executor, code };
            Ok(vec![refused, after_refused(change, plan, step, executor)])
        }
        Outcome::Unknown => {
            let unknown = Effect::StepUnknown { step: *step, executor };
            Ok(vec![unknown, Effect::ChangeIndeterminate { change: id, kind }])
        }
    }
}

fn after_done(state: &State, change: &Change, plan: &Plan, step: &StepRef) -> Vec<Effect> {
    let (id, kind) = (change.package.change, change.kind);
    let position = step.step as usize;
    if step.undo {
        let left = (0..position).any(|i| plan.steps[i].undo.is_some() && change.steps[i].done.is_some());
        return if left { vec![] } else { vec![Effect::ChangeFailed { change: id, kind }] };
    }
    if position + 1 < plan.steps.len() {
        return vec![];
    }
    let (engine, target) = (plan.engine, plan.target.bundle);
    let mut effects = vec![Effect::ChangeEffective { change: id, kind }];
    match (kind, state.engines.get(&engine).and_then(|engine| engine.stack.last())) {
        (KindName::Rollback, Some(top)) => {
            effects.push(Effect::BundlePopped { engine, bundle: top.bundle.digest() });
        }
        // Deployed again, it is still one bundle: twice on the stack it would lie below itself,
        // and no rollback could get past it.
        (KindName::Deployment, Some(top)) if top.bundle == target => {}
        _ => effects.push(Effect::BundleCertified { engine, bundle: target.digest() }),
    }
    effects
}

/// A check that refuses has changed nothing; an act that refuses is followed by undoing what came
/// before; an undo that refuses needs a person.
fn after_refused(change: &Change, plan: &Plan, step: &StepRef, service: Service) -> Effect {
    let (id, kind) = (change.package.change, change.kind);
    if step.undo {
        return Effect::ChangeIndeterminate { change: id, kind };
    }
    let acted = |i: usize| change.steps[i].done.is_some() && !plan.steps[i].action.is_check();
    let position = step.step as usize;
    if (0..position).any(acted) {
        // Past the last step that can be undone there is only forward: a person decides.
        let undoable = (0..position).filter(|&i| acted(i)).all(|i| plan.steps[i].undo.is_some());
        return if undoable {
            Effect::ChangeUnwinding { change: id, kind }
        } else {
            Effect::ChangeIndeterminate { change: id, kind }
        };
    }
    if plan.steps[position].action.is_check() {
        Effect::ChangeInvalidated { change: id, kind, service }
    } else {
        Effect::ChangeFailed { change: id, kind }
    }
}
