//! Random histories: whatever people and services say, in any order, at any time, the invariants hold.

use crate::runner;
use crate::world::{FR, GO, HOUR_MS, MINUTE_MS, No, SA, World, code};
use control::{
    Change, ChangeEvent, Command, DueStep, Effect, EngineEvent, Inadmissible, Leaf, State, StepEvent, Unauthentic,
    explain,
};
use model::{ChangeId, Digest, KindName, Role, Service, Status};
use proptest::prelude::*;
use signed::{Act, Observation, Outcome, Report};
use std::collections::{BTreeMap, BTreeSet};

const ROLES: [Role; 3] = [GO, FR, SA];
const VERBS: [&str; 12] = [
    "seal",
    "approve",
    "reject",
    "withdraw",
    "hold",
    "release",
    "cancel",
    "run",
    "abort",
    "abort",
    "observe",
    "reconcile",
];
const VERSIONS: [&str; 4] = ["a", "b", "c", "big"];

/// One try; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub enum Op {
    Draft { who: usize, change: u8, artifact: usize, other_kind: bool, same: bool },
    Observe { change: u8, service: usize, lie: bool },
    Say { who: usize, verb: usize, change: u8, slot: usize, wrong: u8 },
    Step { change: u8, how: u8 },
    Onward { change: u8, times: u8 },
    Replay { which: usize },
    Jump { how: usize },
    Login { who: usize, token: u8 },
}

fn op() -> impl Strategy<Value = Op> {
    let change = 0..8u8;
    prop_oneof![
        1 => (0..5usize, change.clone(), 0..5usize, prop::bool::weighted(0.1), any::<bool>())
            .prop_map(|(who, change, artifact, other_kind, same)| Op::Draft { who, change, artifact, other_kind, same }),
        1 => (change.clone(), 0..5usize, any::<bool>())
            .prop_map(|(change, service, lie)| Op::Observe { change, service, lie }),
        5 => (0..5usize, 0..VERBS.len(), change.clone(), 0..3usize, 0..12u8)
            .prop_map(|(who, verb, change, slot, wrong)| Op::Say { who, verb, change, slot, wrong }),
        2 => (change.clone(), 0..10u8).prop_map(|(change, how)| Op::Step { change, how }),
        6 => (change, 1..20u8).prop_map(|(change, times)| Op::Onward { change, times }),
        1 => any::<usize>().prop_map(|which| Op::Replay { which }),
        1 => (0..6usize).prop_map(|how| Op::Jump { how }),
        1 => (0..5usize, 0..2u8).prop_map(|(who, token)| Op::Login { who, token }),
    ]
}

/// A world that is played in, what was tried in it, and what was answered.
struct Play {
    world: World,
    /// Bits that say before which tries the sweeper comes by.
    sweeps: u64,
    tried: Vec<Command>,
    answers: Vec<String>,
    ended: BTreeMap<(ChangeId, u32), Status>,
    heads: u64,
}

fn id(change: u8) -> ChangeId {
    ChangeId([0xc0 + change; 16])
}

fn kind(change: u8) -> KindName {
    if change % 3 == 2 { KindName::Rollback } else { KindName::Deployment }
}

impl Play {
    fn new(sweeps: u64) -> Self {
        let mut world = World::with_dora();
        for version in VERSIONS {
            world.publish(version, if version == "big" { 4_000 } else { 64 });
        }
        Self { world, sweeps, tried: vec![], answers: vec![], ended: BTreeMap::new(), heads: 0 }
    }

    fn try_it(&mut self, command: Command) {
        self.tried.push(command.clone());
        self.world.advance(1_000);
        if self.sweeps >> (self.tried.len() % 64) & 1 == 1 {
            self.sweep();
        }
        let result = self.world.record(command);
        self.invariants(result.as_ref().ok());
        self.answers.push(match result {
            // It names a leaf, and the sweeper's leaves are counted too.
            Ok(leaf) if code(&leaf).is_some_and(|code| code.ends_with("seen_too_early")) => "seen too early".to_owned(),
            Ok(leaf) => format!("{:?} {:?}", leaf.verdict, unsettled(&leaf)),
            Err(No::Inadmissible(Inadmissible::Spent(_))) => "recorded already".to_owned(),
            Err(No::Inadmissible(Inadmissible::Ended(_))) => "has ended".to_owned(),
            Err(No::Authority(Unauthentic::Fork(_))) => "signed on a fork".to_owned(),
            Err(other) => format!("{other:?}"),
        });
    }

