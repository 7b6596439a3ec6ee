//! The secrets of engines: deposited once, sealed at rest, named by a keyed digest, given to a process and to nobody else.

use crate::{EngineError, file};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{AeadInPlace as _, KeyInit as _, XChaCha20Poly1305, XNonce};
use durable_file::Mended;
use hmac::{Hmac, Mac as _};
use model::{Digest, Instant, TenantId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Longest secret, bytes.
pub const SECRET_MAX: usize = 16 << 10;
/// Most secrets of one node.
pub const SECRETS_MAX: usize = 10_000;
/// Most secrets of one tenant on one node, so that none fills the vault for all.
pub const TENANT_SECRETS_MAX: usize = 1_000;
/// A secret shorter than this is shown by no part of itself, characters.
const SHOWN_FROM: usize = 16;

/// What is wrong with a file that can be read and not opened.
const DAMAGED: &str = "it is not as this vault wrote it with the key that it has";
/// What is to be done about a secret.
const SECRET_NEXT: &str = "restore it and `vault.key` from their backup, or deposit the secret again with `secret put`";
/// What is to be done about the key.
const KEY_NEXT: &str = "restore it from its backup and start Engine Runtime again; without one, move it and `secrets` away, \
                        start again and deposit every secret again: each has another digest then";

/// Whether a text can be deposited: one line of printable ASCII, neither empty nor too long.
pub fn is_secret(text: &str) -> bool {
    (1..=SECRET_MAX).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// The vault of one node: a directory only its own user may enter.
#[derive(Clone)]
pub struct Vault {
    dir: PathBuf,
    /// Of the credentials of processes, which are no secrets that anybody deposited.
    credentials: PathBuf,
    /// The key, or why it cannot be read: then whatever needs a secret is refused, and nothing else is.
    key: Result<[u8; 32], String>,
    /// Where its damaged files are told.
    files: Mended,
    /// Whose each file was at the last count. Held by who deposits, from the count until the file is there.
    counted: Arc<Mutex<BTreeMap<PathBuf, TenantId>>>,
}

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// In the order of their digests.
    pub secrets: Vec<SecretView>,
    /// The files that cannot be opened, in the order of their names.
    pub damaged: Vec<String>,
}

/// What may be known of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecretView {
    /// Whose it is: it is given to no other tenant's engine.
    #[schema(value_type = String)]
    pub tenant: TenantId,
    /// The keyed digest: what a config names it by. Who has not the vault's key cannot compare it with a guess.
    #[schema(value_type = String)]
    pub secret: Digest,
    /// `…` and its last four characters, where it is long enough to spare them.
    pub masked: String,
    /// When it was deposited first.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// Bytes sealed under a vault's key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealing {
    /// Base64 of the 24 bytes.
    nonce: String,
    /// Base64 of XChaCha20-Poly1305 under the vault's key, what it is sealed for as associated data.
    ciphertext: String,
}

/// A secret as it lies on disk: sealed for its digest, which binds it to its tenant.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    view: SecretView,
    /// As in [`Sealing`].
    nonce: String,
    ciphertext: String,
}

