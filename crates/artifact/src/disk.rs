//! Hashing and durable writing of files: the only place of this crate that fsyncs.

use crate::ArtifactError;
use model::Digest;
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Name prefix of what is being written and not yet complete.
pub(crate) const INCOMING: &str = ".incoming-";
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Copies at most `limit` bytes and returns how many there were and their SHA-256. `None` when there are more.
pub(crate) fn copy_hashed(
    from: &mut dyn Read,
    to: &mut dyn Write,
    limit: u64,
) -> std::io::Result<Option<(u64, Digest)>> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 128 << 10];
    let mut size = 0;
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => return Ok(Some((size, Digest(hasher.finalize().into())))),
            Ok(n) => n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        size += n as u64;
        if size > limit {
            return Ok(None);
        }
        hasher.update(&buffer[..n]);
        to.write_all(&buffer[..n])?;
    }
}

/// A new name in `dir` for what is not complete yet.
pub(crate) fn incoming(dir: &Path) -> PathBuf {
    dir.join(format!("{INCOMING}{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed)))
}

/// Creates a file that must not exist yet.
pub(crate) fn create(path: &Path) -> Result<File, ArtifactError> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(ArtifactError::io(path))
}

/// Opens for reading; a symbolic link is an error, never followed.
pub(crate) fn open(path: &Path) -> Result<File, ArtifactError> {
    let nofollow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(nofollow).open(path).map_err(ArtifactError::io(path))
}

/// Gives the file its final mode (whatever the umask) and makes it durable.
pub(crate) fn seal(file: &File, path: &Path, mode: u32) -> Result<(), ArtifactError> {
    close(file, path, mode)?;
    file.sync_all().map_err(ArtifactError::io(path))
}

/// Gives the file its final mode, whatever the umask.
pub(crate) fn close(file: &File, path: &Path, mode: u32) -> Result<(), ArtifactError> {
    file.set_permissions(fs::Permissions::from_mode(mode)).map_err(ArtifactError::io(path))
}

/// Makes everything on a directory's file system durable: one wait for any number of files.
pub(crate) fn sync_all_below(dir: &Path) -> Result<(), ArtifactError> {
    File::open(dir).and_then(|handle| Ok(rustix::fs::syncfs(handle)?)).map_err(ArtifactError::io(dir))
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), ArtifactError> {
    File::open(dir).and_then(|handle| handle.sync_all()).map_err(ArtifactError::io(dir))
}

/// Creates a directory that others may enter and only its owner may change.
pub(crate) fn create_dir(dir: &Path) -> Result<(), ArtifactError> {
    fs::create_dir_all(dir)
        .and_then(|()| fs::set_permissions(dir, fs::Permissions::from_mode(0o755)))
        .map_err(ArtifactError::io(dir))
}

/// Creates a directory that only its owner may enter.
pub(crate) fn private_dir(dir: &Path) -> Result<(), ArtifactError> {
    fs::create_dir_all(dir)
        .and_then(|()| fs::set_permissions(dir, fs::Permissions::from_mode(0o700)))
        .map_err(ArtifactError::io(dir))
}

/// Moves what is complete to its name and makes the name durable.
pub(crate) fn publish(from: &Path, to: &Path) -> Result<(), ArtifactError> {
    fs::rename(from, to).map_err(ArtifactError::io(to))?;
    sync_dir(parent(to))
}

/// The directory of a file; a bare name is in the current one.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
