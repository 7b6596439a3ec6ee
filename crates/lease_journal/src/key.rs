//! The key that signs the journal's checkpoints: made with the journal, and as old as it.

use crate::OpenError;
use ed25519_dalek::SigningKey;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use tlog::note::NoteSigner;
use zeroize::Zeroizing;

const FILE: &str = "journal.key";
/// There once the journal has been opened.
const FIRST_SEGMENT: &str = "00000000.seg";

/// The directory's own key, made if the directory is new.
///
/// # Errors
/// `Key` when it cannot be read or written, or is missing beside a journal.
pub(crate) fn open(dir: &Path, origin: &str) -> Result<NoteSigner, OpenError> {
    let path = dir.join(FILE);
    let failed = |why: String| OpenError::Key { path: path.clone(), why };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| failed(error.to_string()))?;
    let begun = dir.join(FIRST_SEGMENT).exists();
    let bytes = match fs::read(&path).map(Zeroizing::new) {
        // A start that was cut off before the first entry leaves an unfinished one that nothing was signed with.
        Ok(bytes) if bytes.len() == 32 || begun => bytes,
        Ok(_) => {
            fs::remove_file(&path).map_err(|error| failed(error.to_string()))?;
            make(&path).map_err(failed)?
        }
        Err(error) if error.kind() == ErrorKind::NotFound && !begun => make(&path).map_err(failed)?,
        Err(error) => return Err(failed(error.to_string())),
    };
    let key = <[u8; 32]>::try_from(&bytes[..]).map(Zeroizing::new);
    let key = key.map_err(|_| failed(format!("it holds {} bytes instead of 32", bytes.len())))?;
    NoteSigner::new(origin, SigningKey::from_bytes(&key)).map_err(|error| OpenError::Origin(error.to_string()))
}

fn make(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut key = Zeroizing::new(vec![0; 32]);
    getrandom::fill(&mut key).map_err(|error| error.to_string())?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(&key).and_then(|()| file.sync_all()));
    written.and_then(|()| durable_file::flush_names(path)).map_err(|error| error.to_string())?;
    Ok(key)
}
