//! Which approvals count, for how long, and when they end.

use crate::world::{DORA, FAYE, FR, GO, HOUR_MS, No, OMAR, OPAL, SA, SAUL, World, accepted, refused, token};
use control::{Body, ChangeEvent, ClockAct, Effect, Inadmissible, Item, Quota, TenantTerm, TenantTerms};
use model::{ChangeId, Digest, KindName, Status, TenantId};
use signed::{Act, Deputy};
use std::collections::BTreeSet;

const DEPLOYMENT: KindName = KindName::Deployment;

fn approved() -> (World, ChangeId) {
    let mut world = World::with_dora();
    let artifact = world.publish("a", 64);
    let id = world.approved(DEPLOYMENT, artifact);
    (world, id)
}

/// From draft to effective at once, since it only takes away.
fn take_away(world: &mut World, alter: impl FnOnce(&mut signed::Roster)) {
    let mut next = world.state.roster.clone();
    alter(&mut next);
    let body = world.roster_body(&next, &[]);
    let id = world.draft_of(OPAL, body);
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
    accepted(world.run(OPAL, id));
}

#[test]
fn a_role_that_was_lost_and_comes_back_revives_no_approval() {
    let (mut world, id) = approved();
    take_away(&mut world, |next| next.people[FAYE].roles.clear());
    assert_eq!((world.status(id), world.change(id).open_slots(&world.state)), (Status::AwaitingApproval, vec![1]));
    let mut back = world.state.roster.clone();
    back.people[FAYE].roles = vec![FR];
    world.change_roster(OPAL, &back, &[]);
    assert_eq!(world.change(id).open_slots(&world.state), [1]);
    refused(world.run(OPAL, id), "run.approver_not_eligible");
    refused(world.approve(FAYE, id, FR), "role.too_new");
    accepted(world.approve(DORA, id, FR));
    accepted(world.run(OPAL, id));
}

/// A row would name them by an id now, and by their name once they have joined.
#[test]
fn an_approval_in_the_place_of_who_is_not_on_the_roster_is_no_leaf() {
    let (mut world, id) = approved();
    let binding = world.binding(id);
    let stranger = model::PersonId([0x99; 16]);
    let size = world.state.size;
    let answer = world.sign_and_submit(FAYE, Act::Approve { binding, slot: 1, on_behalf_of: Some(stranger) });
    assert_eq!(answer, Err(No::Inadmissible(Inadmissible::UnknownObject)));
    assert_eq!(world.state.size, size);
}

#[test]
fn withdrawing_and_approving_again_and_again_renews_no_clock() {
    let (mut world, id) = approved();
    let execute_by = world.change(id).execute_by.unwrap();
    for _ in 0..6 {
        world.advance(10 * HOUR_MS);
        accepted(world.verb(FAYE, "withdraw", id));
        accepted(world.approve(FAYE, id, FR));
        assert_eq!(world.change(id).execute_by, Some(execute_by));
    }
    world.advance(execute_by.millis_since(world.now) + 1);
    assert_eq!(world.status(id), Status::Expired);
    // With a slot open it has expired as well: nothing is left that could be run.
    let (mut world, id) = approved();
    accepted(world.verb(FAYE, "withdraw", id));
    world.advance(72 * HOUR_MS);
    assert_eq!(world.status(id), Status::Expired);
}

#[test]
fn a_deputy_fills_the_slot_of_whom_they_stand_in_for_and_no_other_beside_it() {
    let mut world = World::with_dora();
    let deputy = Deputy { person: world.id(SAUL), from: world.now, until: world.now.plus_millis(48 * HOUR_MS) };
    let mut next = world.state.roster.clone();
    next.people[FAYE].deputies = vec![deputy];
    world.change_roster(OPAL, &next, &[]);
    let artifact = world.publish("a", 64);
    let id = world.sealed(DEPLOYMENT, artifact);
    let (binding, of) = (world.binding(id), world.id(FAYE));
    let for_faye = Act::Approve { binding, slot: 1, on_behalf_of: Some(of) };
    let leaf = accepted(world.sign_and_submit(SAUL, for_faye.clone()));
    assert_eq!(control::rows(&leaf)[0].actor, control::Actor::Person(world.id(SAUL)), "the row names who signed");
    refused(world.sign_and_submit(SAUL, for_faye.clone()), "approve.same_person");
    accepted(world.approve(OMAR, id, GO));
    accepted(world.run(OPAL, id));

    let other = world.publish("b", 64);
    world.advance(48 * HOUR_MS);
    let id = world.sealed(DEPLOYMENT, other);
    let (binding, of) = (world.binding(id), world.id(FAYE));
    refused(world.sign_and_submit(SAUL, Act::Approve { binding, slot: 1, on_behalf_of: Some(of) }), "deputy.not_now");
}

