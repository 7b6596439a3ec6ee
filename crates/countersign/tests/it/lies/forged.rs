//! What the liar publishes, and answers: the leaf at which a follower must stop.

use super::column::Column;
use super::truth::{FINANCE, OPERATOR, advance, approve, hold, run};
use control::{About, ChangeEvent, Command, Effect, Party, Refusal, Verdict};
use model::{ChangeId, Digest, Instant, PersonId, Role, Scope};
use signed::{Act, Observation, Report};
use testkit::{Double, World};

fn forge(double: &Double, command: Command, effects: Vec<Effect>) -> u64 {
    double.forge(command, Verdict::Accepted, effects)
}

/// What happens to a change, as the honest log would record it.
fn event(double: &Double, change: ChangeId, event: ChangeEvent) -> Effect {
    Effect::Change { about: About::of(&double.state().changes[&change]), event }
}

fn ran(double: &Double, change: ChangeId, by: PersonId) -> Effect {
    event(double, change, ChangeEvent::Run { by, alone: false })
}

/// Forges the run, which no honest log accepts any more either, and what follows it.
pub fn run_forged(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let command = double.statement(World::AUTHOR, run(double, change));
    let leaf = forge(double, command, vec![ran(double, change, World::AUTHOR)]);
    advance(double, change, column);
    leaf
}

/// The second approval is forged: recorded as if it counted.
fn second_forged(double: &Double, change: ChangeId, column: &Column, command: Command) -> u64 {
    let Command::Signed { statement, .. } = &command else { unreachable!("an approval is signed") };
    let effects = filled(double, change, FINANCE, statement.person);
    let leaf = forge(double, command, effects);
    run_forged(double, change, column);
    leaf
}

/// The last slot is filled.
fn filled(double: &Double, change: ChangeId, slot: u32, person: PersonId) -> Vec<Effect> {
    let execute_by: Instant = double.state().last.plus_millis(3_600_000);
    let party = Party { person, roles: double.state().changes[&change].slot_roles(&double.state(), slot) };
    vec![
        event(double, change, ChangeEvent::ApprovalRecorded { slot, party: party.clone(), on_behalf_of: None }),
        event(double, change, ChangeEvent::Approved { by: vec![party], execute_by }),
    ]
}

pub fn second_by_both(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let command = double.statement(World::BOTH, approve(double, change, FINANCE));
    second_forged(double, change, column, command)
}

pub fn strange_key(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let draft = double.draft_statement(World::FINANCE, approve(double, change, FINANCE));
    second_forged(double, change, column, Double::sign(draft, Double::stranger_key()))
}

pub fn strange_person(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let draft = double.draft_statement(PersonId([77; 16]), approve(double, change, FINANCE));
    second_forged(double, change, column, Double::sign(draft, Double::stranger_key()))
}

pub fn swapped(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let said = double.statement(World::FINANCE, hold(double, change));
    let wanted = double.statement(World::FINANCE, approve(double, change, FINANCE));
    let (Command::Signed { signature, .. }, Command::Signed { statement, .. }) = (said, wanted) else {
        unreachable!("statements are signed")
    };
    second_forged(double, change, column, Command::Signed { statement, signature })
}

pub fn other_ledger(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let mut draft = double.draft_statement(World::FINANCE, approve(double, change, FINANCE));
    draft.ledger = Digest::of_bytes(b"another ledger");
    second_forged(double, change, column, Double::sign(draft, World::person_key(&World::FINANCE)))
}

pub fn other_history(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let mut draft = double.draft_statement(World::FINANCE, approve(double, change, FINANCE));
    draft.seen.root = Digest::of_bytes(b"another history");
    second_forged(double, change, column, Double::sign(draft, World::person_key(&World::FINANCE)))
}

pub fn other_package(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let mut binding = double.binding(change);
    binding.package = Digest::of_bytes(b"another package");
    let command = double.statement(World::FINANCE, Act::Approve { binding, slot: FINANCE, on_behalf_of: None });
    second_forged(double, change, column, command)
}

pub fn other_plan(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let mut binding = double.binding(change);
    binding.plan = Digest::of_bytes(b"another plan");
    let command = double.statement(World::FINANCE, Act::Approve { binding, slot: FINANCE, on_behalf_of: None });
    second_forged(double, change, column, command)
}

pub fn run_replayed(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let leaves = double.leaves().into_iter().map(|leaf| control::Leaf::decode(&leaf).unwrap());
    let is_run = |effect: &Effect| matches!(effect, Effect::Change { about, event: ChangeEvent::Run { .. } } if about.change == change);
    let leaf = leaves.into_iter().find(|leaf| leaf.effects.iter().any(is_run)).unwrap();
    let again = forge(double, leaf.command, leaf.effects);
    advance(double, change, column);
    again
}

/// The people run the change of the other node; recorded is that ours is run.
pub fn run_of_other_node(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let state = double.state();
    let other = state.changes.values().find(|change| change.subject.node == Some(World::OTHER_NODE)).unwrap();
    let command = double.statement(World::AUTHOR, run(double, other.package.change));
    let leaf = forge(double, command, vec![ran(double, change, World::AUTHOR)]);
    advance(double, change, column);
    leaf
}

pub fn hold_refused(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let command = double.statement(World::AUDITOR, hold(double, change));
    let refusal = Refusal::RoleMissing { needed: vec![Role::SupportAuditor] };
    let leaf = double.forge(command, Verdict::Refused(refusal), vec![]);
    double.sign_and_submit(World::AUTHOR, run(double, change));
    advance(double, change, column);
    leaf
}

pub fn approved_too_soon(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let command = double.statement(World::OPERATOR, approve(double, change, OPERATOR));
    let leaf = forge(double, command, filled(double, change, OPERATOR, World::OPERATOR));
    run_forged(double, change, column);
    leaf
}

/// A node's word that it never gave, signed by another service; all that follows is as it should be.
pub fn observed_by_nobody(double: &Double, change: ChangeId, column: &Column) -> u64 {
    let service = model::Service::Node;
    let observation = Observation::Node { memory_free_mib: 1 << 20, placed: vec![] };
    let revision = double.state().changes[&change].revision;
    let real = double.receipt(service, Report::Observed { change, revision, observation });
    let Command::Receipt { receipt, .. } = real else { unreachable!("a receipt") };
    let signature = World::service_key(model::Service::Platform).sign(&receipt).unwrap();
    let effects = vec![event(double, change, ChangeEvent::Observed { service })];
    let leaf = forge(double, Command::Receipt { receipt, signature }, effects);
    double.countersign(change);
    advance(double, change, column);
    leaf
}

/// Drops the hold and answers how many leaves are left.
fn without_hold(double: &Double) -> u64 {
    let left = double.leaves().len() as u64 - 1;
    double.rewind(left);
    left
}

pub fn hold_dropped(double: &Double, _: ChangeId, _: &Column) -> u64 {
    without_hold(double)
}

pub fn hold_replaced(double: &Double, _: ChangeId, _: &Column) -> u64 {
    let left = without_hold(double);
    double.login(World::AUDITOR, Scope::Read);
    left + 1
}

pub fn hold_overgrown(double: &Double, _: ChangeId, _: &Column) -> u64 {
    let left = without_hold(double);
    double.login(World::AUDITOR, Scope::Read);
    double.login(World::AUDITOR, Scope::Read);
    left + 1
}
