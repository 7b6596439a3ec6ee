//! `tenant new`, `tenant ls`.

use super::{Context, who};
use crate::cli::TenantCommand;
use crate::error::CliError;
use crate::output;
use control::quota_at;
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
        TenantCommand::Ls => list(context).await,
    }
}

async fn list(context: &Context) -> Result<(), CliError> {
    let book = who::read_book(context).await?;
    let state = &book.state;
    let engines = |tenant| state.engines.values().filter(|engine| engine.tenant == tenant).count();
    let now = crate::clock::now();
    if context.json {
        let row = |tenant: &model::TenantId| {
            let quota = quota_at(state, tenant, now);
            json!({"id": tenant, "name": book.names.tenant(tenant), "engines": engines(*tenant), "quota": quota})
        };
        output::json(&state.tenants.keys().map(row).collect::<Vec<_>>());
        return Ok(());
    }
    let limit = |limit: Option<u32>| limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
    let row = |tenant: &model::TenantId| {
        let quota = quota_at(state, tenant, now);
        vec![
            book.names.tenant(tenant),
            engines(*tenant).to_string(),
            limit(quota.memory_mib),
            limit(quota.engines),
            limit(quota.per_second),
            tenant.short(),
        ]
    };
    let rows: Vec<_> = state.tenants.keys().map(row).collect();
    output::table(&["TENANT", "ENGINES", "QUOTA MIB", "QUOTA ENGINES", "QUOTA /S", "ID"], &rows);
    Ok(())
}
