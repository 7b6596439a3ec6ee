//! Who may read what: one pure question, asked by Governance and the console alike.

use crate::State;
use model::{PersonId, TenantId};
use std::collections::BTreeSet;

/// What somebody may read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Sight {
    /// Nothing: nobody of the roster, or somebody without a role.
    #[default]
    Nothing,
    /// The platform's own matters, and those of these tenants.
    Tenants(BTreeSet<TenantId>),
    /// Every tenant's matters.
    Everything,
}

impl Sight {
    /// A person's, by the roster of this state.
    pub fn of(state: &State, person: &PersonId) -> Self {
        match state.roster.person(person).filter(|person| !person.roles.is_empty()) {
            None => Self::Nothing,
            Some(person) => match &person.tenants {
                None => Self::Everything,
                Some(tenants) => Self::Tenants(tenants.iter().copied().collect()),
            },
        }
    }

    /// Whether what concerns exactly these tenants may be read. What concerns none is the platform's
    /// own; what concerns several is read by who may read all of them.
    pub fn covers(&self, tags: &[TenantId]) -> bool {
        match self {
            Self::Nothing => false,
            Self::Tenants(tenants) => tags.iter().all(|tag| tenants.contains(tag)),
            Self::Everything => true,
        }
    }

    /// What of the decided state may be read. Roster, kinds and artifacts are the platform's own;
    /// credentials and spent statements are nobody's to read, so that a narrowed state has none. Its
    /// size ends with the newest leaf that shows in it: how much else there is, is not said.
    #[must_use]
    pub fn narrow(&self, state: &State) -> State {
        match self {
            Self::Everything => return state.clone(),
            Self::Nothing => return State::empty(),
            Self::Tenants(_) => {}
        }
        let mut narrow = State {
            ledger: state.ledger,
            origin: state.origin.clone(),
            demo: state.demo,
            roster: state.roster.clone(),
            kinds: state.kinds.clone(),
            artifacts: state.artifacts.clone(),
            ..State::empty()
        };
        let tenants = state.tenants.iter().filter(|(tenant, _)| self.covers(&[**tenant]));
        narrow.tenants = tenants.map(|(id, tenant)| (*id, tenant.clone())).collect();
        let engines = state.engines.iter().filter(|(_, engine)| self.covers(&[engine.tenant]));
        narrow.engines = engines.map(|(id, engine)| (*id, engine.clone())).collect();
        let changes = state.changes.iter().filter(|(_, change)| self.covers(&[change.package.tenant]));
        narrow.changes = changes.map(|(id, change)| (*id, change.clone())).collect();
        let tenants = narrow.tenants.values().map(|tenant| tenant.index);
        let engines = narrow.engines.values().map(|engine| engine.index);
        let artifacts = narrow.artifacts.values().map(|artifact| artifact.index);
        let newest = tenants.chain(engines).chain(artifacts).chain(narrow.changes.values().map(|change| change.last));
        narrow.size = newest.max().map_or(u64::from(state.is_founded()), |newest| newest + 1);
        narrow
    }
}

/// Whether a person may read the text of what concerns these tenants: somebody of the roster who
/// holds a role, and whose tenants cover all of them.
pub fn visible(state: &State, person: &PersonId, tags: &[TenantId]) -> bool {
    Sight::of(state, person).covers(tags)
}
