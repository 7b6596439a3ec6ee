//! What services report.

use super::Without::NoGuard;
use super::{Row, Scene, natural, running};
use crate::world::{World, accepted, token};
use model::{ChangeId, Digest, Instant, Nonce, Service};
use signed::{Outcome, Report, step_key};

pub const ROWS: &[Row] = &[
    ("intent by another service", "receipt.foreign", "", NoGuard, foreign),
    ("intent for a later step", "step.not_due", "", NoGuard, not_due),
    ("intent beside an intent", "step.intent_open", "", NoGuard, intent_open),
    ("intent with another key", "receipt.key", "", NoGuard, || intent(|intent| intent.key = Digest::ZERO)),
    ("intent for the next hour", "receipt.act_by", "", NoGuard, || intent(|intent| intent.act_by_ms = 3_600_000)),
    ("intent signed three minutes ago", "receipt.clock", "", NoGuard, || intent(|intent| intent.signed_ms = -180_000)),
    ("intent of a distrusted service", "service.distrusted", "", NoGuard, distrusted),
    ("outcome of no intent", "step.intent_unknown", "", NoGuard, || outcome(Outcome::Done, None, false)),
    ("done with nothing read", "receipt.observed", "", NoGuard, || outcome(Outcome::Done, None, true)),
    ("refused without saying why", "receipt.code", "", NoGuard, || outcome(Outcome::Refused, None, true)),
    ("observation signed before the draft was seen", "receipt.seen_too_early", "", NoGuard, seen_too_early),
];

/// What of an intent is altered.
struct Altered {
    key: Digest,
    act_by_ms: i64,
    signed_ms: i64,
    by: Option<Service>,
}

fn intent_in((mut world, id): (World, ChangeId), alter: impl FnOnce(&mut Altered)) -> Scene {
    let (service, due) = world.due(id).unwrap();
    let mut altered = Altered { key: step_key(&due.step), act_by_ms: 60_000, signed_ms: 0, by: None };
    alter(&mut altered);
    let (nonce, act_by) = (Nonce(world.fresh()), world.now.plus_millis(altered.act_by_ms));
    let service = altered.by.unwrap_or(service);
    let report = Report::Intent { step: due.step, key: altered.key, nonce, act_by };
    let mut receipt = world.receipt_of(service, report);
    receipt.at = Instant::from_millis(receipt.at.millis_since(Instant::EPOCH) + altered.signed_ms);
    let command = world.vouch(service, receipt);
    natural(world, command)
}

fn intent(alter: impl FnOnce(&mut Altered)) -> Scene {
    intent_in(running(), alter)
}

fn foreign() -> Scene {
    intent(|intent| intent.by = Some(Service::Engine))
}

fn not_due() -> Scene {
    let (mut world, id) = running();
    let (_, mut due) = world.due(id).unwrap();
    due.step.step = 1;
    let report = Report::Intent {
        step: due.step,
        key: step_key(&due.step),
        nonce: Nonce(world.fresh()),
        act_by: world.now.plus_millis(60_000),
    };
    let command = world.receipt(Service::Node, report);
    natural(world, command)
}

fn intent_open() -> Scene {
    let (mut world, id) = running();
    let (service, due) = world.due(id).unwrap();
    accepted(world.intend(service, &due).1);
    // It is due still, as its outcome is.
    intent_in((world, id), |_| {})
}

/// Its key signed an intent that it does not know: nothing changed, and it begins nothing more.
fn distrusted() -> Scene {
    let (mut world, id) = running();
    world.carry_until(id, "start");
    let (service, due) = world.due(id).unwrap();
    let (nonce, intended) = world.intend(service, &due);
    accepted(intended);
    let code = Some(token("foreign_intent"));
    let report =
        Report::Outcome { step: due.step, nonce, outcome: Outcome::Refused, code, observed: None, credential: None };
    accepted(world.report(service, report));
    assert_eq!(world.due(id).map(|(service, _)| service), Some(Service::Node), "what was placed is given back");
    let other = world.publish("other", 64);
    world.carry_out(id, |_, _| crate::world::End::Done);
    let id = world.running(super::DEPLOYMENT, other);
    world.carry_until(id, "check-engine");
    let step = signed::StepRef { change: id, revision: 1, step: 2, undo: false };
    let (nonce, act_by) = (Nonce(world.fresh()), world.now.plus_millis(60_000));
    let command = world.receipt(Service::Engine, Report::Intent { step, key: step_key(&step), nonce, act_by });
    natural(world, command)
}

fn outcome(outcome: Outcome, observed: Option<Digest>, intended: bool) -> Scene {
    let (mut world, id) = running();
    let (service, due) = world.due(id).unwrap();
    let mut nonce = Nonce([0; 16]);
    if intended {
        nonce = world.intend(service, &due).0;
    }
    let report = Report::Outcome { step: due.step, nonce, outcome, code: None, observed, credential: None };
    let command = world.receipt(service, report);
    natural(world, command)
}

fn seen_too_early() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let size = world.tree.size();
    let change = world.draft(crate::world::OPAL, super::DEPLOYMENT, artifact);
    let observation = world.sight(Service::Node);
    let mut receipt = world.receipt_of(Service::Node, Report::Observed { change, revision: 1, observation });
    receipt.seen = signed::Seen { size, root: world.tree.root_at(size).unwrap() };
    let command = world.vouch(Service::Node, receipt);
    natural(world, command)
}
