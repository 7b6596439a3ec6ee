//! `config publish`, `ls` and `show`.

use super::{Context, publish, published, who};
use crate::cli::ConfigCommand;
use crate::error::CliError;
use crate::{document_file, output, when};
use control::Config;
use model::Resource;
use serde_json::json;

pub async fn run(context: &Context, command: ConfigCommand) -> Result<(), CliError> {
    match command {
        ConfigCommand::Publish { document: args, public } => {
            let config = document_file::document(&args.file, document::config)?;
            let desk = who::desk(context, &args.who).await?;
            let book = who::book(&desk).await?;
            let tenant = publish::whose(&book, args.tenant.as_deref())?;
            let published = desk.publish_config(&config, &public, publish::edition(&args, tenant)).await?;
            publish::said(context, &who::book(&desk).await?, Resource::Config, &publish::called(&args), &published);
            Ok(())
        }
        ConfigCommand::Ls(args) => published::list(context, args, Resource::Config).await,
        ConfigCommand::Show { config } => show(context, &config).await,
    }
}

async fn show(context: &Context, text: &str) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let digest = book.resource(Resource::Config, text)?;
    let unknown = || CliError::unknown(format!("no config `{text}`"));
    let known = book.state.resources.get(&digest).ok_or_else(unknown)?;
    let config = book.state.config(&digest).ok_or_else(unknown)?;
    if context.json {
        let mut said = published::as_json(&book, &digest, known);
        said["document"] = json!(config);
        output::json(&said);
        return Ok(());
    }
    published::print(&book, &digest, known);
    for (label, text) in lines(config) {
        crate::print_line!("{label:<10} {text}");
    }
    Ok(())
}

/// What it sets, a line each.
fn lines(config: &Config) -> Vec<(&'static str, String)> {
    let values = config.values.iter().map(|value| ("value", format!("{}={}", value.key, value.value)));
    let secrets = config.secrets.iter().map(|secret| ("secret", format!("{}  {}", secret.key, secret.secret)));
    let ports = config.outbound.iter().map(|port| ("connects", format!("to port {port} of any host")));
    let hosts = config.hosts.iter().map(|host| ("answers as", host.to_string()));
    let limits = [
        config.memory_mib.map(|mib| ("memory", format!("{mib} MiB"))),
        config.start_within_ms.map(|ms| ("healthy", format!("within {}", when::duration(ms.into())))),
        config.soak_ms.map(|ms| ("soaks", format!("for {} at least", when::duration(ms)))),
    ];
    values.chain(secrets).chain(ports).chain(hosts).chain(limits.into_iter().flatten()).collect()
}
