//! Fine points that two engineers would decide differently, as they are decided here.

use crate::world::{End, FAYE, FR, GO, HOUR_MS, No, OMAR, OPAL, SA, SAUL, World, accepted, code, refused};
use control::{Decided, Explanation, Inadmissible, Refusal, Verdict, Window, decide, explain, who_may};
use model::{ChangeId, Digest, KindName, Role, Status};
use signed::{Act, Part};

const DEPLOYMENT: KindName = KindName::Deployment;
const ROLLBACK: KindName = KindName::Rollback;

fn one(version: &str) -> (World, Digest) {
    let mut world = World::new();
    let artifact = world.publish(version, 64);
    (world, artifact)
}

fn told(world: &World, who: usize, id: ChangeId) -> Explanation {
    explain(&world.state, world.change(id), &world.id(who), world.now)
}

fn verb<'a>(told: &'a Explanation, verb: &str) -> &'a Result<(), Refusal> {
    &told.verbs.iter().find(|(known, _)| *known == verb).unwrap().1
}

#[test]
fn explain_names_who_lacks_what_and_who_can() {
    let (mut world, artifact) = one("a");
    let id = world.draft(OPAL, DEPLOYMENT, artifact);
    assert!(matches!(verb(&told(&world, OPAL, id), "seal"), Err(Refusal::ObservationMissing { .. })));
    world.observe_all(id);
    assert_eq!(verb(&told(&world, OPAL, id), "seal"), &Ok(()));
    assert_eq!(verb(&told(&world, FAYE, id), "seal"), &Err(Refusal::RoleMissing { needed: vec![GO] }));
    accepted(world.seal(OPAL, id));

    let author = told(&world, OPAL, id);
    assert_eq!(verb(&author, "approve"), &Err(Refusal::AuthorMayNotApprove {}));
    assert_eq!(verb(&author, "run"), &Err(Refusal::SlotsOpen { slots: vec![vec![GO], vec![FR]] }));
    assert_eq!((author.status, author.blocked.clone()), (Status::AwaitingApproval, None));
    let can: Vec<_> = author.slots.iter().map(|slot| (slot.slot, slot.who_can.clone())).collect();
    assert_eq!(can, [(0, vec![world.id(OMAR)]), (1, vec![world.id(FAYE)])]);
    assert_eq!(verb(&told(&world, FAYE, id), "approve"), &Ok(()));
    assert!(matches!(verb(&told(&world, SAUL, id), "approve"), Err(Refusal::RoleMissing { .. })));
    assert_eq!(verb(&told(&world, SAUL, id), "hold"), &Ok(()));

    accepted(world.approve(OMAR, id, GO));
    let omar = told(&world, OMAR, id);
    assert_eq!((omar.slots[0].filled_by, omar.slots[0].who_can.len()), (Some(world.id(OMAR)), 0));
    assert_eq!(verb(&omar, "withdraw"), &Ok(()));
    let nobody = explain(&world.state, world.change(id), &model::PersonId([0; 16]), world.now);
    assert_eq!(nobody.verbs, []);
}

/// What `explain` says is what `decide` does, for everyone, every verb and slot, at every stage.
#[test]
fn explain_and_decide_agree() {
    let mut world = World::with_dora();
    let artifact = world.publish("a", 64);
    let id = world.draft(OPAL, DEPLOYMENT, artifact);
    let mut stages: Vec<fn(&mut World, ChangeId)> = vec![
        |world, id| world.observe_all(id),
        |world, id| drop(accepted(world.seal(OPAL, id))),
        |world, id| drop(accepted(world.approve(OMAR, id, GO))),
        |world, id| drop(accepted(world.verb(SAUL, "hold", id))),
        |world, id| drop(accepted(world.approve(FAYE, id, FR))),
        |world, id| drop(accepted(world.verb(OMAR, "release", id))),
        |world, id| drop(accepted(world.run(OPAL, id))),
        |world, id| drop(world.carry_out(id, |_, _| End::Done)),
    ];
    stages.insert(0, |_, _| {});
    for (number, stage) in stages.iter().enumerate() {
        stage(&mut world, id);
        agree(&mut world, id, number);
    }
}

