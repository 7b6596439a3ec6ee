//! Bundles: what a deployment puts in place as one and a rollback brings back as one.

use crate::world::{End, FAYE, FR, GO, OMAR, OPAL, SAUL, World, accepted, configurable, refused, shop_profile, token};
use control::{
    Action, Body, Detail, NoLease, NodeAction, OverLimit, Plan, PlatformAction, Quota, QuotaLimit, ReadScope, Refusal,
    TenantTerm, TenantTerms, Verdict, governs,
};
use model::{Bundle, ChangeId, Digest, KindName, Need, Profile, Side, TenantId};
use signed::Served;

const CHECKS: [&str; 4] = ["check-held", "check-capacity", "check-engine", "check-bindings"];

/// An engine on which a whole bundle serves.
fn served() -> (World, Bundle) {
    let mut world = World::with_dora();
    let bundle = world.whole_bundle("2026.02");
    world.deploy_bundle(bundle);
    (world, bundle)
}

fn serving(world: &World) -> Served {
    world.state.engines[&world.engine].serving.unwrap()
}

fn plan(world: &World, id: ChangeId) -> &Plan {
    world.change(id).plan.as_ref().unwrap()
}

fn rollback(world: &mut World, bundle: Bundle) -> ChangeId {
    let (engine, node) = (world.engine, world.node);
    let id = world.draft_of(OPAL, Body::Rollback { engine, node, bundle });
    world.observe_all(id);
    id
}

fn approved(world: &mut World, id: ChangeId) {
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
}

#[test]
fn a_whole_bundle_is_one_digest_that_is_checked_started_routed_and_certified() {
    let (mut world, before) = served();
    let bundle = world.whole_bundle("2026.03");
    let id = world.running_bundle(bundle);
    let steps = &plan(&world, id).steps;
    assert_eq!(steps[0].action, Action::Platform(PlatformAction::CheckHeld { bundle }));
    assert_eq!(steps[0].expect, Some(bundle.digest()), "people sign one digest, and everybody finds that one");
    let placed = steps.iter().find_map(|step| step.action.placing()).unwrap().kept.unwrap();
    assert_eq!((placed.artifact, placed.theme), (bundle.artifact, bundle.theme));
    world.carry_out(id, |_, _| End::Done);
    let engine = &world.state.engines[&world.engine];
    assert_eq!(engine.bundle(), Some(bundle));
    let stack: Vec<_> = engine.stack.iter().map(|certified| certified.bundle).collect();
    assert_eq!(stack, [before, bundle]);
}

#[test]
fn what_changes_no_process_starts_none() {
    let (mut world, before) = served();
    let (was, credentials) = (serving(&world), world.state.engines[&world.engine].credentials);
    let lease = world.leased();
    let mut kept = crate::world::retention();
    kept.data.days = 1;
    let retention = world.publish_retention("shorter", &kept);
    for bundle in [Bundle { lease: Some(lease), ..before }, Bundle { retention: Some(retention), ..before }] {
        let (id, words) = world.deploy_bundle(bundle);
        assert_eq!(words, [&CHECKS[..], &["switch", "check-bindings"]].concat());
        assert_eq!(serving(&world), Served { side: was.side, bundle });
        assert_eq!((plan(&world, id).soak_ms, plan(&world, id).needs.memory_mib), (0, 64));
        assert_eq!(world.state.engines[&world.engine].credentials, credentials, "the process has the one it had");
    }
}

/// A process that was started without a lease has no token to use one with, and one that has none any more keeps none.
#[test]
fn a_first_lease_or_none_any_more_is_a_new_start() {
    let (mut world, before) = served();
    assert!(before.lease.is_some());
    for bundle in [Bundle { lease: None, ..before }, before] {
        let (_, words) = world.deploy_bundle(bundle);
        assert!(words.contains(&"start".to_owned()), "{words:?}");
    }
}

/// Where no process is started none needs room.
#[test]
fn a_lease_alone_is_deployed_on_a_node_that_is_full() {
    let (mut world, before) = served();
    world.free_mib = 0;
    let lease = Some(world.leased());
    world.deploy_bundle(Bundle { lease, ..before });
    let theme = Some(world.publish_theme("2026.03"));
    let id = world.drafted_bundle(Bundle { theme, ..before });
    refused(world.seal(OPAL, id), "placement.insufficient");
}

