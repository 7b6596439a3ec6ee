//! Who may read what: one pure question, asked by Governance and the console alike.

use crate::{ClockAct, Command, Engine, Leaf, Published, State, Whose, waiting_of};
use model::{Digest, EngineId, PersonId, TenantId};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody may read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ReadScope {
    /// Nothing: nobody of the roster, or somebody without a role.
    #[default]
    Nothing,
    /// The platform's own matters, and those of these tenants.
    Tenants(BTreeSet<TenantId>),
    /// Every tenant's matters.
    Everything,
}

impl ReadScope {
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

    /// What of the decided state may be read. Roster, kinds and what is published for any engine are the platform's own;
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
            rules: state.rules,
            roster_digest: state.roster_digest,
            since: state.since.clone(),
            settings: state.settings.clone(),
            suspensions: state.suspensions.clone(),
            distrusted: state.distrusted.clone(),
            ..State::empty()
        };
        let tenants = state.tenants.iter().filter(|(tenant, _)| self.covers(&[**tenant]));
        narrow.tenants = tenants.map(|(id, tenant)| (*id, tenant.clone())).collect();
        let resources = state.resources.iter();
        narrow.resources = resources.filter_map(|(digest, known)| Some((*digest, self.published(known)?))).collect();
        let edition = |(digest, known): (&Digest, &Published)| {
            ((known.content.resource(), known.product.clone(), known.version.clone(), *digest), ())
        };
        narrow.editions = narrow.resources.iter().map(edition).collect();
        let known = |digest: &Digest| narrow.resources.contains_key(digest);
        narrow.uncertified = state.uncertified.iter().copied().filter(known).collect();
        let recalled = state.recalled.iter().filter(|(digest, _)| known(digest));
        narrow.recalled = recalled.map(|(digest, index)| (*digest, *index)).collect();
        let engines = state.engines.iter().filter(|(_, engine)| self.covers(&[engine.tenant]));
        let shown = |engine: &Engine| Engine { credentials: [None, None], ..engine.clone() };
        narrow.engines = engines.map(|(id, engine)| (*id, shown(engine))).collect();
        let changes = state.changes.iter().filter(|(_, change)| self.covers(&change.subject.tenants));
        narrow.changes = changes.map(|(id, change)| (*id, change.clone())).collect();
        let closed = state.closed.iter().filter(|(_, closed)| self.covers(&closed.subject.tenants));
        narrow.closed = closed.map(|(id, closed)| (*id, closed.clone())).collect();
        for (id, closed) in &narrow.closed {
            narrow.closed_by_end.insert((closed.ended, *id), ());
            narrow.closed_on.extend(closed.subject.engine.map(|engine| ((engine, closed.ended, *id), ())));
        }
        let grants = state.grants.iter().filter(|(id, _)| narrow.changes.contains_key(*id));
        narrow.grants = grants.map(|(id, grant)| (*id, grant.clone())).collect();
        let locks = state.locks.iter().filter(|(_, id)| narrow.changes.contains_key(*id));
        narrow.locks = locks.map(|(lock, id)| (*lock, *id)).collect();
        let terms = state.terms.tenants.iter().filter(|terms| self.covers(&[terms.tenant]));
        narrow.terms.tenants = terms.cloned().collect();
        let tenants = narrow.tenants.values().map(|tenant| tenant.index);
        let engines = narrow.engines.values().map(|engine| engine.index);
        let resources = narrow.resources.values().map(|resource| {
            let refused = resource.refused.as_ref().map(|(_, index)| *index);
            let whose = match &resource.whose {
                Whose::Any => None,
                Whose::Tenants(whose) => whose.values().max().copied(),
            };
            resource.certified.or(refused).max(whose).unwrap_or(resource.index)
        });
        let open = narrow.changes.values().map(|change| change.last);
        let closed = narrow.closed.values().map(|closed| closed.last);
        narrow.waiting = waiting_of(&narrow);
        let newest = tenants.chain(engines).chain(resources).chain(open).chain(closed);
        narrow.size = newest.max().map_or(u64::from(state.is_founded()), |newest| newest + 1);
        narrow
    }
}

