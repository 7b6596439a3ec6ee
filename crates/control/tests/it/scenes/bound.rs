//! What a bundle may name, AI leases, and what Platform Services says of both.

use super::Without::{self, Accepted, NoGuard, Refused};
use super::{Row, Scene, natural, say};
use crate::world::{HOUR_MS, MINUTE_MS, OPAL, SAUL, World, accepted, configurable, greeting, token};
use control::{Body, Cap, Config, Price, SecretValue, Terms, Value};
use model::{Amount, Bundle, ChangeId, Digest, LeaseClass, Profile, Resource, Service, TenantId};
use signed::{Act, Certificate, JournalHead, Observation, Report};

/// Without a plan there is no digest to sign: the digests' guard is the second layer.
const NO_PLAN: Without = Refused("change.digests_differ");
const NO_OBSERVATION: Without = Refused("observation.missing");

pub const ROWS: &[Row] = &[
    ("draft with a theme nobody published", "bundle.unknown", "draft_fits", Accepted, || with_theme(|_| Digest::ZERO)),
    ("draft with an artifact as its theme", "bundle.unknown", "draft_fits", Accepted, || {
        with_theme(|world| world.publish("2026.03", 64))
    }),
    ("draft with another tenant's theme", "bundle.other_tenant", "draft_fits", Accepted, || {
        with_theme(|world| {
            let (other, _) = world.other_tenant();
            world.publish_theme_of(other, "theirs")
        })
    }),
    ("draft with a recalled config", "bundle.recalled", "draft_fits", Accepted, recalled_config),
    ("seal what nobody has certified yet", "bundle.not_certified", "plan_possible", NO_PLAN, || uncertified(false)),
    ("seal what was found to be something else", "bundle.not_certified", "plan_possible", NO_PLAN, || {
        uncertified(true)
    }),
    ("seal, theme not held", "bundle.not_held", "plan_possible", NO_PLAN, theme_not_held),
    ("seal for another sort of engine", "profile.runtime", "plan_possible", NO_PLAN, || {
        sealing(Profile { runtime: token("web"), ..configurable() }, None)
    }),
    ("seal more memory than the engine's profile has", "profile.memory", "plan_possible", NO_PLAN, || {
        sealing(Profile { memory_mib: model::Range::only(65_537), ..configurable() }, None)
    }),
    ("seal without a variable it needs", "config.incomplete", "plan_possible", NO_PLAN, || {
        let mut profile = configurable();
        profile.needs[1].required = true;
        sealing(profile, Some(Config::default()))
    }),
    ("seal without the config it needs", "config.incomplete", "plan_possible", NO_PLAN, || {
        let mut profile = configurable();
        profile.needs[1].required = true;
        sealing(profile, None)
    }),
    ("seal a value outside its bounds", "config.outside", "plan_possible", NO_PLAN, || {
        configured(|config| config.values.push(value("WORKERS", "9")))
    }),
    ("seal a value that is no number", "config.outside", "plan_possible", NO_PLAN, || {
        configured(|config| config.values.push(value("WORKERS", "many")))
    }),
    ("seal a secret for a variable that is not secret", "config.outside", "plan_possible", NO_PLAN, || {
        configured(|config| config.secrets.push(SecretValue { key: token("WORKERS"), secret: Digest([0x5e; 32]) }))
    }),
    ("seal a secret in the open", "config.secret_open", "plan_possible", NO_PLAN, || {
        configured(|config| config.values.insert(0, value("API_KEY", "hunter2")))
    }),
    ("seal a variable the program does not read", "config.outside", "plan_possible", NO_PLAN, || {
        configured(|config| config.values.push(value("UNREAD", "1")))
    }),
    ("seal a way out the program does not ask for", "config.outside", "plan_possible", NO_PLAN, || {
        configured(|config| config.outbound.push(25))
    }),
    ("seal more memory than the program takes", "config.outside", "plan_possible", NO_PLAN, || {
        configured(|config| config.memory_mib = Some(257))
    }),
    ("seal a longer start than the program takes", "config.outside", "plan_possible", NO_PLAN, || {
        configured(|config| config.start_within_ms = Some(60_001))
    }),
    ("seal with a host of another engine", "config.host", "plan_possible", NO_PLAN, || {
        configured(|config| config.hosts.push(token("shop.example.com")))
    }),
    ("seal without a secret", "secret.missing", "plan_possible", NO_PLAN, no_secret),
    ("seal with a lease nobody granted", "lease.not_standing", "plan_possible", NO_PLAN, || {
        leasing(|_| ChangeId([7; 16]))
    }),
    ("seal with a lease that was revoked", "lease.not_standing", "plan_possible", NO_PLAN, || leasing(revoked)),
    ("seal with an override as the lease", "lease.not_standing", "plan_possible", NO_PLAN, || {
        leasing(|world| {
            let lease = world.leased();
            let body = world.raise(lease, 2_000, HOUR_MS);
            world.granted(body)
        })
    }),
    ("seal with another tenant's lease", "lease.other_tenant", "plan_possible", NO_PLAN, || leasing(of_other)),
    ("rehearse with another tenant's lease", "lease.other_tenant", "plan_possible", NO_PLAN, rehearses_other),
    ("run with a lease revoked since", "lease.not_standing", "base_current", Accepted, lease_revoked_since),
    ("a lease of no cycles", "lease.unsound", "draft_fits", Accepted, || lease(|cap| cap.cycles = 0)),
    ("a lease in a currency there cannot be", "lease.unsound", "draft_fits", Accepted, || {
        lease(|cap| cap.price = Some(Price { currency: token("dollar"), per_thousand: Amount(5) }))
    }),
    ("a lease another tenant asked for", "grant.asked_by_other", "draft_fits", Accepted, asked_by_other),
    ("an exception another tenant asked for", "grant.asked_by_other", "draft_fits", Accepted, || {
        let mut world = super::run::quota_world();
        let (other, _) = world.other_tenant();
        let mut body = super::run::exception(&world);
        if let Body::Grant { asked_by, .. } = &mut body {
            *asked_by = Some(other);
        }
        opening(world, body)
    }),
    ("seal a lease in a zone that Platform Services has not", "lease.zone_unknown", "plan_possible", NO_PLAN, || {
        zoned(&[None])
    }),
    ("seal a lease in another zone than it knows", "lease.zone_unknown", "plan_possible", NO_PLAN, || {
        zoned(&[Some("UTC")])
    }),
    ("seal a lease whose zone nobody looked up", "observation.missing", "observed_freshly", NO_OBSERVATION, || {
        zoned(&[])
    }),
    ("seal an override of no more cycles", "lease.not_raised", "plan_possible", NO_PLAN, || raising(1_000, |_| {})),
    ("seal an override of more than cycles", "lease.not_raised", "plan_possible", NO_PLAN, || {
        raising(2_000, |cap| cap.class = LeaseClass::Hybrid)
    }),
    ("seal an override of another tenant's lease", "lease.not_raised", "plan_possible", NO_PLAN, || {
        raising(2_000, |cap| cap.tenant = TenantId([0x17; 16]))
    }),
    ("seal an override of what is over", "lease.not_standing", "plan_possible", NO_PLAN, raises_revoked),
    ("seal a second override", "lease.raised_already", "plan_possible", NO_PLAN, raises_twice),
    ("run a second override", "lease.raised_already", "base_current", Accepted, runs_second),
    ("certify another version", "receipt.certificate", "", NoGuard, || certified("2026.02", Resource::Artifact)),
    ("certify a theme as a program", "receipt.certificate", "", NoGuard, || certified("2026.03", Resource::Theme)),
    ("certify by a distrusted key", "service.distrusted", "", NoGuard, certified_by_distrusted),
    ("count by a distrusted key", "service.distrusted", "", NoGuard, used_by_distrusted),
    ("publish the same as another version", "publish.otherwise", "published_alike", Accepted, || {
        publishing("theme 2026.03", "2026.04", |world| Some(world.tenant))
    }),
    ("publish another theme as the same version", "publish.edition_taken", "edition_free", Accepted, || {
        publishing("another theme", "2026.03", |_| None)
    }),
    (
        "publish another theme as the same version of that tenant",
        "publish.edition_taken",
        "edition_free",
        Accepted,
        || publishing("another theme", "2026.03", |_| Some(TenantId([0x17; 16]))),
    ),
    ("certify by another service", "receipt.foreign", "", NoGuard, certified_by_engine),
    ("certify what was not published when it was seen", "receipt.seen_too_early", "", NoGuard, certified_too_early),
    ("count a period that is not over", "receipt.period_open", "", NoGuard, || used(60_000, 9)),
    ("count in a journal that is shorter", "receipt.journal_shorter", "", NoGuard, || used(-60_000, 4)),
    ("count in another journal of the same length", "receipt.journal_shorter", "", NoGuard, || used(-60_000, 5)),
    ("tell the journal by another service", "receipt.foreign", "", NoGuard, || grown(Service::Engine, 6)),
    ("tell a journal that is shorter", "receipt.journal_shorter", "", NoGuard, || grown(Service::Platform, 4)),
    ("tell the journal by a distrusted key", "service.distrusted", "", NoGuard, || {
        let mut world = distrusted_platform(World::new());
        let journal = JournalHead { size: 1, root: Digest::ZERO };
        let command = world.receipt(Service::Platform, Report::JournalGrown { journal });
        natural(world, command)
    }),
    ("count what an override used", "receipt.foreign", "", NoGuard, used_of_override),
];