#[test]
fn another_theme_or_config_is_started_on_the_other_side() {
    let (mut world, before) = served();
    let theme = Some(world.publish_theme("2026.03"));
    let config = control::Config { values: vec![crate::world::greeting("another")], ..control::Config::default() };
    let config = Some(world.publish_config("another", &config));
    for bundle in [Bundle { theme, ..before }, Bundle { theme, config, ..before }] {
        let was = serving(&world).side;
        let (_, words) = world.deploy_bundle(bundle);
        let acts = ["place", "start", "switch", "check-bindings", "soak", "stop", "unplace"];
        assert_eq!(words, [&CHECKS[..], &acts].concat());
        assert_eq!(serving(&world), Served { side: was.other(), bundle });
    }
}

/// The very same bundle again is what an operator does who wants it started again.
#[test]
fn the_same_bundle_again_is_started_again() {
    let (mut world, bundle) = served();
    let (_, words) = world.deploy_bundle(bundle);
    assert!(words.contains(&"start".to_owned()), "{words:?}");
    assert_eq!(world.state.engines[&world.engine].stack.len(), 1, "it lies on the stack once");
}

#[test]
fn a_rollback_brings_back_config_theme_lease_and_retention_as_one() {
    let (mut world, before) = served();
    let bundle = world.whole_bundle("2026.03");
    world.deploy_bundle(bundle);
    // Parts of both never were one.
    let mixed = rollback(&mut world, Bundle { theme: bundle.theme, ..before });
    refused(world.seal(OPAL, mixed), "rollback.not_last_certified");
    let id = rollback(&mut world, before);
    approved(&mut world, id);
    accepted(world.run(OPAL, id));
    world.carry_out(id, |_, _| End::Done);
    assert_eq!(serving(&world).bundle, before);
    assert_eq!(world.state.engines[&world.engine].stack.len(), 1);
}

/// The form finds what was bound with the release that is named.
#[test]
fn who_names_a_release_to_roll_back_to_names_all_that_was_bound_with_it() {
    let (mut world, before) = served();
    let bundle = world.whole_bundle("2026.03");
    world.deploy_bundle(bundle);
    let kind = governs(KindName::Rollback);
    let answers = control::Answers::default().with("engine", control::Answer::Engine(world.engine));
    for answers in [answers.clone(), answers.with("artifact", control::Answer::Digest(before.artifact))] {
        let body = kind.body(&world.state, world.now, &answers).unwrap();
        assert_eq!(body.bundle(), Some(before));
    }
}

#[test]
fn a_lease_that_is_over_keeps_a_deployment_and_no_rollback_and_that_is_said() {
    let (mut world, before) = served();
    let bundle = world.whole_bundle("2026.03");
    world.deploy_bundle(bundle);
    let notes = |world: &World, id| {
        let change = world.change(id);
        governs(change.kind).details(&world.state, change).into_iter().filter(|d| matches!(d, Detail::Note(_))).count()
    };
    let id = rollback(&mut world, before);
    assert_eq!(notes(&world, id), 0, "its lease stands");
    accepted(world.verb(SAUL, "revoke", before.lease.unwrap()));
    let again = world.drafted_bundle(before);
    let leaf = world.seal(OPAL, again).unwrap();
    let lease = before.lease.unwrap();
    let over = Refusal::LeaseNotStanding { lease, why: NoLease::Over, raise: false };
    assert_eq!(leaf.verdict, control::Verdict::Refused(over));
    assert_eq!(notes(&world, id), 1, "it comes back without cycles");
    approved(&mut world, id);
    accepted(world.run(OPAL, id));
    world.carry_out(id, |_, _| End::Done);
    assert_eq!((serving(&world).bundle, notes(&world, id)), (before, 0), "afterwards it is a matter of the lease");
}

