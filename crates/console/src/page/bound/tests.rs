//! What Bound Resources says of a package, wherever it stands.

use super::*;
use crate::page::rollback::tests::{scene, serving};
use crate::sources::{Health, Source};
use control::{
    AuditRule, BillingRule, Body, Cap, Config, DataEnd, DataRule, ExportFormat, ExportRule, Retention, Terms,
};
use model::{Bundle, Instant, LeaseClass, Period, Resource, Role, canon};
use signed::{Act, Certificate};
use testkit::{Double, World};
use view::{BoundThing, Names};

const THEME: Digest = Digest([5; 32]);

fn items(double: &Double) -> Vec<Item> {
    let now: Instant = double.state().last;
    of(&scene(double, now), Some(&Double::ENGINE)).list
}

fn text(items: &[Item]) -> String {
    let line = |item: &Item| [&*item.title, ". ", &item.sentence, " ", &item.note, "\n"].concat();
    items.iter().map(line).collect()
}

fn states(items: &[Item]) -> Vec<&'static str> {
    items.iter().map(|item| item.state).collect()
}

fn publish(double: &Double, resource: Resource, digest: Digest) {
    let (product, version) = ("acme-native".parse().unwrap(), "2026.03".parse().unwrap());
    double.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest, product, version, tenant: None });
}

pub(in crate::page) fn retention() -> Retention {
    let statements = vec![control::ClosingStatement::AiLeaseUsage];
    Retention {
        audit: AuditRule { years: 7 },
        billing: BillingRule { by: Role::FinanceReviewer, within_days: 30, statements },
        export: ExportRule { formats: vec![ExportFormat::Csv], days: 90 },
        data: DataRule { then: DataEnd::Destroy, days: 90 },
    }
}

/// A draft that binds a release, a theme, a config and a retention policy, each published and certified.
async fn drafted() -> (Double, ChangeId) {
    let double = serving().await;
    publish(&double, Resource::Theme, THEME);
    let (product, version) = ("acme-native".parse().unwrap(), "2026.03".parse().unwrap());
    double.certify(THEME, Certificate::Theme { product, version });
    let (config, retention) = (Config::default(), retention());
    double.keep("config", canon::to_vec(&config).unwrap());
    double.keep("retention", canon::to_vec(&retention).unwrap());
    let (config, retention) = (config.digest().unwrap(), retention.digest().unwrap());
    publish(&double, Resource::Config, config);
    publish(&double, Resource::Retention, retention);
    let artifact = double.state().engines[&Double::ENGINE].bundle().unwrap().artifact;
    let bundle =
        Bundle { theme: Some(THEME), config: Some(config), retention: Some(retention), ..Bundle::of(artifact) };
    let change = ChangeId([7; 16]);
    let body = Body::Deployment { engine: Double::ENGINE, node: World::NODE, bundle, proven_on: None };
    double.open(World::AUTHOR, change, body, None);
    (double, change)
}

#[tokio::test]
async fn a_draft_binds_nothing_and_a_sealed_package_has_nothing_in_force() {
    let (double, change) = drafted().await;
    // What serves is shown while the newest package is a draft; the draft is shown where there is no other.
    let draft = double.state().changes[&change].clone();
    let now = double.state().last;
    let scene = scene(&double, now);
    let binds = Binds { scene: &scene, standing: Standing::of(&scene, &draft) };
    let bundle = draft.package.body.bundle().unwrap();
    let drafted = [
        binds.artifact(&bundle.artifact),
        binds.theme(&THEME),
        binds.config(&bundle.config.unwrap()),
        binds.retention(&bundle.retention.unwrap()),
        binds.lease(&ChangeId([9; 16])),
    ];
    assert_eq!(states(&drafted), ["waiting"; 5]);
    let said = text(&drafted);
    for claim in ["locked", "attached", " bound", "sealed into", "launches with", " rules what", "validated"] {
        assert!(!said.contains(claim), "{claim}: {said}");
    }
    double.observe(change);
    double.approve(change);
    let sealed = items(&double);
    assert!(!states(&sealed).contains(&"in-force"), "{sealed:?}");
    // What Platform Services holds was not read: artifact and theme wait, and the ledger's documents do not.
    assert_eq!(states(&sealed), ["waiting", "waiting", "ready", "ready"]);
    let now = double.state().last;
    let theme = |held: bool, health: Health| {
        let mut scene = crate::page::rollback::tests::scene(&double, now);
        let data = vec![crate::snapshot::ArtifactHeld { artifact: THEME, held, rehashed: None }];
        std::sync::Arc::make_mut(&mut scene.snapshot).platform = Some(crate::snapshot::Dated { at: now, data });
        let mut source = Source::new(Service::Platform, String::new());
        source.health = health;
        scene.sources = vec![source];
        of(&scene, Some(&Double::ENGINE)).list.swap_remove(1)
    };
    let (gone, there) = (theme(false, Health::Live), theme(true, Health::Live));
    assert_eq!((gone.state, there.state), ("waiting", "ready"));
    assert!(gone.note.contains("Platform Services does not hold it."), "{gone:?}");
    assert!(there.note.contains("Platform Services holds it."), "{there:?}");
    // What a silent service said last is not how it is now.
    let silent = theme(true, Health::Offline);
    assert!(silent.note.contains("Whether Platform Services holds it is not known."), "{silent:?}");
    assert_eq!(silent.state, "waiting");
    assert!(sealed[2].note.contains("The ledger itself holds it."), "{sealed:?}");
    assert!(
        text(&sealed).contains("Client theme package locked. The engine will launch with the approved"),
        "{}",
        text(&sealed)
    );
}