fn deployment(world: &World, bundle: Bundle) -> Body {
    Body::Deployment { engine: world.engine, node: world.node, bundle, proven_on: None }
}

fn opening(mut world: World, body: Body) -> Scene {
    let change = ChangeId(world.fresh());
    let package = world.package_of(change, body);
    let command = world.opening(OPAL, &package);
    natural(world, command)
}

fn seal_of(mut world: World, bundle: Bundle) -> Scene {
    let id = world.drafted_bundle(bundle);
    say((world, id), OPAL, "seal")
}

fn with_theme(theme: impl FnOnce(&mut World) -> Digest) -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let bundle = Bundle { theme: Some(theme(&mut world)), ..Bundle::of(artifact) };
    let body = deployment(&world, bundle);
    opening(world, body)
}

fn recalled_config() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let config = world.publish_config("2026.02", &Config::default());
    accepted(world.sign_and_submit(SAUL, Act::Recall { digest: config }));
    let body = deployment(&world, Bundle { config: Some(config), ..Bundle::of(artifact) });
    opening(world, body)
}

fn uncertified(refused: bool) -> Scene {
    let mut world = World::new();
    let digest = Digest::of_object("manifest", b"2026.02");
    world.publish_as(Resource::Artifact, digest, "2026.02");
    if refused {
        let code = token("file.differs");
        accepted(world.report(Service::Platform, Report::NotCertified { digest, code }));
    }
    seal_of(world, Bundle::of(digest))
}

