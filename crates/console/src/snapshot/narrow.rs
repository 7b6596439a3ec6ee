//! The part of a snapshot that somebody may see.

use super::{BindingsSeen, Dated, EnginesSeen, GovernanceData, Rows, Snapshot};
use control::{ReadScope, State};
use model::EngineId;

impl Snapshot {
    /// What of it may be seen: rows, names, engines and bindings of other tenants are left out, and
    /// counted nowhere. Artifacts, the node and the providers are the platform's own.
    #[must_use]
    pub fn narrowed(&self, state: &State, sight: &ReadScope) -> Self {
        match sight {
            ReadScope::Everything => return self.clone(),
            ReadScope::Nothing => return Self::default(),
            ReadScope::Tenants(_) => {}
        }
        let known = |id: &EngineId| state.engines.get(id).is_some_and(|engine| sight.covers(&[engine.tenant]));
        Self {
            governance: self
                .governance
                .as_ref()
                .map(|dated| Dated { at: dated.at, data: dated.data.narrowed(state, sight) }),
            platform: self.platform.clone(),
            node: self.node.clone(),
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