#[tokio::test]
async fn what_serves_is_in_force_and_a_recall_is_said_beside_it() {
    let (double, change) = drafted().await;
    double.observe(change);
    double.countersign(change);
    assert!(!states(&items(&double)).contains(&"in-force"), "it is being carried out");
    double.advance_to(change, Service::Governance);
    let served = items(&double);
    assert_eq!(states(&served), ["in-force"; 4], "{served:?}");
    double.sign_and_submit(World::AUDITOR, Act::Recall { digest: THEME });
    let recalled = items(&double);
    assert_eq!(recalled[1].state, "in-force", "what serves goes on");
    assert!(recalled[1].note.contains("It was recalled"), "{recalled:?}");
}

#[tokio::test]
async fn what_a_rejected_package_named_is_over_and_what_was_recalled_keeps_one() {
    let (double, change) = drafted().await;
    double.observe(change);
    let binding = double.binding(change);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding });
    double.sign_and_submit(World::AUDITOR, Act::Recall { digest: THEME });
    assert_eq!(items(&double)[1].state, "blocked");
    double.sign_and_submit(World::OPERATOR, Act::Reject { binding, slot: 0 });
    let over = items(&double);
    assert_eq!(states(&over), ["over"; 4], "{over:?}");
    let said = text(&over);
    assert!(said.contains("The package is over (rejected), and this bundle does not serve."), "{said}");
    assert!(!said.contains("will launch") && !said.contains("rules what"), "{said}");
}

/// What is said of a change that was run stands still, whatever becomes of its lease.
#[tokio::test]
async fn a_past_change_is_not_said_to_have_bound_a_lease_that_ended_later() {
    let double = serving().await;
    let lease = ChangeId([8; 16]);
    let cap = Cap {
        tenant: Double::TENANT,
        class: LeaseClass::Worker,
        cycles: 1_000,
        period: Period::Day,
        zone: "America/New_York".parse().unwrap(),
        purpose: "merchandising".parse().unwrap(),
        price: None,
        raises: None,
    };
    let body = Body::Grant { terms: Terms::Cap(cap), for_ms: None, asked_by: None };
    double.open(World::AUTHOR, lease, body, None);
    double.observe(lease);
    double.countersign(lease);
    let artifact = double.state().engines[&Double::ENGINE].bundle().unwrap().artifact;
    let bundle = Bundle { lease: Some(lease), ..Bundle::of(artifact) };
    let change = ChangeId([7; 16]);
    let body = Body::Deployment { engine: Double::ENGINE, node: World::NODE, bundle, proven_on: None };
    double.open(World::AUTHOR, change, body, None);
    double.observe(change);
    double.countersign(change);
    double.advance_to(change, Service::Governance);
    assert_eq!(items(&double)[1].state, "in-force");
    let told = || {
        let (state, ended) = (double.decided(), double.ended());
        let record = state.record(&ended, &change).unwrap().into_owned();
        let bound = BoundThing::of_change(&state, &Names::default(), &record);
        bound.into_iter().find_map(|thing| thing.lease.and(thing.name)).unwrap()
    };
    let before = told();
    assert_eq!(before, "Worker, 1000 cycles a day, for merchandising");
    double.sign_and_submit(World::AUDITOR, Act::Revoke { change: lease, revision: 1 });
    assert_eq!(told(), before);
    assert_eq!(items(&double)[1].state, "over", "the lease does not stand any more");
}
