//! Whether a folder or a package is a theme, read as it is packed, before anything of it is sent or recorded.

use super::{Context, pack};
use crate::cli::{PackArgs, PackageKind};
use crate::error::CliError;
use crate::output;
use artifact::{ArtifactError, Manifest, Source, unpack};
use model::Resource;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use theme::{Fault, Faults, Place, Summary};

/// Whether a folder is a theme: of what would be packed of it, nothing else.
pub fn folder(dir: &Path) -> Result<Result<Summary, Faults>, CliError> {
    let files = pack::chosen(dir, &pack_args(dir))?;
    let files: BTreeMap<_, _> = files.into_iter().map(|file| (file.path.to_string(), file.source)).collect();
    theme::check(files.keys().cloned(), |path, most| match &files[path] {
        Source::Bytes(bytes) => Ok(bytes.clone()),
        Source::File(from) => {
            let mut bytes = Vec::new();
            let opened = fs::File::open(from).map_err(crate::given::given(from))?;
            opened.take(most).read_to_end(&mut bytes).map_err(crate::given::given(from))?;
            Ok(bytes)
        }
    })
}

/// How a folder is packed as a theme.
pub fn pack_args(dir: &Path) -> PackArgs {
    PackArgs { source: dir.display().to_string(), kind: Some(PackageKind::Theme), ..PackArgs::default() }
}

/// What a package is published as. Files alone are a theme, or refused before anything of them is sent or recorded.
pub fn resource(context: &Context, tar: &Path) -> Result<Resource, CliError> {
    if artifact::manifest(tar)?.0.program.is_some() {
        return Ok(Resource::Artifact);
    }
    let scratch = Scratch::new(context)?;
    checked(context, tar, tar, &scratch.0).map(|_| Resource::Theme)
}

/// A directory that is gone with this.
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// A new directory below those of the command line.
    pub fn new(context: &Context) -> Result<Self, CliError> {
        let name = model::Digest(client::random_bytes()).short();
        Ok(Self(context.home.create_dir(&format!("cli/theme-{name}"))?))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What is in the package is a theme, whatever lies in the folder beside it.
pub fn checked(context: &Context, source: &Path, tar: &Path, scratch: &Path) -> Result<Manifest, CliError> {
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

/// A name or a link that cannot be packed is told as every other fault is.
pub fn as_fault(context: &Context, source: &Path, error: CliError) -> CliError {
    let (file, code, message) = match error {
        CliError::Artifact(ArtifactError::Path { name, why }) => (name, "file.name", why.to_owned()),
        CliError::Artifact(ArtifactError::Link { name, why }) => (name, "file.link", format!("the link {why}")),
        CliError::Artifact(ArtifactError::Kind(name)) => {
            (name, "file.kind", "it is neither a file nor a directory".to_owned())
        }
        other => return other,
    };
    let faults = vec![Fault { file, place: Place::File, code, message }];
    refused(context, source, &Faults { faults, more: 0 })
}

/// Prints each fault with its place; the refusal of all of them.
pub fn refused(context: &Context, dir: &Path, faults: &Faults) -> CliError {
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
