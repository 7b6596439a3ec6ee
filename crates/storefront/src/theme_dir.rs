//! The files of a theme as they lie in a directory: in a designer's folder, or unpacked from what was published.

use crate::StorefrontError;
use axum::body::Bytes;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};
use theme::{Faults, Kind, Summary};

/// The manifest that lies beside the files of an unpacked theme and is none of them.
const MANIFEST: &str = "manifest.json";
/// Most folders inside each other; what is deeper no theme holds.
const MAX_DEPTH: usize = 16;

/// One file of a theme as it is answered.
#[derive(Clone, Debug)]
pub struct ServedFile {
    pub content_type: &'static str,
    pub bytes: Bytes,
}

/// A theme in memory, as it is served.
#[derive(Clone, Debug)]
pub struct ThemeFiles {
    /// What it holds; its style sheets as pages link them, in their order.
    pub summary: Summary,
    /// What is served of it, by path: licences are not.
    pub files: BTreeMap<String, ServedFile>,
}

impl ThemeFiles {
    /// Reads and checks what lies in a directory: a theme, or what is wrong with it.
    pub fn read(dir: &Path) -> Result<Result<Self, Faults>, StorefrontError> {
        let mut files = BTreeMap::new();
        let checked = read(dir, |path, bytes| {
            if let Some(content_type) = Kind::of(path).and_then(Kind::content_type) {
                files.insert(path.to_owned(), ServedFile { content_type, bytes: bytes.to_vec().into() });
            }
        })?;
        Ok(checked.map(|summary| Self { summary, files }))
    }
}

/// Whether what lies in a directory is a theme: what it holds, or what is wrong with it.
pub fn check_theme(dir: &Path) -> Result<Result<Summary, Faults>, StorefrontError> {
    read(dir, |_, _| {})
}

/// Reads and checks every file, and shows each to `keep`; what it kept is of a theme only if none is at fault.
fn read(dir: &Path, mut keep: impl FnMut(&str, &[u8])) -> Result<Result<Summary, Faults>, StorefrontError> {
    let at = |path: PathBuf| move |source| StorefrontError::Io { path, source };
    let paths = paths(dir).map_err(|(path, source)| at(path)(source))?;
    theme::check(paths, |path, limit| {
        let from = dir.join(path);
        let mut bytes = Vec::new();
        File::open(&from).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(at(from))?;
        keep(path, &bytes);
        Ok(bytes)
    })
}

/// Every file below a directory, relative and with `/`. Links are neither followed nor passed over: a theme holds none.
fn paths(root: &Path) -> Result<Vec<String>, (PathBuf, io::Error)> {
    let (mut found, mut open) = (Vec::new(), vec![(root.to_owned(), String::new())]);
    while let Some((dir, above)) = open.pop() {
        let at = |source| (dir.clone(), source);
        for item in fs::read_dir(&dir).map_err(at)? {
            let item = item.map_err(at)?;
            let refused = |why: &str| (item.path(), io::Error::new(io::ErrorKind::InvalidData, why));
            let name = item.file_name().into_string().map_err(|_| refused("its name is not UTF-8; rename it"))?;
            let path = format!("{above}{name}");
            let kind = item.file_type().map_err(at)?;
            if kind.is_dir() {
                if path.matches('/').count() >= MAX_DEPTH {
                    return Err(refused("a theme has no folders as deep as this; move them up"));
                }
                open.push((item.path(), format!("{path}/")));
            } else if !kind.is_file() {
                return Err(refused("a theme holds files and no links or devices; put the file itself there"));
            } else if path != MANIFEST {
                found.push(path);
            }
            if found.len() > theme::MAX_FILES + 1 {
                return Ok(found);
            }
        }
    }
    Ok(found)
}
