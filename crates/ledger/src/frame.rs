//! One batch as one all-or-nothing frame.
//!
//! `magic[8] version:u32 sequence:u64 segment:u32 first:u64 count:u32 body_len:u32 previous[32]`,
//! body (per entry `leaf_len:u32 leaf payload_len:u32 payload`), then the SHA-256 of all of it.
//! Big endian. `previous` is the checksum of the frame before, so frames chain across segments.

use crate::LedgerError;
use sha2::{Digest as _, Sha256};

/// Largest leaf, in bytes: an entry bundle's length field has 16 bits (C2SP tlog-tiles).
pub const LEAF_MAX: usize = 65_535;
/// Largest sealed payload, in bytes.
pub const PAYLOAD_MAX: usize = 65_535;
pub(crate) const VERSION: u32 = 1;
pub(crate) const HEADER: usize = 72;
pub(crate) const CHECKSUM: usize = 32;
/// Largest frame, in bytes: bounds a batch, and how far a cut-off write can reach.
pub(crate) const FRAME_MAX: usize = 2 << 20;
/// Most bytes one entry takes in a frame.
pub(crate) const ENTRY_MAX: usize = LEAF_MAX + PAYLOAD_MAX + 8;

/// Where an entry's bytes stand, relative to the frame's first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Offset of the leaf's first byte.
    pub at: u32,
    pub leaf_len: u32,
    pub payload_len: u32,
}

impl Span {
    pub(crate) fn leaf<'a>(&self, frame: &'a [u8]) -> &'a [u8] {
        let at = self.at as usize;
        &frame[at..at + self.leaf_len as usize]
    }

    pub(crate) fn payload<'a>(&self, frame: &'a [u8]) -> &'a [u8] {
        let at = self.at as usize + self.leaf_len as usize + 4;
        &frame[at..at + self.payload_len as usize]
    }
}

/// What a frame's header binds it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub magic: &'static [u8; 8],
    pub sequence: u64,
    pub segment: u32,
    pub first: u64,
    pub previous: [u8; 32],
}

impl Head {
    pub(crate) fn encode(&self, count: u32, body_len: u32) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        out[..8].copy_from_slice(self.magic);
        out[8..12].copy_from_slice(&VERSION.to_be_bytes());
        out[12..20].copy_from_slice(&self.sequence.to_be_bytes());
        out[20..24].copy_from_slice(&self.segment.to_be_bytes());
        out[24..32].copy_from_slice(&self.first.to_be_bytes());
        out[32..36].copy_from_slice(&count.to_be_bytes());
        out[36..40].copy_from_slice(&body_len.to_be_bytes());
        out[40..72].copy_from_slice(&self.previous);
        out
    }
}

/// A batch being built, in the very bytes that go to disk.
#[derive(Debug)]
pub struct Frame {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    sealed: bool,
}

impl Frame {
    /// An empty batch.
    pub fn new() -> Self {
        Self { bytes: vec![0; HEADER], spans: Vec::new(), sealed: false }
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// `TooLarge` when the leaf, the payload or the frame would break its limit; the frame is as before.
    pub fn push(&mut self, leaf: &[u8], payload: &[u8]) -> Result<(), LedgerError> {
        let size = self.len() + leaf.len() + payload.len() + 8;
        for (what, size, limit) in [
            ("the leaf", leaf.len(), LEAF_MAX),
            ("the payload", payload.len(), PAYLOAD_MAX),
            ("the batch", size, FRAME_MAX),
        ] {
            if size > limit {
                return Err(LedgerError::TooLarge { what, size, limit });
            }
        }
        let at = to_u32(self.bytes.len() + 4);
        self.spans.push(Span { at, leaf_len: to_u32(leaf.len()), payload_len: to_u32(payload.len()) });
        for part in [leaf, payload] {
            self.bytes.extend_from_slice(&to_u32(part.len()).to_be_bytes());
            self.bytes.extend_from_slice(part);
        }
        Ok(())
    }

    /// Empties it, keeping the memory.
    pub fn clear(&mut self) {
        self.bytes.truncate(HEADER);
        self.spans.clear();
        self.sealed = false;
    }

    /// Bytes it takes on disk.
    #[expect(clippy::len_without_is_empty, reason = "the bytes are never none; `count` says whether there are entries")]
    pub fn len(&self) -> usize {
        self.bytes.len() + if self.sealed { 0 } else { CHECKSUM }
    }

    /// Entries in it.
    pub fn count(&self) -> usize {
        self.spans.len()
    }

    /// The leaves and payloads, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.spans.iter().map(|span| (span.leaf(&self.bytes), span.payload(&self.bytes)))
    }

    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The leaf of the `n`th entry.
    pub(crate) fn leaf(&self, n: usize) -> &[u8] {
        self.spans[n].leaf(&self.bytes)
    }

    /// Writes header and checksum; hashes the stored bytes once. Returns the checksum.
    pub(crate) fn seal(&mut self, head: &Head) -> [u8; 32] {
        if self.sealed {
            self.bytes.truncate(self.bytes.len() - CHECKSUM);
        }
        let body_len = to_u32(self.bytes.len() - HEADER);
        self.bytes[..HEADER].copy_from_slice(&head.encode(to_u32(self.spans.len()), body_len));
        let checksum: [u8; 32] = Sha256::digest(&self.bytes).into();
        self.bytes.extend_from_slice(&checksum);
        self.sealed = true;
        checksum
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Default for Frame {
    fn default() -> Self {
        Self::new()
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).expect("frames are at most FRAME_MAX bytes, checked by `push`")
}
