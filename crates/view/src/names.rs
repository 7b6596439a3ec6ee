//! What ids are called: from openings, for those who may read them.

use crate::pairs;
use control::{About, Actor, Fragment, Named, ReadScope, State};
use model::{ChangeId, Digest, EngineId, NodeId, PersonId, TenantId};
use serde::{Deserialize, Serialize};
use signed::Opening;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Something published for one tenant's engines alone when it was given its name: the name is that tenant's matter,
/// and who reads of another, for whom the same was published later, reads what it was published as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedFor {
    #[schema(value_type = String)]
    pub tenant: TenantId,
    /// Its product and version.
    pub otherwise: String,
}

/// Names and texts by id. What is not here is shown by its short id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Names {
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub people: BTreeMap<PersonId, String>,
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub tenants: BTreeMap<TenantId, String>,
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub engines: BTreeMap<EngineId, String>,
    /// Artifacts, as `POD Storefront Core 2026.03.1`.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub artifacts: BTreeMap<Digest, String>,
    /// Whose matter the names of some of them are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = std::collections::HashMap<String, NamedFor>)]
    pub named_for: BTreeMap<Digest, NamedFor>,
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub nodes: BTreeMap<NodeId, String>,
    /// What changes are about: it never moves within a change.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Object>)]
    pub changes: BTreeMap<ChangeId, About>,
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub titles: BTreeMap<ChangeId, String>,
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub reasons: BTreeMap<ChangeId, String>,
    /// What opens the commitments to these texts: a reader with a verified state of its own recomputes
    /// each ([`Names::checked`]).
    #[serde(default, with = "pairs", skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Vec<serde_json::Value>)]
    pub openings: BTreeMap<Named, Opening>,
    /// Texts that are other ones than were signed; the words above say so in their place.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub differs: BTreeSet<Named>,
}

impl Names {
    /// A person's name.
    pub fn person(&self, id: &PersonId) -> String {
        self.people.get(id).cloned().unwrap_or_else(|| format!("person {}", id.short()))
    }

    /// A tenant's name.
    pub fn tenant(&self, id: &TenantId) -> String {
        self.tenants.get(id).cloned().unwrap_or_else(|| format!("tenant {}", id.short()))
    }

    /// An engine's name.
    pub fn engine(&self, id: &EngineId) -> String {
        self.engines.get(id).cloned().unwrap_or_else(|| format!("engine {}", id.short()))
    }

    /// An artifact's name.
    pub fn artifact(&self, digest: &Digest) -> String {
        self.artifacts.get(digest).cloned().unwrap_or_else(|| format!("artifact {}", digest.short()))
    }

    /// What something published is called: its name, else its product and version.
    pub fn resource(&self, state: &State, digest: &Digest) -> String {
        let known = state.resources.get(digest).filter(|_| !self.artifacts.contains_key(digest));
        known.map_or_else(|| self.artifact(digest), |known| format!("{} {}", known.product, known.version))
    }

    /// A node's name.
    pub fn node(&self, id: &NodeId) -> String {
        self.nodes.get(id).cloned().unwrap_or_else(|| format!("node {}", id.short()))
    }

    /// What a change is about: its engine, else its kind.
    pub fn change(&self, id: &ChangeId) -> String {
        match self.changes.get(id) {
            Some(About { engine: Some(engine), .. }) => self.engine(engine),
            Some(about) => format!("{} {}", about.kind.title().to_lowercase(), id.short()),
            None => format!("change {}", id.short()),
        }
    }

