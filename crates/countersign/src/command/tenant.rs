//! `tenant new`, `tenant ls`.

use super::{Context, listing, who};
use crate::cli::{ListArgs, TenantCommand};
use crate::error::CliError;
use crate::output;
use control::quota_at;
use model::TenantId;
use serde_json::json;

pub async fn run(context: &Context, command: TenantCommand) -> Result<(), CliError> {
    match command {
        TenantCommand::New { name, who } => {
            let tenant = who::desk(context, &who).await?.register_tenant(&name).await?;
            if context.json {
                output::json(&json!({"tenant": tenant, "name": name}));
            } else {
                crate::print_line!("registered {name}");
                crate::print_line!("tenant  {tenant}");
            }
            Ok(())
        }
        TenantCommand::Ls(args) => list(context, args).await,
    }
}

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let (state, now) = (&book.state, crate::clock::now());
    let engines = |tenant: &TenantId| state.engines.values().filter(|engine| engine.tenant == *tenant).count();
    let limit = |limit: Option<u32>| limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
    let as_json = |tenant: &TenantId| {
        let quota = quota_at(state, tenant, now);
        json!({"id": tenant, "name": book.names.tenant(tenant), "engines": engines(tenant), "quota": quota})
    };
    listing::print(
        context,
        args,
        state.tenants.keys().copied().collect(),
        as_json,
        &[
            ("TENANT", &|tenant| book.names.tenant(tenant)),
            ("ENGINES", &|tenant| engines(tenant).to_string()),
            ("QUOTA MIB", &|tenant| limit(quota_at(state, tenant, now).memory_mib)),
            ("QUOTA ENGINES", &|tenant| limit(quota_at(state, tenant, now).engines)),
            ("QUOTA /S", &|tenant| limit(quota_at(state, tenant, now).per_second)),
            ("ID", &TenantId::short),
        ],
    );
    Ok(())
}
