//! The roster changes under the roster that is replaced, and no key is lost for good.

use crate::world::{
    FAYE, FR, GO, HOUR_MS, No, OMAR, OPAL, Persona, SA, SAUL, World, accepted, key_of, persona, refused,
};
use control::{Body, RosterEvent, Unauthentic};
use model::{ChangeId, Digest, KindName, Status};
use signed::{Act, Deputy};

fn suspend(world: &World, who: usize) -> Act {
    Act::Suspend { person: world.id(who), key: world.people[who].key_id }
}

/// Two others suspend the key, or the key itself does.
fn lose(world: &mut World, who: usize, by_two: bool) {
    let act = suspend(world, who);
    if by_two {
        let others: Vec<_> = [SAUL, FAYE, OMAR].into_iter().filter(|other| *other != who).collect();
        accepted(world.sign_and_submit(others[0], act.clone()));
        assert!(world.state.since.key_is_active(&world.people[who].key_id), "one word suspends nothing yet");
        accepted(world.sign_and_submit(others[1], act));
    } else {
        accepted(world.sign_and_submit(who, act));
    }
    refused(world.sign_and_submit(who, Act::RegisterTenant { tenant: model::TenantId([9; 16]) }), "key.not_active");
}

/// Four people with one key each: whoever loses theirs is put back by the other three.
#[test]
fn each_of_four_people_gets_a_new_key_by_the_other_three_and_approves_with_it() {
    // Who lost it, who asks for the change, who opens the next change, and the slot of who is back.
    let cases = [(OPAL, FAYE, OMAR, GO), (OMAR, SAUL, OPAL, GO), (FAYE, OPAL, OPAL, FR), (SAUL, OMAR, OPAL, SA)];
    for (lost, asks, opens, role) in cases {
        for by_two in [true, false] {
            let mut world = World::new();
            lose(&mut world, lost, by_two);
            let fresh = Persona { id: world.id(lost), ..persona(50 + u8::try_from(lost).unwrap()) };
            let mut next = world.state.roster.clone();
            next.people[lost].keys = vec![key_of(&fresh)];
            let change = world.change_roster(asks, &next, &[&fresh]);
            let approvers = world.change(change).approvals.values().map(|approval| approval.person);
            assert_eq!(approvers.chain([world.id(asks)]).collect::<std::collections::BTreeSet<_>>().len(), 3);
            let old = std::mem::replace(&mut world.people[lost], fresh);
            let body = Body::External {
                target: crate::world::token("ci.example/deploy"),
                digest: Digest::ZERO,
                slot: vec![if role == SA { SA } else { FR }],
            };
            let id = world.draft_of(opens, body);
            accepted(world.seal(opens, id));
            let fresh = std::mem::replace(&mut world.people[lost], old);
            let act = world.act("approve", id, role);
            let with_the_old = world.sign_and_submit(lost, act);
            assert!(matches!(with_the_old, Err(No::Authority(Unauthentic::Stranger(_)))), "{with_the_old:?}");
            world.people[lost] = fresh;
            accepted(world.approve(lost, id, role));
            world.approve_all(id);
            assert_eq!(world.status(id), Status::Approved, "{lost}");
        }
    }
}

#[test]
fn another_key_of_the_same_person_is_one_of_two_words() {
    let mut world = World::new();
    let second = Persona { id: world.id(FAYE), ..persona(60) };
    let mut next = world.state.roster.clone();
    next.people[FAYE].keys.push(key_of(&second));
    world.change_roster(OPAL, &next, &[&second]);
    let act = suspend(&world, FAYE);
    let first = std::mem::replace(&mut world.people[FAYE], second);
    let leaf = accepted(world.sign_and_submit(FAYE, act.clone()));
    let asked = |leaf: &control::Leaf| {
        matches!(leaf.effects[0], control::Effect::Roster { event: RosterEvent::SuspensionAsked { .. } })
    };
    assert!(asked(&leaf), "who stole one key does not take the other away");
    refused(world.sign_and_submit(FAYE, act.clone()), "second.same_person");
    accepted(world.sign_and_submit(OMAR, act));
    assert!(!world.state.since.key_is_active(&first.key_id));
}

/// What gives Saul a role.
fn giving_saul(world: &mut World) -> Body {
    let mut next = world.state.roster.clone();
    next.people[SAUL].roles = vec![FR, SA];
    world.roster_body(&next, &[])
}

fn sealed(world: &mut World, who: usize, body: Body) -> ChangeId {
    let id = world.draft_of(who, body);
    accepted(world.seal(who, id));
    id
}

