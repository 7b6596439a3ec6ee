//! The next roster, written from the one in force: who joins, who leaves, what they may do.

use crate::DeskError;
use model::{Digest, NodeId, PersonId, Role, Service, TenantId, Token};
use signed::{Deputy, Machine, NodeEntry, Person, PersonKey, Possession, Roster, ServiceEntry};

/// A roster that is asked for, with what proves and explains it.
#[derive(Debug, Clone)]
pub struct RosterOrder {
    /// The roster in force.
    pub base: Roster,
    /// The roster that replaces it.
    pub next: Roster,
    /// Proofs that somebody holds each new key.
    pub possessions: Vec<Possession>,
    /// Names of who joins: they stand in parts, never in the roster.
    pub names: Vec<(PersonId, String)>,
}

/// Who joins.
#[derive(Debug, Clone)]
pub struct RosterDraft {
    /// Chosen by who invites: the proof of possession is bound to it.
    pub person: PersonId,
    pub name: String,
    pub roles: Vec<Role>,
    /// Tenants they may see; absent: all.
    pub tenants: Option<Vec<TenantId>>,
    /// Public key, one OpenSSH line.
    pub openssh: String,
}

fn unknown(what: &str) -> DeskError {
    DeskError::Unknown(what.to_owned())
}

fn add<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}

impl RosterOrder {
    /// Nothing changed yet.
    pub fn of(base: &Roster) -> Self {
        Self { base: base.clone(), next: base.clone(), possessions: vec![], names: vec![] }
    }

    fn person(&mut self, id: &PersonId) -> Result<&mut Person, DeskError> {
        let person = self.next.people.iter_mut().find(|person| person.id == *id);
        person.ok_or_else(|| unknown("nobody of that id is on the roster"))
    }

    /// Somebody joins.
    ///
    /// # Errors
    /// When the key is none, or they are on the roster.
    pub fn join(&mut self, who: RosterDraft, possession: Possession) -> Result<(), DeskError> {
        if self.next.person(&who.person).is_some() {
            return Err(unknown(
                "this person is on the roster already; `person role add` and `person key add` change them",
            ));
        }
        let (mut roles, mut tenants) = (vec![], who.tenants);
        who.roles.into_iter().for_each(|role| add(&mut roles, role));
        if let Some(tenants) = &mut tenants {
            tenants.sort_unstable();
        }
        let key = PersonKey::of(&who.openssh)?;
        self.next.people.push(Person { id: who.person, roles, keys: vec![key], tenants, deputies: vec![] });
        self.possessions.push(possession);
        self.names.push((who.person, who.name));
        Ok(())
    }

    /// Somebody leaves; who had them as a deputy has not any more.
    ///
    /// # Errors
    /// When they are not on the roster.
    pub fn leave(&mut self, id: &PersonId) -> Result<(), DeskError> {
        self.person(id)?;
        self.next.people.retain(|person| person.id != *id);
        for person in &mut self.next.people {
            person.deputies.retain(|deputy| deputy.person != *id);
        }
        Ok(())
    }

    /// A further key of the log, whose holder has proved it.
    ///
    /// # Errors
    /// When it is listed already.
    pub fn list_log_key(&mut self, key: String, possession: Possession) -> Result<(), DeskError> {
        if self.next.log_keys.contains(&key) {
            return Err(unknown("this log key is on the roster already"));
        }
        self.next.log_keys.push(key);
        self.possessions.push(possession);
        Ok(())
    }

    /// A key of the log goes.
    ///
    /// # Errors
    /// When it is not listed, or the log would have none.
    pub fn remove_log_key(&mut self, key: &str) -> Result<(), DeskError> {
        if self.next.log_keys == [key] {
            return Err(unknown("it is the log's only key; list another first (`log-key new`, then `log-key add`)"));
        }
        let before = self.next.log_keys.len();
        self.next.log_keys.retain(|listed| listed != key);
        if self.next.log_keys.len() < before { Ok(()) } else { Err(unknown("no such log key is on the roster")) }
    }

    /// A machine identity joins.
    ///
    /// # Errors
    /// When the key is none, or the name or the id is taken.
    pub fn join_machine(
        &mut self,
        id: PersonId,
        name: Token,
        openssh: &str,
        possession: Possession,
    ) -> Result<(), DeskError> {
        let taken = self.next.machine(&id).is_some() || self.next.machines.iter().any(|known| known.name == name);
        if taken {
            return Err(unknown("a machine identity of this name is on the roster already; remove it first"));
        }
        self.next.machines.push(Machine { id, name, key: PersonKey::of(openssh)? });
        self.possessions.push(possession);
        Ok(())
    }

    /// A machine identity leaves.
    ///
    /// # Errors
    /// When it is not on the roster.
    pub fn leave_machine(&mut self, id: &PersonId) -> Result<(), DeskError> {
        let before = self.next.machines.len();
        self.next.machines.retain(|machine| machine.id != *id);
        if self.next.machines.len() < before {
            Ok(())
        } else {
            Err(unknown("no such machine identity is on the roster"))
        }
    }

    /// Somebody gets a role.
    ///
    /// # Errors
    /// When they are not on the roster.
    pub fn give(&mut self, id: &PersonId, role: Role) -> Result<(), DeskError> {
        add(&mut self.person(id)?.roles, role);
        Ok(())
    }

