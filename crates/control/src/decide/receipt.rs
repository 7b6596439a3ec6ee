//! A service's signed word.

use super::answer::Answer;
use super::reporting::{Reporting, trusted};
use super::{certificate, lease, outcome};
use crate::apply::RECEIPT_KEPT_MS;
use crate::event::About;
use crate::{
    Change, ChangeEvent, Closed, Decided, Effect, EngineEvent, Executor, GrantEvent, Inadmissible, Refusal, State,
    enforcers, governs,
};
use model::{ChangeId, Instant, NodeId, Service, Status};
use signed::{Observation, PARTS_MAX, Receipt, Report, StepRef, step_key};
use std::borrow::Cow;

/// Longest time an intent may name for its act, milliseconds.
const ACT_BY_MAX_MS: i64 = 600_000;
/// Most a service's clock may differ from the ledger's when it begins something, milliseconds.
pub(crate) const CLOCK_MAX_MS: i64 = 120_000;

pub(super) fn decide(state: &State, now: Instant, receipt: &Receipt) -> Result<Decided, Inadmissible> {
    admissible(state, now, receipt)?;
    let skewed = now.millis_since(receipt.at).abs() > CLOCK_MAX_MS;
    let (answer, tags) = match ended_change(state, now, receipt) {
        Some((id, closed)) => (after_end(receipt, id, &closed, skewed)?, closed.subject.tenants.clone()),
        None => standing(state, now, receipt, skewed)?,
    };
    Ok(match answer {
        Ok(mut effects) => {
            if skewed {
                effects.push(Effect::ClockSkewed { service: receipt.service, signed: receipt.at });
            }
            Decided::accepted(effects, tags)
        }
        Err(refusal) => Decided::refused(refusal, tags),
    })
}

/// What is no leaf: of another ledger, of nobody, out of bounds, or recorded already.
fn admissible(state: &State, now: Instant, receipt: &Receipt) -> Result<(), Inadmissible> {
    if receipt.ledger != state.ledger {
        return Err(Inadmissible::OtherLedger);
    }
    if state.roster.service(receipt.service, receipt.node.as_ref()).is_none() {
        return Err(Inadmissible::Stranger);
    }
    if receipt.seen.size == 0 || receipt.seen.size > state.size {
        return Err(Inadmissible::Bounds("`seen` names a tree this ledger does not have"));
    }
    if receipt.parts.len() > PARTS_MAX {
        return Err(Inadmissible::Bounds("a receipt has at most 32 parts"));
    }
    let digest = receipt.digest().map_err(|_| Inadmissible::Bounds("the receipt has no canonical form"))?;
    // Once it is too old it is refused for that, whether or not a later leaf has swept it out.
    let kept = now <= receipt.at.plus_millis(RECEIPT_KEPT_MS);
    let known = state.receipts.get(&(receipt.at, digest)).filter(|_| kept);
    known.map_or(Ok(()), |leaf| Err(Inadmissible::Spent(*leaf)))
}

/// A word about what has not ended.
fn standing(state: &State, now: Instant, receipt: &Receipt, skewed: bool) -> Result<Answer, Inadmissible> {
    match &receipt.report {
        Report::Observed { change, .. } | Report::Intent { step: StepRef { change, .. }, .. } => {
            let change = state.changes.get(change).ok_or(Inadmissible::UnknownObject)?;
            let reporting = Reporting { state, now, receipt, change };
            // What was carried out without it is read late, whatever the reader's clock says.
            let reads_late = change.status == Status::ReviewDue && matches!(receipt.report, Report::Observed { .. });
            // Once; who plays it again adds nothing.
            if reads_late && change.read_late.contains(&receipt.service) {
                return Err(Inadmissible::NoChange);
            }
            let refused = skewed && !reads_late;
            let answer = if refused { Err(Refusal::ReceiptClock { at: receipt.at }) } else { begins(&reporting) };
            Ok((answer, change.subject.tenants.clone()))
        }
        Report::Outcome { step, .. } => {
            let change = state.changes.get(&step.change).ok_or(Inadmissible::UnknownObject)?;
            let reporting = Reporting { state, now, receipt, change };
            Ok((outcome::decide(&reporting)?, change.subject.tenants.clone()))
        }
        Report::Ended { grant } => ended(state, now, receipt, grant),
        Report::Used { lease, .. } => lease::used(state, now, receipt, lease),
        Report::JournalGrown { journal } => lease::grown(state, receipt, journal),
        Report::Certified { digest, .. } | Report::NotCertified { digest, .. } => {
            certificate::decide(state, receipt, digest)
        }
        Report::Restarted { engine, .. } | Report::Regressed { engine, .. } => {
            let known = state.engines.get(engine).ok_or(Inadmissible::UnknownObject)?;
            Ok((health(receipt, known.node, skewed), vec![known.tenant]))
        }
    }
}

/// The change that a receipt is about, if it has ended, whether or not that was written down.
fn ended_change<'a>(state: &'a State, now: Instant, receipt: &Receipt) -> Option<(ChangeId, Cow<'a, Closed>)> {
    let id = receipt.report.change()?;
    if let Some(closed) = state.closed.get(&id) {
        return Some((id, Cow::Borrowed(closed)));
    }
    let change = state.changes.get(&id).filter(|change| change.has_ended(state, now))?;
    Some((id, Cow::Owned(Closed::of(change, change.status_at(state, now)))))
}