#[test]
fn explain_and_decide_agree_about_whom_a_roster_change_concerns() {
    let mut world = World::with_dora();
    let mut next = world.state.roster.clone();
    next.people[FAYE].roles = vec![FR, SA];
    let body = world.roster_body(&next, &[]);
    let id = world.draft_of(OPAL, body);
    agree(&mut world, id, 0);
    accepted(world.seal(OPAL, id));
    agree(&mut world, id, 1);
    world.approve_all(id);
    agree(&mut world, id, 2);
    world.advance(24 * HOUR_MS);
    agree(&mut world, id, 3);
}

#[test]
fn explain_and_decide_agree_about_a_draft_that_is_read_only() {
    let mut world = World::with_dora();
    let lease = world.leased();
    let body = world.raise(lease, 2_000, HOUR_MS);
    let id = world.draft_of(OPAL, body);
    agree(&mut world, id, 0);
    accepted(world.verb(OPAL, "escalate", id));
    agree(&mut world, id, 1);
    accepted(world.seal(OPAL, id));
    agree(&mut world, id, 2);
    world.approve_all(id);
    agree(&mut world, id, 3);
    accepted(world.run(OPAL, id));
    agree(&mut world, id, 4);
}

/// For everyone, every verb and every slot.
fn agree(world: &mut World, id: ChangeId, stage: usize) {
    for who in 0..5 {
        let told = told(world, who, id);
        for (verb, said) in &told.verbs {
            let slots: &[Role] = if matches!(*verb, "approve" | "reject") { &[GO, FR] } else { &[GO] };
            let accepts = slots.iter().any(|slot| {
                let act = world.act(verb, id, *slot);
                let command = world.said(who, act);
                let decided = decide(&world.state, &world.shelf, world.now, &command);
                matches!(decided, Ok(Decided { verdict: Verdict::Accepted, .. }))
            });
            assert_eq!(said.is_ok(), accepts, "stage {stage}: {who} {verb}: {said:?}");
        }
    }
}

#[test]
fn a_withdrawal_opens_the_slot_and_renews_no_clock() {
    let (mut world, artifact) = one("a");
    let id = world.sealed(DEPLOYMENT, artifact);
    let clock = |world: &World| world.change(id).deadline(&world.state, world.now);
    let approve_by = clock(&world);
    accepted(world.approve(OMAR, id, GO));
    accepted(world.verb(OMAR, "withdraw", id));
    assert_eq!(clock(&world), approve_by, "the clock of a first approval runs on");
    world.approve_all(id);
    let execute_by = Some(world.now.plus_millis(72 * HOUR_MS));
    assert_eq!(clock(&world), execute_by);
    world.advance(71 * HOUR_MS);
    accepted(world.verb(FAYE, "withdraw", id));
    assert_eq!((world.status(id), world.change(id).open_slots(&world.state)), (Status::AwaitingApproval, vec![1]));
    assert_eq!(clock(&world), approve_by, "approve by is fixed at seal");
    refused(world.run(OPAL, id), "run.slots_open");
    accepted(world.approve(FAYE, id, FR));
    assert_eq!(clock(&world), execute_by, "run by is fixed at the first full approval");
    accepted(world.run(OPAL, id));
    refused(world.verb(FAYE, "withdraw", id), "change.status");
}

