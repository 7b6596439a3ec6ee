//! What is published in the histories, what is bound to engines, and what is used of leases.

use super::play::{Play, VERSIONS};
use crate::world::{HOUR_MS, World, configurable, greeting, retention, shop_profile, token};
use control::{Body, Cap, Config, Envelope, Quota, TenantTerm, TenantTerms, Terms, cap_at};
use model::{Bundle, ChangeId, Digest, KindName, LeaseClass, Period, Profile, Range, Resource, Service, TenantId};
use signed::{Act, Certificate, JournalHead, Report};

const THEMES: [&str; 2] = ["plain", "dark"];
const GREETINGS: [&str; 2] = ["hello", "good morning"];

impl Play {
    /// Releases of which all but the large one take a config, two themes, two configs and a retention policy.
    pub fn publish_all(world: &mut World) {
        for version in VERSIONS {
            let memory_mib = if version == "big" { Range::only(4_000) } else { Range::only(64) };
            world.publish_with(version, Profile { memory_mib, ..configurable() });
        }
        for theme in THEMES {
            world.publish_theme(theme);
        }
        for text in GREETINGS {
            world.publish_config(&token_of(text), &config(text));
        }
        world.publish_retention("2026", &retention());
    }

    pub fn terms(tenant: TenantId, engines: u32) -> TenantTerms {
        let quota = Quota { engines: Some(engines), ..Quota::default() };
        let envelope = vec![Envelope { class: LeaseClass::Worker, cycles: 1_000, period: Period::Day, price: None }];
        TenantTerms { tenants: vec![TenantTerm { tenant, quota, envelope }] }
    }

    /// The release with what may be bound beside it: each part may be there, be another one, or be missing.
    pub fn bundle_of(&self, artifact: Digest, pick: u8) -> Bundle {
        let theme = |name: &str| Digest::of_object("manifest", format!("theme {name}").as_bytes());
        let pick = usize::from(pick);
        Bundle {
            artifact,
            config: [Some(GREETINGS[0]), Some(GREETINGS[1]), None][pick % 3].map(|text| config(text).digest().unwrap()),
            lease: self.lease_now().filter(|_| pick % 5 != 2),
            theme: [Some(THEMES[0]), Some(THEMES[1]), None][pick / 3 % 3].map(theme),
            retention: (pick % 4 != 3).then(|| retention().digest().unwrap()),
        }
    }

    /// A lease that stands.
    pub fn lease_now(&self) -> Option<ChangeId> {
        let (state, now) = (&self.world.state, self.world.now);
        state.grants.keys().find(|id| cap_at(state, id, now).is_some()).copied()
    }

    /// What is asked for of leases: within the envelope or outside, with or without an end.
    pub fn lease_body(&self, kind: KindName, pick: u8) -> Body {
        if kind == KindName::LeaseOverride {
            return self.world.body(kind, Digest::ZERO);
        }
        let class = [LeaseClass::Worker, LeaseClass::Analyst, LeaseClass::Hybrid][usize::from(pick) % 3];
        let for_ms = pick.is_multiple_of(2).then_some(30 * 24 * HOUR_MS);
        let mut body = self.world.lease(class, 400 + 20 * u64::from(pick % 64), for_ms);
        if let (Body::Grant { terms: Terms::Cap(Cap { tenant, .. }), asked_by, .. }, true) = (&mut body, pick % 4 > 1) {
            *asked_by = Some(*tenant);
        }
        body
    }

    /// Something new, and what Platform Services, or another service, says that it is.
    pub fn publish(&mut self, who: usize, how: u8) -> bool {
        let name = Digest::of_bytes(&self.world.fresh()).to_string();
        let (resource, digest) = (Resource::Theme, Digest::of_object("manifest", name.as_bytes()));
        let (product, version) = (token("pod-storefront-core"), token(&name[..12]));
        let tenant = how.is_multiple_of(2).then_some(self.world.tenant);
        let act = Act::Publish { resource, digest, product: product.clone(), version: version.clone(), tenant };
        if !self.speak(who, act) {
            return false;
        }
        let right = Report::Certified { digest, certificate: Certificate::Theme { product: product.clone(), version } };
        let report = match how {
            0 | 1 => Report::NotCertified { digest, code: token("file.differs") },
            2 => {
                let profile = shop_profile(64);
                let certificate = Certificate::Artifact { product, version: token("other"), profile };
                Report::Certified { digest, certificate }
            }
            _ => right,
        };
        let by = if how == 3 { Service::Node } else { Service::Platform };
        let command = self.world.receipt(by, report);
        self.attempt(command)
    }

    /// The hours before now, or some that are not over, of the lease of a place, or of the one that stands; at the first of
    /// `hours` how far the journal has come, and nothing of a lease.
    pub fn used(&mut self, place: usize, hours: i64, size: u64) -> bool {
        let known = self.world.state.journal.map_or(0, |(head, _)| head.size);
        let size = (known + size).saturating_sub(1);
        let journal = JournalHead { size, root: Digest::of_bytes(&size.to_be_bytes()) };
        if hours == 0 {
            let command = self.world.receipt(Service::Platform, Report::JournalGrown { journal });
            return self.attempt(command);
        }
        let own = self.places[place].filter(|id| self.world.state.grants.contains_key(id));
        let Some(lease) = own.or(self.lease_now()) else { return false };
        let until = self.world.now.plus_millis((hours - 10) * HOUR_MS);
        let report = Report::Used { lease, from: until.plus_millis(-HOUR_MS), until, cycles: 10, journal };
        let command = self.world.receipt(Service::Platform, report);
        self.attempt(command)
    }
}

fn token_of(text: &str) -> String {
    text.replace(' ', "-")
}

fn config(text: &str) -> Config {
    Config { values: vec![greeting(text)], ..Config::default() }
}
