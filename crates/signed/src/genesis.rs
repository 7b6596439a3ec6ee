//! The founding of a ledger: what its founders sign, whose digest names it for ever.

use crate::{Part, Roster, SignedError, ssh};
use model::{CommandId, Digest, Instant, PersonId, SettingName, Token, canon};
use serde::{Deserialize, Serialize};
use ssh_key::PrivateKey;

/// Leaf 0's object. Signed as `countersign/genesis/v1\0` + canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// Origin of the logs, as `countersign.local/ab12cd34`.
    pub origin: Token,
    /// The first roster; its people are the founders.
    pub roster: Roster,
    /// How many founders must sign.
    pub founders_needed: u32,
    /// The documents the ledger begins with, each a governing blob, in the order of their names.
    pub settings: Vec<FirstSetting>,
    /// Whether this ledger is a demonstration.
    pub demo: bool,
    /// When it was written.
    pub time: Instant,
    /// 32 random bytes: no two ledgers are one.
    pub seed: Digest,
    /// The command id the parts are bound to.
    pub command: CommandId,
    /// Names of people, one part each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<Part>,
}

/// A governed document that a ledger is founded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstSetting {
    pub name: SettingName,
    pub digest: Digest,
}

/// One founder's signature under a genesis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FounderSignature {
    pub person: PersonId,
    pub key: Digest,
    /// The SSH signature, one line of base64.
    pub signature: String,
}

impl Genesis {
    /// The bytes that are signed and hashed.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn bytes(&self) -> Result<Vec<u8>, SignedError> {
        let mut bytes = b"countersign/genesis/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// The ledger's name: in every statement, and what verifiers pin.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, SignedError> {
        Ok(Digest::of_bytes(&self.bytes()?))
    }

    /// One founder signs.
    ///
    /// # Errors
    /// When the key is no founder's or cannot sign.
    pub fn sign(&self, key: &PrivateKey) -> Result<FounderSignature, SignedError> {
        let openssh = key.public_key().to_openssh().map_err(|e| SignedError::Signature(e.to_string()))?;
        let id = ssh::key_id(&openssh)?;
        let owner = self.roster.people.iter().find(|person| person.keys.iter().any(|known| known.id == id));
        let person = owner.ok_or(SignedError::Mismatch)?.id;
        Ok(FounderSignature { person, key: id, signature: ssh::sign(key, &self.bytes()?)? })
    }

    /// How many distinct founders have validly signed; a bad signature is an error, not a skip.
    ///
    /// # Errors
    /// When a signature does not hold or is by nobody of the roster.
    pub fn count(&self, signatures: &[FounderSignature]) -> Result<u32, SignedError> {
        let bytes = self.bytes()?;
        let mut people = std::collections::BTreeSet::new();
        for one in signatures {
            let key = self.roster.key(&one.person, &one.key).ok_or(SignedError::Mismatch)?;
            ssh::verify(&key.openssh, &bytes, &one.signature)?;
            people.insert(one.person);
        }
        Ok(u32::try_from(people.len()).unwrap_or(u32::MAX))
    }
}