    /// Writes down what has expired; a leaf in any case, for its other bookkeeping.
    fn sweep(&mut self) {
        let settle = Command::Clock { act: control::ClockAct::Settle {} };
        if self.world.record(settle).is_err() {
            self.heads += 1;
            let act = control::ClockAct::EventsHead { size: self.heads, root: Digest::ZERO };
            self.world.record(Command::Clock { act }).unwrap();
        }
    }

    fn play(&mut self, op: &Op) {
        match *op {
            Op::Draft { who, change, artifact, other_kind, same } => {
                self.draft(who, change, artifact, other_kind, same);
            }
            Op::Observe { change, service, lie } => self.observe(change, Service::ALL[service], lie),
            Op::Say { who, verb, change, slot, wrong } => self.say(who, VERBS[verb], change, ROLES[slot], wrong),
            Op::Step { change, how } => self.step(id(change), how),
            Op::Onward { change, times } => (0..times).for_each(|_| self.onward(change)),
            Op::Replay { which } => {
                if !self.tried.is_empty() {
                    self.try_it(self.tried[which % self.tried.len()].clone());
                }
            }
            Op::Jump { how } => {
                let ms = [59_999, 11 * MINUTE_MS, HOUR_MS, 25 * HOUR_MS, 49 * HOUR_MS, 80 * HOUR_MS][how];
                self.world.advance(ms);
            }
            Op::Login { who, token } => {
                let login = control::Login {
                    token: Digest([token; 32]),
                    scope: model::Scope::Person,
                    expires: self.world.now.plus_millis(HOUR_MS),
                };
                let command = self.world.session(who, login);
                self.try_it(command);
            }
        }
    }

    fn draft(&mut self, who: usize, change: u8, artifact: usize, other_kind: bool, same: bool) {
        let version = VERSIONS.get(artifact).copied().unwrap_or("unpublished");
        let artifact = Digest::of_object("manifest", version.as_bytes());
        let kind = if other_kind { kind(change + 1) } else { kind(change) };
        let known = self.world.state.changes.get(&id(change)).filter(|_| same).map(|known| known.package.clone());
        let package = known.unwrap_or_else(|| self.world.package(id(change), kind, artifact));
        let command = self.world.opening(who, &package);
        self.try_it(command);
    }

    fn observe(&mut self, change: u8, service: Service, lie: bool) {
        let mut observation = self.world.sight(service);
        if lie {
            observation = match observation {
                Observation::Platform { .. } => Observation::Platform { artifact_held: false },
                Observation::Node { .. } => Observation::Node { memory_free_mib: 1, memory_total_mib: 1 },
                Observation::Engine { .. } => Observation::Engine { generation: 99, serving: None },
                Observation::Integration { .. } => Observation::Integration { bindings: Digest::ZERO, count: 0 },
            };
        }
        let change = id(change);
        let revision = self.world.state.changes.get(&change).map_or(1, |change| change.revision);
        let command = self.world.receipt(service, Report::Observed { change, revision, observation });
        self.try_it(command);
    }

    fn say(&mut self, who: usize, verb: &str, change: u8, slot: Role, wrong: u8) {
        if !self.world.state.changes.contains_key(&id(change)) {
            let command = self.world.said(who, Act::Hold { change: id(change), revision: 1 });
            return self.try_it(command);
        }
        let mut act = self.world.act(verb, id(change), slot);
        match &mut act {
            Act::Seal { binding }
            | Act::Approve { binding, .. }
            | Act::Reject { binding, .. }
            | Act::Run { binding, .. } => match wrong {
                0 => binding.revision += 1,
                1 => binding.plan = Digest::ZERO,
                2 => binding.package = Digest::ZERO,
                _ => {}
            },
            Act::Withdraw { revision, .. } | Act::Hold { revision, .. } | Act::Release { revision, .. }
                if wrong == 0 =>
            {
                *revision += 1;
            }
            _ => {}
        }
        let mut statement = self.world.statement(who, act);
        match wrong {
            3 => statement.not_after = self.world.now,
            4 => statement.not_after = self.world.now.plus_millis(25 * HOUR_MS),
            5 => {
                let root = self.world.tree.root_at(2).unwrap();
                statement.seen = signed::Seen { size: 2, root };
            }
            8 => statement.seen.root = Digest::ZERO,
            6 => statement.ledger = Digest::ZERO,
            7 => statement.key = self.world.people[(who + 1) % 5].key_id,
            _ => {}
        }
        let command = self.world.sign(who, statement);
        self.try_it(command);
    }

