//! `theme check`, `publish` and `ls`.

use super::{Context, pack, publish, published, who};
use crate::cli::{PackArgs, PackageKind, ThemeArgs, ThemeCommand};
use crate::error::CliError;
use crate::output;
use artifact::{Manifest, unpack};
use model::Resource;
use serde_json::json;
use std::path::{Path, PathBuf};
use theme::{Faults, File, Note, Summary};

pub async fn run(context: &Context, command: ThemeCommand) -> Result<(), CliError> {
    match command {
        ThemeCommand::Check { dir } => match storefront::check_theme(&dir)? {
            Ok(summary) => print(context, &summary),
            Err(faults) => return Err(refused(context, &dir, &faults)),
        },
        ThemeCommand::Publish(args) => upload(context, &args).await?,
        ThemeCommand::Ls(args) => published::list(context, args, Resource::Theme).await?,
    }
    Ok(())
}

/// A directory that is gone with this.
struct Scratch(PathBuf);

impl Scratch {
    fn new(context: &Context) -> Result<Self, CliError> {
        let name = model::Digest(client::random_bytes()).short();
        Ok(Self(context.home.create_dir(&format!("cli/theme-{name}"))?))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn upload(context: &Context, args: &ThemeArgs) -> Result<(), CliError> {
    // Before anything is written into the directory of a ledger that is not there.
    let desk = who::desk(context, &args.who).await?;
    let tenant = publish::whose(&who::book(&desk).await?, args.tenant.as_deref())?;
    let scratch = Scratch::new(context)?;
    let tar = packed(args, &scratch.0)?;
    let manifest = checked(context, &args.source, &tar, &scratch.0)?;
    let name = args.name.clone().unwrap_or_else(|| format!("{} {}", manifest.product, manifest.version));
    let published = desk.publish(&tar, &name, tenant).await?;
    publish::said(context, Resource::Theme, &name, &published);
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
    let pack_args = PackArgs {
        source: args.source.display().to_string(),
        output: Some(scratch.join("theme.tar")),
        product: args.product.clone(),
        version: args.version.clone(),
        kind: Some(PackageKind::Theme),
        ..PackArgs::default()
    };
    Ok(pack::packed(&args.source, &pack_args)?.0)
}

/// What is in the package is a theme, whatever lies in the folder beside it.
fn checked(context: &Context, source: &Path, tar: &Path, scratch: &Path) -> Result<Manifest, CliError> {
    let store = scratch.join("unpacked");
    let (tree, manifest, _) = unpack(tar, &store)?;
    if manifest.program.is_some() {
        return Err(CliError::State {
            code: "theme.a_program",
            message: format!("`{}` is a program and no theme", source.display()),
            next: "publish it with `countersign publish …`, or pack the theme with `--kind theme`".to_owned(),
        });
    }
    match storefront::check_theme(&tree)? {
        Ok(_) => Ok(manifest),
        Err(faults) => Err(refused(context, source, &faults)),
    }
}

fn refused(context: &Context, dir: &Path, faults: &Faults) -> CliError {
    if context.json {
        output::json(&json!({"theme": false, "faults": faults.faults, "more": faults.more}));
    } else {
        faults.faults.iter().for_each(|fault| crate::print_line!("{fault}"));
    }
    let count = faults.faults.len() + faults.more;
    CliError::State {
        code: "theme.refused",
        message: format!("`{}` is no theme: {count} fault{}", dir.display(), if count == 1 { "" } else { "s" }),
        next: "mend what is listed and check again".to_owned(),
    }
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
