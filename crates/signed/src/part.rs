//! Two-part entries: commitments in what is hashed, openings beside it.
//!
//! What *decides* is in the leaf; what *explains* (names, titles, reasons) is in parts, one per
//! subject, of which the leaf holds a salted commitment only. Destroying a subject's key erases
//! the text; every proof still holds.

use crate::SignedError;
use hmac::{Hmac, Mac};
use model::{CommandId, Digest, Id, Token, canon};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;

/// The `about` of a part that says why.
pub const REASON: &str = "reason";
/// The `about` of parts whose text is one line ([`canon::is_one_line`]).
pub const ONE_LINE: [&str; 2] = ["name", "title"];
/// Most parts of one command or package.
pub const PARTS_MAX: usize = 32;
/// Longest canonical body of one part, bytes.
pub const BODY_MAX_BYTES: usize = 8_192;

/// What a leaf holds of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What the text is: `reason`, `name`, `title`.
    pub about: Token,
    /// Whose text it is (person or tenant); absent for nobody's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<Id>,
    /// HMAC-SHA-256 under the salt, bound to ledger, command and position.
    pub commitment: Digest,
}

/// The text fields of a part.
pub type PartBody = BTreeMap<String, String>;

/// What opens a commitment: shown to whom may read it, stored sealed under its subject's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// 32 random bytes, chosen by the sender.
    pub salt: Digest,
    pub body: PartBody,
}

/// The commitment to part `position` of command `command` in `ledger`.
///
/// # Errors
/// When the body has no canonical form.
pub fn commit(ledger: &Digest, command: &CommandId, position: usize, opening: &Opening) -> Result<Digest, SignedError> {
    let body = canon::to_vec(&opening.body)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(opening.salt.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(b"countersign/part/v1\0");
    mac.update(ledger.as_bytes());
    mac.update(command.as_bytes());
    mac.update(&(position as u64).to_be_bytes());
    mac.update(&body);
    Ok(Digest(mac.finalize().into_bytes().into()))
}

/// What an event's parts are bound to in a command's place: nobody chooses a command id for it. `id`
/// is the digest of the sender's id.
pub fn event_command(source: &Token, id: &Digest) -> CommandId {
    let mut bytes = source.as_str().as_bytes().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(id.as_bytes());
    let mut command = [0; 16];
    command.copy_from_slice(&Digest::of_object("event-command", &bytes).as_bytes()[..16]);
    CommandId(command)
}

impl Part {
    /// Checks that these openings are exactly what `parts` commits to, in order.
    ///
    /// # Errors
    /// When one is missing, extra or different.
    pub fn check(
        parts: &[Self],
        ledger: &Digest,
        command: &CommandId,
        openings: &[Opening],
    ) -> Result<(), SignedError> {
        if parts.len() != openings.len() {
            return Err(SignedError::Parts(parts.len(), openings.len()));
        }
        for (position, (part, opening)) in parts.iter().zip(openings).enumerate() {
            if commit(ledger, command, position, opening)? != part.commitment {
                return Err(SignedError::Opening(position));
            }
        }
        Ok(())
    }

    /// Whether one of the parts is about this.
    pub fn any_about(parts: &[Self], about: &str) -> bool {
        parts.iter().any(|part| part.about.as_str() == about)
    }
}
