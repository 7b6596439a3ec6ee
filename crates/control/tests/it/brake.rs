//! A hold, revoke or suspend that an executor obeys before the ledger has it.

use crate::scenes::{exception, quota_world, running, sealed};
use crate::world::{End, FAYE, HOUR_MS, MINUTE_MS, OMAR, OPAL, SAUL, World, accepted};
use control::{
    Brake, DueStep, Executor, Inadmissible, NotBrake, Refusal, State, braked, check_brake, due_steps, quota_at,
};
use model::{ChangeId, Digest, Service};
use proptest::prelude::*;
use signed::{Act, Statement};

fn handed<'a>(world: &World, statements: &'a [Statement]) -> Brake<'a> {
    Brake { statements, size: world.state.size }
}

fn check(world: &World, statements: &[Statement]) -> Result<(), NotBrake> {
    check_brake(&world.state, world.now, &[], &handed(world, statements))
}

fn holding(world: &mut World, who: usize, change: ChangeId) -> Statement {
    world.statement(who, Act::Hold { change, revision: 1 })
}

fn suspending(world: &mut World, who: usize, whose: usize) -> Statement {
    let (person, key) = (world.people[whose].id, world.people[whose].key_id);
    world.statement(who, Act::Suspend { person, key })
}

fn due(world: &World, state: &State) -> Vec<DueStep> {
    let who = |service: &Service| Executor { service: *service, node: world.place(*service) };
    Service::ALL.iter().flat_map(|service| due_steps(state, &who(service))).collect()
}

#[test]
fn a_held_change_begins_no_further_step_and_what_was_accepted_goes_on() {
    let (mut world, id) = running();
    world.carry_until(id, "place");
    let hold = [holding(&mut world, SAUL, id)];
    check(&world, &hold).unwrap();
    let brake = handed(&world, &hold);
    assert_eq!(due(&world, &world.state).len(), 1);
    assert_eq!(due(&world, &braked(&world.state, world.now, &[brake])), []);
    // An intent that the ledger has already is the point of no return for its step.
    let (service, step) = world.due(id).unwrap();
    accepted(world.intend(service, &step).1);
    let going_on = braked(&world.state, world.now, &[brake]);
    assert_eq!(due(&world, &going_on), due(&world, &world.state));
    assert_eq!(going_on.changes[&id].holds[&world.id(SAUL)], brake.size, "it says before which leaf it was handed");
}

#[test]
fn it_is_the_ledgers_once_it_is_recorded_and_lifts_with_the_release() {
    let (mut world, id) = running();
    let hold = [holding(&mut world, SAUL, id)];
    let brake = Brake { statements: &hold, size: world.state.size };
    let command = world.sign(SAUL, hold[0].clone());
    accepted(world.submit(command));
    let index = world.state.size - 1;
    assert_eq!(check(&world, &hold), Err(NotBrake::Inadmissible(Inadmissible::Spent(index))));
    assert_eq!(braked(&world.state, world.now, &[brake]), world.state);
    let of = world.id(SAUL);
    accepted(world.sign_and_submit(OMAR, Act::Release { change: id, revision: 1, of }));
    assert_eq!(due(&world, &braked(&world.state, world.now, &[brake])).len(), 1);
}

#[test]
fn it_lifts_at_its_not_after() {
    let (mut world, id) = running();
    let hold = [holding(&mut world, SAUL, id)];
    let brake = handed(&world, &hold);
    let at = |now| due(&world, &braked(&world.state, now, &[brake])).len();
    assert_eq!((at(hold[0].not_after), at(hold[0].not_after.plus_millis(1))), (0, 1));
}

