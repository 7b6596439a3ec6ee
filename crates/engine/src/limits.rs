//! A tenant's limit on requests as a schedule for the front, from the verified fold alone.

use control::{Quota, State, Terms, quota_at};
use front::{Limit, Limits, MAX_LIMITS, Route};
use model::{EngineId, Instant, TenantId};
use std::collections::BTreeSet;

/// The schedule of a tenant: its base and, for as long as they stand, its exceptions. The largest counts and they never
/// add up, because each entry is what the fold itself answers for its time. None where its terms limit no requests.
pub fn limits(state: &State, tenant: &TenantId) -> Option<Limits> {
    state.terms.quota(tenant).per_second?;
    let standing = state.grants.values().filter(|grant| grant.terms.tenant() == *tenant && grant.revoked.is_none());
    let cuts: BTreeSet<Instant> = standing
        .flat_map(|grant| [Some(grant.from), grant.until])
        .flatten()
        // What is over by the ledger's clock is over, whatever this machine's says.
        .filter(|cut| *cut > state.last)
        .collect();
    let mut schedule: Vec<Limit> = vec![];
    for from in std::iter::once(None).chain(cuts.into_iter().map(Some)) {
        let limit = entry(quota_at(state, tenant, from.unwrap_or(state.last)), from)?;
        match schedule.last_mut() {
            Some(last) if (last.per_second, last.burst) == (limit.per_second, limit.burst) => {}
            Some(last) => {
                last.until = from;
                schedule.push(limit);
            }
            None => schedule.push(limit),
        }
    }
    if schedule.len() > MAX_LIMITS {
        // More than the front takes: beyond that only the base, which is never too much.
        schedule.truncate(MAX_LIMITS);
        if let Some(last) = schedule.last_mut() {
            *last = Limit { until: None, ..entry(state.terms.quota(tenant), last.from)? };
        }
    }
    let bucket = tenant.to_string().parse().expect("an id is a token");
    Some(Limits { bucket, schedule })
}

/// Without a burst of its own a tenant may send one second's requests at once.
fn entry(quota: Quota, from: Option<Instant>) -> Option<Limit> {
    let per_second = quota.per_second?;
    Some(Limit { from, until: None, per_second, burst: quota.burst.unwrap_or(per_second) })
}