/// A word about a change that has ended: nothing begins any more, but what came of an accepted intent is a leaf.
fn after_end(
    receipt: &Receipt,
    id: ChangeId,
    closed: &Closed,
    skewed: bool,
) -> Result<Result<Vec<Effect>, Refusal>, Inadmissible> {
    match &receipt.report {
        Report::Outcome { .. } => outcome::after_end(receipt, id, closed),
        Report::Ended { .. } | Report::Used { .. } => Err(Inadmissible::NoChange),
        _ if skewed => Ok(Err(Refusal::ReceiptClock { at: receipt.at })),
        Report::Intent { .. } => Ok(Err(Refusal::StepNotDue {})),
        _ => Ok(Err(Refusal::StatusWrong { status: closed.status })),
    }
}

fn begins(r: &Reporting) -> Result<Vec<Effect>, Refusal> {
    match &r.receipt.report {
        Report::Observed { revision, observation, .. } => observed(r, *revision, observation),
        Report::Intent { step, key, nonce, act_by } => {
            let (position, planned) = r.due(step)?;
            if r.change.steps[position].intent.is_some() {
                return Err(Refusal::IntentOpen {});
            }
            // A held change is still taken back when two people say so.
            if let Some(by) = r.change.holds.keys().next().filter(|_| !r.change.unwinding) {
                return Err(Refusal::Held { by: *by });
            }
            trusted(r.state, r.receipt)?;
            if *key != step_key(step) {
                return Err(Refusal::ReceiptKey {});
            }
            if !(0..=ACT_BY_MAX_MS).contains(&act_by.millis_since(r.now)) {
                return Err(Refusal::ReceiptActBy { most_ms: ACT_BY_MAX_MS });
            }
            let event = crate::StepEvent::Intended { nonce: *nonce };
            let (about, executor) = (About::of(r.change), planned.executor());
            Ok(vec![Effect::Step { about, step: *step, executor, event }])
        }
        _ => Ok(vec![]),
    }
}

fn observed(r: &Reporting, revision: u32, observation: &Observation) -> Result<Vec<Effect>, Refusal> {
    let (change, service) = (r.change, r.receipt.service);
    let asked = governs(change.kind).observers().contains(&service);
    let here = r.receipt.node.is_none() || r.receipt.node == change.subject.node;
    if observation.service() != service || !asked || !here {
        return Err(Refusal::ReceiptForeign {});
    }
    if revision != change.revision {
        return Err(Refusal::RevisionStale { current: change.revision });
    }
    let status = change.status_at(r.state, r.now);
    // What was seen before the change stopped, or was run, says nothing of what it left.
    let after = match status {
        Status::Indeterminate => change.stopped_at(r.now),
        Status::ReviewDue => change.run.as_ref().map_or(0, |run| run.index),
        _ => 0,
    };
    let needed = change.opened.max(after);
    if r.receipt.seen.size <= needed {
        return Err(Refusal::ReceiptTooEarly { needed });
    }
    let unchecked = change.plan.iter().any(|plan| plan.unchecked.contains(&service));
    match status {
        Status::Draft | Status::Indeterminate => {
            let observed = change.event(ChangeEvent::Observed { service });
            Ok([observed].into_iter().chain(read(r.state, change, observation)).collect())
        }
        Status::ReviewDue if unchecked => Ok(vec![change.event(ChangeEvent::ReadLate { service })]),
        status => Err(Refusal::StatusWrong { status }),
    }
}

/// Of an engine on which a change ended unread, the first that reads it says what serves there.
fn read(state: &State, change: &Change, observation: &Observation) -> Option<Effect> {
    let (engine, node) = change.package.body.engine()?;
    let Observation::Engine { generation, serving, .. } = observation else { return None };
    let event = EngineEvent::Read { generation: *generation, serving: *serving };
    state.engines.get(&engine)?.unverified.then_some(Effect::Engine { engine, node, event })
}

fn ended(state: &State, now: Instant, receipt: &Receipt, id: &ChangeId) -> Result<Answer, Inadmissible> {
    let (Some(grant), Some(change)) = (state.grants.get(id), state.changes.get(id)) else {
        return Err(Inadmissible::NoChange);
    };
    let tags = change.subject.tenants.clone();
    let (service, node) = (receipt.service, receipt.node);
    let who = Executor { service, node };
    let enforcers = enforcers(state, &grant.terms);
    if !enforcers.contains(&who) {
        return Ok((Err(Refusal::ReceiptForeign {}), tags));
    }
    if grant.ended_by.contains(&who) {
        return Err(Inadmissible::NoChange);
    }
    if !grant.is_over(now) {
        return Ok((Err(Refusal::StatusWrong { status: change.status }), tags));
    }
    let about = About::of(change);
    let mut effects = vec![Effect::Grant { grant: *id, event: GrantEvent::Ended { about, service, node } }];
    let left = enforcers.iter().filter(|known| **known != who && !grant.ended_by.contains(known)).count();
    if left == 0 && change.status == Status::Effective {
        effects.push(change.event(ChangeEvent::Closed {}));
    }
    Ok((Ok(effects), tags))
}

fn health(receipt: &Receipt, node: NodeId, skewed: bool) -> Result<Vec<Effect>, Refusal> {
    if receipt.service != Service::Engine || receipt.node != Some(node) {
        return Err(Refusal::ReceiptForeign {});
    }
    if skewed {
        return Err(Refusal::ReceiptClock { at: receipt.at });
    }
    let (engine, event) = match &receipt.report {
        Report::Restarted { engine, count, failed } => {
            (*engine, EngineEvent::Restarted { count: *count, failed: *failed })
        }
        Report::Regressed { engine, generation, counted } => {
            (*engine, EngineEvent::Regressed { generation: *generation, counted: *counted })
        }
        _ => return Err(Refusal::ReceiptForeign {}),
    };
    Ok(vec![Effect::Engine { engine, node, event }])
}
