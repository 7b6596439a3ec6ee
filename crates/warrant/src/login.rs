//! Signing in: a person's key vouches for a bearer credential's hash.

use crate::{WarrantError, ssh};
use model::{Digest, Instant, PersonId, Scope, canon};
use serde::{Deserialize, Serialize};
use ssh_key::PrivateKey;

/// What is signed to sign in: `countersign/login/v1\0` + canonical JSON. The token is made by the
/// client; only its hash is ever sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// Genesis digest of the ledger.
    pub ledger: Digest,
    /// Who.
    pub person: PersonId,
    /// With which key.
    pub key: Digest,
    /// SHA-256 of the token's text.
    pub token: Digest,
    /// What the credential may do.
    pub scope: Scope,
    /// Until when.
    pub expires: Instant,
}

impl LoginRequest {
    fn bytes(&self) -> Result<Vec<u8>, WarrantError> {
        let mut bytes = b"countersign/login/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Signs it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, key: &PrivateKey) -> Result<String, WarrantError> {
        ssh::sign(key, &self.bytes()?)
    }

    /// The bytes an agent signs.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn message(&self) -> Result<Vec<u8>, WarrantError> {
        self.bytes()
    }

    /// Checks the signature under this public key.
    ///
    /// # Errors
    /// When it does not hold, or the key is not the one named.
    pub fn verify(&self, openssh: &str, signature: &str) -> Result<(), WarrantError> {
        if ssh::key_id(openssh)? != self.key {
            return Err(WarrantError::Mismatch);
        }
        ssh::verify(openssh, &self.bytes()?, signature)
    }
}
