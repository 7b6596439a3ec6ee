//! `retention publish`, `ls` and `show`.

use super::{Context, publish, published, who};
use crate::cli::RetentionCommand;
use crate::error::CliError;
use crate::{document_file, output};
use model::Resource;
use serde_json::json;

pub async fn run(context: &Context, command: RetentionCommand) -> Result<(), CliError> {
    match command {
        RetentionCommand::Publish(args) => {
            let policy = document_file::document(&args.file, document::retention)?;
            let desk = who::desk(context, &args.who).await?;
            let tenant = publish::whose(&who::book(&desk).await?, args.tenant.as_deref())?;
            let published = desk.publish_retention(&policy, publish::edition(&args, tenant)).await?;
            publish::said(context, &who::book(&desk).await?, Resource::Retention, &publish::called(&args), &published);
            Ok(())
        }
        RetentionCommand::Ls(args) => published::list(context, args, Resource::Retention).await,
        RetentionCommand::Show { policy } => show(context, &policy).await,
    }
}

async fn show(context: &Context, text: &str) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let digest = book.resource(Resource::Retention, text)?;
    let unknown = || CliError::unknown(format!("no retention policy `{text}`"));
    let known = book.state.resources.get(&digest).ok_or_else(unknown)?;
    let policy = book.state.retention(&digest).ok_or_else(unknown)?;
    let rules = policy.rules();
    if context.json {
        let mut said = published::as_json(&book, &digest, known);
        said["document"] = json!(policy);
        said["rules"] = rules.iter().map(|(about, says)| json!({"about": about, "says": says})).collect();
        output::json(&said);
        return Ok(());
    }
    published::print(&book, &digest, known);
    for (about, says) in &rules {
        crate::print_line!("{about:<28} {says}");
    }
    Ok(())
}
