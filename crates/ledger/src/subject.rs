//! One key per subject: destroying it erases all that was sealed for that subject, and no proof.

use crate::{LedgerError, disk};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload as Sealing},
};
use model::Id;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

type Key = Zeroizing<[u8; 32]>;

const NONCE: usize = 24;
/// Keys kept in memory.
const CACHED: usize = 10_000;

/// What sealed bytes open to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    Text(Vec<u8>),
    /// Its subject was erased: the key is gone for good.
    Erased,
}

/// The subject keys, a file each, in a directory of their own outside ledger and backups.
pub struct SubjectKeys {
    dir: PathBuf,
    cache: Mutex<HashMap<Option<Id>, Key>>,
}

impl SubjectKeys {
    /// Opens the keys in `dir`, making it (mode 0700) if missing.
    ///
    /// # Errors
    /// `Io`.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        disk::private_dir(dir).map_err(LedgerError::io("create", dir))?;
        Ok(Self { dir: dir.to_owned(), cache: Mutex::new(HashMap::new()) })
    }

    /// The keys in `dir`, to be read only; none where it is not there.
    pub fn existing(dir: &Path) -> Option<Self> {
        dir.is_dir().then(|| Self { dir: dir.to_owned(), cache: Mutex::new(HashMap::new()) })
    }

    /// Seals `plaintext` under the subject's key (none: the common key), made on first use. It
    /// opens only with the same `context`.
    ///
    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), random nonce before the ciphertext.
    ///
    /// # Errors
    /// `Erased`, `KeyDamaged`, `Random`, `Io`.
    pub fn seal(&self, subject: Option<Id>, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, LedgerError> {
        let mut cache = self.hold();
        let key = self.key(&mut cache, subject)?;
        let key = match (key, subject) {
            (Some(key), _) => key,
            (None, Some(erased)) if self.erased(erased)? => return Err(LedgerError::Erased(erased)),
            (None, _) => self.make(&mut cache, subject)?,
        };
        drop(cache);
        let mut nonce = [0; NONCE];
        random(&mut nonce)?;
        let sealing = Sealing { msg: plaintext, aad: context };
        let text = cipher(&key).encrypt(XNonce::from_slice(&nonce), sealing).map_err(|_| LedgerError::Unsealed)?;
        Ok([&nonce[..], &text].concat())
    }

    /// Opens sealed bytes.
    ///
    /// # Errors
    /// `Unsealed` when they were altered or belong to another subject or context, `KeyMissing`,
    /// `KeyDamaged`, `Io`.
    pub fn unseal(&self, subject: Option<Id>, context: &[u8], sealed: &[u8]) -> Result<Opened, LedgerError> {
        let key = match (self.key(&mut self.hold(), subject)?, subject) {
            (Some(key), _) => key,
            (None, Some(id)) if self.erased(id)? => return Ok(Opened::Erased),
            (None, _) => return Err(LedgerError::KeyMissing(name(subject))),
        };
        let (nonce, text) = sealed.split_at_checked(NONCE).ok_or(LedgerError::Unsealed)?;
        let opened = cipher(&key).decrypt(XNonce::from_slice(nonce), Sealing { msg: text, aad: context });
        opened.map(Opened::Text).map_err(|_| LedgerError::Unsealed)
    }

    /// Destroys the subject's key for good; doing it again, or after a restore, does it again.
    /// Overwriting is best effort on media that copy on write.
    ///
    /// # Errors
    /// `Io`; then it must be repeated.
    pub fn erase(&self, subject: Id) -> Result<(), LedgerError> {
        let mut cache = self.hold();
        // The mark first: a crash in between leaves a key that the mark makes unusable.
        let mark = self.mark(subject);
        disk::put(&self.dir.join(".draft"), &mark, b"", 0o600).map_err(LedgerError::io("write", &mark))?;
        cache.remove(&Some(subject));
        let path = self.path(Some(subject));
        match fs::OpenOptions::new().write(true).open(&path) {
            Ok(file) => {
                let zeroed = io::Write::write_all(&mut &file, &[0; 32]).and_then(|()| file.sync_all());
                let removed = zeroed.and_then(|()| fs::remove_file(&path)).and_then(|()| disk::sync_dir(&self.dir));
                removed.map_err(LedgerError::io("destroy", &path))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(LedgerError::io("destroy", &path)(error)),
        }
    }

    fn hold(&self) -> MutexGuard<'_, HashMap<Option<Id>, Key>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file of a subject's key.
    pub fn path(&self, subject: Option<Id>) -> PathBuf {
        self.dir.join(format!("{}.key", name(subject)))
    }

    fn mark(&self, subject: Id) -> PathBuf {
        self.dir.join(format!("{subject}.erased"))
    }

    fn erased(&self, subject: Id) -> Result<bool, LedgerError> {
        let mark = self.mark(subject);
        mark.try_exists().map_err(LedgerError::io("read", mark))
    }

    /// The key, if there is one and its subject was not erased.
    fn key(&self, cache: &mut HashMap<Option<Id>, Key>, subject: Option<Id>) -> Result<Option<Key>, LedgerError> {
        if let Some(key) = cache.get(&subject) {
            return Ok(Some(key.clone()));
        }
        if let Some(id) = subject
            && self.erased(id)?
        {
            return Ok(None);
        }
        let path = self.path(subject);
        let bytes = match fs::read(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LedgerError::io("read", path)(error)),
        };
        let key: [u8; 32] = bytes[..].try_into().map_err(|_| LedgerError::KeyDamaged(path))?;
        Ok(Some(keep(cache, subject, Zeroizing::new(key))))
    }

    fn make(&self, cache: &mut HashMap<Option<Id>, Key>, subject: Option<Id>) -> Result<Key, LedgerError> {
        let mut key: Key = Zeroizing::new([0; 32]);
        random(&mut key[..])?;
        let path = self.path(subject);
        disk::put(&self.dir.join(".draft"), &path, &key[..], 0o600).map_err(LedgerError::io("write", path))?;
        Ok(keep(cache, subject, key))
    }
}