#[test]
fn the_same_bytes_keep_their_approvals_and_other_bytes_have_none() {
    let (mut world, artifact) = one("a");
    let id = world.approved(DEPLOYMENT, artifact);
    let package = world.change(id).package.clone();
    refused(world.open(OPAL, &package), "change.status");
    assert_eq!((world.status(id), world.change(id).approvals.len()), (Status::Approved, 2));
    let stale = world.binding(id);
    let other = world.package(id, DEPLOYMENT, artifact);
    accepted(world.open(OMAR, &other));
    assert_eq!((world.change(id).revision, world.change(id).approvals.len()), (2, 0));
    refused(
        world.sign_and_submit(FAYE, Act::Approve { binding: stale, slot: 1, on_behalf_of: None }),
        "change.revision_stale",
    );
    // Authors are who opened or sealed this revision: who opened the first one may approve the second.
    world.observe_all(id);
    refused(world.seal(OPAL, id), "slot.unsatisfiable");
    let may = |world: &World, verb| who_may(&world.state, world.change(id), verb, world.now);
    assert_eq!(may(&world, "seal"), Ok(vec![world.id(OMAR)]), "who is told to seal may");
    assert!(matches!(may(&world, "run"), Err(Some(Refusal::StatusWrong { status: Status::Draft }))));
    assert_eq!(may(&world, "no-verb"), Err(None));
    accepted(world.seal(OMAR, id));
    assert_eq!(may(&world, "approve"), Ok(vec![world.id(OPAL), world.id(FAYE)]), "each in the slot of their role");
    refused(world.approve(OMAR, id, GO), "approve.author");
    accepted(world.approve(OPAL, id, GO));
}

#[test]
fn what_was_decided_against_or_ended_takes_no_word_any_more() {
    let endings: [fn(&mut World, ChangeId); 3] = [
        |world, id| {
            let act = world.act("reject", id, FR);
            drop(accepted(world.sign_and_submit(FAYE, act)));
        },
        |world, id| drop(accepted(world.verb(OMAR, "cancel", id))),
        |world, id| {
            world.approve_all(id);
            accepted(world.run(OPAL, id));
            world.carry_out(id, |_, _| End::Done);
        },
    ];
    for end in endings {
        let (mut world, artifact) = one("a");
        let id = world.sealed(DEPLOYMENT, artifact);
        end(&mut world, id);
        let (size, ended) = (world.state.size, Err(No::Inadmissible(Inadmissible::Ended(world.change(id).last))));
        let package = world.package(id, DEPLOYMENT, artifact);
        assert_eq!(world.open(OPAL, &package), ended);
        for verb in ["seal", "approve", "reject", "withdraw", "hold", "release", "cancel", "run", "revoke", "review"] {
            assert_eq!(world.verb(OMAR, verb, id), ended, "{verb}");
        }
        assert_eq!(world.state.size, size);
    }
}

#[test]
fn a_hold_by_any_role_stops_every_step_but_the_one_that_was_begun() {
    for holder in [OPAL, OMAR, FAYE, SAUL] {
        let (mut world, artifact) = one("a");
        let id = world.running(DEPLOYMENT, artifact);
        world.carry_until(id, "place");
        let (service, due) = world.due(id).unwrap();
        let (nonce, intended) = world.intend(service, &due);
        accepted(intended);
        accepted(world.verb(holder, "hold", id));
        assert!(world.due(id).unwrap().1.intent.is_some(), "what was begun is brought to its end");
        accepted(world.end(service, &due, nonce, End::Done));
        assert_eq!(world.due(id), None);
        refused(world.verb(holder, "hold", id), "change.held");
        accepted(world.verb(OMAR, "release", id));
        world.carry_out(id, |_, _| End::Done);
        assert_eq!(world.status(id), Status::Effective);
    }
}

#[test]
fn bindings_that_differ_after_the_switch_take_everything_back() {
    let mut world = World::new();
    let [a, b, c] = ["a", "b", "c"].map(|version| world.publish(version, 64));
    // The first one: nothing served before, and nothing does afterwards.
    let first = world.running(DEPLOYMENT, a);
    world.carry_until(first, "switch");
    world.step(first, End::Done);
    let words =
        world.carry_out(first, |word, _| if word == "check-bindings" { End::Refused("changed") } else { End::Done });
    assert_eq!(words, ["check-bindings", "undo:switch", "undo:stop", "undo:unplace"]);
    assert_eq!((world.status(first), world.serving(), world.stack().len()), (Status::Failed, None, 0));
    world.deploy(b);
    let generation = world.state.engines[&world.engine].generation;

    let id = world.running(DEPLOYMENT, c);
    world.carry_until(id, "switch");
    world.step(id, End::Done);
    assert_eq!(world.serving(), Some(c));
    world.carry_out(id, |word, _| if word == "check-bindings" { End::Refused("changed") } else { End::Done });
    let engine = &world.state.engines[&world.engine];
    assert_eq!((world.serving(), engine.generation, world.locked_by()), (Some(b), generation + 2, None));
    assert_eq!((world.status(id), world.stack()), (Status::Failed, vec![b]));
    world.deploy(c);
    assert_eq!(world.stack(), [b, c]);
}