    /// What was begun, whatever has become of its change since; else the step that is due.
    fn turn(&self, id: ChangeId) -> Option<(Service, DueStep)> {
        let change = self.world.state.changes.get(&id)?;
        let Some((step, intent)) = change.open_intent() else { return self.world.due(id) };
        let planned = &change.plan.as_ref()?.steps[step as usize];
        let action = if intent.undo { planned.undo.clone()? } else { planned.action.clone() };
        let service = planned.action.executor().0;
        let step = signed::StepRef { change: id, revision: change.revision, step, undo: intent.undo };
        Some((service, DueStep { step, action, intent: Some(intent.clone()) }))
    }

    fn step(&mut self, id: ChangeId, how: u8) {
        let Some((service, due)) = self.turn(id) else { return };
        let intent = due.intent.as_ref().map(|intent| intent.nonce);
        let (by, nonce) = match (how, intent) {
            (0, _) => (Service::Integration, model::Nonce([0; 16])),
            (_, Some(nonce)) => (service, nonce),
            (_, None) => {
                let nonce = model::Nonce(self.world.fresh());
                let act_by = self.world.now.plus_millis(if how == 1 { 0 } else { 60_000 });
                let report = Report::Intent { step: due.step, key: signed::step_key(&due.step), nonce, act_by };
                let command = self.world.receipt(service, report);
                return self.try_it(command);
            }
        };
        let (outcome, code) = match how {
            2 => (Outcome::Refused, Some("late")),
            3 => (Outcome::Refused, Some("probe_failed")),
            4 => (Outcome::Refused, None),
            5 => (Outcome::Unknown, Some("lost")),
            _ => (Outcome::Done, None),
        };
        let planned = &self.world.change(id).plan.as_ref().unwrap().steps[due.step.step as usize];
        let observed = planned.expect.filter(|_| how != 6);
        let code = code.map(crate::world::token);
        let command = self.world.receipt(by, Report::Outcome { step: due.step, nonce, outcome, code, observed });
        self.try_it(command);
    }

    /// The next sensible thing, so that histories get far.
    fn onward(&mut self, change: u8) {
        let Some(known) = self.world.state.changes.get(&id(change)) else {
            let stack = self.world.stack();
            let below = stack.len().checked_sub(2).map(|below| stack[below]).or(self.world.serving());
            let deployed = Digest::of_object("manifest", VERSIONS[usize::from(change) % 3].as_bytes());
            let artifact = if kind(change) == KindName::Rollback { below.unwrap_or(deployed) } else { deployed };
            let package = self.world.package(id(change), kind(change), artifact);
            let command = self.world.opening(0, &package);
            return self.try_it(command);
        };
        let author = (0..5).find(|who| known.authors.contains(&self.world.id(*who))).unwrap_or_default();
        match known.status_at(&self.world.state, self.world.now) {
            Status::Draft => {
                let services = [Service::Platform, Service::Node, Service::Engine, Service::Integration];
                match services.into_iter().find(|service| !known.observed.contains_key(service)) {
                    Some(service) => self.observe(change, service, false),
                    None => self.say(author, "seal", change, GO, 11),
                }
            }
            Status::AwaitingApproval => {
                let slot = known.open_slots(&self.world.state)[0];
                let role = known.slot_roles(&self.world.state, slot)[0];
                let holders = self.world.state.roster.holders(role).map(|person| person.id);
                let fits = holders.into_iter().find(|person| {
                    !known.authors.contains(person) && known.approvals.values().all(|known| known.person != *person)
                });
                let who = (0..5).find(|who| Some(self.world.id(*who)) == fits).unwrap_or(author);
                self.say(who, "approve", change, role, 11);
            }
            Status::Approved => self.say(author, "run", change, GO, 11),
            Status::Executing => self.step(id(change), 9),
            _ => {}
        }
    }