/// It stands by for a deployment under which the process stays, and must find the engine as that leaves it.
#[test]
fn a_stand_by_for_a_lease_alone_can_be_run() {
    let (mut world, before) = served();
    let lease = Some(world.leased());
    let deployment = world.drafted_bundle(Bundle { lease, ..before });
    let stand_by = rollback(&mut world, before);
    approved(&mut world, stand_by);
    approved(&mut world, deployment);
    accepted(world.run(OPAL, deployment));
    world.carry_out(deployment, |_, _| End::Done);
    accepted(world.run(OPAL, stand_by));
    let words = world.carry_out(stand_by, |_, _| End::Done);
    assert!(!words.contains(&"start".to_owned()), "{words:?}");
    assert_eq!(serving(&world), Served { side: Side::Blue, bundle: before });
}

/// Another engine proves the code and what it is told, not whose lease or look it has.
#[test]
fn a_release_is_proven_with_its_config_and_without_lease_or_theme() {
    let (mut world, before) = served();
    let (first, node) = (world.engine, world.node);
    world.engine = world.second_engine();
    let (engine, proven_on) = (world.engine, Some(first));
    let sealed = |world: &mut World, bundle| {
        let id = world.draft_of(OPAL, Body::Deployment { engine, node, bundle, proven_on });
        world.observe_all(id);
        world.seal(OPAL, id)
    };
    accepted(sealed(&mut world, Bundle { lease: None, theme: None, ..before }));
    refused(sealed(&mut world, Bundle { config: None, ..before }), "deployment.not_proven");
}

/// Whoever reads the refusal knows everything that is missing, and which of it is a secret.
#[test]
fn all_that_a_config_lacks_is_said_at_once_and_a_secret_in_the_open_before_it() {
    let mut world = World::new();
    let need = |n: usize| Need { key: token(&format!("V{n:02}")), required: true, secret: n == 0, bounds: None };
    let artifact = world.publish_with("needy", Profile { needs: (0..10).map(need).collect(), ..shop_profile(64) });
    let said = |world: &mut World, config: Option<control::Config>| {
        let version = Digest::of_bytes(&world.fresh()).short();
        let config = config.map(|config| world.publish_config(&version, &config));
        let id = world.drafted_bundle(Bundle { config, ..Bundle::of(artifact) });
        let leaf = world.seal(OPAL, id).unwrap();
        let Verdict::Refused(refusal) = leaf.verdict else { panic!("{:?}", leaf.verdict) };
        let (message, next) = refusal.message(&|_| String::new());
        (refusal.code(), message, next)
    };
    let (code, message, next) = said(&mut world, None);
    assert_eq!(code, "config.incomplete");
    let names = "`V00` (a secret), `V01`, `V02`, `V03`, `V04`, `V05`, `V06`, `V07`, 2 more, and no config is bound";
    assert!(message.contains(names), "{message}");
    assert!(next.contains("countersign secret put"), "{next}");
    let value = |key: &str| control::Value { key: token(key), value: "hunter2".to_owned() };
    let open = control::Config { values: vec![value("V00"), value("V01")], ..control::Config::default() };
    let (code, message, next) = said(&mut world, Some(open));
    assert_eq!(code, "config.secret_open");
    assert!(message.starts_with("`V00` is a secret of this program"), "{message}");
    assert!(next.contains("[secrets]") && next.contains("replace it") && !message.contains("hunter2"), "{next}");
    let secret = control::SecretValue { key: token("V00"), secret: Digest::ZERO };
    let values = (1..9).map(|n| value(&format!("V{n:02}"))).collect();
    let (code, message, next) =
        said(&mut world, Some(control::Config { values, secrets: vec![secret], ..control::Config::default() }));
    assert_eq!(
        (code, message.as_str()),
        ("config.incomplete", "the program needs the variable `V09`, and the config does not set it")
    );
    assert!(!next.contains("secret put"), "{next}");
}

