//! This service's secrets: the keys of the log, one in use and those that take its place.
//!
//! A key signs the checkpoints of both logs, under the origins `<origin>/control` and
//! `<origin>/events`: a verifier pins one key and can read both.

use crate::GovernanceError;
use crate::layout::Layout;
use ed25519_dalek::SigningKey;
use model::Token;
use signed::{LogKeyChallenge, Possession};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use tlog::note::{NoteSigner, VerifierKey};
use zeroize::Zeroizing;

/// Between these stands the short id of a key that came later.
const LATER: (&str, &str) = ("log-", ".key");

/// The keys below `<dir>/keys`, files of 32 secret bytes with mode 0600.
pub struct Keys {
    log: Vec<SigningKey>,
}

impl Keys {
    /// Makes the first key in `dir` and keeps it there.
    ///
    /// # Errors
    /// `Key`, also when there is one already: it would be lost.
    pub fn create(dir: &Path) -> Result<Self, GovernanceError> {
        let (keys, log) = (Layout::of(dir).keys(), Layout::of(dir).log_key());
        private_dir(&keys)?;
        write_new(&log, &Zeroizing::new(client::random_bytes::<32>()))?;
        File::open(&keys).and_then(|dir| dir.sync_all()).map_err(failed("flush", &keys))?;
        Self::open(dir)
    }

    /// Makes a further key of the log and keeps it beside the others. It signs nothing until the roster lists it.
    ///
    /// # Errors
    /// `Key` when it cannot be written, `Genesis` when the origin cannot name a key.
    pub fn add(dir: &Path, origin: &Token) -> Result<VerifierKey, GovernanceError> {
        let keys = Layout::of(dir).keys();
        let secret = Zeroizing::new(client::random_bytes::<32>());
        let vkey = signer(&format!("{origin}/control"), &SigningKey::from_bytes(&secret))?.vkey();
        write_new(&keys.join(format!("{}{:08x}{}", LATER.0, vkey.id(), LATER.1)), &secret)?;
        File::open(&keys).and_then(|dir| dir.sync_all()).map_err(failed("flush", &keys))?;
        Ok(vkey)
    }

    /// Reads the keys of `dir`.
    ///
    /// # Errors
    /// `Key`, when there is none or one is damaged.
    pub fn open(dir: &Path) -> Result<Self, GovernanceError> {
        let keys = Layout::of(dir).keys();
        let mut later = vec![];
        for item in fs::read_dir(&keys).map_err(failed("list", &keys))? {
            let name = item.map_err(failed("list", &keys))?.file_name().into_string().unwrap_or_default();
            if name.starts_with(LATER.0) && name.ends_with(LATER.1) {
                later.push(name);
            }
        }
        later.sort();
        let first = Layout::of(dir).log_key();
        // Somebody may have deleted the first, once another had taken its place.
        let names = if first.exists() || later.is_empty() { vec![first] } else { vec![] };
        let paths = names.into_iter().chain(later.iter().map(|name| keys.join(name)));
        let log =
            paths.map(|path| Ok(SigningKey::from_bytes(&*read(&path)?))).collect::<Result<_, GovernanceError>>()?;
        Ok(Self { log })
    }

    /// The key a genesis of this origin must list as its log key.
    ///
    /// # Errors
    /// `Genesis`, when the origin cannot name a key.
    pub fn control_vkey(&self, origin: &Token) -> Result<VerifierKey, GovernanceError> {
        let first = self.log.first().expect("at least one key was read");
        Ok(signer(&format!("{origin}/control"), first)?.vkey())
    }

    /// All of them under the origin of one log.
    pub(crate) fn signers(&self, log: &str) -> Result<Vec<NoteSigner>, GovernanceError> {
        self.log.iter().map(|key| signer(log, key)).collect()
    }

    /// The proof, for a roster that is to list a key of `dir`, that its secret half is here.
    ///
    /// # Errors
    /// `Key` when it is not, `Genesis` when the key or the challenge cannot be written.
    pub fn possession(&self, challenge: &LogKeyChallenge) -> Result<Possession, GovernanceError> {
        let wrong = |error: String| GovernanceError::Genesis(error);
        let vkey: VerifierKey = challenge.log_key.parse().map_err(|error: tlog::TlogError| wrong(error.to_string()))?;
        let held = self.signers(vkey.name())?.into_iter().find(|signer| signer.vkey() == vkey);
        let signer = held.ok_or_else(|| wrong(format!("the key {vkey} is not among this directory's")))?;
        let message = challenge.message().map_err(|error| wrong(error.to_string()))?;
        Ok(challenge.possession(&signer.signature(&message)))
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
    fn a_further_key_stands_beside_the_first_and_the_first_may_go() {
        let dir = tempfile::tempdir().unwrap();
        let origin: Token = "example.test/a".parse().unwrap();
        let first = Keys::create(dir.path()).unwrap().control_vkey(&origin).unwrap();
        let second = Keys::add(dir.path(), &origin).unwrap();
        let held = |dir: &Path| {
            let signers = Keys::open(dir).unwrap().signers("example.test/a/control").unwrap();
            signers.iter().map(NoteSigner::vkey).collect::<Vec<_>>()
        };
        assert_eq!(held(dir.path()), [first, second.clone()]);
        fs::remove_file(dir.path().join("keys/log.key")).unwrap();
        assert_eq!(held(dir.path()), [second]);
    }

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