    fn invariants(&mut self, leaf: Option<&Leaf>) {
        let state = &self.world.state;
        for change in state.changes.values() {
            approved_by_distinct_others(state, change);
            let open = change.steps.iter().filter(|step| step.intent.is_some()).count();
            assert!(open <= 1, "at most one intent is open");
            if change.steps.iter().any(|step| step.intent.is_some() || step.done.is_some()) {
                assert!(change.run.is_some(), "no step without a run");
            }
            let status = change.status_at(state, self.world.now);
            let named = (change.package.change, change.revision);
            if let Some(ended) = self.ended.get(&named) {
                assert_eq!(*ended, status, "a revision that has ended stays so");
            } else if status.is_ended() || status == Status::Effective {
                self.ended.insert(named, status);
            }
        }
        let engine = &state.engines[&self.world.engine];
        match state.locked_by(&self.world.engine) {
            None => {
                assert_eq!(engine.bundle(), engine.stack.last().map(|top| top.bundle), "the top of the stack serves");
            }
            Some(by) => {
                let status = state.changes[&by].status;
                assert!(matches!(status, Status::Executing | Status::Indeterminate), "locked by what is {status}");
            }
        }
        let executing = state.changes.values().filter(|change| change.status == Status::Executing).count();
        assert!(executing <= 1, "one engine, one change being carried out");
        for effect in leaf.iter().flat_map(|leaf| &leaf.effects) {
            effect_allowed(state, effect);
        }
        if let Some(change) = state.changes.values().last() {
            let person = self.world.id(self.tried.len() % 5);
            explain(state, change, &person, self.world.now);
        }
    }
}

/// Effects without what a sweeper would have written down before.
fn unsettled(leaf: &Leaf) -> Vec<&Effect> {
    let late = |effect: &Effect| matches!(effect, Effect::Step { event: StepEvent::LateOutcome { .. }, .. });
    let first = leaf.effects.iter().position(late).unwrap_or_default();
    leaf.effects[first..].iter().collect()
}

fn approved_by_distinct_others(state: &State, change: &Change) {
    let people: BTreeSet<_> = change.approvals.values().map(|approval| approval.person).collect();
    assert_eq!(people.len(), change.approvals.len(), "slots are filled by distinct people");
    assert!(people.is_disjoint(&change.authors), "none of them an author");
    if matches!(change.status, Status::Approved | Status::Executing | Status::Effective | Status::Failed) {
        assert_eq!(change.open_slots(state), [0; 0], "every slot is filled");
        assert_eq!(change.approvals.len(), 2);
    }
}

/// What must hold after an effect.
fn effect_allowed(state: &State, effect: &Effect) {
    match effect {
        Effect::Change { about, event: ChangeEvent::Run { .. } } if about.kind == KindName::Rollback => {
            let change = &state.changes[&about.change];
            let stack = &state.engines[&about.engine.unwrap()].stack;
            let below = Some(stack[stack.len() - 2].bundle);
            assert_eq!(below, change.package.body.bundle(), "a rollback goes to what lies below the top");
        }
        Effect::Engine { engine, event: EngineEvent::Popped { .. }, .. } => {
            let engine = &state.engines[engine];
            assert_eq!(engine.bundle(), engine.stack.last().map(|top| top.bundle));
        }
        Effect::Step { step, event: event @ (StepEvent::Intended { .. } | StepEvent::Done {}), .. } => {
            let change = &state.changes[&step.change];
            assert_eq!(step.revision, change.revision);
            assert!(change.run.is_some() && change.approvals.len() == 2, "no step without a countersigned run");
            if let StepEvent::Intended { .. } = event {
                assert!(change.holds.is_empty() || change.unwinding, "no step begins while it is held");
            }
        }
        Effect::Engine { engine, event: EngineEvent::Switched { serving, .. }, .. } => {
            assert_eq!(state.engines[engine].serving.map(|serving| serving.served()), *serving);
        }
        _ => {}
    }
}

/// Tries, and when the sweeper comes by.
pub fn histories() -> impl Strategy<Value = (Vec<Op>, u64)> {
    (prop::collection::vec(op(), 5..50), any::<u64>())
}

/// The ledger that comes of them.
pub fn played(ops: &[Op], sweeps: u64) -> World {
    let mut play = Play::new(sweeps);
    for op in ops {
        play.play(op);
    }
    play.world
}

#[test]
fn invariants_hold_and_settling_changes_no_answer() {
    runner::check(20, histories(), |(ops, sweeps)| {
        let (mut plain, mut swept) = (Play::new(0), Play::new(sweeps));
        for op in &ops {
            plain.play(op);
            swept.play(op);
            assert_eq!(plain.answers.last(), swept.answers.last(), "with and without the sweeper, after {op:?}");
        }
        assert_eq!(plain.answers, swept.answers);
        assert_eq!(plain.world.refold(), plain.world.state);
        assert_eq!(format!("{:?}", swept.world.refold()), format!("{:?}", swept.world.state));
    });
}

/// The generator is worth something only when its histories get far.
#[test]
fn onward_leads_to_effective_and_back() {
    let mut play = Play::new(0);
    for change in [0, 1, 2] {
        (0..40).for_each(|_| play.onward(change));
        assert_eq!(play.world.status(id(change)), Status::Effective);
    }
    assert_eq!(play.world.stack().len(), 1);
}
