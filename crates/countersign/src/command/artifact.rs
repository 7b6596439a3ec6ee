//! `artifact pack`, `inspect`, `ls` and `recall`.

use super::{Context, listing, who};
use crate::cli::{ArtifactCommand, ListArgs};
use crate::error::CliError;
use crate::output;
use artifact::{Arg, Entry, FilePath, Manifest, Mode, Source, SourceFile, Spec, directory, inspect, pack};
use model::{Digest, Token};
use serde::Deserialize;
use serde_json::json;
use std::path::Path;

pub async fn run(context: &Context, command: ArtifactCommand) -> Result<(), CliError> {
    let (manifest, digest) = match command {
        ArtifactCommand::Ls(args) => return list(context, args).await,
        ArtifactCommand::Recall { artifact, reason, who } => {
            let desk = who::desk(context, &who).await?;
            let artifact = who::book(&desk).await?.artifact(&artifact)?;
            let index = desk.recall(artifact, reason.as_deref()).await?;
            if context.json {
                output::json(&json!({"artifact": artifact, "entry": index}));
            } else {
                crate::print_line!("recalled {artifact}\nentry {index}");
            }
            return Ok(());
        }
        ArtifactCommand::Pack { release, output, memory_mib } => storefront(&release, &output, memory_mib)?,
        ArtifactCommand::Inspect { tar } => inspect(&tar)?,
    };
    print(context, &manifest, &digest);
    Ok(())
}

/// The digest of a published release, and what is recorded of it.
type Row<'a> = (&'a Digest, &'a control::Artifact);

async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let recalled = |digest: &Digest| book.state.recalled.contains(digest);
    let mut all: Vec<_> = book.state.artifacts.iter().collect();
    all.sort_by_key(|(_, artifact)| std::cmp::Reverse(artifact.index));
    let as_json = |(digest, artifact): &Row| {
        json!({
            "artifact": digest, "name": book.names.artifact(digest), "product": artifact.product,
            "version": artifact.version, "memory_mib": artifact.memory_mib, "recalled": recalled(digest),
            "entry": artifact.index,
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
            ("MIB", &|(_, artifact)| artifact.memory_mib.to_string()),
            ("DIGEST", &|(digest, _)| digest.short()),
            ("", &|(digest, _)| if recalled(digest) { "recalled".to_owned() } else { String::new() }),
        ],
    );
    Ok(())
}

fn print(context: &Context, manifest: &Manifest, digest: &Digest) {
    if context.json {
        output::json(&json!({"artifact": digest, "manifest": manifest}));
        return;
    }
    crate::print_line!("{} {}", manifest.product, manifest.version);
    crate::print_line!("artifact  {digest}");
    crate::print_line!("memory    {} MiB", manifest.memory_mib);
    let row = |file: &artifact::FileEntry| vec![file.path.to_string(), file.size.to_string(), file.sha256.short()];
    let rows: Vec<_> = manifest.files.iter().map(row).collect();
    output::table(&["FILE", "BYTES", "SHA-256"], &rows);
}

#[derive(Deserialize)]
struct ReleaseHead {
    product: Token,
    version: Token,
}

fn path(text: &str) -> FilePath {
    text.parse().expect("the paths inside a storefront artifact are valid by construction")
}

/// Packs the sample storefront: a copy of this executable and a release's files.
pub fn storefront(release: &str, output: &Path, memory_mib: u32) -> Result<(Manifest, Digest), CliError> {
    let shipped = storefront::releases().into_iter().find(|(version, _)| *version == release);
    let mut files = match shipped {
        Some((_, files)) => {
            let file = |(name, bytes): (&str, &[u8])| SourceFile {
                path: path(name),
                mode: Mode::Read,
                source: Source::Bytes(bytes.to_vec()),
            };
            files.into_iter().map(file).collect()
        }
        None if Path::new(release).join("release.json").exists() => directory(Path::new(release))?,
        None => {
            let why = format!(
                "`{release}` is neither a shipped release (2026.02, 2026.03.1) nor a directory with release.json"
            );
            return Err(CliError::Usage(why));
        }
    };
    let head = files.iter().find(|file| file.path.as_str() == "release.json");
    let bytes = match head.map(|file| &file.source) {
        Some(Source::Bytes(bytes)) => bytes.clone(),
        Some(Source::File(path)) => std::fs::read(path).map_err(crate::error::file(path))?,
        None => return Err(CliError::Usage("the release has no release.json".to_owned())),
    };
    let why = |error: serde_json::Error| CliError::Content { path: "release.json".into(), why: error.to_string() };
    let head: ReleaseHead = serde_json::from_slice(&bytes).map_err(why)?;
    let exe = std::env::current_exe().map_err(crate::error::file("current executable"))?;
    files.push(SourceFile { path: path("bin/engine"), mode: Mode::Execute, source: Source::File(exe) });
    let fixed = |text: &str| Arg::Fixed(text.parse().expect("the storefront's options are tokens"));
    let args = vec![
        fixed("storefront"),
        fixed("--release-dir"),
        Arg::ReleaseDir,
        fixed("--data-dir"),
        Arg::DataDir,
        fixed("--listen"),
        Arg::Listen,
    ];
    let entry = Entry { executable: path("bin/engine"), args };
    let health = "/healthz".parse().expect("`/healthz` is a token");
    let spec = Spec { product: head.product, version: head.version, entry, memory_mib, health };
    Ok(pack(spec, files, output)?)
}
