//! Changes of what rules the ledger: rosters, governed documents, quotas.

use super::{HOUR_MS, OPAL, Persona, World, accepted};
use control::{Body, Kind, KindTable, Leaf, Quota, Setting, Terms};
use model::{ChangeId, KindName, TenantId};
use signed::{Challenge, Machine, PersonKey, Possession, Roster};

/// A persona's key as a roster lists it.
pub fn key_of(persona: &Persona) -> PersonKey {
    PersonKey::of(&persona.key.public_key().to_openssh().unwrap()).unwrap()
}

/// A machine identity with this persona's id and key.
pub fn machine(persona: &Persona) -> Machine {
    Machine { id: persona.id, name: super::token("ci.release"), key: key_of(persona) }
}

/// A kind's row, to alter.
pub fn row_of(table: &mut KindTable, name: KindName) -> &mut Kind {
    table.kinds.iter_mut().find(|row| row.name == name).unwrap()
}

impl World {
    /// The next roster on the shelf, and the change that asks for it. `holders` prove their new keys.
    pub fn roster_body(&mut self, next: &Roster, holders: &[&Persona]) -> Body {
        let challenge = |persona: &&Persona| {
            Challenge { ledger: self.state.ledger, person: persona.id, key: persona.key_id }.sign(&persona.key).unwrap()
        };
        let mut possessions: Vec<Possession> = holders.iter().map(challenge).collect();
        possessions.sort_by_key(|possession| possession.key);
        let base = self.state.roster_digest;
        Body::RosterChange { base, next: self.shelve("roster", next), possessions }
    }

    /// A roster change from draft to effective, asked for by `author`.
    pub fn change_roster(&mut self, author: usize, next: &Roster, holders: &[&Persona]) -> ChangeId {
        let body = self.roster_body(next, holders);
        let id = self.approved_of(author, body);
        self.advance(24 * HOUR_MS);
        self.run_by_somebody(id);
        id
    }

    /// Run by the first whose key signs.
    fn run_by_somebody(&mut self, id: ChangeId) -> Leaf {
        let operator = |who: &usize| {
            let listed = self.state.roster.person(&self.people[*who].id);
            let active = self.state.since.key_is_active(&self.people[*who].key_id);
            active && listed.is_some_and(|person| person.roles.contains(&super::GO))
        };
        let who = (0..self.people.len()).find(operator).expect("an operator is left");
        accepted(self.run(who, id))
    }

    pub fn setting_body(&mut self, setting: &Setting) -> Body {
        let (name, base) = (setting.name(), self.state.settings[&setting.name()]);
        Body::Settings { name, base, next: self.shelve("settings", setting) }
    }

    /// A settings change from draft to effective, asked for by Opal.
    pub fn change_setting(&mut self, setting: &Setting) -> ChangeId {
        let body = self.setting_body(setting);
        let id = self.approved_of(OPAL, body);
        self.advance(24 * HOUR_MS);
        accepted(self.run(OPAL, id));
        id
    }

    pub fn quota_body(tenant: TenantId, quota: Quota, hours: i64) -> Body {
        Body::Grant { terms: Terms::Quota { tenant, quota }, for_ms: Some(hours * HOUR_MS), asked_by: None }
    }
}
