//! The secrets of engines: deposited once, sealed at rest, named by a keyed digest, given to a process and to nobody else.

use crate::{EngineError, file};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{AeadInPlace as _, KeyInit as _, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use model::{Digest, Instant};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Longest secret, bytes.
pub const SECRET_MAX: usize = 16 << 10;
/// Most secrets of one node.
pub const SECRETS_MAX: usize = 10_000;
/// A secret shorter than this is shown by no part of itself, characters.
const SHOWN_FROM: usize = 16;

/// The vault of one node: a directory only its own user may enter.
#[derive(Clone)]
pub struct Vault {
    dir: PathBuf,
    key: [u8; 32],
}

/// What may be known of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecretView {
    /// The keyed digest: what a config names it by. Who has not the vault's key cannot compare it with a guess.
    #[schema(value_type = String)]
    pub secret: Digest,
    /// `…` and its last four characters, where it is long enough to spare them.
    pub masked: String,
    /// When it was deposited first.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// A secret as it lies on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    view: SecretView,
    /// Base64 of the 24 bytes.
    nonce: String,
    /// Base64 of XChaCha20-Poly1305 under the vault's key, its digest as associated data.
    ciphertext: String,
}

impl Vault {
    /// Opens the vault in `dir`, with a key of its own from the first time on.
    ///
    /// # Errors
    /// When the directory or the key cannot be used.
    pub fn open(dir: &Path) -> Result<Self, EngineError> {
        let (dir, key_file) = (dir.join("secrets"), dir.join("vault.key"));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&dir);
        made.map_err(EngineError::io(&dir))?;
        let key = if let Some(Digest(key)) = file::read::<Digest>(&key_file)? {
            key
        } else {
            let key = client::random_bytes::<32>();
            file::write(&key_file, &Digest(key))?;
            key
        };
        Ok(Self { dir, key })
    }

    fn name(&self, secret: &[u8]) -> Digest {
        let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(b"countersign/secret/v1\0");
        mac.update(secret);
        Digest(mac.finalize().into_bytes().into())
    }

    fn path(&self, secret: &Digest) -> PathBuf {
        self.dir.join(format!("{secret}.json"))
    }

    /// Keeps a secret. The same again changes nothing.
    ///
    /// # Errors
    /// When it is empty, too long, one too many, or cannot be written.
    pub fn put(&self, secret: &str, at: Instant) -> Result<SecretView, EngineError> {
        let plain = |byte: u8| (b' '..=b'~').contains(&byte);
        if secret.is_empty() || secret.len() > SECRET_MAX || !secret.bytes().all(plain) {
            return Err(EngineError::SecretUnfit);
        }
        let digest = self.name(secret.as_bytes());
        if let Some(known) = self.sealed(&digest)? {
            return Ok(known.view);
        }
        if self.all()?.len() >= SECRETS_MAX {
            return Err(EngineError::SecretsFull);
        }
        let nonce = client::random_bytes::<24>();
        let mut sealed = secret.as_bytes().to_vec();
        let cipher = XChaCha20Poly1305::new(&self.key.into());
        cipher
            .encrypt_in_place(XNonce::from_slice(&nonce), digest.as_bytes(), &mut sealed)
            .map_err(|_| EngineError::SecretUnfit)?;
        let view = SecretView { secret: digest, masked: masked(secret), at };
        let sealed = Sealed { view: view.clone(), nonce: STANDARD.encode(nonce), ciphertext: STANDARD.encode(sealed) };
        file::write(&self.path(&digest), &sealed)?;
        Ok(view)
    }

    /// Whether it is kept here.
    pub fn holds(&self, secret: &Digest) -> bool {
        self.path(secret).is_file()
    }

    /// The secret, for the environment of a process.
    ///
    /// # Errors
    /// [`EngineError::SecretMissing`], or when its file is not as this vault wrote it.
    pub(crate) fn open_secret(&self, secret: &Digest) -> Result<String, EngineError> {
        let kept = self.sealed(secret)?.ok_or(EngineError::SecretMissing(*secret))?;
        let path = self.path(secret);
        let damaged =
            || EngineError::Content { path: path.clone(), what: "it is not as this vault wrote it".to_owned() };
        let (nonce, sealed) = (STANDARD.decode(&kept.nonce), STANDARD.decode(&kept.ciphertext));
        let (nonce, mut sealed) = nonce.ok().zip(sealed.ok()).ok_or_else(damaged)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| damaged())?;
        let cipher = XChaCha20Poly1305::new(&self.key.into());
        let opened = cipher.decrypt_in_place(XNonce::from_slice(&nonce), secret.as_bytes(), &mut sealed);
        opened.map_err(|_| damaged())?;
        String::from_utf8(sealed).map_err(|_| damaged())
    }

    fn sealed(&self, secret: &Digest) -> Result<Option<Sealed>, EngineError> {
        file::read(&self.path(secret))
    }

    /// What may be known of each secret, in the order of their digests.
    ///
    /// # Errors
    /// When the directory or a file cannot be read.
    pub fn all(&self) -> Result<Vec<SecretView>, EngineError> {
        let mut all = vec![];
        for entry in std::fs::read_dir(&self.dir).map_err(EngineError::io(&self.dir))? {
            let path = entry.map_err(EngineError::io(&self.dir))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                all.extend(file::read::<Sealed>(&path)?.map(|sealed| sealed.view));
            }
        }
        all.sort_by_key(|view| view.secret);
        Ok(all)
    }
}