    /// Who is behind a leaf.
    pub fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Person(person) => self.person(person),
            Actor::Service(service) => service.title().to_owned(),
            Actor::Console => "the console".to_owned(),
            Actor::Founders => "the founders".to_owned(),
            Actor::Clock => "the ledger's clock".to_owned(),
        }
    }

    /// The text of fragments. What a name says is never read for anything.
    pub fn text(&self, fragments: &[Fragment]) -> String {
        fragments.iter().map(|fragment| self.fragment(fragment)).collect()
    }

    /// The same for whoever may read what concerns these tenants.
    pub fn text_for(&self, tags: &[TenantId], fragments: &[Fragment]) -> String {
        let text = |fragment: &Fragment| match fragment {
            Fragment::Resource(digest) => match self.named_for.get(digest) {
                Some(named) if !tags.contains(&named.tenant) => named.otherwise.clone(),
                _ => self.artifact(digest),
            },
            fragment => self.fragment(fragment),
        };
        fragments.iter().map(text).collect()
    }

    fn fragment(&self, fragment: &Fragment) -> String {
        match fragment {
            Fragment::Text(words) => words.clone(),
            Fragment::Person(person) => self.person(person),
            Fragment::Actor(actor) => self.actor(actor),
            Fragment::Engine(engine) => self.engine(engine),
            Fragment::Tenant(tenant) => self.tenant(tenant),
            Fragment::Node(node) => self.node(node),
            Fragment::Resource(artifact) => self.artifact(artifact),
            Fragment::Change(change) => self.change(change),
            Fragment::Instant(instant) => instant.to_string(),
            Fragment::Refusal(refusal) => {
                let (message, next) = refusal.message(&|person| self.person(person));
                format!("{}. To go on: {next}.", capital(&message))
            }
        }
    }

    /// What of it may be read: people and nodes are the platform's own, something published is seen as
    /// [`ReadScope::shows_kept`] says, whatever else is called something is some tenant's.
    #[must_use]
    pub fn narrowed(&self, state: &State, sight: &ReadScope) -> Self {
        match sight {
            ReadScope::Everything => return self.clone(),
            ReadScope::Nothing => return Self::default(),
            ReadScope::Tenants(_) => {}
        }
        let engine = |id: &EngineId| state.engines.get(id).is_some_and(|engine| sight.covers(&[engine.tenant]));
        let change = |id: &ChangeId| state.subject(id).is_some_and(|known| sight.covers(&known.tenants));
        let resource = |digest: &Digest| sight.shows_kept(state, digest);
        let mut names = self.of_resources(state, sight).into_owned();
        names.artifacts.retain(|digest, _| resource(digest));
        names.named_for.retain(|_, named| sight.covers(&[named.tenant]));
        names.tenants.retain(|tenant, _| sight.covers(&[*tenant]));
        names.engines.retain(|id, _| engine(id));
        names.changes.retain(|id, _| change(id));
        names.titles.retain(|id, _| change(id));
        names.reasons.retain(|id, _| change(id));
        let seen = |named: &Named| match named {
            Named::Person(_) => true,
            Named::Resource(digest) => resource(digest),
            Named::Tenant(id) => sight.covers(&[*id]),
            Named::Engine(id) => engine(id),
            Named::Title(id) | Named::Reason(id) => change(id),
        };
        names.openings.retain(|named, _| seen(named));
        names.differs.retain(seen);
        names
    }

    /// The same names, but for those that something was given for a tenant of which may not be read, where it is
    /// published for others too.
    pub fn of_resources(&self, state: &State, sight: &ReadScope) -> Cow<'_, Self> {
        let hidden =
            |(digest, named): &(&Digest, &NamedFor)| !sight.covers(&[named.tenant]) && sight.shows_kept(state, digest);
        let hidden: Vec<_> = self.named_for.iter().filter(hidden).collect();
        if hidden.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut names = self.clone();
        for (digest, named) in hidden {
            names.artifacts.insert(*digest, named.otherwise.clone());
            names.named_for.remove(digest);
            names.openings.remove(&Named::Resource(*digest));
            names.differs.remove(&Named::Resource(*digest));
        }
        Cow::Owned(names)
    }

    /// The engines whose name or id this is; a name counts without case and without a leading
    /// `POD Engine`.
    pub fn find_engines(&self, text: &str) -> Vec<EngineId> {
        let wanted = text.to_lowercase();
        let hit = |name: &str| {
            let name = name.to_lowercase();
            name == wanted || name.strip_prefix("pod engine ") == Some(&wanted)
        };
        let found = self.engines.iter().filter(|(id, name)| hit(name) || id.to_string() == wanted);
        found.map(|(id, _)| *id).collect()
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_some_tenants_goes_with_it_and_what_nobody_knows_is_not_shown() {
        let (own, other) = (TenantId([1; 16]), TenantId([2; 16]));
        let mut names = Names::default();
        names.people.insert(PersonId([3; 16]), "Ada".to_owned());
        names.artifacts.insert(Digest::ZERO, "of a release not folded yet".to_owned());
        names.tenants.extend([(own, "Northwind".to_owned()), (other, "Harbor".to_owned())]);
        names.engines.insert(EngineId([4; 16]), "of an engine not folded yet".to_owned());
        names.titles.insert(ChangeId([5; 16]), "of a change not folded yet".to_owned());
        let narrow = names.narrowed(&State::empty(), &ReadScope::Tenants([own].into()));
        assert_eq!(narrow.tenants.values().collect::<Vec<_>>(), ["Northwind"]);
        assert_eq!(narrow.people, names.people);
        assert!(narrow.artifacts.is_empty() && narrow.engines.is_empty() && narrow.titles.is_empty());
        assert_eq!(names.narrowed(&State::empty(), &ReadScope::Nothing), Names::default());
        assert_eq!(names.narrowed(&State::empty(), &ReadScope::Everything), names);
    }
}
