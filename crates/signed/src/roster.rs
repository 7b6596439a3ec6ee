//! The one trust document: who may say what with which key.

use crate::{SignedError, ssh};
use model::{Digest, Instant, NodeId, PersonId, Role, Service, TenantId, Token, canon};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A key of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonKey {
    /// Its id ([`crate::ssh::key_id`]).
    pub id: Digest,
    /// `ssh-ed25519 BASE64`, without comment.
    pub openssh: String,
}

/// A person: a pseudonym with roles and keys; the name is a part of the leaf that enrolled them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Pseudonym.
    pub id: PersonId,
    /// Roles held, sorted.
    pub roles: Vec<Role>,
    /// Keys, at least one.
    pub keys: Vec<PersonKey>,
    /// Tenants whose matters they may read, sorted; absent: every tenant's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tenants: Option<Vec<TenantId>>,
    /// Who may fill this person's slots in their place, and when.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub deputies: Vec<Deputy>,
}

/// Somebody who acts in another person's place for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deputy {
    pub person: PersonId,
    pub from: Instant,
    pub until: Instant,
}

/// A pipeline or an agent: opens drafts, asks for observations and uses warrants, never approves or runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Its id, in the same space as people's.
    pub id: PersonId,
    /// Its name, as `ci.release`.
    pub name: Token,
    pub key: PersonKey,
}

/// A service's receipt key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntry {
    pub service: Service,
    /// On which node; absent for a service that serves all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<NodeId>,
    /// Ed25519 public key, 32 bytes in hexadecimal.
    pub key: Digest,
}

/// A production node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeEntry {
    pub id: NodeId,
    /// Its name, as `prod-node-01`.
    pub name: Token,
}

/// Most keys that a log has at a time: the one in use, and those that take its place.
const LOG_KEYS_MAX: usize = 4;

/// People, services, nodes, the console and the log itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// People, in order of enrolment.
    pub people: Vec<Person>,
    /// Receipt keys of the services, one each.
    pub services: Vec<ServiceEntry>,
    /// Nodes where engines may run.
    pub nodes: Vec<NodeEntry>,
    /// The console's key, 32 bytes Ed25519 in hexadecimal, whose one right is to read texts; absent: no
    /// console reads this ledger by a key of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub console: Option<Digest>,
    /// Machine identities.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub machines: Vec<Machine>,
    /// Verifier keys of the control log (signed-note form), one at least: a checkpoint that any of them
    /// signed is the log's.
    pub log_keys: Vec<String>,
}

impl Roster {
    /// Refuses a roster that lists a key which nobody, or more than one, can sign with, or a
    /// person's key in other words than its own: one key under two ids would count as two people's.
    ///
    /// # Errors
    /// Whose key, and what is wrong with it.
    pub fn check_keys(&self) -> Result<(), SignedError> {
        for person in &self.people {
            for key in &person.keys {
                ssh::check_key(&key.openssh, &format!("person {}", person.id))?;
                if ssh::key_id(&key.openssh)? != key.id || ssh::normalise(&key.openssh)? != key.openssh {
                    return Err(SignedError::Listing(person.id));
                }
            }
        }
        let services = self.services.iter().map(|entry| (entry.service.to_string(), &entry.key));
        for (holder, key) in services.chain(self.console.iter().map(|key| ("the console".to_owned(), key))) {
            model::ed25519_key(&key.0).map_err(|fault| SignedError::UnsafeKey { holder, fault })?;
        }
        Ok(())
    }