#[test]
fn past_the_last_step_that_can_be_undone_a_person_is_needed() {
    let cases: [(&str, bool, Status); 4] = [
        ("stop", false, Status::Failed),
        ("unplace", false, Status::Indeterminate),
        ("start", true, Status::Indeterminate),
        ("place", false, Status::Failed),
    ];
    for (at, undo_too, wanted) in cases {
        let mut world = World::new();
        let (a, b) = (world.publish("a", 64), world.publish("b", 64));
        world.deploy(a);
        let id = world.running(DEPLOYMENT, b);
        world.carry_out(id, |word, undo| match undo {
            true if undo_too => End::Refused("stuck"),
            false if word == at => End::Refused("no"),
            _ => End::Done,
        });
        assert_eq!(world.status(id), wanted, "{at}");
        let locked = world.locked_by();
        assert_eq!(locked, (wanted == Status::Indeterminate).then_some(id), "{at}: the lock stays with what is stuck");
    }
}

#[test]
fn an_unknown_outcome_keeps_the_lock_and_stops_everything() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    let next = world.approved(DEPLOYMENT, b);
    let id = world.running(DEPLOYMENT, a);
    world.carry_until(id, "start");
    world.step(id, End::Unknown);
    assert_eq!((world.status(id), world.due(id)), (Status::Indeterminate, None));
    refused(world.run(OPAL, next), "run.locked");
}

#[test]
fn a_late_intent_is_due_again_five_times_and_its_compensation_as_often() {
    let (mut world, artifact) = one("a");
    let id = world.running(DEPLOYMENT, artifact);
    world.carry_until(id, "place");
    for _ in 0..5 {
        world.step(id, End::Refused("late"));
        assert_eq!(world.due(id).unwrap().1.action.word(), "place");
    }
    world.step(id, End::Done);
    world.step(id, End::Refused("probe_failed"));
    for _ in 0..5 {
        world.step(id, End::Refused("late"));
        assert_eq!(world.status(id), Status::Executing, "{:?}", world.due(id));
    }
    world.step(id, End::Done);
    assert_eq!(world.status(id), Status::Failed);

    let (mut world, artifact) = one("a");
    let id = world.running(DEPLOYMENT, artifact);
    world.carry_until(id, "start");
    for _ in 0..6 {
        world.step(id, End::Refused("late"));
    }
    assert_eq!(world.due(id).unwrap().1.action.word(), "unplace", "the sixth time is a refusal");
}

#[test]
fn any_person_with_the_role_runs_author_and_approver_included() {
    for who in [OPAL, OMAR] {
        let (mut world, artifact) = one("a");
        let id = world.approved(DEPLOYMENT, artifact);
        accepted(world.run(who, id));
    }
    let (mut world, artifact) = one("a");
    let id = world.approved(DEPLOYMENT, artifact);
    refused(world.run(FAYE, id), "role.missing");
}

#[test]
fn what_has_ended_need_not_be_remembered_and_the_sweeper_changes_nothing() {
    let (mut world, artifact) = one("a");
    let id = world.sealed(DEPLOYMENT, artifact);
    let act = world.act("approve", id, GO);
    let command = world.said(OMAR, act);
    let leaf = world.submit(command.clone()).unwrap();
    assert_eq!(code(&leaf), None);
    assert!(world.state.spent.values().any(|index| *index + 1 == world.state.size));
    // Ended, and not swept out yet: refused for having ended, as it will be once it is swept out.
    world.advance(HOUR_MS);
    let now = world.now;
    let unswept = decide(&world.state, &world.shelf, now, &command).unwrap();
    assert_eq!(unswept.verdict, Verdict::Refused(Refusal::StatementExpired { not_after: ended(&command), now }));
    accepted(world.login(OPAL, Digest::of_bytes(b"token"), HOUR_MS));
    assert!(world.state.spent.is_empty(), "pruned");
    let swept = decide(&world.state, &world.shelf, now, &command).unwrap();
    assert_eq!(swept, unswept);
}