#[test]
fn storage_counts_against_the_tenants_quota() {
    let quota = Quota { storage_mib: Some(100), ..Quota::default() };
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: TenantId([0x07; 16]), quota, envelope: vec![] }] };
    let mut world = World::with_terms(terms);
    let keeps = |storage_mib| Profile { storage_mib, ..shop_profile(64) };
    let (small, large) = (world.publish_with("small", keeps(60)), world.publish_with("large", keeps(90)));
    world.deploy(small);
    world.engine = world.second_engine();
    let id = world.sealed(KindName::Deployment, large);
    accepted(world.approve(FAYE, id, FR));
    let leaf = world.approve(OMAR, id, GO).unwrap();
    let over = vec![OverLimit { limit: QuotaLimit::StorageMib, needed: 150, allowed: 100 }];
    assert_eq!(leaf.verdict, Verdict::Refused(Refusal::QuotaExceeded { tenant: world.tenant, over }));
    let more = World::quota_body(world.tenant, Quota { storage_mib: Some(200), ..Quota::default() }, 1);
    world.granted(more);
    accepted(world.approve(OMAR, id, GO));
    assert_eq!(control::used_of(&world.state, &world.tenant).storage_mib, 60);
}

/// What rules the plan is what the config says within what the manifest allows.
#[test]
fn memory_start_and_soak_are_those_of_the_config() {
    let mut world = World::new();
    let artifact = world.publish_with("2026.02", configurable());
    let config = control::Config { memory_mib: Some(200), soak_ms: Some(60_000), ..control::Config::default() };
    let config = Some(world.publish_config("2026.02", &config));
    let (id, _) = world.deploy_bundle(Bundle { config, ..Bundle::of(artifact) });
    let plan = plan(&world, id);
    assert_eq!((plan.needs.memory_mib, plan.soak_ms), (200, 60_000));
    let reserved = plan.steps.iter().find_map(|step| match &step.action {
        Action::Node { action: NodeAction::Place { memory_mib, .. }, .. } => Some(*memory_mib),
        _ => None,
    });
    assert_eq!(reserved, Some(200));
}

#[test]
fn a_narrowed_state_shows_nothing_published_for_another_tenant() {
    let (mut world, bundle) = served();
    let (other, _) = world.other_tenant();
    let (theirs, mine) = (world.publish_theme_of(other, "theirs"), world.publish_theme_of(world.tenant, "mine"));
    accepted(world.sign_and_submit(SAUL, signed::Act::Recall { digest: theirs }));
    let seen = ReadScope::Tenants([world.tenant].into()).narrow(&world.state);
    assert!(!seen.resources.contains_key(&theirs) && !seen.recalled.contains_key(&theirs));
    assert!(seen.resources.contains_key(&mine) && seen.resources.contains_key(&bundle.artifact));
    assert!(seen.credentials.is_empty() && seen.engines.values().all(|engine| engine.credentials == [None; 2]));
    let of_other = ReadScope::Tenants([other].into()).narrow(&world.state);
    assert!(of_other.resources.contains_key(&theirs) && of_other.recalled.contains_key(&theirs));
    assert!(of_other.grants.is_empty() && of_other.journal.is_none() && !of_other.resources.contains_key(&mine));
    assert_eq!(of_other.engines.len(), 1);
}

/// The same look for two tenants is published for each; who may read one of them reads nothing of the other.
#[test]
fn what_was_published_for_one_tenant_is_published_for_another_too() {
    let mut world = World::new();
    let (other, _) = world.other_tenant();
    let theme = world.publish_theme_of(other, "shared");
    let artifact = world.publish("2026.02", 64);
    let bundle = Bundle { theme: Some(theme), ..Bundle::of(artifact) };
    let (engine, node) = (world.engine, world.node);
    let body = || Body::Deployment { engine, node, bundle, proven_on: None };
    let open = |world: &mut World| {
        let change = ChangeId(world.fresh());
        let package = world.package_of(change, body());
        let command = world.opening(OPAL, &package);
        world.submit(command)
    };
    refused(open(&mut world), "bundle.other_tenant");
    let publish = |tenant| signed::Act::Publish {
        resource: model::Resource::Theme,
        digest: theme,
        product: token("pod-storefront-core"),
        version: token("shared"),
        tenant,
    };
    let tenant = world.tenant;
    let index = accepted(world.sign_and_submit(OPAL, publish(Some(tenant)))).tags;
    assert_eq!(index, [tenant], "it is a matter of that tenant alone");
    accepted(open(&mut world));
    let known = &world.state.resources[&theme];
    assert_eq!(known.whose.tenants(), [tenant, other], "the first may use it still");
    assert!(known.certified.is_some());
    refused(world.sign_and_submit(OPAL, publish(Some(tenant))), "publish.already");
    for whose in [tenant, other] {
        let narrow = ReadScope::Tenants([whose].into()).narrow(&world.state);
        let seen = &narrow.resources[&theme];
        assert_eq!(seen.whose.tenants(), [whose]);
        assert!(seen.index < narrow.size && seen.certified.unwrap() < narrow.size);
    }
    accepted(world.sign_and_submit(OPAL, publish(None)));
    refused(world.sign_and_submit(OPAL, publish(Some(tenant))), "publish.already");
    assert_eq!(world.state.resources[&theme].whose, control::Whose::Any);
}

