//! Texts are shown with what was signed of them in hand: whoever shows one recomputes its commitment
//! first, and says so where another text was put in its place.

use crate::Names;
use control::{Named, State};
use signed::Opening;
use std::collections::BTreeMap;

/// What stands for a text that is another one than was signed.
pub const DIFFERS: &str = "(the text does not match what was signed)";

impl Names {
    /// What something is called, as an entry says it; and in words where the text is another one than
    /// was signed. The first name stays.
    pub fn say(&mut self, named: Named, opening: Opening, matches: bool) {
        // What was published without a name is called by its product and version, whatever is said later.
        let called = matches!(named, Named::Resource(id) if self.artifacts.contains_key(&id));
        if called || self.openings.contains_key(&named) {
            return;
        }
        let text = if matches { opening.body.get("text").cloned() } else { Some(Self::differing(&named)) };
        let Some(text) = text else { return };
        match named {
            Named::Person(id) => drop(self.people.entry(id).or_insert(text)),
            Named::Tenant(id) => drop(self.tenants.entry(id).or_insert(text)),
            Named::Engine(id) => drop(self.engines.entry(id).or_insert(text)),
            Named::Resource(id) => drop(self.artifacts.entry(id).or_insert(text)),
            Named::Title(id) => drop(self.titles.entry(id).or_insert(text)),
            Named::Reason(id) => drop(self.reasons.entry(id).or_insert(text)),
        }
        if !matches {
            self.differs.insert(named);
        }
        self.openings.insert(named, opening);
    }

    /// Forgets a text: another revision says it again.
    pub fn unsay(&mut self, named: &Named) {
        match named {
            Named::Title(id) => drop(self.titles.remove(id)),
            Named::Reason(id) => drop(self.reasons.remove(id)),
            Named::Person(id) => drop(self.people.remove(id)),
            Named::Tenant(id) => drop(self.tenants.remove(id)),
            Named::Engine(id) => drop(self.engines.remove(id)),
            Named::Resource(id) => drop(self.artifacts.remove(id)),
        }
        self.differs.remove(named);
        self.openings.remove(named);
    }

    fn differing(named: &Named) -> String {
        let other = |what: String| format!("{what} (its name does not match what was signed)");
        match named {
            Named::Person(id) => other(format!("person {}", id.short())),
            Named::Tenant(id) => other(format!("tenant {}", id.short())),
            Named::Engine(id) => other(format!("engine {}", id.short())),
            Named::Resource(id) => other(format!("artifact {}", id.short())),
            Named::Title(_) | Named::Reason(_) => DIFFERS.to_owned(),
        }
    }

    /// The same by an own verified state: each text is taken from its opening, and compared with what
    /// the state says was signed; what nobody signed is called nothing. Names that are no texts (nodes,
    /// machine identities, products) are the state's own.
    #[must_use]
    pub fn checked(&self, state: &State) -> Self {
        let (changes, nodes, named_for) = (self.changes.clone(), self.nodes.clone(), self.named_for.clone());
        let mut checked = Self { named_for, nodes, changes, ..Self::default() };
        for (named, opening) in &self.openings {
            if let Some(committed) = state.committed(named) {
                checked.say(*named, opening.clone(), committed.opens(&state.ledger, opening));
            }
        }
        // Whom no roster that is in force lists any more may have been a machine identity.
        let gone =
            |id: &model::PersonId| state.committed(&Named::Person(*id)).is_none() && state.roster.person(id).is_none();
        checked.people.extend(self.people.iter().filter(|(id, _)| gone(id)).map(|(id, name)| (*id, name.clone())));
        checked.people.extend(state.roster.machines.iter().map(|machine| (machine.id, machine.name.to_string())));
        checked.nodes.extend(state.roster.nodes.iter().map(|node| (node.id, node.name.to_string())));
        for (id, artifact) in state.resources.iter().filter(|(id, _)| self.artifacts.contains_key(*id)) {
            // Nobody named it, or its name is not for this reader.
            let named = Named::Resource(*id);
            if state.committed(&named).is_none() || !self.openings.contains_key(&named) {
                checked.artifacts.insert(*id, format!("{} {}", artifact.product, artifact.version));
            }
        }
        checked.openings = BTreeMap::new();
        checked
    }
}
