//! Governed documents: one kind for all of them, each under the documents that are replaced.

use crate::world::{FAYE, GO, HOUR_MS, No, OMAR, OPAL, SA, SAUL, World, accepted, refused, token};
use control::{
    Answer, Answers, Body, Broken, Inadmissible, KindTable, Leaf, Quota, Refusal, Setting, TenantTerm, TenantTerms,
    Verdict, foreseen, quota_at, requirement,
};
use model::{ChangeId, KindName, Resource, Status};
use signed::Act;

#[test]
fn what_rules_the_ledger_needs_all_three_roles_and_cools() {
    let mut world = World::new();
    let mut table = KindTable::standard();
    table.kinds[0].approve_within_ms = HOUR_MS;
    let body = world.setting_body(&Setting::Kinds(table.clone()));
    let refused_to = world.package_of(ChangeId([3; 16]), body.clone());
    refused(world.open(FAYE, &refused_to), "role.missing");
    let id = world.draft_of(OPAL, body);
    accepted(world.seal(OPAL, id));
    accepted(world.approve(OMAR, id, GO));
    accepted(world.approve(FAYE, id, crate::world::FR));
    refused(world.run(OPAL, id), "run.slots_open");
    accepted(world.approve(SAUL, id, SA));
    refused(world.run(OPAL, id), "run.cooling");
    world.advance(24 * HOUR_MS);
    accepted(world.run(OPAL, id));
    assert_eq!((world.status(id), &world.state.kinds), (Status::Effective, &table));
    let artifact = world.publish("a", 64);
    let sooner = world.sealed(KindName::Deployment, artifact);
    assert_eq!(world.change(sooner).approve_by, Some(world.now.plus_millis(HOUR_MS)));
}

#[test]
fn what_a_form_foresees_is_what_holds_for_the_change() {
    let mut world = World::new();
    let row = |world: &World, kind| world.state.kinds.kind(kind).unwrap().clone();
    let mut table = KindTable::standard();
    table.kinds[0].approve_within_ms = HOUR_MS;
    let documents = [
        Setting::Kinds(table),
        Setting::Recalls { digests: vec![] },
        Setting::TenantTerms(TenantTerms {
            tenants: vec![TenantTerm { tenant: world.tenant, quota: Quota::default(), envelope: vec![] }],
        }),
    ];
    for document in documents {
        let body = world.setting_body(&document);
        let id = world.draft_of(OPAL, body);
        let answers = Answers::default().with("name", Answer::Setting(document.name()));
        let said = foreseen(&row(&world, KindName::SettingsChange), &answers);
        assert_eq!(Some(said.row), requirement(&world.state, world.change(id)), "{}", document.name());
    }
    let slot = vec![SA];
    let answers = Answers::default().with("slot", Answer::Roles(slot.clone()));
    let (target, digest) = (crate::world::token("ci.example"), model::Digest::ZERO);
    let id = world.draft_of(OPAL, Body::External { target, digest, slot });
    let said = foreseen(&row(&world, KindName::External), &answers);
    assert_eq!(Some(said.row), requirement(&world.state, world.change(id)));
}

#[test]
fn a_recall_is_lifted_by_a_settings_change_at_once() {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    accepted(world.sign_and_submit(SAUL, Act::Recall { digest: artifact }));
    let package = world.package(ChangeId([3; 16]), KindName::Deployment, artifact);
    refused(world.open(OPAL, &package), "bundle.recalled");
    let body = world.setting_body(&Setting::Recalls { digests: vec![] });
    let change = ChangeId(world.fresh());
    let lifting = world.package_of(change, body);
    accepted(world.open(OPAL, &lifting));
    accepted(world.seal(OPAL, change));
    world.approve_all(change);
    accepted(world.run(OPAL, change));
    accepted(world.open(OPAL, &package));
}

/// A second recall is told since when, and a recall is no secret of who publishes the same for others.
#[test]
fn what_is_recalled_is_not_recalled_again_and_published_for_nobody_else() {
    let mut world = World::new();
    let (tenant, (other, _)) = (world.tenant, world.other_tenant());
    let theme = world.publish_theme_of(tenant, "2026.02");
    let recall = |digest| Act::Recall { digest };
    let index = world.state.size;
    accepted(world.sign_and_submit(SAUL, recall(theme)));
    let leaf = world.sign_and_submit(OPAL, recall(theme)).unwrap();
    assert_eq!(leaf.verdict, Verdict::Refused(Refusal::RecalledAlready { resource: Resource::Theme, index }));
    let Verdict::Refused(refusal) = leaf.verdict else { panic!() };
    let (message, next) = refusal.message(&|_| String::new());
    assert!(message.contains(&format!("since entry {index}; nothing has changed")), "{message}");
    assert!(next.contains("countersign settings show recalls"), "{next}");
    let (resource, product) = (Resource::Theme, token("pod-storefront-core"));
    let publish =
        |tenant| Act::Publish { resource, digest: theme, product: product.clone(), version: token("2026.02"), tenant };
    for tenant in [Some(tenant), Some(other), None] {
        refused(world.sign_and_submit(OPAL, publish(tenant)), "bundle.recalled");
    }
    assert_eq!(world.state.resources[&theme].whose.tenants(), [tenant]);
    // A config and a retention policy are recalled by the same word.
    let config = world.publish_config("2026.02", &control::Config::default());
    accepted(world.sign_and_submit(SAUL, recall(config)));
    refused(world.sign_and_submit(SAUL, recall(config)), "recall.already");
}

