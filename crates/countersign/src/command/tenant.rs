//! `tenant new`.

use super::{Context, who};
use crate::cli::TenantCommand;
use crate::error::CliError;
use crate::output;
use serde_json::json;

pub async fn run(context: &Context, command: TenantCommand) -> Result<(), CliError> {
    let TenantCommand::New { name, who } = command;
    let tenant = who::desk(context, &who).await?.register_tenant(&name).await?;
    if context.json {
        output::json(&json!({"tenant": tenant, "name": name}));
    } else {
        crate::say!("registered {name}");
        crate::say!("tenant  {tenant}");
    }
    Ok(())
}