fn keep(cache: &mut HashMap<Option<Id>, Key>, subject: Option<Id>, key: Key) -> Key {
    if cache.len() >= CACHED {
        cache.clear();
    }
    cache.insert(subject, key.clone());
    key
}

fn name(subject: Option<Id>) -> String {
    subject.map_or_else(|| "common".to_owned(), |id| id.to_string())
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key[..].into())
}

fn random(bytes: &mut [u8]) -> Result<(), LedgerError> {
    getrandom::fill(bytes).map_err(|error| LedgerError::Random(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const ADA: Option<Id> = Some(Id([7; 16]));

    fn keys() -> (tempfile::TempDir, SubjectKeys) {
        let dir = tempfile::tempdir().unwrap();
        let keys = SubjectKeys::open(&dir.path().join("keys")).unwrap();
        (dir, keys)
    }

    #[test]
    fn what_is_sealed_opens_after_a_restart_in_its_own_context_only() {
        let (dir, keys) = keys();
        let sealed = keys.seal(ADA, b"entry 1", b"Ada Lovelace").unwrap();
        assert!(!sealed.windows(3).any(|part| part == b"Ada"));
        let keys = SubjectKeys::open(&dir.path().join("keys")).unwrap();
        assert_eq!(keys.unseal(ADA, b"entry 1", &sealed).unwrap(), Opened::Text(b"Ada Lovelace".to_vec()));
        assert!(matches!(keys.unseal(ADA, b"entry 2", &sealed), Err(LedgerError::Unsealed)));
        keys.seal(None, b"", b"").unwrap();
        assert!(matches!(keys.unseal(None, b"entry 1", &sealed), Err(LedgerError::Unsealed)));
        for i in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[i] ^= 1;
            assert!(matches!(keys.unseal(ADA, b"entry 1", &altered), Err(LedgerError::Unsealed)));
        }
        assert!(matches!(keys.unseal(ADA, b"entry 1", b"short"), Err(LedgerError::Unsealed)));
    }

    #[test]
    fn an_erased_subject_stays_erased_even_when_its_key_file_is_restored() {
        let (dir, keys) = keys();
        let sealed = keys.seal(ADA, b"", b"text").unwrap();
        let other = keys.seal(None, b"", b"common").unwrap();
        let path = keys.path(ADA);
        let backup = fs::read(&path).unwrap();
        keys.erase(Id([7; 16])).unwrap();
        assert!(!path.exists());
        assert_eq!(keys.unseal(ADA, b"", &sealed).unwrap(), Opened::Erased);
        assert!(matches!(keys.seal(ADA, b"", b"more"), Err(LedgerError::Erased(_))));
        fs::write(&path, backup).unwrap();
        let keys = SubjectKeys::open(&dir.path().join("keys")).unwrap();
        assert_eq!(keys.unseal(ADA, b"", &sealed).unwrap(), Opened::Erased);
        keys.erase(Id([7; 16])).unwrap();
        assert!(!path.exists());
        assert_eq!(keys.unseal(None, b"", &other).unwrap(), Opened::Text(b"common".to_vec()));
    }

    #[test]
    fn a_lost_key_is_not_an_erasure_and_a_short_one_is_damage() {
        let (_dir, keys) = keys();
        assert!(matches!(keys.unseal(ADA, b"", &[0; 60]), Err(LedgerError::KeyMissing(_))));
        fs::write(keys.path(ADA), b"short").unwrap();
        assert!(matches!(keys.seal(ADA, b"", b""), Err(LedgerError::KeyDamaged(_))));
    }

    #[test]
    fn only_this_user_may_read_keys() {
        let (_dir, keys) = keys();
        keys.seal(ADA, b"", b"").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&keys.dir), mode(&keys.path(ADA))), (0o700, 0o600));
    }
}