mod credentials {
    use super::*;
    use signed::{Outcome, Reconciled, Report};

    fn of(world: &World, side: Side) -> Option<Digest> {
        world.state.engines[&world.engine].credentials[usize::from(side == Side::Green)]
    }

    #[test]
    fn a_process_has_one_from_its_start_until_it_is_stopped() {
        let (mut world, before) = served();
        let first = of(&world, Side::Blue).unwrap();
        assert_eq!(world.state.credentials.get(&first), Some(&(world.engine, Side::Blue)));
        let theme = Some(world.publish_theme("2026.03"));
        let id = world.running_bundle(Bundle { theme, ..before });
        world.carry_until(id, "switch");
        let second = of(&world, Side::Green).unwrap();
        assert!(first != second && of(&world, Side::Blue) == Some(first), "both run, each with its own");
        world.carry_out(id, |_, _| End::Done);
        assert_eq!((of(&world, Side::Blue), of(&world, Side::Green)), (None, Some(second)));
        assert_eq!(world.state.credentials.get(&first), None);
    }

    #[test]
    fn one_whose_start_is_undone_is_nobodys() {
        let (mut world, before) = served();
        let theme = Some(world.publish_theme("2026.03"));
        let id = world.running_bundle(Bundle { theme, ..before });
        world.carry_out(id, |word, undo| if word == "switch" && !undo { End::Refused("no") } else { End::Done });
        assert_eq!(world.status(id), model::Status::Failed);
        assert_eq!((of(&world, Side::Green), world.state.credentials.len()), (None, 1));
    }

    /// A service that names the digest of another process's credential gets nothing by it.
    #[test]
    fn one_that_another_process_has_is_not_given_twice() {
        let (mut world, before) = served();
        let stolen = of(&world, Side::Blue).unwrap();
        let owner = (world.engine, Side::Blue);
        world.engine = world.second_engine();
        let id = world.running_bundle(before);
        world.carry_until(id, "start");
        let (service, due) = world.due(id).unwrap();
        let (nonce, intended) = world.intend(service, &due);
        accepted(intended);
        let (step, outcome, credential) = (due.step, Outcome::Done, Some(stolen));
        accepted(
            world.report(service, Report::Outcome { step, nonce, outcome, code: None, observed: None, credential }),
        );
        assert_eq!((of(&world, Side::Blue), world.state.credentials.get(&stolen)), (None, Some(&owner)));
    }

    /// Nobody knows whether the process that was started beside what serves still runs.
    #[test]
    fn what_people_say_the_end_of_leaves_one_to_what_serves_alone() {
        let (mut world, before) = served();
        let theme = Some(world.publish_theme("2026.03"));
        let id = world.running_bundle(Bundle { theme, ..before });
        world.carry_until(id, "switch");
        world.step(id, End::Unknown);
        let first = of(&world, Side::Blue);
        accepted(world.verb(SAUL, "observe", id));
        world.observe_all(id);
        for who in [OMAR, FAYE] {
            let act = signed::Act::Reconcile { change: id, revision: 1, outcome: Reconciled::AsBase };
            accepted(world.sign_and_submit(who, act));
        }
        assert_eq!(world.status(id), model::Status::Closed);
        assert_eq!((of(&world, Side::Blue), of(&world, Side::Green)), (first, None));
        assert_eq!(world.state.credentials.len(), 1);
    }
}
