//! Everything this crate can refuse.

/// Why a log's bytes, path, signature or proof was refused. Nothing of what was refused may be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogError {
    /// An index at or beyond the tree's size.
    #[error("entry {index} is not in a tree of {size} entries; ask for a newer checkpoint or a lower index")]
    IndexBeyondTree {
        /// Index of the entry asked about.
        index: u64,
        /// Number of entries of the tree.
        size: u64,
    },
    /// The newer tree has fewer entries than the older one.
    #[error("the log shrank from {old_size} to {new_size} entries; trust neither head until its operator explains it")]
    Shrunk {
        /// Size of the head seen before.
        old_size: u64,
        /// Size of the head that claims to follow it.
        new_size: u64,
    },
    /// A proof with too few or too many hashes for its sizes.
    #[error("the proof has {found} hashes, which is not the number these tree sizes need; fetch the proof again")]
    ProofLength {
        /// Number of hashes in the refused proof.
        found: usize,
    },
    /// The proof's hashes do not lead to the root.
    #[error("the proof does not lead to the signed root: the entry, the proof or the root was altered")]
    RootMismatch,
    /// The proof's hashes do not lead to the older root: history was rewritten.
    #[error("the newer tree does not contain the older one unchanged: history was rewritten or the proof altered")]
    OldRootMismatch,
    /// A path that `tlog-tiles` does not define, or an index no tree reaches.
    #[error("not a tile path: write tile/<level>/<index>[.p/<width>] or tile/entries/<index>[.p/<width>]")]
    BadTilePath,
    /// A tile or bundle width outside 1 to 256.
    #[error("a tile is 1 to 256 wide, not {0}")]
    BadTileWidth(usize),
    /// An entry longer than a bundle's two-byte length can say.
    #[error("an entry of {0} bytes does not fit into a bundle; the limit is 65535 bytes")]
    EntryTooLong(usize),
    /// A bundle that ends early, or has bytes or entries left over.
    #[error("the entry bundle does not hold exactly {width} entries; fetch it again")]
    BadBundle {
        /// Number of entries the bundle should hold.
        width: u16,
    },
    /// A text that the `signed-note` specification does not allow.
    #[error("not a signed note: {0}")]
    MalformedNote(&'static str),
    /// A key name that is empty or has a space, a plus or a control character.
    #[error("a key name is not empty and has no space, plus or control character; choose a name like example.com/log")]
    BadKeyName,
    /// A verifier key that does not parse, or whose id does not match name and key.
    #[error("not a verifier key: {0}; copy it again from where it was published")]
    MalformedVerifierKey(&'static str),
    /// A key of an algorithm this verifier does not know.
    #[error("keys of signature type {0:#04x} are not supported; give an ed25519 key of type 0x01 or 0x04")]
    UnsupportedKeyType(u8),
    /// A key that more than one, or nobody, can sign with.
    #[error("not a verifier key: {0}; ask for another key")]
    UnsafeKey(#[from] model::KeyFault),
    /// Two different keys among the known ones share name and id.
    #[error("two known keys share name {0:?} and id; remove one of them")]
    AmbiguousKey(String),
    /// A known key's signature that does not verify.
    #[error("the signature of {0:?} does not verify: the note was altered or signed with another key")]
    BadSignature(String),
    /// No known key signed.
    #[error("no known key signed this note; check that you hold the right verifier keys")]
    NoKnownSignature,
    /// A note text that `tlog-checkpoint` does not allow.
    #[error("not a checkpoint: {0}")]
    MalformedCheckpoint(&'static str),
    /// A checkpoint of another log.
    #[error("the checkpoint is of log {found:?}, not of {expected:?}; ask the right log")]
    WrongOrigin {
        /// Origin that was asked for.
        expected: String,
        /// Origin that the checkpoint names.
        found: String,
    },
    /// A cosignature line that `tlog-cosignature` does not allow.
    #[error("not an ed25519 cosignature: {0}")]
    MalformedCosignature(&'static str),
    /// A file that `tlog-proof` does not allow.
    #[error("not a tlog-proof file: {0}")]
    MalformedProof(&'static str),
}