#[test]
fn who_gains_by_a_roster_change_decides_nothing_about_it_and_may_ask_for_another() {
    let mut world = World::new();
    let body = giving_saul(&mut world);
    let id = sealed(&mut world, OPAL, body);
    for verb in ["approve", "reject", "hold"] {
        let act = world.act(verb, id, SA);
        refused(world.sign_and_submit(SAUL, act), "change.concerned");
    }
    // Cancelling is for authors and operators in the first place.
    refused(world.verb(SAUL, "cancel", id), "role.missing");
    // In its place he seals none, and beside it he may.
    let mut other = world.state.roster.clone();
    other.people[SAUL].tenants = Some(vec![]);
    let body = world.roster_body(&other, &[]);
    let change = ChangeId(world.fresh());
    let mut package = world.package_of(change, body.clone());
    package.supersedes = Some(id);
    accepted(world.open(SAUL, &package));
    refused(world.seal(SAUL, change), "change.supersedes_wrong");
    let beside = sealed(&mut world, SAUL, body);
    assert_eq!((world.status(id), world.status(beside)), (Status::AwaitingApproval, Status::AwaitingApproval));
    world.approve_all(id);
    refused(world.run(OPAL, id), "run.cooling");
    world.advance(24 * HOUR_MS);
    accepted(world.run(OPAL, id));
    // The other one was planned on the roster that is no more.
    world.approve_all(beside);
    world.advance(24 * HOUR_MS);
    refused(world.run(OPAL, beside), "base.drifted");
}

#[test]
fn another_person_supersedes_a_change_in_the_leaf_that_seals_the_newer_one() {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let old = world.approved(model::KindName::Deployment, artifact);
    let change = ChangeId(world.fresh());
    let mut package = world.package(change, model::KindName::Deployment, artifact);
    package.supersedes = Some(old);
    accepted(world.open(OMAR, &package));
    world.observe_all(change);
    assert_eq!(world.status(old), Status::Approved, "a draft ends nothing");
    accepted(world.seal(OMAR, change));
    assert_eq!((world.status(old), world.status(change)), (Status::Superseded, Status::AwaitingApproval));
}

#[test]
fn what_only_takes_away_does_not_cool_and_strands_at_most_other_kinds() {
    let mut world = World::new();
    let mut next = world.state.roster.clone();
    next.people.remove(OMAR);
    let body = world.roster_body(&next, &[]);
    let id = world.draft_of(FAYE, body);
    accepted(world.seal(FAYE, id));
    // Who approves signs which kinds that strands.
    let lost = &world.change(id).plan.as_ref().unwrap().loses_reach;
    let words: Vec<_> = lost.iter().map(|kind| kind.word()).collect();
    let others = KindName::ALL.iter().filter(|kind| **kind != KindName::RosterChange);
    assert_eq!(words, others.map(|kind| kind.word()).collect::<Vec<_>>());
    accepted(world.approve(OPAL, id, GO));
    accepted(world.approve(SAUL, id, SA));
    accepted(world.run(OPAL, id));
    assert_eq!((world.status(id), world.state.roster.people.len()), (Status::Effective, 3));
    // What is lost already is not lost by the next one.
    let mut next = world.state.roster.clone();
    next.people[FAYE - 1].tenants = Some(vec![]);
    let body = world.roster_body(&next, &[]);
    let narrower = world.draft_of(FAYE, body);
    let plan = control::plan(&world.state, world.change(narrower), world.now).unwrap();
    assert_eq!(plan.loses_reach, []);
    // With the last operator gone nobody could change the roster any more.
    let mut next = world.state.roster.clone();
    next.people.remove(OPAL);
    let body = world.roster_body(&next, &[]);
    let change = ChangeId(world.fresh());
    let package = world.package_of(change, body);
    refused(world.open(FAYE, &package), "roster.kind_unreachable");
}

/// Else with four people an entry that has long ended by itself would bar one of them from each roster change.
#[test]
fn a_deputy_whose_time_is_over_is_concerned_by_nothing_any_more() {
    let mut world = World::with_dora();
    let until = world.now.plus_millis(2 * HOUR_MS);
    let saul = world.id(SAUL);
    let mut next = world.state.roster.clone();
    next.people[FAYE].deputies = vec![Deputy { person: saul, from: world.now, until }];
    world.change_roster(OPAL, &next, &[]);
    let alter = |world: &mut World| {
        let mut next = world.state.roster.clone();
        next.people[FAYE].tenants = Some(vec![]);
        let body = world.roster_body(&next, &[]);
        let id = world.draft_of(OPAL, body);
        accepted(world.seal(OPAL, id));
        id
    };
    let saul_may = |world: &World, id| {
        let verbs = control::explain(&world.state, world.change(id), &world.id(SAUL), world.now).verbs;
        verbs.into_iter().find(|(verb, _)| *verb == "approve").unwrap().1.is_ok()
    };
    world.advance(30 * HOUR_MS);
    let id = alter(&mut world);
    assert!(saul_may(&world, id), "it ended by itself");
}
