//! What each viewer gets of what there is.

use super::*;
use crate::snapshot::{ArtifactHeld, BindingsSeen, Dated, EngineSeen, EnginesSeen, GovernanceData, Inventory, Rows};
use control::{Published, Tenant, Whose};
use follower::LeafObserver as _;
use model::{ChangeId, Digest, EngineId, Severity, TenantId};
use testkit::{Double, World};
use view::{EntryRow, LeaseUse};
use wire::LedgerInfo;

fn at() -> Instant {
    Instant::from_millis(1_700_000_000_000)
}
const OTHER: TenantId = TenantId([77; 16]);
const OTHER_ENGINE: EngineId = EngineId([78; 16]);
/// A release for any engine, one that was published for the other tenant alone, and one that nobody has published.
const RELEASES: [Digest; 3] = [Digest([1; 32]), Digest([2; 32]), Digest([3; 32])];

fn row(index: u64, tags: &[TenantId]) -> EntryRow {
    EntryRow {
        log: "control".to_owned(),
        index,
        effect: 0,
        at: at(),
        headline: true,
        category: model::Category::Service,
        severity: Severity::High,
        title: format!("row {index}"),
        sentence: String::new(),
        actor: String::new(),
        change: None,
        refused: None,
        tags: tags.to_vec(),
    }
}

fn engine_seen(engine: EngineId) -> EngineSeen {
    let (serving, serving_side, release, trouble) = (None, None, None, None);
    EngineSeen {
        engine,
        generation: 0,
        serving,
        serving_side,
        release,
        trouble,
        bundle: None,
        unobserved: None,
        restarts_in_last_minute: 0,
        down_since: None,
        secrets_missing: vec![],
        sides: vec![],
        release_health: None,
    }
}

fn inventory() -> Inventory {
    let artifacts = RELEASES.map(|artifact| serde_json::json!({ "artifact": artifact }));
    let said = serde_json::json!({ "node": World::NODE, "name": "prod-node-01", "memory_total_mib": 1, "memory_free_mib": 1,
        "artifacts": artifacts });
    serde_json::from_value(said).unwrap()
}

/// What there is: a tenant with an engine and a draft, another tenant with an engine, and rows of
/// neither, of each and of both.
async fn whole() -> (Arc<Snapshot>, State) {
    let double = Double::start().await;
    double.register(Digest([1; 32]), 64);
    let change = double.draft(Digest([1; 32]));
    let mut state = double.state();
    let theirs = control::Engine { tenant: OTHER, ..state.engines[&Double::ENGINE].clone() };
    state.tenants.insert(OTHER, Tenant { index: 1 });
    state.engines.insert(OTHER_ENGINE, theirs);
    let release = state.resources[&RELEASES[0]].clone();
    state.resources.insert(RELEASES[1], Published { whose: Whose::Tenants([(OTHER, 9)].into()), ..release });
    state.size = 1_000;
    let own = Double::TENANT;
    let rows = vec![row(4, &[own, OTHER]), row(3, &[OTHER]), row(2, &[own]), row(1, &[])];
    let rows = Rows { rows, next: Some("cursor".to_owned()), ..Rows::default() };
    let mut names = Names::default();
    names.people.insert(World::AUTHOR, "Ada".to_owned());
    names.tenants.extend([(own, "Northwind".to_owned()), (OTHER, "Harbor".to_owned())]);
    names.engines.extend([(Double::ENGINE, "Alpha".to_owned()), (OTHER_ENGINE, "Beta".to_owned())]);
    names.titles.insert(change, "a title".to_owned());
    let ledger = LedgerInfo {
        origin: String::new(),
        genesis: state.ledger,
        control_vkey: String::new(),
        events_vkey: String::new(),
        control_size: 1_000,
        events_size: 0,
        demo: true,
    };
    let data =
        GovernanceData { ledger, names, headlines: rows.clone(), all: rows, headlines_total: 400, rows_total: 900 };
    let bound = |engine: EngineId| serde_json::json!({ "engine": engine, "digest": Digest::ZERO });
    let bindings: BindingsSeen =
        serde_json::from_value(serde_json::json!({ "engines": [bound(Double::ENGINE), bound(OTHER_ENGINE)] })).unwrap();
    let held = RELEASES.map(|artifact| ArtifactHeld { artifact, held: true, rehashed: None });
    let snapshot = Snapshot {
        governance: Some(Dated { at: at(), data }),
        platform: Some(Dated { at: at(), data: held.to_vec() }),
        node: Some(Dated { at: at(), data: inventory() }),
        engine: Some(Dated {
            at: at(),
            data: EnginesSeen { engines: vec![engine_seen(Double::ENGINE), engine_seen(OTHER_ENGINE)] },
        }),
        integration: Some(Dated { at: at(), data: bindings }),
        ..Snapshot::default()
    };
    (Arc::new(snapshot), state)
}

