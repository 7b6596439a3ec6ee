//! What the ledger itself knows: its founding, registrations, the roster, governed documents.

use super::Fold;
use crate::state::{Content, Engine, Published, Session, Tenant, Whose};
use crate::{Asked, Command, Document, Effect, RosterEvent, Setting, config, retention, settings};
use model::{Digest, Resource};
use signed::{Act, Certificate, Genesis, Report, Roster};

impl Fold<'_> {
    pub(super) fn registered(&mut self, effect: &Effect) {
        let index = self.index;
        match (effect, &self.leaf.command) {
            (Effect::LedgerFounded {}, Command::Genesis { genesis, .. }) => self.founded(genesis),
            (Effect::TenantRegistered { tenant }, _) => {
                self.state.tenants.insert(*tenant, Tenant { index });
            }
            (Effect::EngineRegistered { engine, .. }, Command::Signed { statement, .. }) => {
                let registered = engine_registered(&statement.act, index);
                self.state.engines.extend(registered.map(|registered| (*engine, registered)));
            }
            (Effect::ResourcePublished { .. }, Command::Signed { statement, .. }) => self.published(&statement.act),
            (Effect::ResourceCertified { digest, .. }, Command::Receipt { receipt, .. }) => {
                self.state.uncertified.remove(digest);
                let Some(known) = self.state.resources.get_mut(digest) else { return };
                known.certified = Some(index);
                if let Report::Certified { certificate: Certificate::Artifact { profile, .. }, .. } = &receipt.report {
                    known.content = Content::Artifact(Some(profile.clone()));
                }
            }
            (Effect::ResourceRefused { digest, code, .. }, _) => {
                self.state.uncertified.remove(digest);
                if let Some(known) = self.state.resources.get_mut(digest) {
                    known.refused = Some((code.clone(), index));
                }
            }
            (Effect::ResourceRecalled { digest, .. }, _) => self.recalled(*digest),
            (Effect::SessionOpened { principal, scope }, Command::Session(session)) => {
                let (principal, scope, expires) = (*principal, *scope, session.login.expires);
                self.state.session_ends.insert((expires, session.login.token), ());
                self.state.sessions.insert(session.login.token, Session { principal, scope, expires, index });
            }
            _ => {}
        }
    }

    fn founded(&mut self, genesis: &Genesis) {
        let genesis = genesis.clone();
        self.state.ledger = genesis.digest().unwrap_or(Digest::ZERO);
        self.state.origin = Some(genesis.origin.clone());
        self.state.demo = genesis.demo;
        let settings = settings::founding(self.blobs, &genesis).unwrap_or_default();
        for (first, setting) in genesis.settings.iter().zip(settings) {
            self.in_force(first.digest, setting);
        }
        self.adopt(genesis.roster);
    }

    fn recalled(&mut self, digest: Digest) {
        let index = self.index;
        self.state.recalled.entry(digest).or_insert(index);
        // The document in force is what is recalled now: a lifting that was signed before
        // this recall rests on another base, and lifts nothing it did not name.
        let digests = self.state.recalled.keys().copied().collect();
        let document = Setting::Recalls { digests };
        self.state.settings.extend(document.digest().ok().map(|digest| (document.name(), digest)));
    }

    fn published(&mut self, act: &Act) {
        let index = self.index;
        let Act::Publish { resource, digest, product, version, tenant } = act else { return };
        // The same again: more engines may be bound to it.
        if let Some(known) = self.state.resources.get_mut(digest) {
            return known.whose.widen(*tenant, index);
        }
        let content = match resource {
            Resource::Artifact => Some(Content::Artifact(None)),
            Resource::Theme => Some(Content::Theme),
            Resource::Config => config::stored(self.blobs, digest).map(Content::Config),
            Resource::Retention => retention::stored(self.blobs, digest).map(Content::Retention),
        };
        let Some(content) = content else { return };
        // A document was checked when it was published; what a program or a theme is, is found by who holds it.
        let certified = matches!(resource, Resource::Config | Resource::Retention).then_some(index);
        if certified.is_none() {
            self.state.uncertified.insert(*digest);
        }
        let (product, version, whose) = (product.clone(), version.clone(), Whose::of(*tenant, index));
        self.state.editions.insert((*resource, product.clone(), version.clone(), *digest), ());
        let published = Published { product, version, whose, content, index, certified, refused: None };
        self.state.resources.insert(*digest, published);
    }

    fn adopt(&mut self, roster: Roster) {
        self.state.since.adopt(&roster, self.index);
        self.state.roster_digest = roster.digest().unwrap_or(Digest::ZERO);
        let listed: Vec<Digest> = roster.services.iter().map(|entry| entry.key).collect();
        self.state.distrusted.retain(|key, _| listed.contains(key));
        self.state.suspensions.clear();
        self.state.roster = roster;
    }

    pub(super) fn roster(&mut self, event: &RosterEvent) {
        let index = self.index;
        match event {
            RosterEvent::Changed { .. } => {
                let change = self.leaf.command.change().and_then(|id| self.state.changes.get(&id));
                let roster = change.and_then(|change| match &change.document {
                    Some(Document::Roster(roster)) => Some(roster.clone()),
                    _ => None,
                });
                if let Some(roster) = roster {
                    self.adopt(roster);
                }
            }
            RosterEvent::SuspensionAsked { key, until, .. } => {
                let asked = self.signer().map(|(person, signed)| Asked { person, key: signed, until: *until, index });
                self.state.suspensions.extend(asked.map(|asked| (*key, asked)));
            }
            RosterEvent::KeySuspended { key, .. } => {
                self.state.since.suspend(*key, index);
                self.state.suspensions.remove(key);
            }
        }
    }

    pub(super) fn setting(&mut self, digest: &Digest) {
        let change = self.leaf.command.change().and_then(|id| self.state.changes.get(&id));
        let setting = change.and_then(|change| match &change.document {
            Some(Document::Setting(setting)) => Some(setting.clone()),
            _ => None,
        });
        if let Some(setting) = setting {
            self.in_force(*digest, setting);
        }
    }

    fn in_force(&mut self, digest: Digest, setting: Setting) {
        self.state.settings.insert(setting.name(), digest);
        match setting {
            Setting::Rules { number } => self.state.rules = number,
            Setting::Kinds(kinds) => self.state.kinds = kinds,
            // What stays recalled has been since the leaf that first said so.
            Setting::Recalls { digests } => {
                let (index, before) = (self.index, std::mem::take(&mut self.state.recalled));
                let since = |digest| (digest, before.get(&digest).copied().unwrap_or(index));
                self.state.recalled = digests.into_iter().map(since).collect();
            }
            Setting::TenantTerms(terms) => self.state.terms = terms,
        }
    }
}

/// An engine as it is registered: nothing serves on it.
fn engine_registered(act: &Act, index: u64) -> Option<Engine> {
    let Act::RegisterEngine { tenant, node, port, side_ports, profile, hosts, .. } = act else { return None };
    Some(Engine {
        tenant: *tenant,
        node: *node,
        port: *port,
        side_ports: *side_ports,
        profile: profile.clone(),
        hosts: hosts.clone(),
        generation: 0,
        serving: None,
        stack: vec![],
        unverified: false,
        regressed: None,
        restarted: None,
        rehearsed: None,
        credentials: [None, None],
        index,
    })
}