fn theme_not_held() -> Scene {
    let mut world = World::new();
    let (artifact, theme) = (world.publish("2026.02", 64), world.publish_theme("2026.02"));
    let change = world.drafted_bundle(Bundle { theme: Some(theme), ..Bundle::of(artifact) });
    let observation = Observation::Platform { missing: vec![theme], zone: None };
    accepted(world.report(Service::Platform, Report::Observed { change, revision: 1, observation }));
    say((world, change), OPAL, "seal")
}

/// A release that says this of itself, with this config.
fn sealing(profile: Profile, config: Option<Config>) -> Scene {
    let mut world = World::new();
    let artifact = world.publish_with("2026.02", profile);
    let config = config.map(|config| world.publish_config("2026.02", &config));
    seal_of(world, Bundle { config, ..Bundle::of(artifact) })
}

fn configured(alter: impl FnOnce(&mut Config)) -> Scene {
    let mut config = Config { values: vec![greeting("hello")], ..Config::default() };
    alter(&mut config);
    sealing(configurable(), Some(config))
}

fn value(key: &str, value: &str) -> Value {
    Value { key: token(key), value: value.to_owned() }
}

fn no_secret() -> Scene {
    let mut world = World::new();
    let secret = Digest::of_bytes(b"deposited nowhere");
    let secrets = vec![SecretValue { key: token("API_KEY"), secret }];
    let artifact = world.publish_with("2026.02", configurable());
    let config = Some(world.publish_config("2026.02", &Config { secrets, ..Config::default() }));
    let change = world.drafted_bundle(Bundle { config, ..Bundle::of(artifact) });
    let observation = Observation::Engine { generation: 0, serving: None, missing: vec![secret] };
    accepted(world.report(Service::Engine, Report::Observed { change, revision: 1, observation }));
    say((world, change), OPAL, "seal")
}

fn leasing(lease: impl FnOnce(&mut World) -> ChangeId) -> Scene {
    let mut world = World::with_dora();
    let artifact = world.publish("2026.02", 64);
    let lease = Some(lease(&mut world));
    seal_of(world, Bundle { lease, ..Bundle::of(artifact) })
}

fn revoked(world: &mut World) -> ChangeId {
    let lease = world.leased();
    accepted(world.verb(SAUL, "revoke", lease));
    lease
}

fn of_other(world: &mut World) -> ChangeId {
    let (other, _) = world.other_tenant();
    let mut body = world.lease(LeaseClass::Worker, 1_000, None);
    if let Body::Grant { terms: Terms::Cap(cap), .. } = &mut body {
        cap.tenant = other;
    }
    world.granted(body)
}

