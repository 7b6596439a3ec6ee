//! Proof files: that an entry is in a log, checkable offline (`c2sp.org/tlog-proof@v1`, `.tlog-proof`).

use crate::checkpoint::Checkpoint;
use crate::note::{MAX_NOTE_BYTES, VerifierKey};
use crate::{TlogError, proof, wire};
use model::Digest;
use std::{fmt, str::FromStr};

/// First line of every proof file.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Most hashes an audit path can have in a tree of 64-bit size.
const MAX_HASHES: usize = 64;

/// Most bytes of extra data this reader takes.
const MAX_EXTRA_BYTES: usize = 65_536;

/// An entry's place in a log, its audit path and the signed checkpoint it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// Hints for the reader, none rather than empty. Nobody signed them: never trust them.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry.
    pub index: u64,
    /// Audit path, the leaf's sibling first.
    pub hashes: Vec<Digest>,
    /// The signed note, verbatim, cosignatures included.
    pub checkpoint: String,
}

impl InclusionProof {
    /// Checks that the entry with `leaf_hash` is in the log whose keys are `log_keys`; the log's origin
    /// must be their name. Gives the checkpoint the entry is under.
    ///
    /// # Errors
    /// What [`Checkpoint::open`] and [`proof::verify_inclusion`] refuse.
    pub fn verify(&self, log_keys: &[VerifierKey], leaf_hash: Digest) -> Result<Checkpoint, TlogError> {
        let origin = log_keys.first().ok_or(TlogError::NoKnownSignature)?.name();
        let checkpoint = Checkpoint::open(&self.checkpoint, log_keys, origin)?;
        proof::verify_inclusion(leaf_hash, self.index, checkpoint.size, &self.hashes, checkpoint.root)?;
        Ok(checkpoint)
    }

    /// The text of the proof file.
    pub fn encode(&self) -> String {
        self.to_string()
    }

    /// Reads a proof file. Nothing is verified yet.
    ///
    /// # Errors
    /// [`TlogError::MalformedProof`].
    pub fn parse(text: &str) -> Result<Self, TlogError> {
        let malformed = TlogError::MalformedProof;
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(malformed("no blank line stands before the checkpoint"))?;
        if checkpoint.len() > MAX_NOTE_BYTES {
            return Err(malformed("its checkpoint is larger than 1,000,000 bytes"));
        }
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(malformed("its first line is not c2sp.org/tlog-proof@v1"));
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => Some(parse_extra(&line["extra ".len()..])?),
            None => None,
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(wire::decimal);
        let index = index.ok_or(malformed("its index line is missing or not a plain number"))?;
        let hashes: Option<Vec<_>> = lines.take(MAX_HASHES + 1).map(wire::hash).collect();
        let hashes = hashes.ok_or(malformed("a line of the proof is not the Base64 of 32 bytes"))?;
        if hashes.len() > MAX_HASHES {
            return Err(malformed("it has more than 64 hashes"));
        }
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }
}

fn parse_extra(encoded: &str) -> Result<Vec<u8>, TlogError> {
    if encoded.len() > MAX_EXTRA_BYTES.div_ceil(3) * 4 {
        return Err(TlogError::MalformedProof("its extra data is larger than 65,536 bytes"));
    }
    let extra = wire::from_base64(encoded).filter(|extra| !extra.is_empty());
    extra.ok_or(TlogError::MalformedProof("its extra data is empty or not Base64"))
}

impl fmt::Display for InclusionProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = self.extra.as_ref().filter(|extra| !extra.is_empty()) {
            writeln!(f, "extra {}", wire::to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", wire::to_base64(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for InclusionProof {
    type Err = TlogError;
    fn from_str(text: &str) -> Result<Self, TlogError> {
        Self::parse(text)
    }
}
