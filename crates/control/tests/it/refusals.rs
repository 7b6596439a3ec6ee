//! Every refusal: that it comes, that it leaves decided facts alone, and what it says.

use crate::golden;
use crate::scenes::{Without, scenes};
use crate::world::token;
use control::{
    Allowed, Check, GUARDS, Guards, MissingVariable, NoLease, Object, OverLimit, QuotaLimit, Refusal, State, VERBS,
};
use model::{ChangeId, Digest, EngineId, Instant, KindName, NodeId, PersonId, Resource, Role, Service, Status};
use std::collections::{BTreeMap, BTreeSet};

/// The codes as their table names them, so that a new one cannot be forgotten here.
pub fn codes() -> BTreeSet<&'static str> {
    let table = include_str!("../../src/refusal/code.rs");
    table.lines().filter_map(|line| line.split("=> \"").nth(1)?.split('"').next()).collect()
}

/// What is decided: all but what a refusal may move.
fn decided(state: &State) -> State {
    let mut state = state.clone();
    (state.size, state.last) = (0, Instant::EPOCH);
    state.spent.clear();
    state.receipts.clear();
    state
}

/// Two limits of a quota that would be exceeded.
fn over_limits() -> Vec<OverLimit> {
    let engines = OverLimit { limit: QuotaLimit::Engines, needed: 3, allowed: 2 };
    vec![engines, OverLimit { limit: QuotaLimit::StorageMib, needed: 512, allowed: 100 }]
}

#[test]
fn every_refusal_is_produced_and_leaves_decided_facts_untouched() {
    let mut produced = BTreeSet::new();
    for (name, code, _, _, scene) in scenes() {
        let mut scene = scene();
        assert_eq!(scene.code(&Guards::default()), Some(code), "{name}");
        if scene.natural {
            let before = scene.world.state.clone();
            let leaf = scene.world.submit(scene.command.clone()).unwrap();
            assert_eq!(crate::world::code(&leaf), Some(code), "{name}");
            assert_eq!(leaf.effects, [], "{name}");
            assert_eq!(decided(&scene.world.state), decided(&before), "{name}");
            assert_eq!(scene.world.state.size, before.size + 1, "{name}");
            // Recorded once: the same bytes again leave no leaf, unless they have ended.
            if !["statement.expired", "receipt.clock"].contains(&code) {
                let again = scene.world.submit(scene.command);
                let spent = crate::world::No::Inadmissible(control::Inadmissible::Spent(before.size));
                assert_eq!(again, Err(spent), "{name}");
            }
        }
        produced.insert(code);
    }
    assert_eq!(produced, codes());
}

