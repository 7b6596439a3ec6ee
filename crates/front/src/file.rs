//! Small JSON files that a crash leaves whole.

use crate::FrontError;
use serde::{Serialize, de::DeserializeOwned};
use std::{fs::File, io::Read, path::Path};

/// Room for every row with the longest schedule.
const MAX_BYTES: u64 = 8 << 20;

/// Replaces `dir/name`.
pub(crate) fn write<T: Serialize>(dir: &Path, name: &str, value: &T) -> Result<(), FrontError> {
    let path = dir.join(name);
    let bytes = serde_json::to_vec_pretty(value)
        .map_err(|e| FrontError::Content { path: path.clone(), what: e.to_string() })?;
    if bytes.len() as u64 > MAX_BYTES {
        // It could never be read again.
        return Err(FrontError::Content { path, what: format!("it would be above {MAX_BYTES} bytes") });
    }
    // Never through a link: the front writes here as another user, and must not steer what its owner writes.
    durable_file::replace(&path, &bytes, 0o644).map_err(FrontError::io(&path))
}

/// Reads `dir/name`; none when it is not there.
pub(crate) fn read<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<Option<T>, FrontError> {
    let path = dir.join(name);
    let mut bytes = Vec::new();
    match File::open(&path) {
        Ok(file) => file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(FrontError::io(&path))?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(FrontError::io(&path)(e)),
    };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(FrontError::Content { path, what: format!("it is above {MAX_BYTES} bytes") });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|e| FrontError::Content { path, what: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_link_in_the_way_is_removed_and_not_followed() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let victim = elsewhere.path().join("victim");
        fs::write(&victim, "kept").unwrap();
        let temporary = dir.path().join("routes.json.new");
        std::os::unix::fs::symlink(&victim, temporary).unwrap();
        write(dir.path(), "routes.json", &[1, 2]).unwrap();
        assert_eq!(fs::read_to_string(victim).unwrap(), "kept");
        assert_eq!(read::<Vec<u8>>(dir.path(), "routes.json").unwrap(), Some(vec![1, 2]));
    }
}