fn ended(command: &control::Command) -> model::Instant {
    match command {
        control::Command::Signed { statement, .. } => statement.not_after,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_observation_that_comes_too_late_hears_where_the_change_stands_swept_or_not() {
    let (mut world, artifact) = one("a");
    let id = world.sealed(DEPLOYMENT, artifact);
    world.advance(73 * HOUR_MS);
    for _ in 0..2 {
        let leaf = world.observe(id, model::Service::Node).unwrap();
        assert_eq!(leaf.verdict, Verdict::Refused(Refusal::StatusWrong { status: Status::Expired }));
        let _ = world.clock(control::ClockAct::Settle {});
    }
}

#[test]
fn a_token_opens_one_credential_while_it_lives() {
    let mut world = World::new();
    let token = Digest::of_bytes(b"token");
    let index = world.state.size;
    accepted(world.login(OPAL, token, HOUR_MS));
    assert_eq!(world.login(OPAL, token, HOUR_MS), Err(No::Inadmissible(Inadmissible::Spent(index))));
    world.advance(2 * HOUR_MS);
    assert!(world.state.session(&token, world.now).is_none());
    accepted(world.login(FAYE, Digest::of_bytes(b"another"), HOUR_MS));
    accepted(world.login(OPAL, token, HOUR_MS));
}

#[test]
fn what_is_not_one_to_decide_leaves_no_leaf() {
    let (mut world, artifact) = one("a");
    let id = world.sealed(DEPLOYMENT, artifact);
    let size = world.state.size;
    let no = |world: &mut World, command| match world.submit(command) {
        Err(No::Inadmissible(why)) => why,
        other => panic!("{other:?}"),
    };
    let mut many = world.statement(SAUL, Act::Hold { change: id, revision: 1 });
    let part = Part { about: crate::world::token("reason"), subject: None, commitment: Digest::ZERO };
    many.parts = vec![part; 33];
    let many = world.sign(SAUL, many);
    assert!(matches!(no(&mut world, many), Inadmissible::Bounds(_)));

    let unknown = world.said(SAUL, Act::Hold { change: ChangeId([0; 16]), revision: 1 });
    assert_eq!(no(&mut world, unknown), Inadmissible::UnknownObject);

    let mut package = world.package(id, DEPLOYMENT, artifact);
    package.window = Some(Window { from: world.now, until: model::Instant::EPOCH });
    let inverted = world.opening(OPAL, &package);
    assert!(matches!(no(&mut world, inverted), Inadmissible::Bounds(_)));

    let other_kind = world.package(id, ROLLBACK, artifact);
    let other_kind = world.opening(OPAL, &other_kind);
    assert_eq!(no(&mut world, other_kind), Inadmissible::OtherPackage);

    let settle = control::Command::Clock { act: control::ClockAct::Settle {} };
    assert_eq!(no(&mut world, settle), Inadmissible::NoChange);

    let long = control::Login {
        token: Digest::ZERO,
        scope: model::Scope::Person,
        expires: world.now.plus_millis(25 * HOUR_MS),
    };
    let long = world.session(OPAL, long);
    let says = no(&mut world, long).to_string();
    assert!(says.contains("24 h 59 min after the ledger's clock"), "{says}");
    assert_eq!(world.state.size, size);
}

#[test]
fn a_rollback_needs_the_auditor_and_not_the_reviewer() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    world.deploy(b);
    let id = world.sealed(ROLLBACK, a);
    refused(world.approve(FAYE, id, FR), "slot.unknown");
    accepted(world.approve(SAUL, id, SA));
    accepted(world.approve(OMAR, id, GO));
    assert_eq!(world.status(id), Status::Approved);
}
