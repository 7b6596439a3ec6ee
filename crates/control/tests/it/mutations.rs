//! An approval that is swapped, dropped, doubled, moved, dated again, or whose key was taken away, lets
//! no change of any kind have its effect.

use crate::scenes::{exception, quota_world};
use crate::world::{HOUR_MS, No, OPAL, World, accepted, code, refused};
use control::{Body, ChangeEvent, Inadmissible, Setting, TenantTerms};
use model::{ChangeId, KindName};
use signed::Act;

/// A sealed change of this kind, and how to seal another one like it.
fn sealed(kind: KindName) -> (World, ChangeId, Body) {
    let mut world = if kind == KindName::QuotaException { quota_world() } else { World::with_dora() };
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    let body = match kind {
        KindName::Rollback => {
            world.deploy(a);
            world.deploy(b);
            world.body(kind, a)
        }
        KindName::Undrain => {
            world.deploy(a);
            world.effective(KindName::Drain, a);
            world.body(kind, a)
        }
        KindName::QuotaException => exception(&world),
        KindName::RosterChange => {
            let mut next = world.state.roster.clone();
            next.people[crate::world::DORA].tenants = Some(vec![]);
            world.roster_body(&next, &[])
        }
        KindName::SettingsChange => {
            let quota = control::Quota { engines: Some(7), ..control::Quota::default() };
            let tenants = vec![control::TenantTerm { tenant: world.tenant, quota, envelope: vec![] }];
            world.setting_body(&Setting::TenantTerms(TenantTerms { tenants }))
        }
        KindName::LeaseOverride => {
            world.leased();
            world.body(kind, a)
        }
        kind => {
            world.deploy(b);
            world.body(kind, a)
        }
    };
    let id = seal(&mut world, body.clone());
    (world, id, body)
}

fn seal(world: &mut World, body: Body) -> ChangeId {
    let id = world.draft_of(OPAL, body);
    if world.change(id).required(&world.state).is_some_and(|row| row.escalation.is_some()) {
        accepted(world.verb(OPAL, "escalate", id));
    }
    for service in control::governs(world.change(id).kind).observers() {
        accepted(world.observe(id, *service));
    }
    accepted(world.seal(OPAL, id));
    id
}

fn slots(world: &World, id: ChangeId) -> Vec<u32> {
    world.change(id).open_slots(&world.state)
}

fn approval(world: &World, id: ChangeId, slot: u32) -> Act {
    Act::Approve { binding: world.binding(id), slot, on_behalf_of: None }
}

type Mutation = fn(&mut World, ChangeId, Body);

/// Who fills a slot says so of another one.
fn swapped(world: &mut World, id: ChangeId, _: Body) {
    let all = slots(world, id);
    let approvers: Vec<_> = all.iter().map(|slot| world.approver(id, *slot)).collect();
    for (i, who) in approvers.iter().enumerate() {
        let other = if all.len() == 1 { 1 } else { all[(i + 1) % all.len()] };
        let act = approval(world, id, other);
        let wanted = if all.len() == 1 { "slot.unknown" } else { "role.missing" };
        refused(world.sign_and_submit(*who, act), wanted);
    }
}

/// The last one is not there.
fn dropped(world: &mut World, id: ChangeId, _: Body) {
    let mut all = slots(world, id);
    all.pop();
    for slot in all {
        let (who, act) = (world.approver(id, slot), approval(world, id, slot));
        accepted(world.sign_and_submit(who, act));
    }
}

/// One person's, as often as there are slots, and the same bytes twice.
fn doubled(world: &mut World, id: ChangeId, _: Body) {
    let all = slots(world, id);
    let who = world.approver(id, all[0]);
    let act = approval(world, id, all[0]);
    let command = world.said(who, act);
    accepted(world.submit(command.clone()));
    let again = world.submit(command);
    assert!(matches!(again, Err(No::Inadmissible(Inadmissible::Spent(_)))), "{again:?}");
    for slot in &all[1..] {
        let act = approval(world, id, *slot);
        let leaf = world.sign_and_submit(who, act).unwrap();
        assert!(matches!(code(&leaf), Some("role.missing" | "approve.same_person")), "{:?}", leaf.verdict);
    }
    assert_eq!(world.change(id).approvals.len(), 1);
    accepted(world.verb(who, "withdraw", id));
}

/// What was signed of a change like it.
fn moved(world: &mut World, id: ChangeId, body: Body) {
    let other = seal(world, body);
    for slot in slots(world, id) {
        let (who, mut act) = (world.approver(id, slot), approval(world, other, slot));
        if let Act::Approve { binding, .. } = &mut act {
            binding.change = id;
        }
        refused(world.sign_and_submit(who, act), "change.digests_differ");
    }
}

/// Said to be good for longer than it was signed for, and kept back until it is not.
fn dated_again(world: &mut World, id: ChangeId, _: Body) {
    for slot in slots(world, id) {
        let (who, act) = (world.approver(id, slot), approval(world, id, slot));
        let command = world.said(who, act);
        let control::Command::Signed { mut statement, signature } = command.clone() else { panic!("it is signed") };
        statement.not_after = statement.not_after.plus_millis(HOUR_MS);
        let longer = world.submit(control::Command::Signed { statement, signature });
        assert!(matches!(longer, Err(No::Authority(_))), "{longer:?}");
        world.advance(HOUR_MS);
        refused(world.submit(command), "statement.expired");
    }
}

/// Each has approved; the first one's key is taken away.
fn without_key(world: &mut World, id: ChangeId, _: Body) {
    let first = world.approver(id, 0);
    world.approve_all(id);
    let (person, key) = (world.id(first), world.people[first].key_id);
    accepted(world.sign_and_submit(first, Act::Suspend { person, key }));
}

const MUTATIONS: [(&str, Mutation); 6] = [
    ("swapped", swapped),
    ("dropped", dropped),
    ("doubled", doubled),
    ("moved", moved),
    ("dated again", dated_again),
    ("without its key", without_key),
];

#[test]
fn no_kind_has_an_effect_by_an_approval_that_was_tampered_with() {
    for kind in KindName::ALL {
        for (name, mutate) in MUTATIONS {
            let (mut world, id, body) = sealed(*kind);
            mutate(&mut world, id, body);
            let leaf = world.run(OPAL, id).unwrap();
            let refused = matches!(code(&leaf), Some("run.slots_open" | "run.approver_not_eligible"));
            assert!(refused, "{kind} {name}: {:?}", leaf.verdict);
            assert_eq!((&leaf.effects[..], world.change(id).run.is_none()), (&[][..], true), "{kind} {name}");
        }
    }
}

/// With all approvals as they are each kind is run, so that it is the mutation that is refused.
#[test]
fn every_kind_is_run_by_the_approvals_as_they_are() {
    for kind in KindName::ALL {
        let (mut world, id, _) = sealed(*kind);
        world.approve_all(id);
        let leaf = accepted(world.run(OPAL, id));
        assert!(matches!(leaf.effects[0].event(), Some(ChangeEvent::Run { .. })), "{kind}");
    }
}
