//! Who asks and what a lease allows, as the service's own verified state has it.

use super::{Caller, LeaseRights, NoRight};
use control::{ReadScope, cap_at};
use follower::{Clock, Follower};
use lease_journal::{Cap, PeriodKind, Right};
use model::{ChangeId, Digest, EngineId, Instant, Period};

/// The rights that the ledger gives, with what the brakes take away.
pub(crate) struct Decided {
    pub(crate) follower: Follower,
    pub(crate) clock: Clock,
}

impl Decided {
    /// The instant by which ends are reached: a clock that was set back gives nothing back.
    fn latest(&self) -> Instant {
        self.follower.latest((self.clock)())
    }
}

impl LeaseRights for Decided {
    fn caller(&self, token: &Digest) -> Option<Caller> {
        let state = self.follower.braked();
        let (engine, side) = state.credentials.get(token).copied()?;
        let serves = state.engines.get(&engine)?.serving.is_some_and(|serving| serving.side == side);
        Some(Caller { engine, serves })
    }

    fn right(&self, lease: &ChangeId, engine: &EngineId) -> Result<Right, NoRight> {
        let (state, now) = (self.follower.braked(), self.latest());
        let bound = state.engines.get(engine).and_then(|engine| engine.bundle()?.lease);
        let Some(grant) = state.grants.get(lease).filter(|_| bound == Some(*lease)) else {
            return Err(NoRight::Unknown);
        };
        let Some(standing) = cap_at(&state, lease, now) else {
            return Err(NoRight::Ended { at: grant.until.filter(|until| *until <= now).unwrap_or(now) });
        };
        let cap = Cap { cycles: standing.cycles, control_size: state.size };
        let kind = match standing.cap.period {
            Period::Day => PeriodKind::Day,
            Period::Month => PeriodKind::Month,
        };
        Ok(Right { cap, zone: standing.cap.zone.to_string(), kind })
    }

    fn may_see(&self, token: &Digest, lease: &ChangeId) -> bool {
        let state = self.follower.braked();
        let Some(cap) = state.grants.get(lease).and_then(|grant| grant.terms.cap()) else { return false };
        if let Some((engine, _)) = state.credentials.get(token) {
            return state.engines.get(engine).is_some_and(|engine| engine.tenant == cap.tenant);
        }
        let session = state.session(token, self.latest());
        let scope = session.map(|session| match session.principal.person() {
            Some(person) => ReadScope::of(&state, person),
            // The console shows each viewer what that viewer may see.
            None => ReadScope::Everything,
        });
        scope.is_some_and(|scope| scope.covers(&[cap.tenant]))
    }
}