#[test]
fn every_guard_keeps_out_what_nothing_else_would() {
    let (mut guarded, mut otherwise) = (BTreeMap::<_, Vec<String>>::new(), vec![]);
    for (name, code, guard, without, scene) in scenes() {
        let Some(guard) = GUARDS.iter().find(|known| known.name == guard) else {
            assert_eq!((guard, without), ("", Without::NoGuard), "{name}: no such guard");
            continue;
        };
        let scene = scene();
        let wanted = match without {
            Without::Accepted => None,
            Without::Refused(code) => Some(code),
            Without::NoGuard => panic!("{name}: what happens without {}?", guard.name),
        };
        let without = scene.code(&Guards::without(guard.name));
        if without != wanted {
            otherwise.push(format!("{name} without {}: {without:?}, not {wanted:?}", guard.name));
        }
        let came = without.map_or("accepted".to_owned(), |code| format!("refused only with {code}"));
        guarded.entry(guard.name).or_default().push(format!("`{name}` is {came} and not refused with {code}"));
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    for guard in GUARDS.iter().filter(|guard| guard.since == 0) {
        let scenes = guarded.get(guard.name).map(Vec::as_slice).unwrap_or_default();
        println!("without {}:", guard.name);
        for scene in scenes {
            println!("    {scene}");
        }
        assert!(!scenes.is_empty(), "the guard {} has no scene", guard.name);
        // A guard that asks what its verbs do not have would be asked nothing.
        let opens = guard.verbs.contains(&signed::Verb::Open);
        let about = |row: &control::VerbRow| guard.verbs.contains(&row.verb) && row.object == Object::Thing;
        let asked = match guard.check {
            Check::Word(_) => true,
            Check::Change(_) => !opens && !VERBS.iter().any(about),
            Check::Open(_) => guard.verbs == [signed::Verb::Open],
        };
        assert!(asked, "{} is not asked of all its verbs", guard.name);
    }
    let names: BTreeSet<_> = GUARDS.iter().map(|guard| guard.name).collect();
    assert_eq!(names.len(), GUARDS.len(), "two guards share a name");
}

fn missing(key: &str, secret: bool) -> MissingVariable {
    MissingVariable { key: token(key), secret }
}

#[allow(clippy::too_many_lines, reason = "a table: one row a refusal")]
fn samples() -> Vec<Refusal> {
    let (at, person) = (Instant::from_millis(1_772_992_800_000), PersonId([2; 16]));
    let slot = || vec![Role::FinanceReviewer, Role::SupportAuditor];
    let change = ChangeId([0xcd; 16]);
    vec![
        Refusal::KeyNotActive {},
        Refusal::StatementExpired { not_after: at, now: at },
        Refusal::NotAfterTooFar { not_after: at, now: at },
        Refusal::SeenTooEarly { needed: 12 },
        Refusal::RevisionStale { current: 2 },
        Refusal::DigestsDiffer {},
        Refusal::SecondPerson {},
        Refusal::MachineMayNot {},
        Refusal::OnlyMachines {},
        Refusal::RoleMissing { needed: slot() },
        Refusal::RoleTooNew { sealed: 12 },
        Refusal::NotDeputy { of: person },
        Refusal::Concerned {},
        Refusal::Unsatisfiable { slot: slot() },
        Refusal::SlotUnknown { slot: 2 },
        Refusal::SlotUnsound {},
        Refusal::SlotFilled { slot: slot(), by: person },
        Refusal::SlotsOpen { slots: vec![slot()] },
        Refusal::SlotsOpen { slots: vec![vec![Role::GovernanceOperator], slot()] },
        Refusal::AuthorMayNotApprove {},
        Refusal::OnePersonOneSlot { filled: slot() },
        Refusal::NoApproval {},
        Refusal::ApproverNotEligible { slot: slot(), person },
        Refusal::ReleaserMayNotRun {},
        Refusal::ReviewerNotDistinct {},
        Refusal::BothAuthors {},
        Refusal::StatusWrong { status: Status::AwaitingApproval },
        Refusal::ReasonMissing {},
        Refusal::WindowWrong {},
        Refusal::NodeInUse { node: NodeId([0x0d; 16]) },
        Refusal::UntilWrong { most_ms: None },
        Refusal::UntilWrong { most_ms: Some(744 * 3_600_000) },
        Refusal::SupersedesWrong {},
        Refusal::NotEscalated { by: vec![Role::GovernanceOperator] },
        Refusal::NothingToEscalate {},
        Refusal::ItemUnknown {},
        Refusal::ChecklistOpen { items: vec![token("revocation"), token("billing-closeout")] },
        Refusal::Held { by: person },
        Refusal::NotHeld {},
        Refusal::NothingGranted {},
        Refusal::WarrantMissing {},
        Refusal::WarrantUsed { index: 12 },
        Refusal::WarrantRevoked { index: 12 },
        Refusal::WarrantOver { until: at },
        Refusal::ReviewOverdue { change },
        Refusal::RequirementChanged {},
        Refusal::ObservationMissing { service: Service::Node },
        Refusal::ObservationStale { service: Service::Node },
        Refusal::ResourceUnknown { resource: Resource::Artifact },
        Refusal::ResourceNotHeld { resource: Resource::Artifact },
        Refusal::ResourceRecalled { resource: Resource::Artifact },
        Refusal::ResourceOfOther { resource: Resource::Theme },
        Refusal::NotCertified { resource: Resource::Theme, why: None },
        Refusal::NotCertified { resource: Resource::Artifact, why: Some(token("file.differs")) },
        Refusal::RuntimeOther { artifact: token("web"), engine: token("storefront") },
        Refusal::MemoryAboveProfile { needed_mib: 512, allowed_mib: 256, least_mib: 128 },
        Refusal::MemoryAboveProfile { needed_mib: 512, allowed_mib: 256, least_mib: 384 },
        Refusal::ConfigIncomplete { missing: vec![missing("WORKERS", false)], more: 0, bound: true },
        Refusal::ConfigIncomplete {
            missing: vec![missing("DATABASE_URL", true), missing("WORKERS", false)],
            more: 3,
            bound: false,
        },
        Refusal::SecretInTheOpen { key: token("API_KEY") },
        Refusal::ConfigOutside { what: token("WORKERS"), allowed: Allowed::Number { least: 1, most: 8 } },
        Refusal::ConfigOutside { what: token("memory_mib"), allowed: Allowed::Number { least: 256, most: 256 } },
        Refusal::ConfigOutside { what: token("outbound"), allowed: Allowed::Ports { ports: vec![] } },
        Refusal::ConfigOutside { what: token("outbound"), allowed: Allowed::Ports { ports: vec![443, 5432] } },
        Refusal::ConfigOutside { what: token("WORKERS"), allowed: Allowed::Value {} },
        Refusal::ConfigOutside { what: token("WORKERZ"), allowed: Allowed::Nothing {} },
        Refusal::HostOther { host: token("shop.example.com") },
        Refusal::SecretMissing { secret: Digest([0xab; 32]) },
        Refusal::LeaseNotStanding { lease: change, why: NoLease::Unknown, raise: false },
        Refusal::LeaseNotStanding { lease: change, why: NoLease::NotYet, raise: false },
        Refusal::LeaseNotStanding { lease: change, why: NoLease::Over, raise: false },
        Refusal::LeaseNotStanding { lease: change, why: NoLease::Unknown, raise: true },
        Refusal::LeaseNotStanding { lease: change, why: NoLease::NotYet, raise: true },
        Refusal::LeaseNotStanding { lease: change, why: NoLease::Over, raise: true },
        Refusal::LeaseOfOther { lease: change },
        Refusal::LeaseUnsound {},
        Refusal::LeaseZoneUnknown { zone: token("Europe/Brlin") },
        Refusal::LeaseNotRaised {},
        Refusal::LeaseRaisedAlready { by: change },
        Refusal::AskedByOther {},
        Refusal::PlacementInsufficient { needed_mib: 512, free_mib: 64 },
        Refusal::BaseDrifted {},
        Refusal::NothingBelow {},
        Refusal::AlreadyServing {},
        Refusal::NotLastCertified { certified: Digest([0xab; 32]) },
        Refusal::ProvenOnUnknown {},
        Refusal::NotProven { on: EngineId([0xef; 16]) },
        Refusal::NothingServes {},
        Refusal::NotDrained {},
        Refusal::NothingCertified {},
        Refusal::QuotaNotRaised {},
        Refusal::QuotaExceeded { tenant: model::TenantId([0xcd; 16]), over: over_limits() },
        Refusal::Taken {},
        Refusal::PublishedAlready { resource: Resource::Config, index: None },
        Refusal::PublishedAlready { resource: Resource::Config, index: Some(12) },
        Refusal::RecalledAlready { resource: Resource::Theme, index: 12 },
        Refusal::PublishedOtherwise { resource: Resource::Config, product: token("alpha"), version: token("3") },
        Refusal::EditionTaken { resource: Resource::Theme, by: Digest([0xab; 32]) },
        Refusal::DocumentUnsound {},
        Refusal::BurstWithoutRate { tenant: model::TenantId([0xcd; 16]) },
        Refusal::RulesMustRise {},
        Refusal::KindUnreachable { kinds: vec![KindName::Deployment, KindName::Rollback] },
        Refusal::KeyReturns { key: Digest([0xab; 32]) },
        Refusal::PossessionMissing {},
        Refusal::SuspendsLast {},
        Refusal::KeyUnknown {},
        Refusal::OutsideWindow { from: at, until: at.plus_millis(3_600_000) },
        Refusal::Locked { by: change, status: Status::Executing, held_by: None },
        Refusal::Locked { by: change, status: Status::Executing, held_by: Some(person) },
        Refusal::Locked { by: change, status: Status::Indeterminate, held_by: None },
        Refusal::Cooling { until: at },
        Refusal::RunTooFar {},
        Refusal::NotScheduled {},
        Refusal::AbortNotHeld {},
        Refusal::NotUndoable {},
        Refusal::NotReconciled { service: Service::Engine },
        Refusal::ReadingMissing { service: Service::Platform },
        Refusal::StepNotDue {},
        Refusal::IntentOpen {},
        Refusal::IntentUnknown {},
        Refusal::ReceiptForeign {},
        Refusal::ReceiptKey {},
        Refusal::ReceiptActBy { most_ms: 600_000 },
        Refusal::ReceiptObserved { expected: Digest([0xab; 32]) },
        Refusal::ReceiptCode {},
        Refusal::ReceiptClock { at },
        Refusal::ReceiptTooEarly { needed: 12 },
        Refusal::ServiceDistrusted {},
        Refusal::CertificateOther {},
        Refusal::PeriodOpen { until: at },
        Refusal::JournalShorter { known: 12 },
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
