//! Every refusal: that it comes, that it leaves decided facts alone, and what it says.

use crate::golden;
use crate::scenes::{SCENES, Without};
use control::{GUARDS, Guards, Refusal, State};
use model::{ChangeId, Digest, Instant, PersonId, Role, Service, Status};
use std::collections::BTreeSet;

/// The codes as `refusal.rs` names them, so that a new one cannot be forgotten here.
fn codes() -> BTreeSet<&'static str> {
    let source = include_str!("../../src/refusal.rs");
    let table = source.split("pub fn code(&self)").nth(1).unwrap().split("pub fn message").next().unwrap();
    table.lines().filter_map(|line| line.split("=> \"").nth(1)?.split('"').next()).collect()
}

/// What is decided: all but what a refusal may move.
fn decided(state: &State) -> State {
    let mut state = state.clone();
    (state.size, state.last) = (0, Instant::EPOCH);
    state.spent.clear();
    state.idempotency.clear();
    state.changes.values_mut().for_each(|change| change.receipts.clear());
    state
}

#[test]
fn every_refusal_is_produced_and_leaves_decided_facts_untouched() {
    let mut produced = BTreeSet::new();
    for (name, code, _, _, scene) in SCENES {
        let mut scene = scene();
        assert_eq!(scene.code(&Guards::default()), Some(*code), "{name}");
        if scene.natural {
            let before = scene.world.state.clone();
            let leaf = scene.world.submit(scene.command.clone()).unwrap();
            assert_eq!(crate::world::code(&leaf), Some(*code), "{name}");
            assert_eq!(leaf.effects, [], "{name}");
            assert_eq!(decided(&scene.world.state), decided(&before), "{name}");
            assert_eq!(scene.world.state.size, before.size + 1, "{name}");
            // Recorded once: the same bytes again leave no leaf, unless they have ended.
            if *code != "statement.expired" && !matches!(scene.command, control::Command::Session(_)) {
                let again = scene.world.submit(scene.command);
                let spent = crate::world::No::Inadmissible(control::Inadmissible::Spent(before.size));
                assert_eq!(again, Err(spent), "{name}");
            }
        }
        produced.insert(*code);
    }
    assert_eq!(produced, codes());
}

#[test]
fn every_guard_keeps_out_what_nothing_else_would() {
    let mut guarded = BTreeSet::new();
    for (name, _, guard, without, scene) in SCENES {
        let Some(guard) = GUARDS.iter().find(|known| known.name == *guard) else {
            assert_eq!((*guard, *without), ("", Without::NoGuard), "{name}: no such guard");
            continue;
        };
        let scene = scene();
        let wanted = match without {
            Without::Accepted => None,
            Without::Refused(code) => Some(*code),
            Without::NoGuard => panic!("{name}: what happens without {}?", guard.name),
        };
        assert_eq!(scene.code(&Guards::without(guard.name)), wanted, "{name} without {}", guard.name);
        guarded.insert(guard.name);
    }
    let all: BTreeSet<_> = GUARDS.iter().map(|guard| guard.name).collect();
    assert_eq!(guarded, all, "a guard without a scene");
    assert_eq!(all.len(), GUARDS.len(), "two guards share a name");
}

fn samples() -> Vec<Refusal> {
    let (at, person) = (Instant::from_millis(1_772_992_800_000), PersonId([2; 16]));
    let slot = Role::FinanceReviewer;
    vec![
        Refusal::KeyNotActive {},
        Refusal::StatementExpired { not_after: at },
        Refusal::NotAfterTooFar {},
        Refusal::SeenTooEarly { needed: 12 },
        Refusal::RoleMissing { needed: slot },
        Refusal::StatusWrong { status: Status::AwaitingApproval },
        Refusal::RevisionStale { current: 2 },
        Refusal::DigestsDiffer {},
        Refusal::ReasonMissing {},
        Refusal::ObservationMissing { service: Service::Node },
        Refusal::ObservationStale { service: Service::Node },
        Refusal::ArtifactUnknown {},
        Refusal::ArtifactNotHeld {},
        Refusal::PlacementInsufficient { needed_mib: 512, free_mib: 64 },
        Refusal::BaseDrifted {},
        Refusal::NothingBelow {},
        Refusal::AlreadyServing {},
        Refusal::NotLastCertified { certified: Digest([0xab; 32]) },
        Refusal::Unsatisfiable { slot },
        Refusal::SlotUnknown { slot },
        Refusal::SlotFilled { slot, by: person },
        Refusal::AuthorMayNotApprove {},
        Refusal::OnePersonOneSlot { filled: slot },
        Refusal::NoApproval {},
        Refusal::Held { by: person },
        Refusal::NotHeld {},
        Refusal::ReleaserMayNotRun {},
        Refusal::ApproverNotEligible { slot, person },
        Refusal::SlotsOpen { slots: vec![Role::GovernanceOperator, slot] },
        Refusal::OutsideWindow { from: at, until: at.plus_millis(3_600_000) },
        Refusal::Locked { by: ChangeId([0xcd; 16]) },
        Refusal::Taken {},
        Refusal::StepNotDue {},
        Refusal::IntentOpen {},
        Refusal::IntentUnknown {},
        Refusal::ReceiptWrong {},
    ]
}

#[test]
fn every_refusal_says_what_was_missing_and_what_to_do_next() {
    let samples = samples();
    assert_eq!(samples.iter().map(Refusal::code).collect::<BTreeSet<_>>(), codes());
    let line = |refusal: &Refusal| {
        let (message, next) = refusal.message(&|_| "Omar".to_owned());
        format!("{}\n    {message}\n    {next}\n", refusal.code())
    };
    golden::check("refusals.txt", &samples.iter().map(line).collect::<String>());
}
