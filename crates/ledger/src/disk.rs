//! The few ways this crate puts bytes on disk for good.

use rustix::fs::{FallocateFlags, fallocate};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Flushes a directory, so that names made or removed in it stay so.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Creates a directory (and those above it) that only this user may enter.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    dir.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}

/// Puts `bytes` at `path`, whole or not at all: `draft` is written, flushed and renamed.
pub(crate) fn put(draft: &Path, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes a segment of `head` and then zeros up to `len`, flushed, under its final name. Written
/// and not only allocated: a flush of a written block touches no metadata (half the time).
pub(crate) fn segment(path: &Path, head: &[u8], len: u64) -> io::Result<File> {
    let draft = path.with_extension("new");
    let made = prewrite(&draft, head, len).and_then(|file| {
        fs::rename(&draft, path)?;
        path.parent().map_or(Ok(()), sync_dir)?;
        Ok(file)
    });
    if made.is_err() {
        // The first error is the one to tell; what is left over is removed at the next start too.
        drop(fs::remove_file(&draft));
    }
    made
}

fn prewrite(draft: &Path, head: &[u8], len: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(draft)?;
    // Says at once when the disk is too full; a file system without it finds out by writing.
    match fallocate(&file, FallocateFlags::empty(), 0, len) {
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {}
        Err(error) => return Err(error.into()),
    }
    file.write_all(head)?;
    let zeros = vec![0; 256 << 10];
    let mut left = usize::try_from(len).unwrap_or(usize::MAX).saturating_sub(head.len());
    while left > 0 {
        let now = left.min(zeros.len());
        file.write_all(&zeros[..now])?;
        left -= now;
    }
    file.sync_all()?;
    Ok(file)
}

/// Whether an error says that space ran out, and nothing worse.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
