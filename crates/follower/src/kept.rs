//! What a replica's directory holds, read without opening the replica: for a verifier, which writes nothing.

use crate::FollowerError;
use crate::head::{Head, Stop};
use crate::replica::Entries;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most bytes of a file with a head: it holds one note.
const HEAD_MAX_BYTES: u64 = 2 << 20;

/// A signed checkpoint that a follower kept. Nothing is verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHead {
    /// The file it stands in.
    pub file: PathBuf,
    /// The note; an error where the file holds none.
    pub note: Result<String, String>,
}

/// The heads kept in a replica's directory: the highest it verified, and the one over which it stopped.
/// Before the first there is none.
pub fn kept_heads(dir: &Path) -> Vec<KeptHead> {
    let head = kept(dir.join("head.json"), |head: Head| head.checkpoint);
    let stop = kept(dir.join("stopped.json"), |stop: Stop| stop.checkpoint);
    head.into_iter().chain(stop).collect()
}

fn kept<T: serde::de::DeserializeOwned>(file: PathBuf, note: impl Fn(T) -> String) -> Option<KeptHead> {
    let note = match read(&file).transpose()? {
        Ok(bytes) => serde_json::from_slice(&bytes).map(note).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    // Empty before the first checkpoint.
    (note.as_deref() != Ok("")).then_some(KeptHead { file, note })
}

fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match File::open(path) {
        Ok(file) => {
            let mut bytes = vec![];
            file.take(HEAD_MAX_BYTES).read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a directory is a follower's replica.
pub fn is_replica(dir: &Path) -> bool {
    dir.join("head.json").is_file() && dir.join("entries.log").is_file()
}

/// The leaves of a replica as far as its head reaches, as they are hashed. Nothing is verified yet.
///
/// # Errors
/// When its head or its entries cannot be read.
pub fn replica_leaves(dir: &Path) -> Result<impl Iterator<Item = std::io::Result<Vec<u8>>> + use<>, FollowerError> {
    let head = Head::read(dir)?;
    let path = dir.join("entries.log");
    let file = File::open(&path).map_err(FollowerError::io("open", &path))?;
    Ok(Entries::of(&Arc::new(file), head.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_with_a_head_is_named_with_its_note_or_why_it_has_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(kept_heads(dir.path()), []);
        Head::empty().write(dir.path()).unwrap();
        assert_eq!(kept_heads(dir.path()), [], "before the first checkpoint there is none");
        Head { checkpoint: "a note".to_owned(), ..Head::empty() }.write(dir.path()).unwrap();
        std::fs::write(dir.path().join("stopped.json"), b"{").unwrap();
        let heads = kept_heads(dir.path());
        assert_eq!(heads[0], KeptHead { file: dir.path().join("head.json"), note: Ok("a note".to_owned()) });
        assert!(heads[1].file.ends_with("stopped.json") && heads[1].note.is_err(), "{heads:?}");
        let stop = Stop { index: 3, why: "fork".to_owned(), checkpoint: "another".to_owned() };
        stop.write(dir.path()).unwrap();
        assert_eq!(kept_heads(dir.path())[1].note.as_deref(), Ok("another"));
    }
}