#[test]
fn a_verb_that_gives_is_refused_and_so_is_what_the_ledger_would_refuse() {
    let (mut world, id) = running();
    let saul = world.id(SAUL);
    for act in [
        Act::Release { change: id, revision: 1, of: saul },
        Act::Abort { change: id, revision: 1 },
        Act::Cancel { change: id, revision: 1 },
        Act::Run { binding: world.binding(id), not_before: None },
        Act::Approve { binding: world.binding(id), slot: 0, on_behalf_of: None },
        Act::Recall { digest: Digest::ZERO },
    ] {
        let statement = world.statement(SAUL, act);
        let found = check(&world, &[statement]);
        assert!(matches!(found, Err(NotBrake::Gives(_))), "{found:?}");
    }
    let refusal = |world: &World, statement: Statement| match check(world, &[statement]) {
        Err(NotBrake::Refused(refusal)) => refusal.code(),
        other => panic!("{other:?}"),
    };
    let statement = world.statement(SAUL, Act::Hold { change: id, revision: 2 });
    assert_eq!(refusal(&world, statement), "change.revision_stale");
    let statement = world.statement(SAUL, Act::Revoke { change: id, revision: 1 });
    assert_eq!(refusal(&world, statement), "change.status");
    let mut late = holding(&mut world, SAUL, id);
    late.not_after = world.now.plus_millis(-1);
    assert_eq!(refusal(&world, late), "statement.expired");
    let mut far = holding(&mut world, SAUL, id);
    far.not_after = world.now.plus_millis(24 * HOUR_MS + 1);
    assert_eq!(refusal(&world, far), "statement.not_after_too_far");
    let hold = |change| Act::Hold { change, revision: 1 };
    let unknown = world.statement(SAUL, hold(ChangeId([0xee; 16])));
    assert_eq!(check(&world, &[unknown]), Err(NotBrake::Inadmissible(Inadmissible::UnknownObject)));
    let mut elsewhere = holding(&mut world, SAUL, id);
    elsewhere.ledger = Digest([9; 32]);
    assert_eq!(check(&world, &[elsewhere]), Err(NotBrake::Inadmissible(Inadmissible::OtherLedger)));
    let mut stranger = holding(&mut world, SAUL, id);
    stranger.person = model::PersonId([0xee; 16]);
    assert_eq!(check(&world, &[stranger]), Err(NotBrake::Inadmissible(Inadmissible::Stranger)));
    assert_eq!(check(&world, &[]), Err(NotBrake::Count));
    let three: Vec<_> = [SAUL, OMAR, FAYE].map(|who| holding(&mut world, who, id)).into();
    assert_eq!(check(&world, &three), Err(NotBrake::Count));
}

#[test]
fn one_person_brakes_a_change_once_and_another_beside_them() {
    let (mut world, id) = running();
    let (first, again) = ([holding(&mut world, SAUL, id)], [holding(&mut world, SAUL, id)]);
    let standing = [handed(&world, &first)];
    let beside = |new: &[Statement]| check_brake(&world.state, world.now, &standing, &handed(&world, new));
    assert!(matches!(beside(&again), Err(NotBrake::Refused(Refusal::Held { .. }))));
    let hold = [holding(&mut world, OMAR, id)];
    let standing = [handed(&world, &first)];
    check_brake(&world.state, world.now, &standing, &handed(&world, &hold)).unwrap();
}

#[test]
fn who_has_verified_more_than_the_executor_stops_it_all_the_same() {
    let (mut world, id) = running();
    let mut hold = [holding(&mut world, SAUL, id)];
    hold[0].seen.size += 3;
    check(&world, &hold).unwrap();
    assert_eq!(due(&world, &braked(&world.state, world.now, &[handed(&world, &hold)])), []);
}

#[test]
fn what_a_revoked_grant_allowed_is_over_and_its_end_is_not_reported_before_the_ledger_has_it() {
    let mut world = quota_world();
    let body = exception(&world);
    let id = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, id));
    let revoke = [world.statement(FAYE, Act::Revoke { change: id, revision: 1 })];
    check(&world, &revoke).unwrap();
    let state = braked(&world.state, world.now, &[handed(&world, &revoke)]);
    let engines = |state: &State| quota_at(state, &world.tenant, world.now).engines;
    assert_eq!((engines(&world.state), engines(&state)), (Some(2), Some(1)));
    assert_eq!(
        control::due_ends(&world.state, &control::Executor::on(model::Service::Engine, world.node), world.now),
        []
    );
}

#[test]
fn a_suspended_key_counts_for_nothing_and_stops_what_rests_on_it() {
    let (mut world, id) = running();
    world.carry_until(id, "place");
    // Faye filled a slot of it; Saul has nothing to do with it.
    let approver = world.change(id).approvals.values().map(|approval| approval.person).collect::<Vec<_>>();
    assert!(approver.contains(&world.id(FAYE)) && !approver.contains(&world.id(SAUL)));
    let (own, other) = ([suspending(&mut world, FAYE, FAYE)], [suspending(&mut world, SAUL, SAUL)]);
    check(&world, &own).unwrap();
    assert_eq!(due(&world, &braked(&world.state, world.now, &[handed(&world, &other)])).len(), 1);
    assert_eq!(due(&world, &braked(&world.state, world.now, &[handed(&world, &own)])), []);
    // Nothing else is heard from that key.
    let hold = [holding(&mut world, FAYE, id)];
    let standing = [handed(&world, &own)];
    let found = check_brake(&world.state, world.now, &standing, &handed(&world, &hold));
    assert_eq!(found, Err(NotBrake::Refused(Refusal::KeyNotActive {})));
}

