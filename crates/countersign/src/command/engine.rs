//! `engine new`, `ls`, `show`, `readiness`, `logs`, `stop-all`.

mod logs;
mod place;
mod readiness;
mod show;

use super::{Context, bound, listing, who};
use crate::cli::{EngineCommand, ListArgs};
use crate::error::CliError;
use crate::find::Book;
use crate::home::founded;
use crate::output;
use client::HttpOptions;
use control::side_ports;
use desk::NewEngine;
use model::{Service, Token};
use serde_json::json;
use std::collections::BTreeSet;

/// Longest wait for Engine Runtime's answer, milliseconds.
const ANSWER_MS: u64 = 2_000;

pub async fn run(context: &Context, command: EngineCommand) -> Result<(), CliError> {
    match command {
        EngineCommand::New { name, tenant, port, node, runtime, memory_mib, host, who } => {
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
            place::check(&book, node, port, &host)?;
            let sort = runtime.clone();
            let new = NewEngine { name: &name, tenant, node, port, runtime, memory_mib, hosts: host };
            let engine = desk.register_engine(new).await?;
            if context.json {
                output::json(&json!({"engine": engine, "name": name, "url": format!("http://127.0.0.1:{port}")}));
            } else {
                crate::print_line!("registered {name}");
                crate::print_line!("engine  {engine}");
                crate::print_line!("sort    {sort}  ({})", sort_says(&book, &sort));
                crate::print_line!("url     http://127.0.0.1:{port}  (nothing serves yet)");
                if let Some([blue, green]) = side_ports(port) {
                    crate::print_line!("sides   ports {blue} and {green}");
                }
            }
        }
        EngineCommand::Ls(args) => list(context, args).await?,
        EngineCommand::StopAll => stop_all(context)?,
        EngineCommand::Show { engine } => show::run(context, &engine).await?,
        EngineCommand::Readiness(args) => readiness::run(context, &args).await?,
        EngineCommand::Logs(args) => logs::run(context, &args).await?,
    }
    Ok(())
}

/// What the word after `--runtime` means for what can be deployed, and whether there is anything that can be.
fn sort_says(book: &Book, sort: &Token) -> String {
    let takes = format!("it takes packages made for `{sort}` only");
    let certified = book.state.resources.iter().filter_map(|(_, known)| Some(&known.profile()?.runtime));
    let certified: BTreeSet<_> = certified.collect();
    if certified.contains(sort) {
        return takes;
    }
    let others = certified.into_iter().map(|other| format!("`{other}`")).collect::<Vec<_>>().join(", ");
    let others = if others.is_empty() { String::new() } else { format!("; what is certified is made for {others}") };
    format!("{takes}, and none is certified yet{others}")
}

/// Ends the front and the engines of a directory that nobody serves: Engine Runtime would start them again.
fn stop_all(context: &Context) -> Result<(), CliError> {
    founded(&context.home)?;
    let lock = supervisor::lock(context.home.path())?;
    let dir = context.home.join("engine");
    let failed = |error: engine::EngineError| CliError::Service(Service::Engine, error.to_string());
    let stopped = if dir.exists() {
        engine::stop_all(&dir).map_err(failed)?
    } else {
        engine::Stopped { front: false, engines: 0 }
    };
    drop(lock);
    if context.json {
        output::json(&json!({"front": stopped.front, "engines": stopped.engines}));
        return Ok(());
    }
    let front = if stopped.front { "the front" } else { "no front, because none ran" };
    crate::print_line!("ended {front}, and {} processes of engines", stopped.engines);
    crate::print_line!("what serves by the ledger serves again with the next `countersign serve`");
    Ok(())
}

