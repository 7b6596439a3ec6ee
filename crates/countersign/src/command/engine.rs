//! `engine new`, `engine ls`.

use super::{Context, who};
use crate::cli::EngineCommand;
use crate::error::CliError;
use crate::output;
use serde_json::json;

pub async fn run(context: &Context, command: EngineCommand) -> Result<(), CliError> {
    match command {
        EngineCommand::New { name, tenant, port, node, who } => {
            let desk = who::desk(context, &who).await?;
            let book = who::book(&desk).await?;
            if let [known, ..] = book.names.find_engines(&name)[..] {
                return Err(CliError::State {
                    code: "name.taken",
                    message: format!("an engine is called `{name}` already ({known})"),
                    next: "choose another name".to_owned(),
                });
            }
            let tenant = book.tenant(&tenant)?;
            let node = match (node, book.state.roster.nodes.as_slice()) {
                (Some(node), _) => book.node(&node)?,
                (None, [only]) => only.id,
                (None, _) => {
                    return Err(CliError::Usage("there are several nodes; say which: `--node NAME`".to_owned()));
                }
            };
            let engine = desk.register_engine(&name, tenant, node, port).await?;
            if context.json {
                output::json(&json!({"engine": engine, "name": name, "url": format!("http://127.0.0.1:{port}")}));
            } else {
                crate::print_line!("registered {name}");
                crate::print_line!("engine  {engine}");
                crate::print_line!("url     http://127.0.0.1:{port}  (nothing serves yet)");
            }
        }
        EngineCommand::Ls => {
            let engines = who::reader(context).await?.engines().await?;
            if context.json {
                output::json(&engines);
                return Ok(());
            }
            let row = |engine: &view::EngineView| {
                let serving = engine.serving.as_ref().map_or("nothing", |artifact| artifact.version.as_str());
                let fallback = engine.fallback.as_ref().map_or("-", |artifact| artifact.version.as_str());
                let id = engine.id.short();
                vec![
                    engine.name.clone(),
                    engine.tenant_name.clone(),
                    engine.node.to_string(),
                    serving.to_owned(),
                    fallback.to_owned(),
                    engine.url.trim_start_matches("http://").to_owned(),
                    id,
                ]
            };
            let rows: Vec<_> = engines.iter().map(row).collect();
            output::table(&["ENGINE", "TENANT", "NODE", "SERVING", "FALLBACK", "ADDRESS", "ID"], &rows);
        }
    }
    Ok(())
}