fn rehearses_other() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let lease = Some(of_other(&mut world));
    let (engine, node, bundle) = (world.engine, world.node, Bundle { lease, ..Bundle::of(artifact) });
    let id = world.draft_of(OPAL, Body::Rehearsal { engine, node, bundle });
    for service in [Service::Platform, Service::Node, Service::Engine] {
        accepted(world.observe(id, service));
    }
    say((world, id), OPAL, "seal")
}

fn lease_revoked_since() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let lease = world.leased();
    let id = world.drafted_bundle(Bundle { lease: Some(lease), ..Bundle::of(artifact) });
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
    accepted(world.verb(SAUL, "revoke", lease));
    say((world, id), OPAL, "run")
}

fn lease(alter: impl FnOnce(&mut Cap)) -> Scene {
    let world = World::new();
    let mut body = world.lease(LeaseClass::Worker, 1_000, None);
    if let Body::Grant { terms: Terms::Cap(cap), .. } = &mut body {
        alter(cap);
    }
    opening(world, body)
}

/// A lease that Platform Services has observed so, as often.
fn zoned(seen: &[Option<&str>]) -> Scene {
    let mut world = World::new();
    let body = world.lease(LeaseClass::Worker, 1_000, None);
    let id = world.draft_of(OPAL, body);
    for zone in seen {
        let observation = Observation::Platform { missing: vec![], zone: zone.map(token) };
        accepted(world.report(Service::Platform, Report::Observed { change: id, revision: 1, observation }));
    }
    say((world, id), OPAL, "seal")
}

fn asked_by_other() -> Scene {
    let mut world = World::new();
    let (other, _) = world.other_tenant();
    let mut body = world.lease(LeaseClass::Worker, 1_000, None);
    if let Body::Grant { asked_by, .. } = &mut body {
        *asked_by = Some(other);
    }
    opening(world, body)
}

/// An escalated override of this lease.
fn escalated(world: &mut World, lease: ChangeId, cycles: u64, alter: impl FnOnce(&mut Cap)) -> ChangeId {
    let mut body = world.raise(lease, cycles, HOUR_MS);
    if let Body::Grant { terms: Terms::Cap(cap), .. } = &mut body {
        alter(cap);
    }
    let id = world.draft_of(OPAL, body);
    accepted(world.verb(OPAL, "escalate", id));
    id
}

fn raising(cycles: u64, alter: impl FnOnce(&mut Cap)) -> Scene {
    let mut world = World::new();
    world.other_tenant();
    let lease = world.leased();
    let id = escalated(&mut world, lease, cycles, alter);
    say((world, id), OPAL, "seal")
}

fn raises_revoked() -> Scene {
    let mut world = World::new();
    let lease = world.leased();
    let id = escalated(&mut world, lease, 2_000, |_| {});
    accepted(world.verb(SAUL, "revoke", lease));
    say((world, id), OPAL, "seal")
}

fn raises_twice() -> Scene {
    let mut world = World::new();
    let lease = world.leased();
    let first = world.raise(lease, 2_000, HOUR_MS);
    world.granted(first);
    let id = escalated(&mut world, lease, 3_000, |_| {});
    say((world, id), OPAL, "seal")
}

fn runs_second() -> Scene {
    let mut world = World::new();
    let lease = world.leased();
    let [first, second] = [2_000, 3_000].map(|cycles| {
        let body = world.raise(lease, cycles, HOUR_MS);
        world.approved_of(OPAL, body)
    });
    accepted(world.run(OPAL, first));
    say((world, second), OPAL, "run")
}

/// A certificate of 2026.03, which says that it is this.
fn certificate(version: &str, resource: Resource) -> Certificate {
    let (product, version) = (token("pod-storefront-core"), token(version));
    match resource {
        Resource::Theme => Certificate::Theme { product, version },
        _ => Certificate::Artifact { product, version, profile: configurable() },
    }
}

fn published() -> (World, Digest) {
    let mut world = World::new();
    let digest = Digest::of_object("manifest", b"2026.03");
    world.publish_as(Resource::Artifact, digest, "2026.03");
    (world, digest)
}

fn certified(version: &str, resource: Resource) -> Scene {
    let (mut world, digest) = published();
    let certificate = certificate(version, resource);
    let command = world.receipt(Service::Platform, Report::Certified { digest, certificate });
    natural(world, command)
}

