//! Signing in: a person's key, or the console's, vouches for a bearer credential's hash.

use crate::receipt::{self, ServiceKey};
use crate::{SignedError, ssh};
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
    pub person: PersonId,
    pub key: Digest,
    /// SHA-256 of the token's text.
    pub token: Digest,
    /// What the credential may do.
    pub scope: Scope,
    /// Until when.
    pub expires: Instant,
}

impl LoginRequest {
    fn bytes(&self) -> Result<Vec<u8>, SignedError> {
        let mut bytes = b"countersign/login/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Signs it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, key: &PrivateKey) -> Result<String, SignedError> {
        ssh::sign(key, &self.bytes()?)
    }

    /// The bytes an agent signs.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn message(&self) -> Result<Vec<u8>, SignedError> {
        self.bytes()
    }

    /// Checks the signature under this public key.
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

/// What the console signs to sign in: `countersign/console-login/v1\0` + canonical JSON, by plain
/// Ed25519. Such a credential reads and does nothing else, so no scope is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleLogin {
    /// Genesis digest of the ledger.
    pub ledger: Digest,
    /// The console's public key, as the roster lists it.
    pub key: Digest,
    /// SHA-256 of the token's text.
    pub token: Digest,
    /// Until when.
    pub expires: Instant,
}

impl ConsoleLogin {
    fn bytes(&self) -> Result<Vec<u8>, SignedError> {
        let mut bytes = b"countersign/console-login/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Signs it; base64 of the 64 bytes.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn sign(&self, key: &ServiceKey) -> Result<String, SignedError> {
        Ok(key.sign_bytes(&self.bytes()?))
    }

    /// Checks the signature under the key it names; whether that key is the console's, the roster says.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn verify(&self, signature: &str) -> Result<(), SignedError> {
        receipt::verify(&self.key, &self.bytes()?, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Receipt;
    use model::{ChangeId, CommandId, Service};

    fn login(key: &ServiceKey) -> ConsoleLogin {
        let (ledger, token) = (Digest::of_bytes(b"ledger"), Digest::of_bytes(b"token"));
        ConsoleLogin { ledger, key: key.public(), token, expires: Instant::from_millis(1) }
    }

    #[test]
    fn the_consoles_word_holds_for_these_bytes_and_this_key_only() {
        let (key, other) = (ServiceKey::from_secret(&[1; 32]), ServiceKey::from_secret(&[2; 32]));
        let said = login(&key);
        let signature = said.sign(&key).unwrap();
        assert_eq!(said.verify(&signature), Ok(()));
        let later = ConsoleLogin { expires: Instant::from_millis(2), ..said.clone() };
        let elsewhere = ConsoleLogin { ledger: Digest::ZERO, ..said.clone() };
        let another = ConsoleLogin { key: other.public(), ..said.clone() };
        for changed in [later, elsewhere, another] {
            assert_eq!(changed.verify(&signature), Err(SignedError::Mismatch));
        }
        for signature in ["", "AAAA", said.sign(&other).unwrap().as_str()] {
            assert_eq!(said.verify(signature), Err(SignedError::Mismatch), "{signature}");
        }
    }

    #[test]
    fn a_receipt_of_the_same_key_is_no_sign_in() {
        let key = ServiceKey::from_secret(&[1; 32]);
        let observation = crate::Observation::Platform { missing: vec![], zone: None };
        let report = crate::Report::Observed { change: ChangeId([1; 16]), revision: 1, observation };
        let receipt = Receipt {
            ledger: Digest::ZERO,
            command: CommandId([1; 16]),
            service: Service::Platform,
            node: None,
            at: Instant::EPOCH,
            seen: crate::Seen { size: 1, root: Digest::ZERO },
            report,
            parts: vec![],
        };
        assert_eq!(login(&key).verify(&key.sign(&receipt).unwrap()), Err(SignedError::Mismatch));
    }
}