#[test]
fn an_escalation_lasts_a_day() {
    let mut world = World::under(|table| table.kinds[0].escalation = Some(vec![GO]));
    let artifact = world.publish("a", 64);
    let id = world.draft(OPAL, DEPLOYMENT, artifact);
    let keeps = |world: &World| control::blocked(&world.state, world.change(id), world.now).map(|it| it.code());
    assert_eq!(keeps(&world), Some("seal.not_escalated"), "whoever looks at it is told so before sealing is refused");
    accepted(world.verb(OMAR, "escalate", id));
    assert_ne!(keeps(&world), Some("seal.not_escalated"));
    refused(world.verb(DORA, "escalate", id), "escalate.nothing");
    world.advance(25 * HOUR_MS);
    world.observe_all(id);
    refused(world.seal(OPAL, id), "seal.not_escalated");
    accepted(world.verb(OMAR, "escalate", id));
    accepted(world.seal(OPAL, id));
}

#[test]
fn evidence_after_an_approval_empties_the_slots_and_the_last_item_is_a_headline() {
    let items = ["billing-closeout", "revocation"].map(token);
    let mut world = World::under(|table| {
        let item = |(item, role): (&model::Token, _)| Item { item: item.clone(), role };
        table.kinds[0].checklist = items.iter().zip([FR, GO]).map(item).collect();
    });
    let artifact = world.publish("a", 64);
    let change = world.sealed(DEPLOYMENT, artifact);
    let attach = |item: &model::Token, evidence: &[u8]| Act::Attach {
        change,
        revision: 1,
        item: item.clone(),
        evidence: Digest::of_bytes(evidence),
    };
    refused(world.sign_and_submit(SAUL, attach(&items[0], b"one")), "role.missing");
    accepted(world.sign_and_submit(FAYE, attach(&items[0], b"one")));
    refused(world.approve(OMAR, change, GO), "checklist.open");
    let leaf = accepted(world.sign_and_submit(OMAR, attach(&items[1], b"two")));
    assert!(matches!(leaf.effects[1].event(), Some(ChangeEvent::ChecklistComplete { .. })), "{:?}", leaf.effects);
    let before = world.act("approve", change, GO);
    world.approve_all(change);
    accepted(world.sign_and_submit(FAYE, attach(&items[0], b"three")));
    assert_eq!((world.status(change), world.change(change).approvals.len()), (Status::AwaitingApproval, 0));
    refused(world.sign_and_submit(OMAR, before), "change.digests_differ");
    world.approve_all(change);
    accepted(world.run(OPAL, change));
}