fn certified_by_engine() -> Scene {
    let (mut world, digest) = published();
    let certificate = certificate("2026.03", Resource::Artifact);
    let command = world.receipt(Service::Engine, Report::Certified { digest, certificate });
    natural(world, command)
}

/// Platform Services has said that it was asked to act on an intent that it did not sign.
fn distrusted_platform(mut world: World) -> World {
    let artifact = world.publish("2026.02", 64);
    let id = world.running(super::DEPLOYMENT, artifact);
    let (service, due) = world.due(id).unwrap();
    assert_eq!(service, Service::Platform);
    let (nonce, intended) = world.intend(service, &due);
    accepted(intended);
    let (step, outcome, code) = (due.step, signed::Outcome::Refused, Some(token("foreign_intent")));
    accepted(world.report(service, Report::Outcome { step, nonce, outcome, code, observed: None, credential: None }));
    world
}

fn certified_by_distrusted() -> Scene {
    let (world, digest) = published();
    let mut world = distrusted_platform(world);
    let certificate = certificate("2026.03", Resource::Artifact);
    let command = world.receipt(Service::Platform, Report::Certified { digest, certificate });
    natural(world, command)
}

fn used_by_distrusted() -> Scene {
    let mut world = World::new();
    let lease = world.leased();
    world.advance(HOUR_MS);
    let mut world = distrusted_platform(world);
    let journal = JournalHead { size: 1, root: Digest::ZERO };
    let (from, until) = (world.now.plus_millis(-2 * MINUTE_MS), world.now.plus_millis(-MINUTE_MS));
    let command = world.receipt(Service::Platform, Report::Used { lease, from, until, cycles: 10, journal });
    natural(world, command)
}

/// After a theme 2026.03 of another tenant's: this manifest as this version, for this tenant.
fn publishing(manifest: &str, version: &str, tenant: impl FnOnce(&mut World) -> Option<TenantId>) -> Scene {
    let mut world = World::new();
    let (other, _) = world.other_tenant();
    world.publish_theme_of(other, "2026.03");
    let (resource, digest) = (Resource::Theme, Digest::of_object("manifest", manifest.as_bytes()));
    let (product, version, tenant) = (token("pod-storefront-core"), token(version), tenant(&mut world));
    super::act(world, OPAL, Act::Publish { resource, digest, product, version, tenant })
}

fn certified_too_early() -> Scene {
    let mut world = World::new();
    let size = world.tree.size();
    let digest = Digest::of_object("manifest", b"2026.03");
    world.publish_as(Resource::Artifact, digest, "2026.03");
    let certificate = certificate("2026.03", Resource::Artifact);
    let mut receipt = world.receipt_of(Service::Platform, Report::Certified { digest, certificate });
    receipt.seen = signed::Seen { size, root: world.tree.root_at(size).unwrap() };
    let command = world.vouch(Service::Platform, receipt);
    natural(world, command)
}

/// After it was told that the journal has 5 entries: that it has so many.
fn grown(by: Service, size: u64) -> Scene {
    let mut world = World::new();
    let told = |size| Report::JournalGrown { journal: JournalHead { size, root: Digest::ZERO } };
    accepted(world.report(Service::Platform, told(5)));
    let command = world.receipt(by, told(size));
    natural(world, command)
}

/// After a report of a journal of 5 entries: another one of a period that ends so long from now.
fn used(ends_ms: i64, size: u64) -> Scene {
    let mut world = World::new();
    let lease = world.leased();
    world.advance(3 * HOUR_MS);
    let report = |from, until, size, root| {
        let journal = JournalHead { size, root };
        Report::Used { lease, from, until, cycles: 10, journal }
    };
    let before = world.now.plus_millis(-HOUR_MS);
    let first = report(before.plus_millis(-HOUR_MS), before, 5, Digest::ZERO);
    accepted(world.report(Service::Platform, first));
    let until = world.now.plus_millis(ends_ms);
    let root = Digest::of_bytes(b"another journal");
    let command = world.receipt(Service::Platform, report(until.plus_millis(-MINUTE_MS), until, size, root));
    natural(world, command)
}

fn used_of_override() -> Scene {
    let mut world = World::new();
    let lease = world.leased();
    let body = world.raise(lease, 2_000, HOUR_MS);
    let lease = world.granted(body);
    let (from, until) = (world.now.plus_millis(-MINUTE_MS), world.now);
    let journal = JournalHead { size: 1, root: Digest::ZERO };
    let command = world.receipt(Service::Platform, Report::Used { lease, from, until, cycles: 1, journal });
    natural(world, command)
}