/// Reads back in the front's table that a grant which is over raises nothing any more at `now`.
///
/// # Errors
/// Which row still lets more through than the fold says.
pub(crate) fn read_back(state: &State, terms: &Terms, rows: &[Route], now: Instant) -> Result<(), String> {
    let tenant = &terms.tenant();
    // By the fold itself, whatever stands of this tenant at this instant.
    let Some(allowed) = entry(quota_at(state, tenant, now.max(state.last)), None) else { return Ok(()) };
    let of_tenant = |engine: &EngineId| state.engines.get(engine).is_some_and(|engine| engine.tenant == *tenant);
    for row in rows.iter().filter(|row| of_tenant(&row.engine)) {
        let found = row.limits.as_ref().and_then(|limits| limits.at(now));
        let holds = found.is_some_and(|limit| limit.per_second <= allowed.per_second && limit.burst <= allowed.burst);
        if !holds {
            let limit = found.map_or_else(|| "no limit".to_owned(), |limit| format!("{} a second", limit.per_second));
            return Err(format!("the front has {limit} for engine {}, {} are allowed", row.engine, allowed.per_second));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::{Grant, TenantTerms};
    use model::ChangeId;

    const TENANT: TenantId = TenantId([7; 16]);

    fn at(ms: i64) -> Instant {
        Instant::from_millis(ms)
    }

    fn quota(per_second: u32, burst: Option<u32>) -> Quota {
        Quota { per_second: Some(per_second), burst, ..Quota::default() }
    }

    /// A fold at instant 100 with a base of 10 a second, burst 5, and grants.
    fn state(grants: &[(i64, Option<i64>, Quota)]) -> State {
        let mut state = State::empty();
        state.last = at(100);
        let term = control::TenantTerm { tenant: TENANT, quota: quota(10, Some(5)), envelope: vec![] };
        state.terms = TenantTerms { tenants: vec![term] };
        for (n, (from, until, quota)) in (1..).zip(grants) {
            let terms = Terms::Quota { tenant: TENANT, quota: *quota };
            let (from, until, ended_by) = (at(*from), until.map(at), BTreeSet::new());
            let grant = Grant { terms, from, until, revoked: None, ended_by, used: None };
            state.grants.insert(ChangeId([n; 16]), grant);
        }
        state
    }

    fn shown(state: &State) -> Vec<(Option<i64>, Option<i64>, u32, u32)> {
        let limits = limits(state, &TENANT).unwrap();
        let ms = |at: Option<Instant>| at.map(Instant::as_millis);
        limits.schedule.iter().map(|l| (ms(l.from), ms(l.until), l.per_second, l.burst)).collect()
    }

    #[test]
    fn the_largest_counts_and_they_never_add_up() {
        assert_eq!(shown(&state(&[])), [(None, None, 10, 5)]);
        let overlapping = state(&[
            (90, Some(300), quota(20, None)),
            (100, Some(200), quota(50, Some(9))),
            (100, None, quota(15, None)),
        ]);
        let expected = [(None, Some(200), 50, 9), (Some(200), Some(300), 20, 5), (Some(300), None, 15, 5)];
        assert_eq!(shown(&overlapping), expected);
    }

    #[test]
    fn what_is_over_by_the_ledgers_clock_is_not_in_it() {
        assert_eq!(shown(&state(&[(10, Some(100), quota(20, None))])), [(None, None, 10, 5)]);
        let mut revoked = state(&[(10, Some(200), quota(20, None))]);
        revoked.grants.get_mut(&ChangeId([1; 16])).unwrap().revoked = Some(3);
        assert_eq!(shown(&revoked), [(None, None, 10, 5)]);
    }

    #[test]
    fn a_tenant_without_a_limit_has_no_schedule() {
        assert_eq!(limits(&state(&[]), &TenantId([8; 16])), None);
    }

    #[test]
    fn beyond_what_the_front_takes_only_the_base_holds() {
        let many: Vec<_> =
            (1..60).map(|n| (100, Some(100 + n), quota(u32::try_from(1_000 - n).unwrap(), None))).collect();
        let shown = shown(&state(&many));
        assert_eq!((shown.len(), shown[0].2), (MAX_LIMITS, 999));
        assert_eq!(shown[MAX_LIMITS - 1], (Some(131), None, 10, 5));
    }

    #[test]
    fn a_grant_is_read_back_by_what_the_front_lets_through_now() {
        let mut state = state(&[(50, Some(200), quota(20, None))]);
        let engine = EngineId([1; 16]);
        let known = control::Engine {
            tenant: TENANT,
            node: model::NodeId([9; 16]),
            port: 1,
            side_ports: [2, 3],
            generation: 1,
            serving: None,
            stack: vec![],
            unverified: false,
            regressed: None,
            restarted: None,
            rehearsed: None,
            credentials: [None, None],
            profile: testkit::shop(),
            hosts: vec![],
            index: 1,
        };
        state.engines.insert(engine, known);
        let terms = state.grants.values().next().unwrap().terms.clone();
        let row = |limits| Route {
            engine,
            generation: 1,
            listen: "127.0.0.1:1".parse().unwrap(),
            host: "h".parse().unwrap(),
            hosts: vec![],
            upstream: "127.0.0.1:2".parse().unwrap(),
            side: "s".parse().unwrap(),
            bundle: model::Digest::ZERO,
            limits,
        };
        let scheduled = [row(limits(&state, &TENANT))];
        // The ledger says it is over, this machine's clock does not yet.
        state.last = at(200);
        assert!(read_back(&state, &terms, &scheduled, at(199)).unwrap_err().contains("20 a second"));
        read_back(&state, &terms, &scheduled, at(200)).unwrap();
        assert!(read_back(&state, &terms, &[row(None)], at(200)).unwrap_err().contains("no limit"));
        read_back(&state, &terms, &[], at(200)).unwrap();
        read_back(&state, &terms, &[row(limits(&state, &TENANT))], at(150)).unwrap();
    }
}
