//! Proof that somebody holds the private half of a key before a roster lists it.

use crate::{SignedError, log_key_id, ssh};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::{Digest, PersonId, canon};
use serde::{Deserialize, Serialize};
use ssh_key::PrivateKey;

/// What the holder of a new key signs: `countersign/possession/v1\0` + canonical JSON of
/// ledger, person and key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Genesis digest of the ledger.
    pub ledger: Digest,
    /// Whose key it will be.
    pub person: PersonId,
    /// The key's id ([`ssh::key_id`]).
    pub key: Digest,
}

/// One signature over a [`Challenge`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Possession {
    /// The key's id.
    pub key: Digest,
    /// The SSH signature, one line of base64.
    pub signature: String,
}

impl Possession {
    /// What its signature's Base64 stands for; nothing where it is none.
    pub fn signature_bytes(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(&self.signature).unwrap_or_default()
    }
}

impl Challenge {
    /// The bytes that are signed.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn message(&self) -> Result<Vec<u8>, SignedError> {
        let mut bytes = b"countersign/possession/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Signs it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, key: &PrivateKey) -> Result<Possession, SignedError> {
        Ok(Possession { key: self.key, signature: ssh::sign(key, &self.message()?)? })
    }

    /// Checks the signature under the key's OpenSSH form.
    ///
    /// # Errors
    /// When it does not hold, or the key is another.
    pub fn verify(&self, openssh: &str, signature: &str) -> Result<(), SignedError> {
        if ssh::key_id(openssh)? != self.key {
            return Err(SignedError::Mismatch);
        }
        ssh::verify(openssh, &self.message()?, signature)
    }
}

/// What a new key of the log signs: `countersign/log-key/v1\0` + canonical JSON of ledger and key. Its
/// [`Possession`] carries the 64 bytes of the Ed25519 signature in Base64, under [`crate::log_key_id`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogKeyChallenge {
    /// Genesis digest of the ledger.
    pub ledger: Digest,
    /// The verifier key (signed-note form).
    pub log_key: String,
}

impl LogKeyChallenge {
    /// The text that is signed.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn message(&self) -> Result<String, SignedError> {
        let body = canon::to_vec(self)?;
        Ok(format!("countersign/log-key/v1\0{}", String::from_utf8_lossy(&body)))
    }

    /// What the signature over [`LogKeyChallenge::message`] proves.
    pub fn possession(&self, signature: &[u8; 64]) -> Possession {
        Possession { key: log_key_id(&self.log_key), signature: BASE64_STANDARD.encode(signature) }
    }
}

/// A proof of possession as it travels from who holds the key to who asks for a roster that lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyProof {
    /// Genesis digest of the ledger.
    pub ledger: Digest,
    /// Whose key it will be.
    pub person: PersonId,
    /// The public key, one OpenSSH line.
    pub openssh: String,
    pub possession: Possession,
}

impl KeyProof {
    /// Checks the signature over the challenge that it names.
    ///
    /// # Errors
    /// When it does not hold, or the key is another.
    pub fn verify(&self) -> Result<(), SignedError> {
        let challenge = Challenge { ledger: self.ledger, person: self.person, key: self.possession.key };
        challenge.verify(&self.openssh, &self.possession.signature)
    }
}