impl ReadScope {
    /// Whether something published may be read: by who may read the matters of one of its tenants.
    pub fn shows(&self, known: &Published) -> bool {
        match &known.whose {
            Whose::Any => self.covers(&[]),
            Whose::Tenants(whose) => whose.keys().any(|tenant| self.covers(&[*tenant])),
        }
    }

    /// Whether what a store keeps under a digest may be read of: as it is published; what nobody has published, by who may
    /// read of every tenant.
    pub fn shows_kept(&self, state: &State, digest: &Digest) -> bool {
        state.resources.get(digest).map_or_else(|| *self == Self::Everything, |known| self.shows(known))
    }

    /// Whether what concerns an engine may be read: by who may read of its tenant; one that nobody has registered, by who may
    /// read of every tenant.
    pub fn shows_engine(&self, state: &State, engine: &EngineId) -> bool {
        state.engines.get(engine).map_or_else(|| *self == Self::Everything, |known| self.covers(&[known.tenant]))
    }

    /// Something published as far as it may be read: of a tenant that may not, neither its id nor its entry.
    pub fn published(&self, known: &Published) -> Option<Published> {
        let whose = match &known.whose {
            Whose::Tenants(whose) if *self != Self::Everything => whose,
            _ => return Some(known.clone()).filter(|_| self.shows(known)),
        };
        let seen: BTreeMap<_, _> =
            whose.iter().filter(|(tenant, _)| self.covers(&[**tenant])).map(|(id, index)| (*id, *index)).collect();
        // What another tenant's entry said first, this one's own says too.
        let index = *seen.values().min()?;
        let certified = known.certified.map(|certified| certified.max(index));
        let refused = known.refused.clone().map(|(code, refused)| (code, refused.max(index)));
        Some(Published { index, certified, refused, whose: Whose::Tenants(seen), ..known.clone() })
    }
}

/// The tenants a leaf concerns, sorted: whoever may read them all may read it. A sum of refusals has
/// no tags of its own; it says how often one was repeated, and so concerns whom that one did. `first`
/// reads the leaf at the index it is given.
///
/// # Errors
/// What `first` says when it cannot read that leaf: then nobody knows whom the sum concerns, and it
/// is not to be shown.
pub fn concerns<E>(leaf: &Leaf, first: impl FnOnce(u64) -> Result<Leaf, E>) -> Result<Vec<TenantId>, E> {
    match &leaf.command {
        Command::Clock { act: ClockAct::Refusals { first: index, .. } } => Ok(first(*index)?.tags),
        _ => Ok(leaf.tags.clone()),
    }
}

/// Whether a person may read the text of what concerns these tenants: somebody of the roster who
/// holds a role, and whose tenants cover all of them.
pub fn visible(state: &State, person: &PersonId, tags: &[TenantId]) -> bool {
    ReadScope::of(state, person).covers(tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;
    use model::Instant;

    fn leaf(act: ClockAct, tags: &[TenantId]) -> Leaf {
        Leaf {
            rules: 0,
            now: Instant::EPOCH,
            command: Command::Clock { act },
            verdict: Verdict::Accepted,
            effects: vec![],
            tags: tags.to_vec(),
        }
    }

    #[test]
    fn a_sum_of_refusals_concerns_whom_the_first_of_them_did_and_nobody_when_that_is_lost() {
        let tenant = TenantId([1; 16]);
        let sum = leaf(ClockAct::Refusals { first: 7, count: 2 }, &[]);
        let read = |index| if index == 7 { Ok(leaf(ClockAct::Settle {}, &[tenant])) } else { Err("another") };
        assert_eq!(concerns(&sum, read), Ok(vec![tenant]));
        assert_eq!(concerns(&sum, |_| Err("lost")), Err("lost"));
        let settled = leaf(ClockAct::Settle {}, &[tenant]);
        assert_eq!(concerns(&settled, |_| Err("not asked")), Ok(vec![tenant]), "any other says it itself");
    }
}