fn scene(snapshot: &Arc<Snapshot>, state: &State, person: Option<PersonId>) -> Scene {
    let viewer = person.map(|person| Viewer {
        who: person.into(),
        name: "Ada".to_owned(),
        roles: vec![Role::SupportAuditor],
        has_key: true,
    });
    Scene::new(at(), vec![], Arc::clone(snapshot), Arc::new(state.clone()), viewer, true, None)
}

fn kept(scene: &Scene) -> (Vec<u64>, u64, u64) {
    let data = &scene.snapshot.governance.as_ref().unwrap().data;
    assert_eq!(data.headlines, data.all);
    (data.all.rows.iter().map(|row| row.index).collect(), data.headlines_total, data.rows_total)
}

#[tokio::test]
async fn each_role_gets_what_concerns_its_tenants_and_no_trace_of_more() {
    let (snapshot, state) = whole().await;
    let releases = |scene: &Scene| {
        let held = scene.snapshot.platform.as_ref().unwrap().data.iter().map(|held| held.artifact);
        let stored: Vec<_> =
            scene.snapshot.node.as_ref().unwrap().data.artifacts.iter().map(|one| one.artifact).collect();
        assert_eq!(held.collect::<Vec<_>>(), stored);
        stored
    };
    for person in [World::AUTHOR, World::FINANCE, World::AUDITOR] {
        let scoped = |tenants: Vec<TenantId>| {
            let mut state = state.clone();
            let known = state.roster.people.iter_mut().find(|known| known.id == person).unwrap();
            known.tenants = Some(tenants);
            scene(&snapshot, &state, Some(person))
        };
        let engines = |scene: &Scene| {
            let seen = scene.snapshot.engine.as_ref().unwrap().data.engines.iter().map(|seen| seen.engine);
            let bound = scene.snapshot.integration.as_ref().unwrap().data.engines.iter().map(|bound| bound.engine);
            let decided: Vec<_> = scene.state.engines.keys().copied().collect();
            assert_eq!((seen.collect(), bound.collect()), (decided.clone(), decided.clone()));
            assert_eq!(scene.names().engines.keys().copied().collect::<Vec<_>>(), decided);
            decided
        };

        let own = scoped(vec![Double::TENANT]);
        assert_eq!(kept(&own), (vec![2, 1], 2, 2));
        assert_eq!(releases(&own), RELEASES[..1], "nor is the rest counted on /sources");
        assert_eq!((engines(&own), own.state.changes.len()), (vec![Double::ENGINE], 1));
        assert_eq!(own.state.tenants.keys().collect::<Vec<_>>(), [&Double::TENANT]);
        assert_eq!((own.names().tenants.len(), own.names().titles.len(), own.names().people.len()), (1, 1, 1));

        let other = scoped(vec![OTHER]);
        assert_eq!(kept(&other), (vec![3, 1], 2, 2));
        assert_eq!((engines(&other), other.state.changes.len()), (vec![OTHER_ENGINE], 0));
        assert!(other.names().titles.is_empty() && other.is_narrowed());
        assert_eq!(releases(&other), RELEASES[..2]);

        let neither = scoped(vec![]);
        assert_eq!(kept(&neither), (vec![1], 1, 1));
        assert_eq!(releases(&neither), RELEASES[..1]);
        assert!(engines(&neither).is_empty() && neither.state.tenants.is_empty());
        let cursors =
            [&own, &other, &neither].map(|scene| scene.snapshot.governance.as_ref().unwrap().data.all.next.clone());
        assert_eq!(cursors, [None, None, None]);
    }
}

