//! Certificates: what something published is, is found by who holds it, and not the publisher's word.

use crate::world::{No, OPAL, World, accepted, configurable, refused, token};
use control::{Effect, Inadmissible, ReadScope, due_certificates};
use model::{Bundle, Digest, Resource, Service};
use signed::{Act, Certificate, Report};

fn published(world: &mut World, resource: Resource) -> Digest {
    let digest = Digest::of_object("manifest", resource.word().as_bytes());
    world.publish_as(resource, digest, "2026.03");
    digest
}

fn certificate(resource: Resource, product: &str, version: &str) -> Certificate {
    let (product, version) = (token(product), token(version));
    match resource {
        Resource::Theme => Certificate::Theme { product, version },
        _ => Certificate::Artifact { product, version, profile: configurable() },
    }
}

const NOTHING: Result<control::Leaf, No> = Err(No::Inadmissible(Inadmissible::NoChange));

#[test]
fn the_publishers_word_is_compared_with_what_was_found() {
    for (resource, other) in [(Resource::Artifact, Resource::Theme), (Resource::Theme, Resource::Artifact)] {
        let mut world = World::new();
        let digest = published(&mut world, resource);
        assert_eq!(due_certificates(&world.state), [(digest, resource)]);
        let cases = [
            (resource, "another-product", "2026.03"),
            (resource, "pod-storefront-core", "2026.04"),
            (other, "pod-storefront-core", "2026.03"),
        ];
        for (found, product, version) in cases {
            let certificate = certificate(found, product, version);
            refused(world.report(Service::Platform, Report::Certified { digest, certificate }), "receipt.certificate");
        }
        assert_eq!(due_certificates(&world.state), [(digest, resource)], "it waits still");
        let right = certificate(resource, "pod-storefront-core", "2026.03");
        let leaf = accepted(world.report(Service::Platform, Report::Certified { digest, certificate: right }));
        assert_eq!(leaf.effects, [Effect::ResourceCertified { resource, digest }]);
        let known = &world.state.resources[&digest];
        assert_eq!((known.certified, due_certificates(&world.state)), (Some(world.state.size - 1), vec![]));
        let profile = (resource == Resource::Artifact).then(configurable);
        assert_eq!(known.profile(), profile.as_ref(), "what a program needs is known from its certificate");
    }
}

#[test]
fn a_certificate_counts_once_and_only_from_platform_services() {
    let mut world = World::new();
    let digest = published(&mut world, Resource::Artifact);
    let certified =
        || Report::Certified { digest, certificate: certificate(Resource::Artifact, "pod-storefront-core", "2026.03") };
    let not = || Report::NotCertified { digest, code: token("file.differs") };
    for service in [Service::Governance, Service::Node, Service::Engine, Service::Integration] {
        refused(world.report(service, certified()), "receipt.foreign");
        refused(world.report(service, not()), "receipt.foreign");
    }
    accepted(world.report(Service::Platform, certified()));
    assert_eq!(world.report(Service::Platform, certified()), NOTHING);
    assert_eq!(world.report(Service::Platform, not()), NOTHING, "what is certified stays so");
    let unknown = Report::NotCertified { digest: Digest::ZERO, code: token("file.differs") };
    assert_eq!(world.report(Service::Platform, unknown), Err(No::Inadmissible(Inadmissible::UnknownObject)));
}

#[test]
fn what_was_found_to_be_something_else_is_never_certified_and_says_why() {
    let mut world = World::new();
    let digest = published(&mut world, Resource::Artifact);
    accepted(world.report(Service::Platform, Report::NotCertified { digest, code: token("file.differs") }));
    let mine = ReadScope::Tenants([world.tenant].into()).narrow(&world.state);
    assert_eq!(mine.size, world.state.size, "who may read it has the leaf that said so");
    let right = certificate(Resource::Artifact, "pod-storefront-core", "2026.03");
    assert_eq!(world.report(Service::Platform, Report::Certified { digest, certificate: right }), NOTHING);
    let id = world.drafted_bundle(Bundle::of(digest));
    let leaf = world.seal(OPAL, id).unwrap();
    let control::Verdict::Refused(refusal) = &leaf.verdict else { panic!("{:?}", leaf.verdict) };
    assert_eq!(refusal.code(), "bundle.not_certified");
    assert!(refusal.message(&|_| String::new()).0.contains("file.differs"));
}

/// A profile that nothing could keep to is no certificate.
#[test]
fn a_certificate_of_an_impossible_profile_is_no_leaf() {
    let mut world = World::new();
    let digest = published(&mut world, Resource::Artifact);
    let mut profile = configurable();
    profile.memory_mib.usual = 1;
    let (product, version) = (token("pod-storefront-core"), token("2026.03"));
    let certificate = Certificate::Artifact { product, version, profile };
    let answer = world.report(Service::Platform, Report::Certified { digest, certificate });
    assert!(matches!(answer, Err(No::Inadmissible(Inadmissible::Bounds(_)))), "{answer:?}");
}

#[test]
fn a_document_is_certified_by_its_publication_and_an_unsound_one_is_no_leaf() {
    let mut world = World::new();
    let config = world.publish_config("2026.03", &control::Config::default());
    let retention = world.publish_retention("2026.03", &crate::world::retention());
    for digest in [config, retention] {
        let known = &world.state.resources[&digest];
        assert_eq!(known.certified, Some(known.index));
    }
    assert_eq!(due_certificates(&world.state), []);
    let port = control::Config {
        values: vec![control::Value { key: token("PORT"), value: String::new() }],
        ..control::Config::default()
    };
    let mut never = crate::world::retention();
    never.audit.years = 0;
    let documents = [
        (Resource::Config, world.shelve("config", &port)),
        (Resource::Retention, world.shelve("retention", &never)),
        (Resource::Config, Digest::ZERO),
        (Resource::Config, retention),
    ];
    for (resource, digest) in documents {
        let act = Act::Publish { resource, digest, product: token("p"), version: token("v"), tenant: None };
        let answer = world.sign_and_submit(OPAL, act);
        let no = matches!(answer, Err(No::Inadmissible(Inadmissible::Bounds(_) | Inadmissible::MissingBlob)));
        assert!(no, "{answer:?}");
    }
}
