//! A small file that a crash leaves whole.

use crate::NodeError;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Replaces `path`: temporary name, flush, rename, flush of the directory.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), NodeError> {
    let temporary = path.with_extension("incoming");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(NodeError::io(path))
}
