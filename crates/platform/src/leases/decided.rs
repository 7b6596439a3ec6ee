//! Who asks and what a lease allows, as the service's own verified state has it.

use super::{Caller, LeaseRights, NoRight, totals};
use control::{ReadScope, State, cap_at};
use follower::{Asking, Clock, Follower};
use lease_journal::{Cap, Head, PeriodKind, Right};
use model::{ChangeId, Digest, EngineId, Instant, Period, Service};
use service_shell::{Bearer, Problem};

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

fn bound(state: &State, engine: &EngineId) -> Option<ChangeId> {
    state.engines.get(engine)?.bundle()?.lease
}

impl LeaseRights for Decided {
    fn shown(&self) -> Result<Option<Head>, String> {
        self.follower.current().map_err(|why| why.to_string())?;
        Ok(totals::head(&self.follower.state()))
    }

    fn caller(&self, token: &Digest) -> Option<Caller> {
        let state = self.follower.braked();
        let (engine, side) = state.credentials.get(token).copied()?;
        let serves = state.engines.get(&engine)?.serving.is_some_and(|serving| serving.side == side);
        Some(Caller { engine, serves })
    }

    fn bound(&self, engine: &EngineId) -> Option<ChangeId> {
        bound(&self.follower.braked(), engine)
    }

    fn right(&self, lease: &ChangeId, engine: &EngineId) -> Result<Right, NoRight> {
        let (state, now) = (self.follower.braked(), self.latest());
        let bound = bound(&state, engine);
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

    fn may_see(&self, asking: &Asking, lease: &ChangeId) -> bool {
        let state = self.follower.braked();
        let Some(cap) = state.grants.get(lease).and_then(|grant| grant.terms.cap()) else { return false };
        if let Some((engine, _)) = asking.bearer.and_then(|Bearer(token)| state.credentials.get(&token)) {
            return state.engines.get(engine).is_some_and(|engine| engine.tenant == cap.tenant);
        }
        self.sight(asking).is_ok_and(|sight| sight.covers(&[cap.tenant]))
    }

    fn sight(&self, asking: &Asking) -> Result<ReadScope, Problem> {
        self.follower.sight(asking, Service::Platform, (self.clock)())
    }

    fn granted(&self, sight: &ReadScope) -> Vec<ChangeId> {
        let state = self.follower.braked();
        let shown = |cap: &control::Cap| cap.raises.is_none() && sight.covers(&[cap.tenant]);
        let own = state.grants.iter().filter(|(_, grant)| grant.terms.cap().is_some_and(shown));
        let mut own: Vec<_> = own.map(|(id, grant)| (grant.from, *id)).collect();
        own.sort_unstable_by_key(|(from, _)| std::cmp::Reverse(*from));
        own.into_iter().map(|(_, id)| id).collect()
    }
}
