//! The transparency log's arithmetic and text formats: RFC 6962 hashes, tiles, checkpoints, signed
//! notes, proofs, cosignatures and the verdict words. Pure: no file, no network, no clock, no
//! randomness, so the server, every follower and the offline verifier run the very same code.
//!
//! The formats are those of the C2SP specifications `tlog-tiles`, `tlog-checkpoint`, `signed-note`,
//! `tlog-proof` and `tlog-cosignature` (Ed25519), so that strangers' tools read our log and we read
//! theirs. Every parser is strict: it accepts exactly the bytes its writer would produce.

mod bundle;
pub mod checkpoint;
pub mod cosignature;
mod error;
mod hash;
pub mod inclusion;
mod key;
pub mod note;
mod note_signature;
pub mod proof;
pub mod tile;
mod tree;
mod verdict;
mod wire;

pub use error::TlogError;
pub use hash::{EMPTY_ROOT, empty_root, leaf_hash, node_hash};
pub use tree::Tree;
pub use verdict::Verdict;
