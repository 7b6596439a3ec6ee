//! `theme check`, `publish` and `ls`.

use super::acceptable::{Scratch, as_fault, checked, folder, pack_args, refused};
use super::{Context, pack, publish, published, who};
use crate::cli::{PackArgs, ThemeArgs, ThemeCommand};
use crate::error::CliError;
use crate::output;
use model::Resource;
use serde_json::json;
use std::path::{Path, PathBuf};
use theme::{File, Note, Summary};

pub async fn run(context: &Context, command: ThemeCommand) -> Result<(), CliError> {
    match command {
        ThemeCommand::Check { dir } => match folder(&dir).map_err(|error| as_fault(context, &dir, error))? {
            Ok(summary) => print(context, &summary),
            Err(faults) => return Err(refused(context, &dir, &faults)),
        },
        ThemeCommand::Publish(args) => upload(context, &args).await?,
        ThemeCommand::Ls(args) => published::list(context, args, Resource::Theme).await?,
    }
    Ok(())
}

async fn upload(context: &Context, args: &ThemeArgs) -> Result<(), CliError> {
    // Before anything is written into the directory of a ledger that is not there.
    let desk = who::desk(context, &args.who).await?;
    let tenant = publish::whose(&who::book(&desk).await?, args.tenant.as_deref())?;
    let scratch = Scratch::new(context)?;
    let tar = packed(args, &scratch.0).map_err(|error| as_fault(context, &args.source, error))?;
    let manifest = checked(context, &args.source, &tar, &scratch.0)?;
    let name = args.name.clone().unwrap_or_else(|| format!("{} {}", manifest.product, manifest.version));
    let published = desk.publish(&tar, &name, tenant).await?;
    publish::said(context, &who::book(&desk).await?, Resource::Theme, &name, &published);
    Ok(())
}

/// The packed theme: a folder is packed first.
fn packed(args: &ThemeArgs, scratch: &Path) -> Result<PathBuf, CliError> {
    if !args.source.is_dir() {
        if let Some(option) = args.product.as_ref().map(|_| "--product").or(args.version.as_ref().map(|_| "--version"))
        {
            let why = format!("{option} is for a folder; a packed theme says itself what it is");
            return Err(CliError::Usage(why));
        }
        return Ok(args.source.clone());
    }
    let how = PackArgs {
        output: Some(scratch.join("theme.tar")),
        product: args.product.clone(),
        version: args.version.clone(),
        ..pack_args(&args.source)
    };
    Ok(pack::packed(&args.source, &how)?.0)
}

fn print(context: &Context, summary: &Summary) {
    if context.json {
        output::json(&json!({"theme": true, "summary": summary}));
        return;
    }
    let pixels = |file: &File| match (file.width, file.height) {
        (Some(width), Some(height)) => format!("{width} × {height}"),
        _ => String::new(),
    };
    let row = |file: &File| vec![file.path.clone(), file.bytes.to_string(), pixels(file)];
    output::table(&["FILE", "BYTES", "PIXELS"], &summary.files.iter().map(row).collect::<Vec<_>>());
    crate::print_line!(
        "a theme: {} bytes, style sheets {} ({} selectors), images {}, fonts {}",
        summary.bytes,
        summary.sheets.len(),
        summary.selectors,
        summary.images,
        summary.fonts
    );
    for Note { file, line, column, what } in &summary.hides {
        crate::print_line!("look at {file}:{line}:{column}: `{what}` hides what it selects");
    }
    for path in &summary.unused {
        crate::print_line!("named by no style sheet: {path}");
    }
}
