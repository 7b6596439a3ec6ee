//! Small JSON files that a crash leaves whole.

use crate::EngineError;
use serde::{Serialize, de::DeserializeOwned};
use std::{fs::File, io::Read, path::Path};

const MAX_BYTES: u64 = 1 << 20;

/// Replaces `path`. One writer a file at a time.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), EngineError> {
    let bytes = serde_json::to_vec_pretty(value)
        .map_err(|e| EngineError::Content { path: path.to_owned(), what: e.to_string() })?;
    durable_file::replace(path, &bytes, 0o600).map_err(EngineError::io(path))
}

/// Reads `path`; none when it is not there.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, EngineError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(EngineError::io(path))?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(EngineError::io(path)(e)),
    };
    let wrong = |what| EngineError::Content { path: path.to_owned(), what };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(wrong(format!("it is above {MAX_BYTES} bytes")));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|e| wrong(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_damaged_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record.json");
        assert_eq!(read::<u32>(&path).unwrap(), None);
        write(&path, &7_u32).unwrap();
        write(&path, &8_u32).unwrap();
        assert_eq!(read::<u32>(&path).unwrap(), Some(8));
        std::fs::write(&path, "{").unwrap();
        assert!(read::<u32>(&path).unwrap_err().to_string().contains("record.json"));
    }
}
