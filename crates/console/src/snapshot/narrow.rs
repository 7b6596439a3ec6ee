//! The part of a snapshot that somebody may see.

use super::{BindingsSeen, Dated, EnginesSeen, GovernanceData, Inventory, Rows, Snapshot};
use control::{Cap, ReadScope, State};
use model::{ChangeId, EngineId};
use std::collections::BTreeSet;

impl Snapshot {
    /// What of it may be seen: rows, names, engines, leases, bindings and releases of other tenants are left out, and
    /// counted nowhere. The node and the providers are the platform's own.
    #[must_use]
    pub fn narrowed(&self, state: &State, sight: &ReadScope) -> Self {
        match sight {
            ReadScope::Everything => return self.clone(),
            ReadScope::Nothing => return Self::default(),
            ReadScope::Tenants(_) => {}
        }
        let known = |id: &EngineId| state.engines.get(id).is_some_and(|engine| sight.covers(&[engine.tenant]));
        let granted = |id: &ChangeId| state.grants.get(id).is_some_and(|grant| sight.covers(&[grant.terms.tenant()]));
        Self {
            governance: self
                .governance
                .as_ref()
                .map(|dated| Dated { at: dated.at, data: dated.data.narrowed(state, sight) }),
            platform: self.platform.as_ref().map(|dated| {
                let held = dated.data.iter().filter(|held| sight.shows_kept(state, &held.artifact)).cloned().collect();
                Dated { at: dated.at, data: held }
            }),
            leases: self.leases.as_ref().map(|dated| {
                let leases = dated.data.iter().filter(|used| granted(&used.lease)).cloned().collect();
                Dated { at: dated.at, data: leases }
            }),
            leases_left_off: self.leases_left_off && self.leaves_off(state, sight),
            leases_disbelieved: self.leases_disbelieved,
            node: self.node.as_ref().map(|dated| {
                let stored = dated.data.artifacts.iter().filter(|stored| sight.shows_kept(state, &stored.artifact));
                let artifacts = stored.cloned().collect();
                Dated { at: dated.at, data: Inventory { artifacts, ..dated.data.clone() } }
            }),
            engine: self.engine.as_ref().map(|dated| {
                let engines = dated.data.engines.iter().filter(|seen| known(&seen.engine)).cloned().collect();
                Dated { at: dated.at, data: EnginesSeen { engines } }
            }),
            integration: self.integration.as_ref().map(|dated| {
                let engines = dated.data.engines.iter().filter(|bound| known(&bound.engine)).cloned().collect();
                Dated { at: dated.at, data: BindingsSeen { engines, ..dated.data.clone() } }
            }),
        }
    }

    /// Whether a lease that may be seen was left off: how many others there are is nothing to who may not see them.
    fn leaves_off(&self, state: &State, sight: &ReadScope) -> bool {
        let named: BTreeSet<_> = self.leases.iter().flat_map(|dated| &dated.data).map(|used| used.lease).collect();
        let theirs = |cap: &Cap| cap.raises.is_none() && sight.covers(&[cap.tenant]);
        state.grants.iter().any(|(id, grant)| grant.terms.cap().is_some_and(theirs) && !named.contains(id))
    }
}

impl GovernanceData {
    fn narrowed(&self, state: &State, sight: &ReadScope) -> Self {
        let (headlines, all) = (self.headlines.narrowed(sight), self.all.narrowed(sight));
        Self {
            ledger: self.ledger.clone(),
            names: self.names.narrowed(state, sight),
            headlines_total: headlines.rows.len() as u64,
            rows_total: all.rows.len() as u64,
            headlines,
            all,
        }
    }
}

impl Rows {
    /// The cursor goes: it lies behind rows that may not be seen.
    fn narrowed(&self, sight: &ReadScope) -> Self {
        let rows = self.rows.iter().filter(|row| sight.covers(&row.tags)).cloned().collect();
        Self { rows, next: None, sizes: self.sizes, from: self.from }
    }
}
