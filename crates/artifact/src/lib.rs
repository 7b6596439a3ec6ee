//! Certified, sealed releases.
//!
//! An artifact is a set of files and one canonical [`Manifest`] that names each of them; its identity
//! is the digest of that manifest, so one number that people sign fixes every byte that may start.
//! [`pack`] writes it as one deterministic tar, [`inspect`] believes a tar only after reading every
//! byte of it, [`unpack`] and [`ArtifactStore`] keep it on disk, and [`verify_tree`] hashes the unpacked
//! files again before each start.

mod archive;
mod disk;
mod error;
mod manifest;
mod pack;
mod path;
mod store;
mod tree;

pub use archive::inspect;
pub use error::ArtifactError;
pub use manifest::{Arg, Entry, FileEntry, MAX_BYTES, MAX_FILES, Manifest, Mode, Placement};
pub use pack::{Source, SourceFile, Spec, directory, pack};
pub use path::{FilePath, MAX_PATH};
pub use store::ArtifactStore;
pub use tree::{unpack, verify_tree};
