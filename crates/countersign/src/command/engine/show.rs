//! `engine show`.

use crate::command::{Context, bound, who};
use crate::error::CliError;
use crate::{clock, output};
use serde_json::json;
use view::{EngineStage, EngineView, ORDER_NOTE, RehearsedView};

pub async fn run(context: &Context, engine: &str) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let id = book.engine(engine)?;
    let now = clock::now().max(book.state.last);
    let unknown = || CliError::unknown(format!("no engine {engine}; `countersign engine ls` lists them"));
    let view = EngineView::of(&book.state, &book.names, &id).ok_or_else(unknown)?;
    let stages = EngineStage::all(&book.state, &id, now).unwrap_or_default();
    let known = book.state.engines.get(&id).ok_or_else(unknown)?;
    let rehearsed = RehearsedView::of(&book.names, known);
    if context.json {
        let mut said = serde_json::to_value(&view).unwrap_or_default();
        (said["stages"], said["rehearsed"]) = (json!(stages), json!(rehearsed));
        output::json(&said);
        return Ok(());
    }
    crate::print_line!("engine     {}  {}", output::cell(&view.name), view.id);
    crate::print_line!("tenant     {}", output::cell(&view.tenant_name));
    crate::print_line!("node       {}", view.node);
    crate::print_line!("address    {}", view.url);
    for stage in &stages {
        let mark = if stage.reached { "yes" } else { "no " };
        let entry = stage.entry.map(|entry| format!(" (entry {entry})")).unwrap_or_default();
        crate::print_line!("{:<10} {mark}  {}{entry}", stage.what, stage.sentence);
    }
    crate::print_line!("{ORDER_NOTE}");
    if let Some(bundle) = view.bundle {
        crate::print_line!("\nbound to   {}", bundle.short());
        for (thing, (label, text)) in view.bound.iter().zip(bound::lines(&view.bound)) {
            let entry = thing.bound.map(|entry| format!("  (bound in entry {entry})")).unwrap_or_default();
            crate::print_line!("  {label:<10} {}{entry}", output::cell(&text));
        }
    }
    if let Some(tried) = rehearsed {
        let name = tried.name.unwrap_or_else(|| "a bundle that is not certified here".to_owned());
        let (bundle, at, entry) = (tried.bundle.short(), tried.at, tried.entry);
        crate::print_line!("rehearsal  {} ({bundle}) started and healthy at {at} (entry {entry})", output::cell(&name));
    }
    Ok(())
}
