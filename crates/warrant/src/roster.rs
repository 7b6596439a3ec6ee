//! The one trust document: who may say what with which key.

use crate::{WarrantError, ssh};
use model::{Digest, NodeId, PersonId, Role, Service, TenantId, Token};
use serde::{Deserialize, Serialize};

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
}

/// A service's receipt key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntry {
    /// Which service.
    pub service: Service,
    /// Ed25519 public key, 32 bytes in hexadecimal.
    pub key: Digest,
}

/// A production node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeEntry {
    /// Its id.
    pub id: NodeId,
    /// Its name, as `prod-node-01`.
    pub name: Token,
}

/// People, services, nodes and the console.
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
}

impl Roster {
    /// Refuses a roster that lists a key which nobody, or more than one, can sign with, or a
    /// person's key in other words than its own: one key under two ids would count as two people's.
    ///
    /// # Errors
    /// Whose key, and what is wrong with it.
    pub fn check_keys(&self) -> Result<(), WarrantError> {
        for person in &self.people {
            for key in &person.keys {
                ssh::check_key(&key.openssh, &format!("person {}", person.id))?;
                if ssh::key_id(&key.openssh)? != key.id || ssh::normalise(&key.openssh)? != key.openssh {
                    return Err(WarrantError::Listing(person.id));
                }
            }
        }
        let services = self.services.iter().map(|entry| (entry.service.to_string(), &entry.key));
        for (holder, key) in services.chain(self.console.iter().map(|key| ("the console".to_owned(), key))) {
            model::ed25519_key(&key.0).map_err(|fault| WarrantError::UnsafeKey { holder, fault })?;
        }
        Ok(())
    }

    /// The person of this id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// The person's key of this id.
    pub fn key(&self, person: &PersonId, key: &Digest) -> Option<&PersonKey> {
        self.person(person)?.keys.iter().find(|known| known.id == *key)
    }

    /// The receipt key of a service.
    pub fn service(&self, service: Service) -> Option<&Digest> {
        self.services.iter().find(|entry| entry.service == service).map(|entry| &entry.key)
    }

    /// The node of this id.
    pub fn node(&self, id: &NodeId) -> Option<&NodeEntry> {
        self.nodes.iter().find(|node| node.id == *id)
    }

    /// People who hold a role, in order.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.roles.contains(&role))
    }
}
