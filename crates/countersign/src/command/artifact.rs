//! `artifact inspect`, `verify`, `ls`, `prune` and `recall`.

use super::{Context, held, listing, pack, prune, published, who};
use crate::cli::{ArtifactCommand, ListArgs};
use crate::error::CliError;
use crate::output;
use artifact::{ArtifactError, Manifest, Program, inspect};
use model::{Digest, Range, Resource};
use serde_json::json;
use std::path::Path;

/// Most files of a package that are listed for a person.
const MAX_SHOWN: usize = 100;

pub async fn run(context: &Context, command: ArtifactCommand) -> Result<(), CliError> {
    let (manifest, digest) = match command {
        ArtifactCommand::Ls(args) => return list(context, args).await,
        ArtifactCommand::Prune { dry_run, list } => return prune::run(context, dry_run, list).await,
        ArtifactCommand::Recall { artifact, reason, who } => {
            let desk = who::desk(context, &who).await?;
            let artifact = who::book(&desk).await?.any_resource(&artifact)?;
            let index = desk.recall(artifact, reason.as_deref()).await?;
            if context.json {
                output::json(&json!({"artifact": artifact, "entry": index}));
            } else {
                crate::print_line!("recalled {artifact}\nentry {index}");
            }
            return Ok(());
        }
        ArtifactCommand::Pack(args) => return pack::run(context, &args),
        ArtifactCommand::Verify { tar, expect } => return verify(context, &tar, expect),
        ArtifactCommand::Inspect { release } => meant(context, &release).await?,
    };
    print(context, &manifest, &digest);
    Ok(())
}

/// A file that is there, else what is published under that name, version or digest.
async fn meant(context: &Context, release: &str) -> Result<(Manifest, Digest), CliError> {
    // A file that is called as a digest is meant by `./NAME`.
    let digest = match release.parse() {
        Ok(digest) => digest,
        Err(_) if Path::new(release).exists() || is_path(release) || !context.home.is_founded() => {
            return Ok(inspect(Path::new(release))?);
        }
        Err(_) => who::listed(context).await?.archive(release)?,
    };
    Ok((held::manifest(context, digest).await?, digest))
}

/// Whether somebody who typed this meant a file.
fn is_path(release: &str) -> bool {
    release.contains('/') || Path::new(release).extension().is_some_and(|ending| ending == "tar")
}

/// Reads every byte of a packed release.
fn verify(context: &Context, tar: &Path, expect: Option<Digest>) -> Result<(), CliError> {
    let (manifest, digest) = inspect(tar)?;
    if let Some(expected) = expect.filter(|expected| *expected != digest) {
        return Err(ArtifactError::Identity { expected, found: digest }.into());
    }
    let (files, bytes) = (manifest.files.len(), manifest.total_bytes());
    if context.json {
        output::json(&json!({"artifact": digest, "verified": true, "files": files, "bytes": bytes}));
    } else {
        crate::print_line!("verified  {} {}: {files} files, {bytes} bytes", manifest.product, manifest.version);
        crate::print_line!("artifact  {digest}");
    }
    Ok(())
}

/// The digest of a published release, and what is recorded of it.
type Row<'a> = (&'a Digest, &'a control::Published);

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let damaged = held::damaged(context, &book.state).await;
    let recalled = |digest: &Digest| book.state.recalled.contains_key(digest);
    let artifacts = book.state.resources.iter().filter(|(_, known)| known.content.resource() == Resource::Artifact);
    let mut all: Vec<_> = artifacts.collect();
    all.sort_by_key(|(_, artifact)| std::cmp::Reverse(artifact.index));
    let as_json = |(digest, artifact): &Row| {
        json!({
            "artifact": digest, "name": book.names.artifact(digest), "product": artifact.product,
            "version": artifact.version, "memory_mib": memory_mib(artifact), "recalled": recalled(digest),
            "entry": artifact.index, "certified": artifact.certified,
            "refused": artifact.refused.as_ref().map(|(code, _)| code), "damaged": damaged.get(*digest),
        })
    };
    listing::print(
        context,
        args,
        all,
        as_json,
        &[
            ("ARTIFACT", &|(digest, _)| book.names.artifact(digest)),
            ("VERSION", &|(_, artifact)| artifact.version.to_string()),
            ("MIB", &|(_, artifact)| memory_mib(artifact).map_or_else(|| "?".to_owned(), |mib| mib.to_string())),
            ("DIGEST", &|(digest, _)| digest.short()),
            ("", &|(digest, artifact)| published::kept(&book, digest, artifact, &damaged)),
        ],
    );
    Ok(())
}

fn memory_mib(artifact: &control::Published) -> Option<u32> {
    artifact.profile().map(|profile| profile.memory_mib.usual)
}

fn print(context: &Context, manifest: &Manifest, digest: &Digest) {
    if context.json {
        output::json(&json!({"artifact": digest, "manifest": manifest}));
        return;
    }
    crate::print_line!("{} {}", manifest.product, manifest.version);
    crate::print_line!("artifact  {digest}");
    match &manifest.program {
        Some(program) => print_program(program),
        None => crate::print_line!("starts    nothing: files alone, as a client theme is"),
    }
    crate::print_line!("files     {}, {} bytes", manifest.files.len(), manifest.total_bytes());
    let row = |file: &artifact::FileEntry| vec![file.path.to_string(), file.size.to_string(), file.sha256.short()];
    let rows: Vec<_> = manifest.files.iter().take(MAX_SHOWN).map(row).collect();
    output::table(&["FILE", "BYTES", "SHA-256"], &rows);
    if manifest.files.len() > MAX_SHOWN {
        crate::print_line!("and {} more; `--json` has them all", manifest.files.len() - MAX_SHOWN);
    }
}

fn print_program(program: &Program) {
    let between = |range: &Range, unit: &str| {
        let Range { least, usual, most } = range;
        if least == most { format!("{usual} {unit}") } else { format!("{usual} {unit}, between {least} and {most}") }
    };
    let profile = &program.profile;
    crate::print_line!("starts    {}", program.entry);
    crate::print_line!("runtime   {}", profile.runtime);
    crate::print_line!("healthy   {}", held::healthy(program));
    crate::print_line!("within    {}", between(&profile.start_within_ms, "ms"));
    crate::print_line!("memory    {}", between(&profile.memory_mib, "MiB"));
    crate::print_line!("storage   {} MiB, as declared, not enforced", profile.storage_mib);
    for need in &profile.needs {
        let (must, secret) =
            (if need.required { "required" } else { "optional" }, if need.secret { ", secret" } else { "" });
        let said = |bounds: model::Bounds| match bounds {
            model::Bounds { least, most } if least == most => format!(", {least} and nothing else"),
            model::Bounds { least, most } => format!(", {least} to {most}"),
        };
        let bounds = need.bounds.map(said).unwrap_or_default();
        crate::print_line!("reads     {} ({must}{secret}{bounds})", need.key);
    }
    let ports: Vec<_> = profile.outbound.iter().map(u16::to_string).collect();
    let ports = if ports.is_empty() { "nothing".to_owned() } else { format!("port {}", ports.join(", ")) };
    crate::print_line!("connects  to {ports}");
}
