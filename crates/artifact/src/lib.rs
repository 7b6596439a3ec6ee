//! Certified, sealed releases.
//!
//! An artifact is a set of files and one canonical [`Manifest`] that names each of them; its identity
//! is the digest of that manifest, so one number that people sign fixes every byte that may start.
//! [`pack`] writes it as one deterministic tar, [`inspect`] believes a tar only after reading every
//! byte of it, [`unpack`] and [`ArtifactStore`] keep it on disk, and [`verify_tree`] hashes the unpacked
//! files again before each start.

mod archive;
mod disk;
mod entry;
mod error;
mod framing;
mod gather;
mod long_name;
mod manifest;
mod pack;
mod path;
mod pieces;
mod program;
mod store;
mod text;
mod tree;
mod watched_read;

pub use archive::{inspect, manifest};
pub use entry::{FileEntry, Mode};
pub use error::ArtifactError;
pub use gather::{Gathered, directory};
pub use manifest::{MAX_BYTES, MAX_FILES, Manifest, READ_WITHIN};
pub use pack::{Source, SourceFile, Spec, pack};
pub use path::{FilePath, MAX_PATH};
pub use pieces::{ManifestPiece, Pieces};
pub use program::{Answer, Arg, Entry, Health, MAX_ARGS, Placement, Program};
pub use store::{ArtifactStore, MAX_ARCHIVE};
pub use text::{ArgText, MAX_ARG};
pub use tree::{unpack, verify_tree};
