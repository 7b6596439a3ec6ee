//! A small file that a crash leaves whole.

use crate::NodeError;
use std::path::Path;

/// Replaces `path`.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), NodeError> {
    durable_file::replace(path, bytes, 0o600).map_err(NodeError::io(path))
}
