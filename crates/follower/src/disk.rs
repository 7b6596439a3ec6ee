//! Durable small files: complete or not there at all, whenever the power goes.

use crate::FollowerError;
use std::fs::{self, File};
use std::path::Path;

/// Mode of what is written, less what the umask takes.
const MODE: u32 = 0o666;

/// Writes a whole file.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FollowerError> {
    durable_file::replace(path, bytes, MODE).map_err(FollowerError::io("write", path))
}

/// Removes a file and makes that durable.
pub(crate) fn remove(path: &Path) -> Result<(), FollowerError> {
    fs::remove_file(path).map_err(FollowerError::io("remove", path))?;
    sync_parent(path)
}

/// The bytes of a file; none when it is not there.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FollowerError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FollowerError::io("read", path)(error)),
    }
}

/// Makes a directory with its parents.
pub(crate) fn make_dir(dir: &Path) -> Result<(), FollowerError> {
    fs::create_dir_all(dir).map_err(FollowerError::io("create", dir))
}

/// Opens and locks `dir/lock`; held until the file is dropped.
pub(crate) fn lock(dir: &Path) -> Result<File, FollowerError> {
    make_dir(dir)?;
    let path = dir.join("lock");
    let file = File::options().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(FollowerError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(FollowerError::Locked(dir.to_owned())),
        Err(fs::TryLockError::Error(error)) => Err(FollowerError::io("lock", &path)(error)),
    }
}

/// Makes the names beside `path` durable.
pub(crate) fn sync_parent(path: &Path) -> Result<(), FollowerError> {
    durable_file::flush_names(path).map_err(FollowerError::io("flush", path))
}