fn masked(secret: &str) -> String {
    let shown = if secret.len() >= SHOWN_FROM { &secret[secret.len() - 4..] } else { "" };
    format!("…{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_bytes(dir: &Path) -> Vec<u8> {
        let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        files.flat_map(|path| if path.is_dir() { all_bytes(&path) } else { std::fs::read(path).unwrap() }).collect()
    }

    #[test]
    fn a_secret_is_kept_under_a_keyed_digest_and_lies_nowhere_in_the_open() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secret = "postgres://shop:planted-secret-3f9a@db/shop";
        let vault = Vault::open(dir.path()).unwrap();
        let view = vault.put(secret, Instant::EPOCH).unwrap();
        assert_eq!(vault.put(secret, Instant::from_millis(1)).unwrap(), view, "the same again changes nothing");
        assert_eq!((view.masked.as_str(), vault.all().unwrap()), ("…shop", vec![view.clone()]));
        let again = Vault::open(dir.path()).unwrap();
        assert_eq!(again.open_secret(&view.secret).unwrap(), secret);
        assert!(again.holds(&view.secret) && !again.holds(&Digest::ZERO));
        let disk = all_bytes(dir.path());
        assert!(!disk.windows(14).any(|window| window == b"planted-secret"), "it lies in the open");
        let elsewhere = Vault::open(other.path()).unwrap().put(secret, Instant::EPOCH).unwrap();
        assert_ne!(elsewhere.secret, view.secret, "each vault names it by its own key");
        assert_ne!(view.secret, Digest::of_bytes(secret.as_bytes()));
    }

    #[test]
    fn what_is_no_secret_is_refused_and_a_damaged_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open(dir.path()).unwrap();
        for unfit in ["", "two\nlines", "nul\0", &"x".repeat(SECRET_MAX + 1)] {
            assert!(matches!(vault.put(unfit, Instant::EPOCH), Err(EngineError::SecretUnfit)));
        }
        assert_eq!(vault.put("short", Instant::EPOCH).unwrap().masked, "…", "a short one shows nothing of itself");
        let view = vault.put("long enough to be shown", Instant::EPOCH).unwrap();
        assert!(matches!(vault.open_secret(&Digest::ZERO), Err(EngineError::SecretMissing(_))));
        let path = vault.path(&view.secret);
        let mut sealed: Sealed = file::read(&path).unwrap().unwrap();
        sealed.ciphertext = STANDARD.encode([0; 40]);
        file::write(&path, &sealed).unwrap();
        assert!(matches!(vault.open_secret(&view.secret), Err(EngineError::Content { .. })));
    }
}
