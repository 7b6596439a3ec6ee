//! `entries.log`: the leaves as they were hashed, each after its length (two bytes, big-endian, as
//! in an entry bundle). Appended only; what lies beyond the head's length was never verified.
//!
//! Leaves that are pulled wait in a file without a name until they are verified, so that nobody has
//! to be kept from the directory while the network is waited for.

use crate::{FollowerError, disk};
use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes read at once.
const BUFFER_BYTES: usize = 256 << 10;

/// The file, with how much of it is verified.
#[derive(Debug)]
pub(crate) struct Replica {
    path: PathBuf,
    file: Arc<File>,
    waiting: Arc<File>,
    kept_bytes: u64,
    staged_bytes: u64,
}

impl Replica {
    /// Opens the file and cuts off what lies beyond the verified bytes. False when it is shorter.
    /// Whoever calls has the right to write.
    pub(crate) fn open(path: &Path, kept_bytes: u64) -> Result<(Self, bool), FollowerError> {
        let file = disk::private_file().read(true).open(path);
        let file = file.map_err(FollowerError::io("open", path))?;
        let length = file.metadata().map_err(FollowerError::io("read", path))?.len();
        if length > kept_bytes {
            file.set_len(kept_bytes).map_err(FollowerError::io("cut", path))?;
        }
        let waiting = Arc::new(nameless(&path.with_file_name("entries.staged"))?);
        let replica = Self { path: path.to_owned(), file: Arc::new(file), waiting, kept_bytes, staged_bytes: 0 };
        Ok((replica, length >= kept_bytes))
    }

    /// Whether the name still leads to this file: a damaged one is set aside, by whoever finds it.
    pub(crate) fn is_in_place(&self) -> Result<bool, FollowerError> {
        let read = FollowerError::io("read", &self.path);
        let here = self.identity().map_err(&read)?;
        match std::fs::metadata(&self.path) {
            Ok(there) => Ok(here == (there.dev(), there.ino())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(read(error)),
        }
    }

    /// Device and number of the file.
    pub(crate) fn identity(&self) -> std::io::Result<(u64, u64)> {
        self.file.metadata().map(|here| (here.dev(), here.ino()))
    }

    /// Bytes kept once what is staged is kept.
    pub(crate) fn end(&self) -> u64 {
        self.kept_bytes + self.staged_bytes
    }

    /// Takes leaves that are not verified yet.
    pub(crate) fn stage(&mut self, entries: &[Vec<u8>]) -> Result<(), FollowerError> {
        let Ok(bytes) = (match entries {
            [] => return Ok(()),
            entries => tlog::tile::encode_bundle(entries),
        }) else {
            unreachable!("entries come out of a decoded bundle, whose lengths fit")
        };
        let wrote = self.waiting.write_all_at(&bytes, self.staged_bytes);
        wrote.map_err(FollowerError::io("write", &self.path))?;
        self.staged_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Forgets what is staged.
    pub(crate) fn discard(&mut self) -> Result<(), FollowerError> {
        self.staged_bytes = 0;
        self.waiting.set_len(0).map_err(FollowerError::io("cut", &self.path))
    }

    /// Appends what is staged and makes it durable; the caller then moves the head. It has the
    /// right to write.
    pub(crate) fn append(&self) -> Result<(), FollowerError> {
        let append = || {
            let mut staged = Bytes { file: Arc::clone(&self.waiting), at: 0 }.take(self.staged_bytes);
            let (mut at, mut bytes) = (self.kept_bytes, vec![0; BUFFER_BYTES]);
            loop {
                let count = staged.read(&mut bytes)?;
                if count == 0 {
                    return self.file.sync_all();
                }
                self.file.write_all_at(&bytes[..count], at)?;
                at += count as u64;
            }
        };
        append().map_err(FollowerError::io("write", &self.path))
    }

    /// What is staged is kept from now on.
    pub(crate) fn keep(&mut self) -> Result<(), FollowerError> {
        self.kept_bytes = self.end();
        self.discard()
    }

    /// Another process has appended up to here: the leaves it did.
    pub(crate) fn grown(&mut self, kept_bytes: u64) -> Entries {
        let before = std::mem::replace(&mut self.kept_bytes, kept_bytes);
        Entries::new(&self.file, before, kept_bytes.saturating_sub(before))
    }

    /// The verified leaves.
    pub(crate) fn kept(&self) -> Entries {
        Entries::new(&self.file, 0, self.kept_bytes)
    }

    /// The leaves that wait to be verified.
    pub(crate) fn staged(&self) -> Entries {
        Entries::new(&self.waiting, 0, self.staged_bytes)
    }
}

/// A file that is gone when this process is. The name is free at once; whoever calls has the right
/// to write, so that it is nobody else's.
fn nameless(path: &Path) -> Result<File, FollowerError> {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
    let file = file.map_err(FollowerError::io("open", path))?;
    std::fs::remove_file(path).map_err(FollowerError::io("remove", path))?;
    Ok(file)
}

/// Bytes of a file from a place of its own, whoever else reads it.
struct Bytes {
    file: Arc<File>,
    at: u64,
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read_at(into, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Leaves in order; an error where the file is cut short.
pub(crate) struct Entries {
    file: Arc<File>,
    leaves: std::io::Take<BufReader<Bytes>>,
    from: u64,
    length: u64,
}

impl Entries {
    /// The first `length` bytes of a file.
    pub(crate) fn of(file: &Arc<File>, length: u64) -> Self {
        Self::new(file, 0, length)
    }

    fn new(file: &Arc<File>, from: u64, length: u64) -> Self {
        let bytes = Bytes { file: Arc::clone(file), at: from };
        let leaves = BufReader::with_capacity(BUFFER_BYTES, bytes).take(length);
        Self { file: Arc::clone(file), leaves, from, length }
    }

    /// Begins again with the first.
    pub(crate) fn rewind(&mut self) {
        *self = Self::new(&self.file, self.from, self.length);
    }

    fn read(&mut self) -> std::io::Result<Vec<u8>> {
        let mut length = [0; 2];
        self.leaves.read_exact(&mut length)?;
        let mut entry = vec![0; u16::from_be_bytes(length).into()];
        self.leaves.read_exact(&mut entry)?;
        Ok(entry)
    }
}

impl Iterator for Entries {
    type Item = std::io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.leaves.limit() > 0).then(|| self.read())
    }
}