impl Vault {
    /// Opens the vault in `dir`, with a key of its own from the first time on. What is damaged of it is told in `files`.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub fn open(dir: &Path, files: Mended) -> Result<Self, EngineError> {
        let (dir, credentials, key_file) = (dir.join("secrets"), dir.join("credentials"), dir.join("vault.key"));
        for dir in [&dir, &credentials] {
            DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(EngineError::io(dir))?;
        }
        let key = match file::read::<Digest>(&key_file) {
            Ok(Some(Digest(key))) => Ok(key),
            Ok(None) => {
                let key = client::random_bytes::<32>();
                file::write(&key_file, &Digest(key))?;
                Ok(key)
            }
            Err(error) => {
                tracing::error!(%error, "engine: the key of the vault cannot be used, so no secret can be opened");
                files.damaged(&key_file, format!("{error}; {KEY_NEXT}"));
                Err(error.to_string())
            }
        };
        let vault = Self { dir, credentials, key, files, counted: Arc::default() };
        // Each is opened once, so that what is damaged is told before somebody needs it.
        vault.all()?;
        Ok(vault)
    }

    pub(crate) fn credentials_dir(&self) -> &Path {
        &self.credentials
    }

    /// Seals bytes for one place.
    ///
    /// # Errors
    /// [`EngineError::SecretUnfit`] when there are more than can be sealed, [`EngineError::VaultClosed`].
    pub(crate) fn seal(&self, place: &[u8], bytes: &[u8]) -> Result<Sealing, EngineError> {
        let (nonce, mut sealed) = (client::random_bytes::<24>(), bytes.to_vec());
        let cipher = XChaCha20Poly1305::new(self.key()?.into());
        let done = cipher.encrypt_in_place(XNonce::from_slice(&nonce), place, &mut sealed);
        done.map_err(|_| EngineError::SecretUnfit)?;
        Ok(Sealing { nonce: STANDARD.encode(nonce), ciphertext: STANDARD.encode(sealed) })
    }

    /// What was sealed for this place under this key; none when it was not.
    pub(crate) fn unseal(&self, place: &[u8], sealing: &Sealing) -> Option<Vec<u8>> {
        let nonce: [u8; 24] = STANDARD.decode(&sealing.nonce).ok()?.try_into().ok()?;
        let mut sealed = STANDARD.decode(&sealing.ciphertext).ok()?;
        let cipher = XChaCha20Poly1305::new(self.key().ok()?.into());
        cipher.decrypt_in_place(XNonce::from_slice(&nonce), place, &mut sealed).ok()?;
        Some(sealed)
    }

    fn key(&self) -> Result<&[u8; 32], EngineError> {
        self.key.as_ref().map_err(|why| EngineError::VaultClosed(why.clone()))
    }

    /// The same secret of two tenants has two names.
    fn name(key: &[u8; 32], tenant: &TenantId, secret: &[u8]) -> Digest {
        let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(b"countersign/secret/v1\0");
        mac.update(&tenant.0);
        mac.update(secret);
        Digest(mac.finalize().into_bytes().into())
    }

    fn path(&self, secret: &Digest) -> PathBuf {
        self.dir.join(format!("{secret}.json"))
    }

    /// Keeps a secret of a tenant. The same again changes nothing, but where it cannot be opened any more: it is written again then.
    ///
    /// # Errors
    /// When it is empty, too long, one too many, or cannot be written, or the vault has no key.
    pub fn put(&self, tenant: TenantId, secret: &str, at: Instant) -> Result<SecretView, EngineError> {
        if !is_secret(secret) {
            return Err(EngineError::SecretUnfit);
        }
        let key = self.key()?;
        let digest = Self::name(key, &tenant, secret.as_bytes());
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        match self.opened(&digest) {
            Ok((known, _)) => return Ok(known),
            Err(EngineError::SecretMissing(_)) => self.has_room(&tenant, &mut counted)?,
            Err(EngineError::SecretDamaged { .. }) => {}
            Err(error) => return Err(error),
        }
        let Sealing { nonce, ciphertext } = self.seal(digest.as_bytes(), secret.as_bytes())?;
        let view = SecretView { tenant, secret: digest, masked: masked(secret), at };
        let sealed = Sealed { view: view.clone(), nonce, ciphertext };
        let path = self.path(&digest);
        file::write(&path, &sealed)?;
        self.files.whole(&path);
        Ok(view)
    }

    /// Whether one more of a tenant's fits: by the files that are there, of which each is read once.
    fn has_room(&self, tenant: &TenantId, counted: &mut BTreeMap<PathBuf, TenantId>) -> Result<(), EngineError> {
        let files = self.files()?;
        if files.len() >= SECRETS_MAX {
            return Err(EngineError::SecretsFull);
        }
        counted.retain(|path, _| files.binary_search(path).is_ok());
        for path in files {
            if !counted.contains_key(&path)
                && let Ok(Some(sealed)) = file::read::<Sealed>(&path)
            {
                counted.insert(path, sealed.view.tenant);
            }
        }
        let own = counted.values().filter(|whose| *whose == tenant).count();
        if own < TENANT_SECRETS_MAX { Ok(()) } else { Err(EngineError::TenantSecretsFull) }
    }

    /// Whether it is kept here for this tenant, and opens.
    pub fn holds(&self, tenant: &TenantId, secret: &Digest) -> bool {
        self.check(tenant, secret).is_ok()
    }

    /// As [`Vault::holds`].
    ///
    /// # Errors
    /// Why it is not; a secret of another tenant is missing.
    pub(crate) fn check(&self, tenant: &TenantId, secret: &Digest) -> Result<(), EngineError> {
        self.open_secret(tenant, secret).map(drop)
    }

    /// The secret, for the environment of a process of this tenant's: asked at each start, the first and every later one.
    ///
    /// # Errors
    /// [`EngineError::SecretMissing`], of another tenant's too; [`EngineError::SecretDamaged`] or
    /// [`EngineError::VaultClosed`].
    pub(crate) fn open_secret(&self, tenant: &TenantId, secret: &Digest) -> Result<String, EngineError> {
        let (kept, text) = self.opened(secret)?;
        if kept.tenant == *tenant { Ok(text) } else { Err(EngineError::SecretMissing(*secret)) }
    }

    /// A secret and what may be known of it. What does not open is told, and so is what opens again.
    fn opened(&self, secret: &Digest) -> Result<(SecretView, String), EngineError> {
        let path = self.path(secret);
        self.key()?;
        let read = file::read::<Sealed>(&path).map_err(|error| error.to_string());
        let Some(read) = read.transpose() else {
            self.files.whole(&path);
            return Err(EngineError::SecretMissing(*secret));
        };
        let opened = read.and_then(|sealed| {
            let text = self.text(secret, &sealed).ok_or_else(|| DAMAGED.to_owned())?;
            Ok((sealed.view, text))
        });
        match opened {
            Ok(opened) => {
                self.files.whole(&path);
                Ok(opened)
            }
            Err(what) => {
                self.files.damaged(&path, format!("{what}; {SECRET_NEXT}"));
                Err(EngineError::SecretDamaged { secret: *secret, what })
            }
        }
    }

    /// The text of a secret; none where its file is not as this vault wrote it.
    fn text(&self, secret: &Digest, sealed: &Sealed) -> Option<String> {
        let sealing = Sealing { nonce: sealed.nonce.clone(), ciphertext: sealed.ciphertext.clone() };
        let text = String::from_utf8(self.unseal(secret.as_bytes(), &sealing)?).ok()?;
        let named = Self::name(self.key().ok()?, &sealed.view.tenant, text.as_bytes());
        (named == *secret && sealed.view.secret == *secret && sealed.view.masked == masked(&text)).then_some(text)
    }

    /// The files that are there, in the order of their names.
    fn files(&self) -> Result<Vec<PathBuf>, EngineError> {
        let mut files = vec![];
        for entry in std::fs::read_dir(&self.dir).map_err(EngineError::io(&self.dir))? {
            let path = entry.map_err(EngineError::io(&self.dir))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    /// What may be known of each secret, and the files that cannot be opened.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn all(&self) -> Result<Kept, EngineError> {
        let mut kept = Kept { secrets: vec![], damaged: vec![] };
        for path in self.files()? {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            match stem.parse::<Digest>().ok().map(|secret| self.opened(&secret)) {
                Some(Ok((view, _))) => kept.secrets.push(view),
                // Removed just now.
                Some(Err(EngineError::SecretMissing(_))) => {}
                _ => kept.damaged.push(stem),
            }
        }
        Ok(kept)
    }
}

fn masked(secret: &str) -> String {
    let shown = if secret.len() >= SHOWN_FROM { &secret[secret.len() - 4..] } else { "" };
    format!("…{shown}")
}

#[cfg(test)]
mod tests;
