//! The repository's own text files.

use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::workspace::slashes;

/// What is not ours or not source.
const SKIPPED: &[&str] = &[".git", "node_modules", "vendor"];

/// A text file of the repository.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// A file of these bytes; none when they are no text.
    fn of(path: String, bytes: Vec<u8>) -> Option<Self> {
        String::from_utf8(bytes).ok().map(|text| Self { path, text })
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }
}

/// Reads every text file below the root, sorted by path, without what is vendored or built.
pub fn read_all(root: &Path, target: &Path) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let at = |source| Error::File { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(at)? {
            let entry = entry.map_err(at)?;
            let path = entry.path();
            let kind = entry.file_type().map_err(at)?;
            // In a second work tree `.git` is a file.
            if SKIPPED.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            if kind.is_dir() {
                if path != target && path != root.join("target") {
                    folders.push(path);
                }
            } else if kind.is_file() {
                let bytes = fs::read(&path).map_err(|source| Error::File { path: path.clone(), source })?;
                let relative = path.strip_prefix(root).unwrap_or(&path);
                files.extend(File::of(slashes(relative), bytes));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

#[cfg(test)]
pub mod tests {
    use super::File;

    /// A file as a rule sees it.
    pub fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn what_is_no_text_is_no_file_of_ours() {
        assert!(File::of("a.png".to_owned(), vec![0x89, 0xff]).is_none());
        assert!(File::of("a.rs".to_owned(), b"fn a() {}".to_vec()).is_some_and(|file| file.is_rust()));
    }
}