/// That other tenants have leases, and how many, is nothing to who may not read of them.
#[tokio::test]
async fn whether_leases_were_left_off_is_said_of_ones_own() {
    let (snapshot, mut state) = whole().await;
    let leased = |tenant, id| {
        let cap = control::Cap { tenant, ..testkit::Double::cap(1_000, "UTC", None) };
        let (terms, ended_by) = (control::Terms::Cap(cap), std::collections::BTreeSet::new());
        (ChangeId([id; 16]), control::Grant { terms, from: at(), until: None, revoked: None, ended_by, used: None })
    };
    let (own, theirs) = (leased(Double::TENANT, 1), leased(OTHER, 2));
    let named = LeaseUse { lease: own.0, periods: vec![], journal_size: 0 };
    state.grants.extend([own, theirs]);
    let says = |named: &[LeaseUse], tenant| {
        let leases = Some(Dated { at: at(), data: named.to_vec() });
        let snapshot = Snapshot { leases, leases_left_off: true, ..(*snapshot).clone() };
        snapshot.narrowed(&state, &control::ReadScope::Tenants([tenant].into())).leases_left_off
    };
    assert!(!says(std::slice::from_ref(&named), Double::TENANT), "all of theirs are named");
    assert!(says(&[named], OTHER) && says(&[], Double::TENANT), "one of theirs was left off");
}

#[tokio::test]
async fn who_reads_everything_gets_what_there_is_without_a_copy() {
    let (snapshot, state) = whole().await;
    let scene = scene(&snapshot, &state, Some(World::AUDITOR));
    assert!(Arc::ptr_eq(&scene.snapshot, &snapshot) && !scene.is_narrowed());
    assert_eq!((kept(&scene).1, scene.state.size), (400, 1_000));
}

#[tokio::test]
async fn who_is_not_signed_in_has_left_or_holds_no_role_gets_health_and_dates_only() {
    let (snapshot, mut state) = whole().await;
    let known = state.roster.people.iter_mut().find(|known| known.id == World::FINANCE).unwrap();
    known.roles.clear();
    for person in [None, Some(PersonId([0xee; 16])), Some(World::FINANCE)] {
        let scene = scene(&snapshot, &state, person);
        assert_eq!(*scene.snapshot, Snapshot::default());
        assert_eq!((&*scene.state, scene.names()), (&State::empty(), &Names::default()));
        assert!(scene.freshness(Service::Governance).at().is_some(), "how old the data is, is health");
    }
}

#[tokio::test]
async fn what_a_page_compares_moves_with_what_its_viewer_sees_and_with_nothing_else() {
    let (snapshot, mut state) = whole().await;
    state.roster.people.iter_mut().for_each(|person| person.tenants = Some(vec![Double::TENANT]));
    let seen = |snapshot: &Arc<Snapshot>, state: &State, person| scene(snapshot, state, person).seen();
    let (mut later, mut rows) = (state.clone(), (*snapshot).clone());
    later.size += 7;
    later.tenants.insert(TenantId([79; 16]), Tenant { index: 1_004 });
    let data = &mut rows.governance.as_mut().unwrap().data;
    (data.headlines_total, data.rows_total) = (500, 1_000);
    data.all.rows.insert(0, row(1_005, &[OTHER]));
    let rows = Arc::new(rows);
    for person in [Some(World::FINANCE), None] {
        assert_eq!(seen(&snapshot, &state, person), seen(&rows, &later, person), "another tenant's matters");
    }
    let mut own = (*rows).clone();
    own.governance.as_mut().unwrap().data.all.rows.insert(0, row(1_006, &[Double::TENANT]));
    assert_ne!(seen(&rows, &later, Some(World::FINANCE)), seen(&Arc::new(own), &later, Some(World::FINANCE)));
}

/// Only who has read the whole ledger may say that something never was.
#[tokio::test]
async fn what_a_rule_decided_is_not_known_before_the_whole_ledger_is_read() {
    let (snapshot, state) = whole().await;
    let size = snapshot.governance.as_ref().unwrap().data.ledger.control_size;
    let leaf = control::Leaf::decode(&Double::start().await.leaves()[0]).unwrap();
    let history = Arc::new(History::default());
    let scene = || scene(&snapshot, &state, Some(World::OPERATOR)).with_history(Arc::clone(&history));
    for index in 0..size {
        assert_eq!(scene().last_decided(Rule::Approvers), LastDecided::Unknown, "{index} of {size}");
        assert_eq!(scene().recorded(index), None);
        history.leaf(index, &leaf, &state);
    }
    assert_eq!(scene().last_decided(Rule::Approvers), LastDecided::Never);
    assert_eq!(scene().recorded(size - 1), Some(leaf.now));
}