/// Removing is one leaf of a few hundred bytes; what it means for each change is asked, and written
/// down later, one set of tenants a leaf.
#[test]
fn who_approved_five_hundred_open_changes_is_removed_by_one_small_leaf() {
    let other = TenantId([0x08; 16]);
    let quota = Quota { engines: Some(1), ..Quota::default() };
    let term = |tenant| TenantTerm { tenant, quota, envelope: vec![] };
    let mut world = World::with_terms(TenantTerms { tenants: [TenantId([0x07; 16]), other].map(term).to_vec() });
    world.replays = false;
    accepted(world.sign_and_submit(OPAL, Act::RegisterTenant { tenant: other }));
    let raised = Quota { engines: Some(2), ..Quota::default() };
    let ask = |world: &mut World, tenant| {
        let body: Body = World::quota_body(tenant, raised, 8);
        let id = world.draft_of(OPAL, body);
        accepted(world.seal(OPAL, id));
        accepted(world.approve(FAYE, id, FR));
        id
    };
    let tenants = [world.tenant, other];
    let open: Vec<_> = (0..500).map(|number| ask(&mut world, tenants[number % 2])).collect();
    take_away(&mut world, |next| {
        next.people.remove(FAYE);
    });
    assert!(world.leaves.last().unwrap().len() < 3_000, "{} bytes", world.leaves.last().unwrap().len());
    assert!(open.iter().all(|id| world.change(*id).open_slots(&world.state).contains(&1)), "none of them counts");

    let (mut lapsed, mut leaves) = (BTreeSet::new(), 0);
    loop {
        let leaf = match world.clock(ClockAct::Settle {}) {
            Ok(leaf) => leaf,
            Err(answer) => break assert_eq!(answer, No::Inadmissible(Inadmissible::NoChange)),
        };
        leaves += 1;
        assert_eq!(leaf.tags.len(), 1, "one set of tenants a leaf");
        for effect in &leaf.effects {
            let Effect::Change { about, event: ChangeEvent::ApprovalLapsed { slot: 1, .. } } = effect else {
                panic!("{effect:?}")
            };
            assert_eq!(world.change(about.change).subject.tenants, leaf.tags);
            lapsed.insert(about.change);
        }
    }
    assert_eq!((lapsed.len(), leaves), (500, 6));
    accepted(world.approve(DORA, open[0], FR));
    assert_eq!(world.slot(open[0], SA), 9, "an exception has no auditor's slot");
}

/// A deputy who is struck off and listed again fills nothing by what they signed before: else one
/// person could come to fill two slots.
#[test]
fn a_deputy_who_was_lost_and_comes_back_revives_no_approval() {
    let mut world = World::with_dora();
    let deputy = Deputy { person: world.id(DORA), from: world.now, until: world.now.plus_millis(90 * HOUR_MS) };
    let with = |world: &mut World, deputies: Vec<Deputy>| {
        let mut next = world.state.roster.clone();
        next.people[FAYE].deputies = deputies;
        world.change_roster(OPAL, &next, &[]);
    };
    with(&mut world, vec![deputy]);
    let artifact = world.publish("a", 64);
    let id = world.sealed(DEPLOYMENT, artifact);
    let (binding, of) = (world.binding(id), world.id(FAYE));
    accepted(world.sign_and_submit(DORA, Act::Approve { binding, slot: 1, on_behalf_of: Some(of) }));
    take_away(&mut world, |next| next.people[FAYE].deputies.clear());
    assert_eq!(world.change(id).open_slots(&world.state), [0, 1]);
    accepted(world.approve(DORA, id, GO));
    with(&mut world, vec![deputy]);
    assert_eq!(world.change(id).open_slots(&world.state), [1], "Dora fills one slot");
    accepted(world.approve(FAYE, id, FR));
    accepted(world.run(OPAL, id));
}

/// Whether its lapse was written down makes no difference to what is answered.
#[test]
fn an_approval_that_counts_no_more_is_not_withdrawn_whether_or_not_its_lapse_was_written_down() {
    for swept in [false, true] {
        let (mut world, id) = crate::scenes::lapsed();
        if swept {
            accepted(world.clock(ClockAct::Settle {}));
        }
        assert_eq!(world.change(id).approvals.is_empty(), swept);
        refused(world.verb(OMAR, "withdraw", id), "withdraw.no_approval");
    }
}

/// What it asks for now is said before anybody tries to run it.
#[test]
fn a_change_that_another_table_of_kinds_asks_more_of_says_that_it_is_kept_by_that() {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let id = world.sealed(DEPLOYMENT, artifact);
    assert_eq!(control::blocked(&world.state, world.change(id), world.now), None);
    let mut kinds = world.state.kinds.clone();
    kinds.kinds[0].approve_within_ms += 1;
    world.change_setting(&control::Setting::Kinds(kinds));
    let keeps = control::blocked(&world.state, world.change(id), world.now).map(|refusal| refusal.code());
    assert_eq!(keeps, Some("requirement.changed"));
}