/// Engines as decided, and how Engine Runtime finds them now.
async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let engines = view::EngineView::all(&book.state, &book.names);
    let observed = observed(context).await;
    let found = |engine: &view::EngineView| observed.as_ref()?.iter().find(|found| found.engine == engine.id);
    let as_json = |engine: &view::EngineView| {
        let mut row = serde_json::to_value(engine).unwrap_or_default();
        row["stage"] = stage(&book.state, engine).into();
        row["observed"] = found(engine).map_or(serde_json::Value::Null, |found| {
            let (trouble, restarts, since) = (&found.trouble, found.restarts, found.down_since);
            let up = since.is_none() && trouble.is_none();
            json!({"up": up, "restarts": restarts, "down_since": since, "trouble": trouble})
        });
        row
    };
    let version = |artifact: &Option<view::ArtifactView>, none: &str| {
        artifact.as_ref().map_or_else(|| none.to_owned(), |artifact| artifact.version.to_string())
    };
    listing::print(
        context,
        args,
        engines.clone(),
        as_json,
        &[
            ("ENGINE", &|engine| engine.name.clone()),
            ("TENANT", &|engine| engine.tenant_name.clone()),
            ("NODE", &|engine| engine.node.to_string()),
            ("SERVING", &|engine| version(&engine.serving, "nothing")),
            ("FALLBACK", &|engine| version(&engine.fallback, "-")),
            ("HEALTH", &|engine| health(engine, found(engine), observed.is_some())),
            ("ADDRESS", &|engine| engine.url.trim_start_matches("http://").to_owned()),
            ("ID", &|engine| engine.id.short()),
        ],
    );
    if context.json {
        return Ok(());
    }
    for engine in engines.iter().take(args.limit as usize) {
        bound_to(engine);
        if let Some(below) = &engine.fallback_bundle {
            crate::print_line!("  leads back to {}", output::cell(below));
        }
    }
    for found in observed.iter().flatten() {
        if let Some(trouble) = &found.trouble {
            crate::print_line!("engine {}: {}", found.engine.short(), output::cell(trouble));
        }
    }
    Ok(())
}

/// How far it is, in a word.
fn stage(state: &control::State, engine: &view::EngineView) -> String {
    let stages = view::EngineStage::all(state, &engine.id, crate::clock::now().max(state.last)).unwrap_or_default();
    view::EngineStage::furthest(&stages).to_owned()
}

/// What serves as one, and everything in it.
fn bound_to(engine: &view::EngineView) {
    let Some(bundle) = engine.bundle else { return };
    crate::print_line!("\n{} is bound to {}", output::cell(&engine.name), bundle.short());
    for (label, text) in bound::lines(&engine.bound) {
        crate::print_line!("  {label:<10} {}", output::cell(&text));
    }
}

/// What Engine Runtime of this machine observes; none where it does not answer.
async fn observed(context: &Context) -> Option<Vec<engine::EngineView>> {
    let options = HttpOptions { timeout_ms: ANSWER_MS, answer_max_bytes: 8 << 20 };
    let http = who::reading(context, Service::Engine, options).await.ok()?;
    match http.get::<engine::EnginesView>("/v1/engines").await {
        Ok(view) => Some(view.engines),
        Err(error) if error.code() == Some("token.missing") => {
            output::note(
                &"how engines stand now is told with a token: set COUNTERSIGN_TOKEN (`countersign token new …`), or sign something here first",
            );
            None
        }
        Err(error) => {
            output::note(&format_args!("how engines stand now is not known: {error}"));
            None
        }
    }
}

/// In a word or two; what is wrong stands below the table.
fn health(decided: &view::EngineView, found: Option<&engine::EngineView>, answers: bool) -> String {
    let again = |restarts: u64| if restarts == 0 { String::new() } else { format!(", {restarts} restarts") };
    match found {
        Some(found) if found.down_since.is_some() => format!("down{}", again(found.restarts)),
        Some(found) if found.trouble.is_some() => format!("trouble{}", again(found.restarts)),
        Some(found) if decided.serving.is_some() => format!("up{}", again(found.restarts)),
        None if decided.serving.is_some() && !answers => "unknown".to_owned(),
        _ => "-".to_owned(),
    }
}
