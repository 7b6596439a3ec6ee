//! This service's secret: the log key.
//!
//! One key signs the checkpoints of both logs, under the origins `<origin>/control` and
//! `<origin>/events`: a verifier pins one key and can read both.

use crate::GovernanceError;
use crate::layout::Layout;
use ed25519_dalek::SigningKey;
use model::Token;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use tlog::note::{NoteSigner, VerifierKey};
use zeroize::Zeroizing;

/// The key below `<dir>/keys`, a file of 32 secret bytes with mode 0600.
pub struct Keys {
    log: SigningKey,
}

impl Keys {
    /// Makes new keys in `dir` and keeps them there.
    ///
    /// # Errors
    /// `Key`, also when there are keys already: they would be lost.
    pub fn create(dir: &Path) -> Result<Self, GovernanceError> {
        let (keys, log) = (Layout::of(dir).keys(), Layout::of(dir).log_key());
        private_dir(&keys)?;
        write_new(&log, &Zeroizing::new(client::random_bytes::<32>()))?;
        File::open(&keys).and_then(|dir| dir.sync_all()).map_err(failed("flush", &keys))?;
        Self::open(dir)
    }

    /// Reads the keys of `dir`.
    ///
    /// # Errors
    /// `Key`, when one is missing or damaged.
    pub fn open(dir: &Path) -> Result<Self, GovernanceError> {
        Ok(Self { log: SigningKey::from_bytes(&*read(&Layout::of(dir).log_key())?) })
    }

    /// The key a genesis of this origin must name as its log key.
    ///
    /// # Errors
    /// `Genesis`, when the origin cannot name a key.
    pub fn control_vkey(&self, origin: &Token) -> Result<VerifierKey, GovernanceError> {
        Ok(self.control(origin)?.vkey())
    }

    pub(crate) fn control(&self, origin: &Token) -> Result<NoteSigner, GovernanceError> {
        signer(&format!("{origin}/control"), &self.log)
    }

    pub(crate) fn events(&self, origin: &Token) -> Result<NoteSigner, GovernanceError> {
        signer(&format!("{origin}/events"), &self.log)
    }
}

fn signer(name: &str, key: &SigningKey) -> Result<NoteSigner, GovernanceError> {
    NoteSigner::new(name, key.clone()).map_err(|error| GovernanceError::Genesis(format!("its origin: {error}")))
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> GovernanceError {
    let path = PathBuf::from(path);
    move |error| GovernanceError::Key { what, path, why: error.to_string() }
}

fn private_dir(dir: &Path) -> Result<(), GovernanceError> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed("create the directory of", dir))
}

fn write_new(path: &Path, bytes: &[u8; 32]) -> Result<(), GovernanceError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(failed("write", path))
}

fn read(path: &Path) -> Result<Zeroizing<[u8; 32]>, GovernanceError> {
    let bytes = Zeroizing::new(fs::read(path).map_err(failed("read", path))?);
    let key = <[u8; 32]>::try_from(&bytes[..]);
    key.map(Zeroizing::new).map_err(|_| GovernanceError::Key {
        what: "use",
        path: path.to_owned(),
        why: format!("it holds {} bytes instead of 32; restore it from its backup", bytes.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn keys_are_private_made_once_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let origin: Token = "example.test/a".parse().unwrap();
        let made = Keys::create(dir.path()).unwrap().control_vkey(&origin).unwrap();
        assert_eq!(Keys::open(dir.path()).unwrap().control_vkey(&origin).unwrap(), made);
        assert_eq!(made.name(), "example.test/a/control");
        let mode = fs::metadata(dir.path().join("keys/log.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(matches!(Keys::create(dir.path()), Err(GovernanceError::Key { what: "write", .. })));
        fs::write(dir.path().join("keys/log.key"), b"short").unwrap();
        let Err(error) = Keys::open(dir.path()) else { panic!("a damaged key was used") };
        assert!(error.to_string().contains("5 bytes instead of 32"), "{error}");
    }
}