/// Nobody here carries out what it allows; it is passed on like any other, and its holder asks the ledger.
#[test]
fn a_warrant_is_revoked_by_one_word_too() {
    let (mut world, id, _) = crate::scenes::issued();
    let revoke = [world.statement(SAUL, Act::Revoke { change: id, revision: 1 })];
    check(&world, &revoke).unwrap();
    let state = braked(&world.state, world.now, &[handed(&world, &revoke)]);
    assert!(state.changes[&id].warrant.as_ref().unwrap().revoked.is_some());
}

#[test]
fn somebody_elses_key_is_suspended_by_two_people_together() {
    let (mut world, _) = sealed();
    let one = suspending(&mut world, OMAR, FAYE);
    let two = suspending(&mut world, SAUL, FAYE);
    let same = suspending(&mut world, OMAR, FAYE);
    assert_eq!(check(&world, std::slice::from_ref(&one)), Err(NotBrake::SecondMissing));
    assert_eq!(check(&world, &[one.clone(), same]), Err(NotBrake::Refused(Refusal::SecondPerson {})));
    check(&world, &[one.clone(), two.clone()]).unwrap();
    // With the first word recorded, the pair still stands for its second.
    let command = world.sign(OMAR, one.clone());
    accepted(world.submit(command));
    let pair = [one, two];
    check(&world, &pair).unwrap();
    let key = world.people[FAYE].key_id;
    assert!(!braked(&world.state, world.now, &[handed(&world, &pair)]).since.key_is_active(&key));
}

#[test]
fn an_executor_that_has_to_pull_the_ledger_again_is_not_braked_by_what_it_cannot_judge() {
    let (mut world, id) = running();
    let hold = [holding(&mut world, SAUL, id)];
    let brake = handed(&world, &hold);
    assert_eq!(braked(&State::empty(), world.now, &[brake]), State::empty());
}

/// A running change, an exception of its tenant, and what may be said of both.
fn scene() -> (World, ChangeId, ChangeId) {
    let mut world = quota_world();
    let body = exception(&world);
    let grant = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, grant));
    let change = world.running(model::KindName::Deployment, Digest::of_object("manifest", b"2026.02"));
    (world, change, grant)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever is handed, whenever it is looked at: no step and no limit that was not there before, and the
    /// verified state is as it was.
    #[test]
    fn a_brake_only_takes_away(
        says in prop::collection::vec((0..4usize, 0..4u8, 0..4usize, -2..30i64), 1..6),
        steps in 0..8usize,
        later in 0..40i64,
    ) {
        let (mut world, change, grant) = scene();
        let mut handed = vec![];
        for (n, (who, what, whose, minutes)) in says.into_iter().enumerate() {
            if n < steps && world.due(change).is_some() {
                world.step(change, End::Done);
            }
            let (person, key) = (world.people[whose].id, world.people[whose].key_id);
            let act = match what {
                0 => Act::Hold { change, revision: 1 },
                1 => Act::Revoke { change: grant, revision: 1 },
                2 => Act::Suspend { person, key },
                _ => Act::Release { change, revision: 1, of: person },
            };
            let mut statement = world.statement(who, act);
            statement.not_after = world.now.plus_millis(minutes * MINUTE_MS);
            handed.push((vec![statement], world.state.size));
        }
        let brakes: Vec<_> = handed.iter().map(|(statements, size)| Brake { statements, size: *size }).collect();
        let (before, now) = (world.state.clone(), world.now.plus_millis(later * MINUTE_MS));
        let state = braked(&world.state, now, &brakes);
        let all = due(&world, &before);
        prop_assert!(due(&world, &state).iter().all(|step| all.contains(step)));
        let allowed = |state: &State| quota_at(state, &world.tenant, now).engines;
        prop_assert!(allowed(&state) <= allowed(&before));
        prop_assert_eq!((state.size, state.last), (before.size, before.last));
        let revives = |key: &Digest| state.since.key_is_active(key) && !before.since.key_is_active(key);
        let revived = world.people.iter().any(|known| revives(&known.key_id));
        prop_assert!(!revived);
    }
}