    /// Somebody loses a role.
    ///
    /// # Errors
    /// When they do not hold it.
    pub fn take(&mut self, id: &PersonId, role: Role) -> Result<(), DeskError> {
        let roles = &mut self.person(id)?.roles;
        let before = roles.len();
        roles.retain(|held| *held != role);
        if roles.len() < before { Ok(()) } else { Err(unknown("this person does not hold that role")) }
    }

    /// Somebody gets one more key.
    ///
    /// # Errors
    /// When it is none, or they are not on the roster.
    pub fn add_key(&mut self, id: &PersonId, openssh: &str, possession: Possession) -> Result<(), DeskError> {
        let key = PersonKey::of(openssh)?;
        self.person(id)?.keys.push(key);
        self.possessions.push(possession);
        Ok(())
    }

    /// Somebody loses a key.
    ///
    /// # Errors
    /// When it is not theirs.
    pub fn remove_key(&mut self, id: &PersonId, key: &Digest) -> Result<(), DeskError> {
        let keys = &mut self.person(id)?.keys;
        let before = keys.len();
        keys.retain(|held| held.id != *key);
        if keys.len() < before { Ok(()) } else { Err(unknown("that key is not this person's")) }
    }

    /// Somebody may sign for another person for a while.
    ///
    /// # Errors
    /// When one of the two is not on the roster, both are one person, or it ends before it begins.
    pub fn add_deputy(&mut self, of: &PersonId, deputy: Deputy) -> Result<(), DeskError> {
        if deputy.person == *of {
            return Err(unknown("nobody is their own deputy; choose somebody else"));
        }
        if deputy.until < deputy.from {
            return Err(unknown("the time of this deputy ends before it begins; choose a later end"));
        }
        if self.next.person(&deputy.person).is_none() {
            return Err(unknown("the deputy is not on the roster"));
        }
        let deputies = &mut self.person(of)?.deputies;
        deputies.retain(|known| known.person != deputy.person);
        deputies.push(deputy);
        Ok(())
    }

    /// Somebody may not sign for another person any more.
    ///
    /// # Errors
    /// When they are no deputy.
    pub fn remove_deputy(&mut self, of: &PersonId, deputy: &PersonId) -> Result<(), DeskError> {
        let deputies = &mut self.person(of)?.deputies;
        let before = deputies.len();
        deputies.retain(|known| known.person != *deputy);
        if deputies.len() < before { Ok(()) } else { Err(unknown("the roster names no such deputy")) }
    }

    /// Of the tenants whose matters somebody may read, only these are left.
    ///
    /// # Errors
    /// When they are not on the roster, or may not read one of these.
    pub fn only_tenants(&mut self, id: &PersonId, tenants: Vec<TenantId>) -> Result<(), DeskError> {
        let person = self.person(id)?;
        if person.tenants.as_ref().is_some_and(|seen| tenants.iter().any(|tenant| !seen.contains(tenant))) {
            return Err(unknown("this person does not see one of these tenants; ask that they see more tenants"));
        }
        let mut left = vec![];
        for tenant in tenants {
            add(&mut left, tenant);
        }
        person.tenants = Some(left);
        Ok(())
    }

    /// Somebody may read the matters of these tenants, too.
    ///
    /// # Errors
    /// When they are not on the roster, or see every tenant.
    pub fn more_tenants(&mut self, id: &PersonId, tenants: Vec<TenantId>) -> Result<(), DeskError> {
        let seen = self.person(id)?.tenants.as_mut();
        let seen = seen.ok_or_else(|| unknown("this person sees every tenant already"))?;
        for tenant in tenants {
            add(seen, tenant);
        }
        Ok(())
    }

    /// Somebody may read the matters of every tenant.
    ///
    /// # Errors
    /// When they are not on the roster.
    pub fn every_tenant(&mut self, id: &PersonId) -> Result<(), DeskError> {
        self.person(id)?.tenants = None;
        Ok(())
    }

    /// A node with the keys of its two services.
    pub fn add_node(&mut self, id: NodeId, name: Token, node: Digest, engine: Digest) {
        self.next.nodes.push(NodeEntry { id, name });
        let entry = |service, key| ServiceEntry { service, node: Some(id), key };
        self.next.services.extend([entry(Service::Node, node), entry(Service::Engine, engine)]);
    }

    /// A service gets another key; the one it had is worth nothing any more.
    ///
    /// # Errors
    /// When the roster does not list the service there.
    pub fn service_key(&mut self, service: Service, node: Option<NodeId>, key: Digest) -> Result<(), DeskError> {
        let mut entries = self.next.services.iter_mut();
        let entry = entries.find(|entry| (entry.service, entry.node) == (service, node));
        entry.ok_or_else(|| unknown("the roster does not list this service there"))?.key = key;
        Ok(())
    }

    /// Who has this key as a service, or as the console, gets another one.
    ///
    /// # Errors
    /// When the roster lists it for none of them.
    pub fn replace_service_key(&mut self, listed: &Digest, key: Digest) -> Result<(), DeskError> {
        if self.next.console.as_ref() == Some(listed) {
            self.next.console = Some(key);
            return Ok(());
        }
        let entry = self.next.services.iter_mut().find(|entry| entry.key == *listed);
        entry.ok_or_else(|| unknown("the roster lists this key for no service"))?.key = key;
        Ok(())
    }

    /// Whether anything differs.
    pub fn is_changed(&self) -> bool {
        self.base != self.next
    }
}
