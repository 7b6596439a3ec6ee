//! An entry's payload: a list of sealed parts, one per subject.
//!
//! `version:u8=1 count:u8`, per part `has_subject:u8 [subject:16] len:u16 bytes`. Big endian.

use crate::LedgerError;
use model::{CommandId, Digest, Id};

/// Most parts of a payload.
pub const PARTS_MAX: usize = 64;
/// Most bytes of an encoded payload.
pub const TOTAL_MAX: usize = 60_000;

/// One part, sealed under its subject's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPart {
    /// Whose erasure destroys it; none for what concerns nobody.
    pub subject: Option<Id>,
    /// What [`crate::subject::SubjectKeys::seal`] gave.
    pub bytes: Vec<u8>,
}

/// All parts of an entry's payload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload {
    /// In the order of the leaf's commitments.
    pub parts: Vec<SealedPart>,
}

/// What a sealed text is bound to: moved to another ledger, entry or position it does not open.
pub fn sealing_context(ledger: &Digest, command: &CommandId, position: usize) -> Vec<u8> {
    let mut bytes = b"countersign/sealed/v1\0".to_vec();
    bytes.extend_from_slice(ledger.as_bytes());
    bytes.extend_from_slice(command.as_bytes());
    bytes.extend_from_slice(&(position as u64).to_be_bytes());
    bytes
}

impl Payload {
    /// The bytes that are stored.
    ///
    /// # Errors
    /// `TooLarge` above [`PARTS_MAX`] parts or [`TOTAL_MAX`] bytes.
    pub fn encode(&self) -> Result<Vec<u8>, LedgerError> {
        let too_large = |what, size, limit| LedgerError::TooLarge { what, size, limit };
        let count = u8::try_from(self.parts.len()).ok().filter(|count| usize::from(*count) <= PARTS_MAX);
        let count = count.ok_or(LedgerError::Payload("it has more than 64 parts"))?;
        let mut out = vec![1, count];
        for part in &self.parts {
            out.push(u8::from(part.subject.is_some()));
            if let Some(subject) = part.subject {
                out.extend_from_slice(subject.as_bytes());
            }
            let len = u16::try_from(part.bytes.len())
                .map_err(|_| too_large("a payload part", part.bytes.len(), TOTAL_MAX))?;
            out.extend_from_slice(&len.to_be_bytes());
            out.extend_from_slice(&part.bytes);
        }
        if out.len() > TOTAL_MAX { Err(too_large("the payload", out.len(), TOTAL_MAX)) } else { Ok(out) }
    }

    /// Reads exactly what [`Payload::encode`] writes.
    ///
    /// # Errors
    /// `Payload` with what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, LedgerError> {
        let wrong = LedgerError::Payload;
        if bytes.len() > TOTAL_MAX {
            return Err(wrong("it has more than 60,000 bytes"));
        }
        let (&[version, count], mut rest) = bytes.split_first_chunk().ok_or(wrong("it is cut short"))?;
        if version != 1 {
            return Err(wrong("it has another format version than 1"));
        }
        if usize::from(count) > PARTS_MAX {
            return Err(wrong("it has more than 64 parts"));
        }
        let mut parts = Vec::with_capacity(count.into());
        for _ in 0..count {
            let subject = match take::<1>(&mut rest)? {
                [0] => None,
                [1] => Some(Id(take(&mut rest)?)),
                _ => return Err(wrong("a part says neither that it has a subject nor that it has none")),
            };
            let len = u16::from_be_bytes(take(&mut rest)?);
            let (part, after) = rest.split_at_checked(len.into()).ok_or(wrong("it is cut short"))?;
            parts.push(SealedPart { subject, bytes: part.to_owned() });
            rest = after;
        }
        if rest.is_empty() { Ok(Self { parts }) } else { Err(wrong("bytes follow its last part")) }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], LedgerError> {
    let (head, after) = rest.split_first_chunk().ok_or(LedgerError::Payload("it is cut short"))?;
    *rest = after;
    Ok(*head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// The example of `docs/formats.md`, so that the page cannot drift.
    #[test]
    fn the_page_shows_a_payload_as_it_is_written() {
        let page = include_str!("../../../docs/formats.md");
        let (_, shown) = page.split_once("<!-- example: payload -->").unwrap();
        let payload = Payload {
            parts: vec![
                SealedPart { subject: Some(Id([7; 16])), bytes: b"sealed".to_vec() },
                SealedPart { subject: None, bytes: vec![0, 0xff] },
            ],
        };
        let mut hex = String::new();
        for byte in payload.encode().unwrap() {
            write!(hex, "{byte:02x}").unwrap();
        }
        let bytes = shown.lines().find_map(|line| line.strip_prefix("bytes ")).unwrap();
        assert_eq!(bytes, hex);
    }

    fn payload() -> impl Strategy<Value = Payload> {
        let part = (any::<Option<[u8; 16]>>(), proptest::collection::vec(any::<u8>(), 0..50));
        let part = part.prop_map(|(subject, bytes)| SealedPart { subject: subject.map(Id), bytes });
        proptest::collection::vec(part, 0..5).prop_map(|parts| Payload { parts })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn reads_what_it_writes_and_nothing_shorter_or_longer(payload in payload()) {
            let mut bytes = payload.encode().unwrap();
            prop_assert_eq!(Payload::decode(&bytes).unwrap(), payload);
            for cut in 0..bytes.len() {
                prop_assert!(Payload::decode(&bytes[..cut]).is_err());
            }
            bytes.push(0);
            prop_assert!(Payload::decode(&bytes).is_err());
        }

        #[test]
        fn no_other_bytes_decode(bytes in proptest::collection::vec(0..4u8, 0..80)) {
            if let Ok(payload) = Payload::decode(&bytes) {
                prop_assert_eq!(payload.encode().unwrap(), bytes);
            }
        }
    }

    #[test]
    fn parts_and_bytes_have_limits() {
        let part = |len| SealedPart { subject: None, bytes: vec![0; len] };
        assert!(Payload { parts: vec![part(0); PARTS_MAX] }.encode().is_ok());
        assert!(matches!(Payload { parts: vec![part(0); PARTS_MAX + 1] }.encode(), Err(LedgerError::Payload(_))));
        assert!(matches!(Payload { parts: vec![part(TOTAL_MAX)] }.encode(), Err(LedgerError::TooLarge { .. })));
        assert!(matches!(Payload { parts: vec![part(70_000)] }.encode(), Err(LedgerError::TooLarge { .. })));
    }
}
