//! `audit ls`, `audit show`.

use super::{Context, who};
use crate::cli::{AuditCommand, AuditLs};
use crate::error::CliError;
use crate::output;
use client::EntryQuery;
use view::{DIFFERS, EntryRow, EntryText};

pub async fn run(context: &Context, command: AuditCommand) -> Result<(), CliError> {
    match command {
        AuditCommand::Ls(ls) => list(context, ls).await,
        AuditCommand::Show { entry, log } => {
            let (log, index) = entry.within(log.as_deref())?;
            show(context, log.word(), index).await
        }
        AuditCommand::Verify { .. } => Err(CliError::Usage("`audit verify` reads files, not services".to_owned())),
    }
}

/// To the minute, in UTC; `--json` and `show` have all of it.
fn when(at: model::Instant) -> String {
    at.to_string()[..16].replace('T', " ")
}

fn cells(row: &EntryRow) -> Vec<String> {
    let entry = format!("{}/{}.{}", row.log, row.index, row.effect);
    vec![entry, when(row.at), row.category.to_string(), row.severity.to_string(), row.title.clone(), row.actor.clone()]
}

async fn list(context: &Context, ls: AuditLs) -> Result<(), CliError> {
    let engine = match &ls.engine {
        Some(text) => match text.parse() {
            Ok(whole) => Some(whole),
            Err(_) => Some(who::read_book(context).await?.engine(text)?),
        },
        None => None,
    };
    let change = match &ls.change {
        Some(change) => Some(who::change(context, change).await?),
        None => None,
    };
    let query = EntryQuery {
        before: ls.before,
        all: ls.all,
        limit: Some(ls.limit),
        change,
        category: ls.category,
        severity: ls.severity,
        engine,
        from: ls.from.map(|from| from.0),
        to: ls.to.map(|to| to.0),
        actor: ls.actor,
        text: ls.text,
        decided: ls.decided,
    };
    let page = who::reader(context).await?.entries(&query).await?;
    if context.json {
        output::json(&page);
        return Ok(());
    }
    let rows: Vec<_> = page.rows.iter().map(cells).collect();
    output::table(&["ENTRY", "RECORDED", "CATEGORY", "SEVERITY", "TITLE", "ACTOR"], &rows);
    let (control, events) = (page.control_size, page.events_size);
    if query.actor.is_empty() && query.text.is_empty() {
        crate::print_line!("\n{} headlines, {} rows", page.headlines, page.total);
    } else {
        let total = if query.all { page.total } else { page.headlines };
        let (from, to) = (page.newer + 1, page.newer + page.searched);
        crate::print_line!("\n{} found in the words of rows {from} to {to} of {total}", rows.len());
        if total > to {
            crate::print_line!("{} older ones were not searched", total - to);
        }
    }
    crate::print_line!("control log {control}, events log {events} entries");
    if let Some(next) = page.next {
        crate::print_line!("older: the same command with --before {next}");
    }
    Ok(())
}

async fn show(context: &Context, log: &str, index: u64) -> Result<(), CliError> {
    let entry = who::reader(context).await?.entry(log, index).await?;
    if context.json {
        output::json(&entry);
        return Ok(());
    }
    for row in &entry.rows {
        crate::print_line!("{}", row.title);
        crate::print_line!("  {}", row.sentence);
        crate::print_line!("  Category: {} / Severity: {}", row.category, row.severity);
        crate::print_line!("  {} by {}", row.at, row.actor);
    }
    crate::print_line!("\nentry      {}/{}", entry.log, entry.index);
    crate::print_line!("leaf hash  {}", entry.leaf_hash);
    for text in entry.texts(&context.home.trust(None)?.genesis) {
        match text {
            EntryText::Signed(opening) => {
                for (key, text) in &opening.body {
                    output::quoted(&format!("{key}:"), text);
                }
            }
            EntryText::Differs => crate::print_line!("text       {DIFFERS}"),
            EntryText::Withheld => {}
        }
    }
    crate::print_line!("\nleaf:");
    output::json(&entry.leaf);
    if let Some(proof) = &entry.proof {
        crate::print_line!();
        output::quoted("proof of inclusion (tlog-proof; `--json` has it as a file):", proof);
    }
    crate::print_line!("check it offline: countersign audit verify");
    Ok(())
}
