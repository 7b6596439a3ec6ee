//! Governing blobs as files, read and never written.

use control::Blobs;
use model::Digest;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tlog::Verdict;

/// The blobs of a directory, each hashed again at every reading.
pub struct OfflineBlobs {
    dir: PathBuf,
    suffix: &'static str,
}

impl OfflineBlobs {
    /// Those in `dir`, whose names end so.
    pub fn at(dir: PathBuf, suffix: &'static str) -> Self {
        Self { dir, suffix }
    }

    /// Hashes every blob there is: one that is not what its name says was changed, and that is
    /// damage, not absence. What is missing is found by a replay, where a leaf names it.
    pub fn damaged(&self) -> Option<Verdict> {
        let failed =
            |path: &Path, why: &str| Some(Verdict::Failed { at: None, why: format!("{} {why}", path.display()) });
        let items = match std::fs::read_dir(&self.dir) {
            Ok(items) => items,
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => return failed(&self.dir, &format!("cannot be listed: {error}")),
        };
        let mut paths: Vec<_> = items.filter_map(Result::ok).map(|item| item.path()).collect();
        paths.sort();
        paths.iter().find_map(|path| {
            let (object, digest) = path.file_name()?.to_str()?.strip_suffix(self.suffix)?.rsplit_once('-')?;
            let digest: Digest = digest.parse().ok()?;
            match std::fs::read(path) {
                Ok(bytes) if Digest::of_object(object, &bytes) == digest => None,
                Ok(_) => failed(path, "is damaged: its bytes are not those its name says; restore it from a backup"),
                Err(error) => failed(path, &format!("cannot be read: {error}")),
            }
        })
    }
}

impl Blobs for OfflineBlobs {
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>> {
        let bytes = std::fs::read(self.dir.join(format!("{object}-{digest}{}", self.suffix))).ok()?;
        (Digest::of_object(object, &bytes) == *digest).then_some(bytes)
    }
}
