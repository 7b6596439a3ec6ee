//! One signature line of a signed note (`signed-note`).

use crate::{TlogError, wire};
use std::fmt;

/// One signature line: `— <name> base64(id ‖ signature)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key that claims to have signed.
    pub name: String,
    pub key_id: u32,
    /// What follows the key id; its form depends on the key.
    pub signature: Vec<u8>,
}

impl NoteSignature {
    /// Parses one line, without its newline.
    ///
    /// # Errors
    /// [`TlogError::MalformedNote`] or [`TlogError::BadKeyName`].
    pub fn parse(line: &str) -> Result<Self, TlogError> {
        let malformed = TlogError::MalformedNote;
        let rest = line.strip_prefix("— ").ok_or(malformed("a signature line does not begin with an em dash"))?;
        let (name, encoded) = rest.split_once(' ').ok_or(malformed("a signature line has no signature"))?;
        crate::key::check_name(name)?;
        let bytes = wire::from_base64(encoded).ok_or(malformed("a signature is not Base64"))?;
        match bytes.split_first_chunk() {
            Some((id, signature)) if !signature.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: u32::from_be_bytes(*id), signature: signature.to_vec() })
            }
            _ => Err(malformed("a signature is too short")),
        }
    }
}

impl fmt::Display for NoteSignature {
    /// The line without its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id.to_be_bytes()[..], &self.signature].concat();
        write!(f, "— {} {}", self.name, wire::to_base64(&bytes))
    }
}
