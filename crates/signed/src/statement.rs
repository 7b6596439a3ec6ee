//! A person's signed word.

use crate::{Act, Part, SignedError, ssh};
use model::{CommandId, Digest, Instant, PersonId, canon};
use serde::{Deserialize, Serialize};
use ssh_key::PrivateKey;

/// Longest time between signing and a statement's not-after, milliseconds: 24 h.
pub const NOT_AFTER_MAX_MS: i64 = 24 * 3_600_000;

/// A checkpoint the signer's own client verified: what is signed on a fork dies with it, and
/// every signature is a small witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Entries in the tree.
    pub size: u64,
    pub root: Digest,
}

/// What a person signs. Hashed and signed as `countersign/statement/v1\0` + canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Genesis digest of the one ledger it counts in.
    pub ledger: Digest,
    /// Random, chosen by the signer; the parts are bound to it.
    pub command: CommandId,
    /// Who signs.
    pub person: PersonId,
    /// With which key ([`ssh::key_id`]).
    pub key: Digest,
    /// What is said.
    pub act: Act,
    /// What explains it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<Part>,
    /// Worthless after this.
    pub not_after: Instant,
    /// What the signer had verified.
    pub seen: Seen,
}

impl Statement {
    /// The bytes that are signed and hashed.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn bytes(&self) -> Result<Vec<u8>, SignedError> {
        let mut bytes = b"countersign/statement/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Its digest, which is its own idempotency key.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, SignedError> {
        Ok(Digest::of_bytes(&self.bytes()?))
    }

    /// Signs it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, key: &PrivateKey) -> Result<String, SignedError> {
        ssh::sign(key, &self.bytes()?)
    }

    /// Checks a signature by this public key over exactly these bytes.
    ///
    /// # Errors
    /// When it does not hold, or the key is not the one named.
    pub fn verify(&self, openssh: &str, signature: &str) -> Result<(), SignedError> {
        if ssh::key_id(openssh)? != self.key {
            return Err(SignedError::Mismatch);
        }
        ssh::verify(openssh, &self.bytes()?, signature)
    }
}