#[test]
fn the_terms_of_a_tenant_are_a_matter_of_operators_and_finance() {
    let mut world = World::new();
    let quota = Quota { engines: Some(3), ..Quota::default() };
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: world.tenant, quota, envelope: vec![] }] };
    let body = world.setting_body(&Setting::TenantTerms(terms));
    let id = world.draft_of(OPAL, body);
    accepted(world.seal(OPAL, id));
    refused(world.approve(SAUL, id, SA), "slot.unknown");
    world.approve_all(id);
    accepted(world.run(OPAL, id));
    assert_eq!(quota_at(&world.state, &world.tenant, world.now), quota);
}

#[test]
fn rules_that_this_build_does_not_know_are_not_one_to_decide() {
    let mut world = World::new();
    let number = control::RULES_MAX + 1;
    let body = world.setting_body(&Setting::Rules { number });
    let package = world.package_of(ChangeId([3; 16]), body);
    assert_eq!(world.open(OPAL, &package), Err(No::Inadmissible(Inadmissible::NewerRules(number))));
    // A ledger that a newer build has written such a leaf to is not said to be broken.
    let command = world.opening(OPAL, &package);
    let leaf = Leaf { rules: 0, now: world.now, command, verdict: Verdict::Accepted, effects: vec![], tags: vec![] };
    let index = world.state.size;
    world.leaves.push(leaf.encode().unwrap());
    let judged = World::judge(&world.trust, &world.shelf, &world.leaves);
    assert!(matches!(judged, Err(Broken::Inconclusive { index: at, .. }) if at == index), "{judged:?}");
}

/// Else what was signed before a recall would lift it unseen.
#[test]
fn a_recall_moves_the_document_in_force_so_that_an_older_lifting_does_not_lift_it() {
    let mut world = World::new();
    let (old, new) = (world.publish("old", 64), world.publish("new", 64));
    accepted(world.sign_and_submit(SAUL, Act::Recall { digest: old }));
    let body = world.setting_body(&Setting::Recalls { digests: vec![] });
    let lifting = world.approved_of(OPAL, body);
    accepted(world.sign_and_submit(SAUL, Act::Recall { digest: new }));
    refused(world.run(OPAL, lifting), "base.drifted");
    let since = world.state.recalled.clone();
    assert!(since.contains_key(&old) && since.contains_key(&new));
    let both = Setting::Recalls { digests: since.keys().copied().collect() };
    assert_eq!(world.state.settings[&model::SettingName::Recalls], both.digest().unwrap());
    world.change_setting(&Setting::Recalls { digests: vec![new] });
    assert_eq!(world.state.recalled, [(new, since[&new])].into(), "since the same entry");
}

/// Approved while there were three operators for it, run when there are two.
#[test]
fn kinds_that_nobody_could_approve_any_more_are_not_put_in_force() {
    let mut world = World::with_dora();
    let mut table = KindTable::standard();
    let roster = table.kinds.iter_mut().find(|kind| kind.name == KindName::RosterChange).unwrap();
    (roster.author, roster.slots) = (vec![GO], vec![control::Slot::of(GO), control::Slot::of(GO)]);
    let body = world.setting_body(&Setting::Kinds(table));
    let id = world.approved_of(OPAL, body);
    let mut next = world.state.roster.clone();
    next.people[crate::world::DORA].roles = vec![crate::world::FR];
    world.change_roster(OPAL, &next, &[]);
    refused(world.run(OPAL, id), "roster.kind_unreachable");
}

/// What its row asks for and what the documents that rule the ledger ask for is one question, so that no
/// table of kinds is put in force under which it could never be replaced.
#[test]
fn kinds_under_which_the_rules_could_not_be_changed_any_more_are_refused() {
    let settings = |alter: fn(&mut control::Kind)| {
        let mut table = KindTable::standard();
        alter(table.kinds.iter_mut().find(|kind| kind.name == KindName::SettingsChange).unwrap());
        Setting::Kinds(table)
    };
    let mut world = World::new();
    // There are people for the row as it stands; nobody of them may ask for other rules or kinds.
    let body = world.setting_body(&settings(|row| row.author = vec![crate::world::FR, SA]));
    let package = world.package_of(ChangeId([3; 16]), body);
    refused(world.open(OPAL, &package), "roster.kind_unreachable");
    // What the row asks for beyond that is asked for of these documents too.
    world = World::with_dora();
    world.change_setting(&settings(|row| row.slots.insert(0, control::Slot::of(GO))));
    let body = world.setting_body(&Setting::Kinds(KindTable::standard()));
    let id = world.draft_of(OPAL, body);
    accepted(world.seal(OPAL, id));
    let slots = &world.change(id).requirement.as_ref().unwrap().slots;
    let wanted = [GO, GO, crate::world::FR, SA].map(control::Slot::of);
    assert_eq!(slots[..], wanted);
}

/// Nobody holds the auditor's role any more, without whom no rules can be changed.
#[test]
fn a_roster_under_which_the_rules_could_not_be_changed_loses_that_kind() {
    let mut world = World::with_dora();
    let mut next = world.state.roster.clone();
    next.people[SAUL].roles.clear();
    let body = world.roster_body(&next, &[]);
    let id = world.draft_of(OPAL, body);
    accepted(world.seal(OPAL, id));
    let lost = &world.change(id).plan.as_ref().unwrap().loses_reach;
    assert!(lost.contains(&KindName::SettingsChange), "{lost:?}");
}
