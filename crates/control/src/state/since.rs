//! Since which leaf people hold their roles and keys without a break.

use super::SharedMap;
use model::{Digest, Instant, PersonId, Role};
use serde::{Deserialize, Serialize};
use signed::{Deputy, Roster};
use std::collections::BTreeMap;

/// A deputy with the time it is one: another time is another entry.
type Standing = (PersonId, Instant, Instant);

fn standing(deputy: &Deputy) -> Standing {
    (deputy.person, deputy.from, deputy.until)
}

/// An approval counts while its person has held role and key since before its leaf; this is asked
/// of these maps, so that a role that comes back revives nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    roles: SharedMap<(PersonId, Role), u64>,
    keys: BTreeMap<Digest, u64>,
    /// Whose place a deputy takes, and as who.
    deputies: SharedMap<(PersonId, Standing), u64>,
    /// Keys that were listed once and are not any more, or are suspended: they never come back.
    retired: SharedMap<Digest, u64>,
}

impl Since {
    /// Takes over a roster that is in force from the leaf `index`.
    pub(crate) fn adopt(&mut self, roster: &Roster, index: u64) {
        let held = roster.people.iter().flat_map(|person| person.roles.iter().map(|role| (person.id, *role)));
        let roles = held.map(|held| (held, self.roles.get(&held).copied().unwrap_or(index))).collect();
        let keys: BTreeMap<_, _> = roster
            .key_ids()
            .chain(roster.log_key_ids())
            .chain(roster.services.iter().map(|entry| entry.key))
            .chain(roster.console)
            .map(|key| (key, self.keys.get(&key).copied().unwrap_or(index)))
            .collect();
        let gone = self.keys.keys().filter(|key| !keys.contains_key(*key));
        let retired: Vec<_> = gone.copied().collect();
        for key in retired {
            self.retire(key, index);
        }
        let named = roster.people.iter().flat_map(|of| of.deputies.iter().map(|deputy| (of.id, standing(deputy))));
        let deputies = named.map(|named| (named, self.deputies.get(&named).copied().unwrap_or(index))).collect();
        (self.roles, self.keys, self.deputies) = (roles, keys, deputies);
    }

    /// The key signs nothing any more from the leaf `index` on.
    pub(crate) fn suspend(&mut self, key: Digest, index: u64) {
        self.retire(key, index);
    }

    /// The first leaf that took it away counts.
    fn retire(&mut self, key: Digest, index: u64) {
        if !self.retired.contains_key(&key) {
            self.retired.insert(key, index);
        }
    }

    /// Whether the key signs.
    pub fn key_is_active(&self, key: &Digest) -> bool {
        self.keys.contains_key(key) && !self.retired.contains_key(key)
    }

    /// The leaf that took the key away, if one did.
    pub fn retired(&self, key: &Digest) -> Option<u64> {
        self.retired.get(key).copied()
    }

    /// Whether the key has signed without a break since before the leaf `index`.
    pub fn key_held(&self, key: &Digest, index: u64) -> bool {
        self.key_is_active(key) && self.keys.get(key).is_some_and(|since| *since <= index)
    }

    /// Whether `deputy` was to act for `of` at the instant, and has been so without a break since
    /// before the leaf `index`.
    pub fn deputy_held(&self, of: &PersonId, deputy: &PersonId, at: Instant, index: u64) -> bool {
        let theirs = self.deputies.iter().filter(|((whose, (who, ..)), _)| whose == of && who == deputy);
        theirs.into_iter().any(|((_, (_, from, until)), since)| *from <= at && at <= *until && *since <= index)
    }

    /// Whether the person has held one of the roles without a break since before the leaf `index`.
    pub fn role_held(&self, person: &PersonId, roles: &[Role], index: u64) -> bool {
        roles.iter().any(|role| self.roles.get(&(*person, *role)).is_some_and(|since| *since <= index))
    }
}
