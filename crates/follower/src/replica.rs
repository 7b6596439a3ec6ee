//! `entries.log`: the leaves as they were hashed, each after its length (two bytes, big-endian, as
//! in an entry bundle). Appended only; what lies beyond the head's length was never verified.

use crate::{FollowerError, disk};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The file, with how much of it is verified.
#[derive(Debug)]
pub(crate) struct Replica {
    path: PathBuf,
    file: File,
    kept_bytes: u64,
    staged_bytes: u64,
}

impl Replica {
    /// Opens the file and cuts off what lies beyond the verified bytes. False when it is shorter.
    pub(crate) fn open(path: &Path, kept_bytes: u64) -> Result<(Self, bool), FollowerError> {
        let file = disk::private_file().read(true).open(path);
        let file = file.map_err(FollowerError::io("open", path))?;
        let length = file.metadata().map_err(FollowerError::io("read", path))?.len();
        let replica = Self { path: path.to_owned(), file, kept_bytes, staged_bytes: 0 };
        if length > kept_bytes {
            replica.cut()?;
        }
        Ok((replica, length >= kept_bytes))
    }

    fn cut(&self) -> Result<(), FollowerError> {
        self.file.set_len(self.kept_bytes).map_err(FollowerError::io("cut", &self.path))
    }

    /// Bytes kept once what is staged is kept.
    pub(crate) fn end(&self) -> u64 {
        self.kept_bytes + self.staged_bytes
    }

    /// Appends leaves that are not verified yet.
    pub(crate) fn stage(&mut self, entries: &[Vec<u8>]) -> Result<(), FollowerError> {
        let Ok(bytes) = (match entries {
            [] => return Ok(()),
            entries => tlog::tile::encode_bundle(entries),
        }) else {
            unreachable!("entries come out of a decoded bundle, whose lengths fit")
        };
        let wrote = self.file.write_all_at(&bytes, self.end());
        wrote.map_err(FollowerError::io("write", &self.path))?;
        self.staged_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Forgets what is staged.
    pub(crate) fn discard(&mut self) -> Result<(), FollowerError> {
        self.staged_bytes = 0;
        self.cut()
    }

    /// Makes what is staged durable; the caller then moves the head.
    pub(crate) fn flush(&self) -> Result<(), FollowerError> {
        self.file.sync_all().map_err(FollowerError::io("flush", &self.path))
    }

    /// What is staged is kept from now on.
    pub(crate) fn keep(&mut self) {
        self.kept_bytes = self.end();
        self.staged_bytes = 0;
    }

    /// The verified leaves.
    pub(crate) fn kept(&self) -> Result<Entries, FollowerError> {
        self.entries(0, self.kept_bytes)
    }

    /// The leaves that wait to be verified.
    pub(crate) fn staged(&self) -> Result<Entries, FollowerError> {
        self.entries(self.kept_bytes, self.staged_bytes)
    }

    fn entries(&self, from: u64, length: u64) -> Result<Entries, FollowerError> {
        let open = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(from))?;
            Ok(BufReader::with_capacity(256 << 10, file).take(length))
        };
        let leaves = open().map_err(FollowerError::io("read", &self.path))?;
        Ok(Entries { leaves, from, length })
    }
}

/// Leaves in order; an error where the file is cut short.
pub(crate) struct Entries {
    leaves: std::io::Take<BufReader<File>>,
    from: u64,
    length: u64,
}

impl Entries {
    /// Begins again with the first.
    pub(crate) fn rewind(&mut self) -> std::io::Result<()> {
        self.leaves.get_mut().seek(SeekFrom::Start(self.from))?;
        self.leaves.set_limit(self.length);
        Ok(())
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
