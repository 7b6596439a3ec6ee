//! What each tenant may use, beside what it uses.

use control::{Grant, Quota, State, quota_at, used_of};
use model::{ChangeId, Instant, TenantId};

/// A tenant's limits, and what stands beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaView {
    pub tenant: TenantId,
    /// By its terms.
    pub base: Quota,
    /// With the exceptions that stand.
    pub in_force: Quota,
    /// The same, limit by limit, with what its engines that serve take.
    pub limits: [LimitView; 5],
    /// The exceptions that stand.
    pub exceptions: Vec<ExceptionView>,
}

/// One limit of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitView {
    /// The question of the form that raises it.
    pub field: &'static str,
    pub title: &'static str,
    /// What is counted: `" MiB"`, or nothing.
    pub unit: &'static str,
    /// By its terms; none: no limit.
    pub base: Option<u32>,
    /// Now; none: no limit.
    pub in_force: Option<u32>,
    /// What is used of it; none: it is a rate, which nobody counts here.
    pub used: Option<u32>,
    /// What has to be known to read the number.
    pub note: Option<&'static str>,
}

/// A quota exception that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionView {
    pub change: ChangeId,
    pub quota: Quota,
    pub until: Option<Instant>,
    /// The limits that it raises, in words.
    pub raises: String,
}

/// How storage counts: nobody measures what a program keeps, and nothing stops one that keeps more.
pub const STORAGE_DECLARED: &str = "as its programs declare, not enforced";

/// What is known of each limit besides its numbers: the form's question, its title, its unit.
const LIMITS: [(&str, &str, &str); 5] = [
    ("memory-mib", "Memory", " MiB"),
    ("engines", "Engines", ""),
    ("storage-mib", "Storage", " MiB"),
    ("per-second", "Requests a second", ""),
    ("burst", "Burst", ""),
];

/// In the order of [`LIMITS`].
fn in_order(quota: &Quota) -> [Option<u32>; 5] {
    [quota.memory_mib, quota.engines, quota.storage_mib, quota.per_second, quota.burst]
}

impl QuotaView {
    /// Of a tenant.
    pub fn of(state: &State, tenant: &TenantId, now: Instant) -> Self {
        let (base, in_force, used) = (state.terms.quota(tenant), quota_at(state, tenant, now), used_of(state, tenant));
        let used = [Some(used.memory_mib), Some(used.engines), Some(used.storage_mib), None, None];
        let (bases, now_in_force) = (in_order(&base), in_order(&in_force));
        let limits = std::array::from_fn(|n| {
            let (field, title, unit) = LIMITS[n];
            let note = (field == "storage-mib").then_some(STORAGE_DECLARED);
            LimitView { field, title, unit, base: bases[n], in_force: now_in_force[n], used: used[n], note }
        });
        let standing = state.grants.iter().filter(|(_, grant)| grant.holds_at(now));
        let exception = |(change, grant): (&ChangeId, &Grant)| {
            let quota = grant.terms.quota_of(tenant)?;
            Some(ExceptionView { change: *change, quota, until: grant.until, raises: raised(&quota) })
        };
        Self { tenant: *tenant, base, in_force, limits, exceptions: standing.filter_map(exception).collect() }
    }
}

/// The limits that an exception raises.
fn raised(quota: &Quota) -> String {
    let said = LIMITS.into_iter().zip(in_order(quota));
    let said = said.filter_map(|((_, title, unit), limit)| Some(format!("{} {}{unit}", title.to_lowercase(), limit?)));
    said.collect::<Vec<_>>().join(", ")
}
