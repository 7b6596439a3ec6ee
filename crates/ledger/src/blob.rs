//! Governing blobs: what leaves name by digest (skeletons, roster, kind table, checklists).

use crate::{LedgerError, disk};
use model::Digest;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Largest blob, in bytes.
pub const BLOB_MAX: usize = 8 << 20;

/// A store of immutable objects, each named by its kind and its digest under that kind's prefix
/// ([`Digest::of_object`]). What was put is there for ever.
pub trait Blobs: Send + Sync + 'static {
    /// Stores an object durably and returns its name; the same one twice is fine.
    ///
    /// # Errors
    /// `ObjectName`, `TooLarge`, `Io`.
    fn put(&self, object: &str, bytes: &[u8]) -> Result<Digest, LedgerError>;

    /// Reads an object and hashes it again.
    ///
    /// # Errors
    /// `ObjectName`, `BlobMissing`, `BlobDamaged`, `Io`.
    fn get(&self, object: &str, digest: &Digest) -> Result<Vec<u8>, LedgerError>;

    /// All names, sorted.
    ///
    /// # Errors
    /// `Io`.
    fn list(&self) -> Result<Vec<(String, Digest)>, LedgerError>;
}

/// Blobs as files `<object>-<digest>` in one directory.
#[derive(Debug)]
pub struct FileBlobs {
    dir: PathBuf,
    /// One draft at a time.
    writing: Mutex<()>,
}

impl FileBlobs {
    /// Opens the store in `dir`, making it if missing.
    ///
    /// # Errors
    /// `Io`.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        disk::private_dir(dir).map_err(LedgerError::io("create", dir))?;
        Ok(Self { dir: dir.to_owned(), writing: Mutex::new(()) })
    }

    fn path(&self, object: &str, digest: &Digest) -> Result<PathBuf, LedgerError> {
        let good = (1..=40).contains(&object.len())
            && !object.starts_with('-')
            && object.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
        if good {
            Ok(self.dir.join(format!("{object}-{digest}")))
        } else {
            Err(LedgerError::ObjectName(object.to_owned()))
        }
    }
}

impl Blobs for FileBlobs {
    fn put(&self, object: &str, bytes: &[u8]) -> Result<Digest, LedgerError> {
        if bytes.len() > BLOB_MAX {
            return Err(LedgerError::TooLarge { what: "the blob", size: bytes.len(), limit: BLOB_MAX });
        }
        let digest = Digest::of_object(object, bytes);
        let path = self.path(object, &digest)?;
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.get(object, &digest).is_ok() {
            // Its name may not be durable yet, if a crash came between rename and flush.
            disk::sync_dir(&self.dir).map_err(LedgerError::io("flush", &self.dir))?;
        } else {
            disk::put(&self.dir.join(".draft"), &path, bytes, 0o600).map_err(LedgerError::io("write", &path))?;
        }
        Ok(digest)
    }

    fn get(&self, object: &str, digest: &Digest) -> Result<Vec<u8>, LedgerError> {
        let path = self.path(object, digest)?;
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => LedgerError::BlobMissing { object: object.to_owned(), digest: *digest },
            _ => LedgerError::io("read", &path)(error),
        })?;
        if Digest::of_object(object, &bytes) == *digest {
            return Ok(bytes);
        }
        Err(LedgerError::BlobDamaged { object: object.to_owned(), digest: *digest })
    }

    fn list(&self) -> Result<Vec<(String, Digest)>, LedgerError> {
        let mut names = Vec::new();
        for item in fs::read_dir(&self.dir).map_err(LedgerError::io("list", &self.dir))? {
            let name = item.map_err(LedgerError::io("list", &self.dir))?.file_name();
            let parsed = name.to_str().and_then(|name| name.rsplit_once('-'));
            if let Some((object, Ok(digest))) = parsed.map(|(object, hex)| (object, hex.parse())) {
                names.push((object.to_owned(), digest));
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_there_after_reopening_under_its_object_digest() {
        let dir = tempfile::tempdir().unwrap();
        let digest = FileBlobs::open(dir.path()).unwrap().put("kind-table", b"{}").unwrap();
        assert_eq!(digest, Digest::of_object("kind-table", b"{}"));
        let blobs = FileBlobs::open(dir.path()).unwrap();
        assert_eq!(blobs.put("kind-table", b"{}").unwrap(), digest);
        assert_eq!(blobs.get("kind-table", &digest).unwrap(), b"{}");
        assert_eq!(blobs.list().unwrap(), [("kind-table".to_owned(), digest)]);
        assert!(matches!(blobs.get("plan", &digest), Err(LedgerError::BlobMissing { .. })));
    }

    #[test]
    fn a_changed_byte_is_named_and_putting_it_again_heals() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::open(dir.path()).unwrap();
        let digest = blobs.put("plan", b"steps").unwrap();
        fs::write(dir.path().join(format!("plan-{digest}")), b"stepS").unwrap();
        assert!(matches!(blobs.get("plan", &digest), Err(LedgerError::BlobDamaged { .. })));
        blobs.put("plan", b"steps").unwrap();
        assert_eq!(blobs.get("plan", &digest).unwrap(), b"steps");
    }

    #[test]
    fn names_and_sizes_have_limits() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::open(dir.path()).unwrap();
        for name in ["", "../x", "A", "-x", &"x".repeat(41)] {
            assert!(matches!(blobs.put(name, b""), Err(LedgerError::ObjectName(_))), "{name}");
        }
        assert!(matches!(blobs.put("plan", &vec![0; BLOB_MAX + 1]), Err(LedgerError::TooLarge { .. })));
    }
}
