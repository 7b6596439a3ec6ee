//! `quota ls`: what each tenant uses beside what it may use.

use super::{Context, listing, who};
use crate::cli::ListArgs;
use crate::clock;
use crate::error::CliError;
use crate::find::Book;
use control::{Needs, used_of};
use model::TenantId;
use serde_json::json;
use view::{ExceptionView, LimitView, QuotaView, STORAGE_DECLARED};

pub async fn run(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    list(&book, context, args);
    if context.json {
        return Ok(());
    }
    crate::print_line!("storage counts {STORAGE_DECLARED}");
    let now = clock::now().max(book.state.last);
    for tenant in book.state.tenants.keys() {
        for ExceptionView { change, raises, until, .. } in QuotaView::of(&book.state, tenant, now).exceptions {
            let until = until.map_or_else(|| "until it is revoked".to_owned(), |until| format!("until {until}"));
            let (change, tenant) = (change.short(), book.names.tenant(tenant));
            crate::print_line!("exception {change} for {tenant}: {raises} {until}");
        }
    }
    Ok(())
}

fn list(book: &Book, context: &Context, args: ListArgs) {
    let (state, now) = (&book.state, clock::now().max(book.state.last));
    let view = |tenant: &TenantId| QuotaView::of(state, tenant, now);
    let cell = |tenant: &TenantId, field: &str| {
        let limit = view(tenant).limits.into_iter().find(|limit| limit.field == field);
        limit.map(beside).unwrap_or_default()
    };
    let as_json = |tenant: &TenantId| {
        let Needs { memory_mib, engines, storage_mib } = used_of(state, tenant);
        let QuotaView { base, in_force, exceptions, .. } = view(tenant);
        let said = |exception: &ExceptionView| json!({"change": exception.change, "quota": exception.quota, "until": exception.until});
        json!({
            "tenant": tenant, "name": book.names.tenant(tenant), "quota": in_force, "base": base,
            "used": {"memory_mib": memory_mib, "engines": engines, "storage_mib": storage_mib, "storage_is": STORAGE_DECLARED},
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
            ("MEMORY MIB", &|tenant| cell(tenant, "memory-mib")),
            ("ENGINES", &|tenant| cell(tenant, "engines")),
            ("STORAGE MIB", &|tenant| cell(tenant, "storage-mib")),
            ("REQUESTS/S", &|tenant| cell(tenant, "per-second")),
            ("BURST", &|tenant| cell(tenant, "burst")),
        ],
    );
}

fn beside(LimitView { used, in_force, .. }: LimitView) -> String {
    let limit = in_force.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
    used.map_or(limit.clone(), |used| format!("{used}/{limit}"))
}
