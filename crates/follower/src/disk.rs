//! Durable small files: complete or not there at all, whenever the power goes.

use crate::FollowerError;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

/// Writes a whole file for this user only. Two that write the same file at once do not write into
/// each other's.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FollowerError> {
    durable_file::replace(path, bytes, 0o600).map_err(FollowerError::io("write", path))
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

/// Makes a directory with its parents that only this user may enter; one that others may enter is closed.
pub(crate) fn make_dir(dir: &Path) -> Result<(), FollowerError> {
    let make = || {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let others = fs::metadata(dir)?.permissions().mode() & 0o077;
        if others == 0 { Ok(()) } else { fs::set_permissions(dir, Permissions::from_mode(0o700)) }
    };
    make().map_err(FollowerError::io("create", dir))
}

/// How every file here is made: for this user only.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600);
    options
}

/// How often a lock is tried before it is another process's, and how long in between. A child that this process starts
/// at this moment has a copy of every open file until it becomes another program, and with it a lock just let go.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(2);

/// Opens and locks `dir/lock`; held until the file is dropped.
pub(crate) fn lock(dir: &Path) -> Result<File, FollowerError> {
    for _ in 1..TRIES {
        if let Ok(locked) = try_lock(dir)? {
            return Ok(locked);
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
    try_lock(dir)?.map_err(|_| FollowerError::Locked(dir.to_owned()))
}

/// The same; where another process holds it, the file that is not locked yet.
pub(crate) fn try_lock(dir: &Path) -> Result<Result<File, File>, FollowerError> {
    make_dir(dir)?;
    let path = dir.join("lock");
    let file = private_file().open(&path);
    let file = file.map_err(FollowerError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(Ok(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(Err(file)),
        Err(fs::TryLockError::Error(error)) => Err(FollowerError::io("lock", &path)(error)),
    }
}

/// Makes the names beside `path` durable.
pub(crate) fn sync_parent(path: &Path) -> Result<(), FollowerError> {
    durable_file::flush_names(path).map_err(FollowerError::io("flush", path))
}
