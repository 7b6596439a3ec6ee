//! Signing in at the console's pages: a person's key answers that console's challenge.

use crate::{SignedError, ssh};
use model::{Digest, Instant, PersonId, Token, canon};
use serde::{Deserialize, Serialize};
use ssh_key::PrivateKey;

/// What is signed to sign in at a console: `countersign/console-sign-in/v1\0` + canonical JSON.
///
/// It is no credential for Governance and is never in a leaf: whoever holds it can read that
/// console's pages as this person, once, and decide nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleSignIn {
    /// Genesis digest of the ledger.
    pub ledger: Digest,
    /// The console it is for, by the origin a browser uses (RFC 6454), as `http://localhost:8088`:
    /// another console can do nothing with it.
    pub console: Token,
    /// The 32 random bytes that console asked to be signed; it takes them once.
    pub challenge: Digest,
    pub person: PersonId,
    pub key: Digest,
    /// Worthless after: the challenge's own end.
    pub expires: Instant,
}

impl ConsoleSignIn {
    /// The bytes that are signed.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn message(&self) -> Result<Vec<u8>, SignedError> {
        let mut bytes = b"countersign/console-sign-in/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Signs it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, key: &PrivateKey) -> Result<String, SignedError> {
        ssh::sign(key, &self.message()?)
    }

    /// Checks the signature under this public key; whose key it is, the roster says.
    ///
    /// # Errors
    /// When it does not hold, or the key is not the one named.
    pub fn verify(&self, openssh: &str, signature: &str) -> Result<(), SignedError> {
        if ssh::key_id(openssh)? != self.key {
            return Err(SignedError::Mismatch);
        }
        ssh::verify(openssh, &self.message()?, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LoginRequest;
    use model::Scope;

    fn key(seed: u8) -> (PrivateKey, String) {
        let key = ssh::private_key(&[seed; 32]);
        let openssh = ssh::normalise(&key.public_key().to_openssh().unwrap()).unwrap();
        (key, openssh)
    }

    fn said(openssh: &str) -> ConsoleSignIn {
        ConsoleSignIn {
            ledger: Digest::of_bytes(b"ledger"),
            console: "http://localhost:8088".parse().unwrap(),
            challenge: Digest::of_bytes(b"challenge"),
            person: PersonId([1; 16]),
            key: ssh::key_id(openssh).unwrap(),
            expires: Instant::from_millis(1),
        }
    }

    #[test]
    fn a_signature_holds_for_every_field_as_it_was_signed_and_for_no_other() {
        let ((private, openssh), (other, others)) = (key(1), key(2));
        let said = said(&openssh);
        let signature = said.sign(&private).unwrap();
        assert_eq!(said.verify(&openssh, &signature), Ok(()));
        let changed = [
            ConsoleSignIn { ledger: Digest::ZERO, ..said.clone() },
            ConsoleSignIn { console: "http://localhost:8089".parse().unwrap(), ..said.clone() },
            ConsoleSignIn { challenge: Digest::ZERO, ..said.clone() },
            ConsoleSignIn { person: PersonId([2; 16]), ..said.clone() },
            ConsoleSignIn { expires: Instant::from_millis(2), ..said.clone() },
        ];
        for changed in changed {
            assert_eq!(changed.verify(&openssh, &signature), Err(SignedError::Mismatch), "{changed:?}");
        }
        assert_eq!(said.verify(&others, &signature), Err(SignedError::Mismatch), "another key than it names");
        assert_eq!(said.verify(&openssh, &said.sign(&other).unwrap()), Err(SignedError::Mismatch));
        assert!(said.verify(&openssh, "").is_err());
    }

    #[test]
    fn it_is_no_sign_in_at_governance_and_the_other_way_round() {
        let (private, openssh) = key(1);
        let said = said(&openssh);
        let login = LoginRequest {
            ledger: said.ledger,
            person: said.person,
            key: said.key,
            token: said.challenge,
            scope: Scope::Read,
            expires: said.expires,
        };
        assert_eq!(login.verify(&openssh, &said.sign(&private).unwrap()), Err(SignedError::Mismatch));
        assert_eq!(said.verify(&openssh, &login.sign(&private).unwrap()), Err(SignedError::Mismatch));
    }
}
