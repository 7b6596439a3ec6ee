//! What a directory holds, with its symbolic links resolved.

use crate::{ArtifactError, FilePath, MAX_FILES, MAX_PATH, Mode, Source, SourceFile};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Every file below a directory.
#[derive(Debug, Default)]
pub struct Gathered {
    /// With the mode its execute bit says.
    pub files: Vec<SourceFile>,
    /// What was left out because it was asked for, sorted.
    pub left_out: Vec<String>,
}

/// A directory that is to be read.
struct Open {
    /// Where it really is.
    real: PathBuf,
    /// Its name in the package; empty for the packed directory itself.
    name: String,
    /// Where it and the directories that lead to it really are: a link back to one of them has no end.
    above: Vec<PathBuf>,
}

/// Every file below a directory. A link to a file stands for that file, a link to a directory for what lies in it.
///
/// `leave_out` are names of files or directories that are not packed: a path from the directory where it holds a `/`,
/// any file or directory called so otherwise.
///
/// # Errors
/// When a link leads nowhere, out of the directory or back into itself, when something is no ordinary file, or when a
/// name cannot be packed; the error names it.
pub fn directory(root: &Path, leave_out: &[String]) -> Result<Gathered, ArtifactError> {
    let real = fs::canonicalize(root).map_err(ArtifactError::io(root))?;
    let (by_path, by_name): (BTreeSet<&str>, BTreeSet<&str>) =
        leave_out.iter().map(|name| name.trim_end_matches('/')).partition(|name| name.contains('/'));
    let (mut found, mut seen) = (Gathered::default(), 0);
    let mut open = vec![Open { real: real.clone(), name: String::new(), above: vec![real.clone()] }];
    while let Some(dir) = open.pop() {
        for item in fs::read_dir(&dir.real).map_err(ArtifactError::io(&dir.real))? {
            let item = item.map_err(ArtifactError::io(&dir.real))?;
            let own = item.file_name();
            let shown = below(&dir.name, &own.to_string_lossy());
            seen += 1;
            if seen > 2 * MAX_FILES || found.files.len() >= MAX_FILES {
                return Err(ArtifactError::Limit(format!(
                    "more than {MAX_FILES} files or directories, with `{shown}`; leave out what it does not need"
                )));
            }
            if by_path.contains(shown.as_str()) || own.to_str().is_some_and(|own| by_name.contains(own)) {
                found.left_out.push(shown);
                continue;
            }
            if own.to_str().is_none() {
                return Err(ArtifactError::path(&shown, "its name is not UTF-8; rename it"));
            }
            if shown.len() > MAX_PATH {
                return Err(ArtifactError::path(
                    &shown,
                    "it is longer than 1,024 bytes; shorten the names of its directories",
                ));
            }
            let path = resolved(item.path(), &shown, &dir.above, &real)?;
            let meta = fs::symlink_metadata(&path).map_err(ArtifactError::io(&path))?;
            if meta.is_dir() {
                let above = dir.above.iter().cloned().chain([path.clone()]).collect();
                open.push(Open { real: path, name: shown, above });
            } else if meta.is_file() {
                let path_in: FilePath = shown.parse()?;
                let mode = if meta.permissions().mode() & 0o111 == 0 { Mode::Read } else { Mode::Execute };
                found.files.push(SourceFile { path: path_in, mode, source: Source::File(path) });
            } else {
                return Err(ArtifactError::Kind(shown));
            }
        }
    }
    found.left_out.sort_unstable();
    Ok(found)
}

fn below(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// Where a name really leads, without leaving the directory that is packed.
fn resolved(path: PathBuf, shown: &str, above: &[PathBuf], root: &Path) -> Result<PathBuf, ArtifactError> {
    let meta = fs::symlink_metadata(&path).map_err(ArtifactError::io(&path))?;
    if !meta.is_symlink() {
        return Ok(path);
    }
    let wrong = |why| ArtifactError::Link { name: shown.to_owned(), why };
    let target =
        fs::canonicalize(&path).map_err(|_| wrong("leads nowhere, or in a circle; remove it, or leave it out"))?;
    if !target.starts_with(root) {
        return Err(wrong(
            "leads out of the directory that is packed; copy what it leads to into the directory, or leave the link out",
        ));
    }
    if above.contains(&target) {
        return Err(wrong("leads back to a directory that it lies in; remove it, or leave it out"));
    }
    Ok(target)
}