    /// Its identity.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("roster", self)
    }

    /// The person of this id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// The machine of this id.
    pub fn machine(&self, id: &PersonId) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.id == *id)
    }

    /// The key of this id of a person or machine.
    pub fn key(&self, who: &PersonId, key: &Digest) -> Option<&PersonKey> {
        let of_machine = self.machine(who).map(|machine| &machine.key).filter(|known| known.id == *key);
        self.person(who).and_then(|person| person.keys.iter().find(|known| known.id == *key)).or(of_machine)
    }

    /// The receipt key of a service. On a node: its own entry, else the one without a node.
    pub fn service(&self, service: Service, node: Option<&NodeId>) -> Option<&Digest> {
        let of = |wanted: Option<&NodeId>| {
            self.services.iter().find(|entry| entry.service == service && entry.node.as_ref() == wanted)
        };
        of(node).map(|entry| &entry.key)
    }

    /// The node of this id.
    pub fn node(&self, id: &NodeId) -> Option<&NodeEntry> {
        self.nodes.iter().find(|node| node.id == *id)
    }

    /// People who hold a role, in order.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.roles.contains(&role))
    }

    /// The id of every key of the log, in their order.
    pub fn log_key_ids(&self) -> impl Iterator<Item = Digest> + '_ {
        self.log_keys.iter().map(|key| log_key_id(key))
    }

    /// Every key id of people and machines.
    pub fn key_ids(&self) -> impl Iterator<Item = Digest> + '_ {
        let of_people = self.people.iter().flat_map(|person| person.keys.iter().map(|key| key.id));
        of_people.chain(self.machines.iter().map(|machine| machine.key.id))
    }

    /// Whether it holds together by itself: ids and keys are distinct and well-formed, lists are in
    /// their one order, what is named is there.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self) -> Result<(), &'static str> {
        let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
        let distinct = |count: usize, set: usize| count == set;
        let ids: Vec<_> =
            self.people.iter().map(|person| person.id).chain(self.machines.iter().map(|machine| machine.id)).collect();
        demand(distinct(ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), "two people share an id")?;
        let names: BTreeSet<_> = self.machines.iter().map(|machine| &machine.name).collect();
        demand(distinct(self.machines.len(), names.len()), "two machine identities share a name")?;
        let keys: Vec<_> = self.key_ids().collect();
        demand(distinct(keys.len(), keys.iter().collect::<BTreeSet<_>>().len()), "two people share a key")?;
        demand(self.people.iter().all(|person| !person.keys.is_empty()), "a person has no key")?;
        let of_people = self.people.iter().flat_map(|person| person.keys.iter());
        let mut all = of_people.chain(self.machines.iter().map(|machine| &machine.key));
        demand(all.all(PersonKey::is_sound), "a key is not in its one form, or nobody can hold it")?;
        let roles = |person: &Person| person.roles.is_sorted_by(|a, b| a < b);
        demand(self.people.iter().all(roles), "a person's roles are not sorted, or one is listed twice")?;
        let tenants = |person: &Person| person.tenants.as_ref().is_none_or(|t| t.is_sorted_by(|a, b| a < b));
        demand(self.people.iter().all(tenants), "a person's tenants are not sorted, or one is listed twice")?;
        let deputies = |person: &Person| {
            let fits = |deputy: &Deputy| deputy.person != person.id && deputy.from <= deputy.until;
            person.deputies.iter().all(|deputy| fits(deputy) && self.person(&deputy.person).is_some())
        };
        demand(
            self.people.iter().all(deputies),
            "a deputy is not on the roster, is the person, or ends before it begins",
        )?;
        let log_keys: BTreeSet<_> = self.log_keys.iter().collect();
        demand((1..=LOG_KEYS_MAX).contains(&self.log_keys.len()), "the log has no key, or more than four")?;
        demand(log_keys.len() == self.log_keys.len(), "a log key is listed twice")?;
        self.check_services()
    }

    fn check_services(&self) -> Result<(), &'static str> {
        let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
        let nodes: BTreeSet<_> = self.nodes.iter().map(|node| node.id).collect();
        let names: BTreeSet<_> = self.nodes.iter().map(|node| &node.name).collect();
        demand(!nodes.is_empty(), "there is no node")?;
        let count = self.nodes.len();
        demand(nodes.len() == count && names.len() == count, "a node is listed twice, or two share a name")?;
        let listed = |service: &Service, node: Option<&NodeId>| self.service(*service, node).is_some();
        let shared = [Service::Governance, Service::Platform, Service::Integration];
        let of_nodes = [Service::Node, Service::Engine];
        let whole = shared.iter().all(|service| listed(service, None))
            && nodes.iter().all(|node| of_nodes.iter().all(|service| listed(service, Some(node))));
        demand(whole, "a service has no key")?;
        let place = |entry: &ServiceEntry| {
            let on_node = of_nodes.contains(&entry.service);
            on_node == entry.node.is_some() && entry.node.is_none_or(|node| nodes.contains(&node))
        };
        demand(
            self.services.iter().all(place),
            "a service is on a node that is not listed, or on none where it needs one",
        )?;
        let places: BTreeSet<_> = self.services.iter().map(|entry| (entry.service, entry.node)).collect();
        let keys: BTreeSet<_> = self.services.iter().map(|entry| entry.key).collect();
        let entries = self.services.len();
        demand(places.len() == entries && keys.len() == entries, "a service is listed twice or shares a key")?;
        demand(self.console.is_none_or(|key| !keys.contains(&key)), "the console has the key of a service")?;
        let held = |key: &Digest| model::ed25519_key(&key.0).is_ok();
        demand(
            keys.iter().chain(self.console.iter()).all(held),
            "a service's or the console's key is one nobody can hold",
        )
    }
}

/// The id of a log's key, whatever the note form's own short id.
pub fn log_key_id(key: &str) -> Digest {
    Digest::of_object("log_key", key.as_bytes())
}

impl PersonKey {
    /// From a public key in OpenSSH form.
    ///
    /// # Errors
    /// When it is no key of a kind that may sign here.
    pub fn of(openssh: &str) -> Result<Self, SignedError> {
        let openssh = ssh::normalise(openssh)?;
        Ok(Self { id: ssh::key_id(&openssh)?, openssh })
    }

    fn is_sound(&self) -> bool {
        let held = ssh::check_key(&self.openssh, "its holder").is_ok();
        held && Self::of(&self.openssh).is_ok_and(|again| again == *self)
    }
}

impl Person {
    /// Whether `other` may act for this person at `now`.
    pub fn has_deputy(&self, other: &PersonId, now: Instant) -> bool {
        self.deputies.iter().any(|deputy| deputy.person == *other && deputy.from <= now && now <= deputy.until)
    }
}
