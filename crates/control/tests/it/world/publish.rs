//! What the tests publish, and what is bound to the tests' engines.

use super::{OPAL, World, accepted, token};
use control::{
    AuditRule, BillingRule, ClosingStatement, Config, DataEnd, DataRule, ExportFormat, ExportRule, Retention, Value,
};
use model::{Bounds, Bundle, ChangeId, Digest, EngineId, Need, Profile, Range, Resource, Service, TenantId};
use signed::{Act, Certificate, EngineProfile, Report};

impl World {
    /// A release, published and certified; its digest is that of its version.
    pub fn publish(&mut self, version: &str, memory_mib: u32) -> Digest {
        self.publish_with(version, shop_profile(memory_mib))
    }

    /// The same of a program that says this of itself.
    pub fn publish_with(&mut self, version: &str, profile: Profile) -> Digest {
        let digest = Digest::of_object("manifest", version.as_bytes());
        self.publish_as(Resource::Artifact, digest, version);
        let (product, version) = (token("pod-storefront-core"), token(version));
        self.certify(digest, Certificate::Artifact { product, version, profile });
        digest
    }

    /// A client theme, published and certified.
    pub fn publish_theme(&mut self, version: &str) -> Digest {
        let digest = Digest::of_object("manifest", format!("theme {version}").as_bytes());
        self.publish_as(Resource::Theme, digest, version);
        let (product, version) = (token("pod-storefront-core"), token(version));
        self.certify(digest, Certificate::Theme { product, version });
        digest
    }

    /// A config, published.
    pub fn publish_config(&mut self, version: &str, config: &Config) -> Digest {
        let digest = self.shelve("config", config);
        self.publish_as(Resource::Config, digest, version);
        digest
    }

    /// A retention policy, published.
    pub fn publish_retention(&mut self, version: &str, retention: &Retention) -> Digest {
        let digest = self.shelve("retention", retention);
        self.publish_as(Resource::Retention, digest, version);
        digest
    }

    /// Something of the product, for any tenant.
    pub fn publish_as(&mut self, resource: Resource, digest: Digest, version: &str) {
        let (product, version) = (token("pod-storefront-core"), token(version));
        let act = Act::Publish { resource, digest, product, version, tenant: None };
        accepted(self.sign_and_submit(OPAL, act));
    }

    pub fn certify(&mut self, digest: Digest, certificate: Certificate) {
        accepted(self.report(Service::Platform, Report::Certified { digest, certificate }));
    }

    /// A client theme for this tenant's engines alone, published and certified.
    pub fn publish_theme_of(&mut self, tenant: TenantId, version: &str) -> Digest {
        let digest = Digest::of_object("manifest", format!("theme {version}").as_bytes());
        let (product, text) = (token("pod-storefront-core"), token(version));
        let (resource, tenant) = (Resource::Theme, Some(tenant));
        let act = Act::Publish { resource, digest, product: product.clone(), version: text.clone(), tenant };
        accepted(self.sign_and_submit(OPAL, act));
        self.certify(digest, Certificate::Theme { product, version: text });
        digest
    }

    /// Another tenant, with an engine of its own on the same node.
    pub fn other_tenant(&mut self) -> (TenantId, EngineId) {
        let (tenant, engine, node) = (TenantId([0x17; 16]), EngineId([0x2e; 16]), self.node);
        accepted(self.sign_and_submit(OPAL, Act::RegisterTenant { tenant }));
        let (side_ports, hosts) = ([8221, 8222], vec![]);
        let act = Act::RegisterEngine { engine, tenant, node, port: 8121, side_ports, profile: shop(), hosts };
        accepted(self.sign_and_submit(OPAL, act));
        (tenant, engine)
    }

    /// A bundle of all five, each published under this version, with a lease of its own.
    pub fn whole_bundle(&mut self, version: &str) -> Bundle {
        let artifact = self.publish_with(version, configurable());
        let config = Config { values: vec![greeting(version)], ..Config::default() };
        let config = Some(self.publish_config(version, &config));
        let theme = Some(self.publish_theme(version));
        let mut kept = retention();
        kept.audit.years += u32::try_from(self.state.resources.len()).unwrap() % 50;
        let retention = Some(self.publish_retention(version, &kept));
        Bundle { artifact, config, lease: Some(self.leased()), theme, retention }
    }

    /// A draft of Opal's that asks for this bundle, observed by everybody.
    pub fn drafted_bundle(&mut self, bundle: Bundle) -> ChangeId {
        let (engine, node) = (self.engine, self.node);
        let id = self.draft_of(OPAL, control::Body::Deployment { engine, node, bundle, proven_on: None });
        self.observe_all(id);
        id
    }

    /// The bundle, approved and ordered.
    pub fn running_bundle(&mut self, bundle: Bundle) -> ChangeId {
        let id = self.drafted_bundle(bundle);
        accepted(self.seal(OPAL, id));
        self.approve_all(id);
        accepted(self.run(OPAL, id));
        id
    }

    /// The bundle, put in place; gives the words of the steps.
    pub fn deploy_bundle(&mut self, bundle: Bundle) -> (ChangeId, Vec<String>) {
        let id = self.running_bundle(bundle);
        let words = self.carry_out(id, |_, _| super::End::Done);
        assert_eq!(self.status(id), model::Status::Effective);
        (id, words)
    }
}

/// What may be deployed on the engines of the tests.
pub fn shop() -> EngineProfile {
    EngineProfile { runtime: token("storefront"), memory_mib: 65_536 }
}

/// What a release of the tests says of itself.
pub fn shop_profile(memory_mib: u32) -> Profile {
    Profile {
        runtime: token("storefront"),
        memory_mib: Range::only(memory_mib),
        storage_mib: 0,
        start_within_ms: Range::only(10_000),
        needs: vec![],
        outbound: vec![],
    }
}

/// A release that can be told how to greet, needs nothing, and may be let out to databases.
pub fn configurable() -> Profile {
    let need = |key, required, secret, bounds| Need { key: token(key), required, secret, bounds };
    let workers = Some(Bounds { least: 1, most: 8 });
    Profile {
        memory_mib: Range { least: 32, usual: 64, most: 256 },
        needs: vec![
            need("API_KEY", false, true, None),
            need("GREETING", false, false, None),
            need("WORKERS", false, false, workers),
        ],
        outbound: vec![5432],
        ..shop_profile(64)
    }
}

/// The variable that a release greets by.
pub fn greeting(value: &str) -> Value {
    Value { key: token("GREETING"), value: value.to_owned() }
}

/// What is kept, handed over and destroyed after retirement.
pub fn retention() -> Retention {
    let statements = vec![ClosingStatement::AiLeaseUsage];
    Retention {
        audit: AuditRule { years: 7 },
        billing: BillingRule { by: super::FR, within_days: 30, statements },
        export: ExportRule { formats: vec![ExportFormat::Csv], days: 90 },
        data: DataRule { then: DataEnd::Destroy, days: 90 },
    }
}
