//! Packing the sample shop: a copy of this executable and a release's files.

use crate::error::CliError;
use artifact::{
    Answer, Arg, Entry, FilePath, Health, Manifest, Mode, Program, Source, SourceFile, Spec, directory, pack,
};
use model::{Digest, Need, Profile, Range, Token};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What every release of it has.
const HEAD: &str = "release.json";
/// Memory it needs where nobody says otherwise, MiB.
pub const MEMORY_MIB: u32 = 256;

#[derive(Deserialize)]
struct ReleaseHead {
    product: Token,
    version: Token,
}

/// Whether this is a shipped release, or a directory with one.
pub fn is_release(source: &str) -> bool {
    storefront::releases().iter().any(|(version, _)| *version == source) || Path::new(source).join(HEAD).is_file()
}

/// Packs one.
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
        None => directory(Path::new(release), &[])?.files,
    };
    let head = files.iter().find(|file| file.path.as_str() == HEAD);
    let bytes = match head.map(|file| &file.source) {
        Some(Source::Bytes(bytes)) => bytes.clone(),
        Some(Source::File(path)) => std::fs::read(path).map_err(crate::error::file(path))?,
        None => return Err(CliError::Usage(format!("the release has no {HEAD}"))),
    };
    let why = |error: serde_json::Error| CliError::Content { path: HEAD.into(), why: error.to_string() };
    let head: ReleaseHead = serde_json::from_slice(&bytes).map_err(why)?;
    let exe = std::env::current_exe().map_err(crate::error::file("current executable"))?;
    files.push(SourceFile { path: path("bin/engine"), mode: Mode::Execute, source: Source::File(exe) });
    let health = Health { path: token("/healthz"), answer: Answer::Release };
    let program = Program { profile: profile(memory_mib), entry: entry(), health };
    let spec = Spec { product: head.product, version: head.version, program: Some(program) };
    Ok(pack(spec, files, output)?)
}

/// Packs a shipped theme into a directory, once.
pub fn theme(version: &str, dir: &Path) -> Result<PathBuf, CliError> {
    let shipped = storefront::themes().into_iter().find(|theme| theme.version == version);
    let shipped = shipped.ok_or_else(|| CliError::Usage(format!("there is no shipped theme {version}")))?;
    let tar = dir.join(format!("{}-{version}.tar", shipped.product));
    if tar.exists() {
        return Ok(tar);
    }
    let file = |(name, bytes): &(&str, &[u8])| SourceFile {
        path: path(name),
        mode: Mode::Read,
        source: Source::Bytes(bytes.to_vec()),
    };
    let files = shipped.files.iter().map(file).collect();
    let spec = Spec { product: token(shipped.product), version: token(shipped.version), program: None };
    pack(spec, files, &tar)?;
    Ok(tar)
}

fn entry() -> Entry {
    let fixed = |text: &str| Arg::Fixed(text.parse().expect("the storefront's options are plain words"));
    let args = vec![
        fixed("storefront"),
        fixed("--release-dir"),
        Arg::ReleaseDir,
        fixed("--data-dir"),
        Arg::DataDir,
        fixed("--listen"),
        Arg::Listen,
    ];
    Entry { executable: path("bin/engine"), args }
}

fn profile(memory_mib: u32) -> Profile {
    Profile {
        runtime: token("storefront"),
        memory_mib: Range::only(memory_mib),
        storage_mib: 256,
        start_within_ms: Range { least: 1_000, usual: 10_000, most: 60_000 },
        needs: vec![Need { key: token("SHOP_NOTICE"), required: false, secret: false, bounds: None }],
        outbound: Vec::new(),
    }
}

fn path(text: &str) -> FilePath {
    text.parse().expect("the paths inside a storefront artifact are valid by construction")
}

fn token(text: &str) -> Token {
    text.parse().expect("what the storefront's manifest says are tokens")
}
