//! `quota ls`: what each tenant uses beside what it may use.

use super::{Context, listing, who};
use crate::cli::ListArgs;
use crate::clock;
use crate::error::CliError;
use crate::find::Book;
use control::{Needs, Quota, quota_at, used_of};
use model::{ChangeId, Instant, TenantId};
use serde_json::json;

/// An exception that stands.
struct Exception {
    change: ChangeId,
    quota: Quota,
    until: Option<Instant>,
}

pub async fn run(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    list(&book, context, args);
    if context.json {
        return Ok(());
    }
    let now = clock::now().max(book.state.last);
    for tenant in book.state.tenants.keys() {
        for Exception { change, quota, until } in exceptions(&book, tenant, now) {
            let until = until.map_or_else(|| "until it is revoked".to_owned(), |until| format!("until {until}"));
            crate::print_line!(
                "exception {} for {}: {} {until}",
                change.short(),
                book.names.tenant(tenant),
                raised(&quota)
            );
        }
    }
    Ok(())
}

fn list(book: &Book, context: &Context, args: ListArgs) {
    let (state, now) = (&book.state, clock::now().max(book.state.last));
    let limits = |tenant: &TenantId| quota_at(state, tenant, now);
    let used = |tenant: &TenantId| used_of(state, tenant);
    let beside = |used: u32, limit: Option<u32>| format!("{used}/{}", number(limit));
    let as_json = |tenant: &TenantId| {
        let Needs { memory_mib, engines, storage_mib } = used(tenant);
        let exceptions = exceptions(book, tenant, now);
        let said = |exception: &Exception| json!({"change": exception.change, "quota": exception.quota, "until": exception.until});
        json!({
            "tenant": tenant, "name": book.names.tenant(tenant), "quota": limits(tenant), "base": state.terms.quota(tenant),
            "used": {"memory_mib": memory_mib, "engines": engines, "storage_mib": storage_mib},
            "exceptions": exceptions.iter().map(said).collect::<Vec<_>>(),
        })
    };
    listing::print(
        context,
        args,
        state.tenants.keys().copied().collect(),
        as_json,
        &[
            ("TENANT", &|tenant| book.names.tenant(tenant)),
            ("MEMORY MIB", &|tenant| beside(used(tenant).memory_mib, limits(tenant).memory_mib)),
            ("ENGINES", &|tenant| beside(used(tenant).engines, limits(tenant).engines)),
            ("STORAGE MIB", &|tenant| beside(used(tenant).storage_mib, limits(tenant).storage_mib)),
            ("REQUESTS/S", &|tenant| number(limits(tenant).per_second)),
            ("BURST", &|tenant| number(limits(tenant).burst)),
        ],
    );
}

fn number(limit: Option<u32>) -> String {
    limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string())
}

/// Those of a tenant that stand.
fn exceptions(book: &Book, tenant: &TenantId, now: Instant) -> Vec<Exception> {
    let standing = book.state.grants.iter().filter(|(_, grant)| grant.holds_at(now));
    let exception = |(change, grant): (&ChangeId, &control::Grant)| {
        Some(Exception { change: *change, quota: grant.terms.quota_of(tenant)?, until: grant.until })
    };
    standing.filter_map(exception).collect()
}

/// The limits that an exception raises.
fn raised(quota: &Quota) -> String {
    let limits = [
        ("memory", quota.memory_mib, " MiB"),
        ("engines", quota.engines, ""),
        ("storage", quota.storage_mib, " MiB"),
        ("requests a second", quota.per_second, ""),
        ("burst", quota.burst, ""),
    ];
    let said = limits.into_iter().filter_map(|(what, limit, unit)| Some(format!("{what} {}{unit}", limit?)));
    said.collect::<Vec<_>>().join(", ")
}
