//! A tenant's limits as a page shows them, and the exception that lets a plan pass.

use super::link;
use super::moment::Moment;
use crate::scene::Scene;
use control::{Change, OverLimit, Plan, Refusal, over_quota, quota_kind};
use model::TenantId;
use view::{ExceptionView, LimitView, QuotaView};

/// One limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRow {
    pub field: &'static str,
    pub title: &'static str,
    /// What is used, and of how much.
    pub text: String,
    /// What an exception raises it from.
    pub base: Option<String>,
    /// Used, and of how much; none: there is no limit, or nothing is counted.
    pub bar: Option<(u32, u32)>,
    /// Whether more is used than it allows.
    pub over: bool,
}

/// An exception that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionRow {
    pub href: String,
    pub name: String,
    pub raises: String,
    pub until: Option<Moment>,
}

/// A tenant's limits, in their order.
pub fn limits(quota: &QuotaView) -> Vec<LimitRow> {
    quota.limits.iter().map(row).collect()
}

fn row(limit: &LimitView) -> LimitRow {
    let LimitView { field, title, unit, base, in_force, used, note } = *limit;
    let amount = |limit: Option<u32>| limit.map_or_else(|| "no limit".to_owned(), |limit| format!("{limit}{unit}"));
    let text = match (used, in_force) {
        (Some(used), Some(limit)) => format!("{used} of {limit}{unit}"),
        (Some(used), None) => format!("{used}{unit}, no limit"),
        (None, limit) => amount(limit),
    };
    let text = note.map_or(text.clone(), |note| format!("{text}, {note}"));
    LimitRow {
        field,
        title,
        text,
        base: (base != in_force).then(|| format!("{} without the exceptions that stand", amount(base))),
        bar: used.zip(in_force),
        over: used.zip(in_force).is_some_and(|(used, limit)| used > limit),
    }
}

/// The exceptions that stand.
pub fn exceptions(quota: &QuotaView) -> Vec<ExceptionRow> {
    let row = |one: &ExceptionView| ExceptionRow {
        href: link::change(&one.change),
        name: format!("Change {}", one.change.short()),
        raises: one.raises.clone(),
        until: one.until.map(Moment::of),
    };
    quota.exceptions.iter().map(row).collect()
}

/// Where an exception for a tenant is asked for, with some limits given.
pub fn ask(tenant: &TenantId, limits: &[(&str, &str)]) -> String {
    let tenant = tenant.to_string();
    let answers: Vec<_> = std::iter::once(("tenant", tenant.as_str())).chain(limits.iter().copied()).collect();
    link::ask(quota_kind(), &answers)
}

/// Where the limits of a tenant stand, for whoever asked for no more than they allow; none: that tenant is not known here.
pub(crate) fn of_tenant(scene: &Scene, tenant: &str) -> Option<(String, String)> {
    let id: TenantId = tenant.parse().ok()?;
    let known = scene.state.tenants.contains_key(&id);
    known.then(|| (link::tenant(&id), format!("The quota of {} as it stands", scene.names().tenant(&id))))
}

/// What a change that has not been run needs beyond its tenant's quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverQuota {
    pub text: String,
    /// Where the exception that would let it pass is asked for.
    pub href: String,
    /// What is asked for there.
    pub ask: String,
}

/// What a change with this plan needs beyond its tenant's quota now; none: it keeps within, or was run.
pub fn over(scene: &Scene, change: &Change, plan: &Plan) -> Option<OverQuota> {
    if change.run.is_some() || change.has_ended(&scene.state, scene.now) {
        return None;
    }
    // A draft has none yet: this is the one that it would be sealed with.
    let planned = Change { plan: Some(plan.clone()), ..change.clone() };
    let refusal = over_quota(&scene.state, &planned, scene.now)?;
    let Refusal::QuotaExceeded { tenant, over } = refusal else { return None };
    let beyond = |one: &OverLimit| format!("{} {} ({} are allowed now)", one.needed, one.limit.title(), one.allowed);
    let asked = |one: &OverLimit| format!("{} {}", one.needed, one.limit.title());
    let all = |words: &dyn Fn(&OverLimit) -> String| over.iter().map(words).collect::<Vec<_>>().join(" and ");
    let (beyond, asked) = (all(&beyond), all(&asked));
    let needed: Vec<_> = over.iter().map(|one| (one.limit.field(), one.needed.to_string())).collect();
    let limits: Vec<_> = needed.iter().map(|(field, needed)| (*field, needed.as_str())).collect();
    Some(OverQuota {
        text: format!(
            "Above the quota of {}: together with what serves it would take {beyond}. An exception that allows {asked} \
             lets it pass.",
            scene.names().tenant(&tenant)
        ),
        href: ask(&tenant, &limits),
        ask: format!("Ask for the quota exception that allows {asked}…"),
    })
}
