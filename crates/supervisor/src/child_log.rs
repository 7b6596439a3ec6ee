//! The child's end of its log file: a line may be lost, and nothing else is.

use crate::log::{LOG_MAX_BYTES, older};
use rustix::fs::fstat;
use rustix::stdio::{dup2_stderr, dup2_stdout, stderr};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Set in the environment of every child: the file that its output goes to.
pub const LOG_FILE: &str = "COUNTERSIGN_LOG_FILE";

/// Writes log lines to standard error and never fails: a full disk costs lines, not answers. How many is the first
/// thing it writes once it can again. Where standard error is the file in [`LOG_FILE`], a file of
/// [`LOG_MAX_BYTES`] is set aside as `NAME.log.1`, in place of the one before, and a new one begun. Clones share.
#[derive(Debug, Clone)]
pub struct LogLines(Arc<Mutex<Lines>>);

#[derive(Debug)]
struct Lines {
    /// None where the output is somebody else's to keep: a terminal, a journal.
    file: Option<PathBuf>,
    max_bytes: u64,
    lost: u64,
    /// The last line was cut off in the middle.
    torn: bool,
}

impl LogLines {
    /// For this process.
    pub fn of_this_process() -> Self {
        let file = std::env::var_os(LOG_FILE).map(PathBuf::from).filter(|path| is_stderr(path));
        Self(Arc::new(Mutex::new(Lines { file, max_bytes: LOG_MAX_BYTES, lost: 0, torn: false })))
    }
}

/// Whether standard error is this very file.
fn is_stderr(path: &Path) -> bool {
    let Ok((open, named)) = fstat(stderr()).map_err(io::Error::from).and_then(|open| Ok((open, fs::metadata(path)?)))
    else {
        return false;
    };
    (open.st_dev, open.st_ino) == (named.dev(), named.ino())
}

impl Write for LogLines {
    /// One whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.write(line, &mut io::stderr());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn write(&mut self, line: &[u8], out: &mut impl Write) {
        if self.make_room().is_err() {
            self.lost = self.lost.saturating_add(1);
            return;
        }
        let mut bytes = Vec::with_capacity(line.len());
        if self.torn {
            bytes.push(b'\n');
        }
        if self.lost > 0 {
            bytes.extend_from_slice(
                format!("{} log lines were lost: they could not be written\n", self.lost).as_bytes(),
            );
        }
        bytes.extend_from_slice(line);
        match write_all(out, &bytes) {
            Ok(()) => (self.lost, self.torn) = (0, false),
            Err(written) => {
                self.torn |= written > 0;
                self.lost = self.lost.saturating_add(1);
            }
        }
    }

    /// Sets a full file aside. An error leaves it as it is, and then nothing more is written to it.
    fn make_room(&self) -> io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let size = fstat(stderr())?.st_size;
        if u64::try_from(size).is_ok_and(|size| size < self.max_bytes) {
            return Ok(());
        }
        let next = begin_again(path)?;
        dup2_stdout(&next)?;
        dup2_stderr(&next)?;
        Ok(())
    }
}

/// A new, empty log at `path`; the present one becomes the older one.
fn begin_again(path: &Path) -> io::Result<File> {
    // Opened first: where that fails, the present file keeps its name.
    let temporary = path.with_extension("log.new");
    let mut options = OpenOptions::new();
    drop(options.create(true).write(true).truncate(true).mode(0o600).open(&temporary)?);
    let next = OpenOptions::new().append(true).open(&temporary)?;
    match fs::rename(path, older(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::rename(&temporary, path)?;
    Ok(next)
}

/// Writes all of it, or answers how much of it was.
fn write_all(out: &mut impl Write, bytes: &[u8]) -> Result<(), usize> {
    let mut written = 0;
    while written < bytes.len() {
        match out.write(&bytes[written..]) {
            Ok(0) => return Err(written),
            Ok(more) => written += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(written),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for so many bytes.
    struct Disk {
        room: usize,
        bytes: Vec<u8>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let fits = bytes.len().min(self.room);
            if fits == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= fits;
            self.bytes.extend_from_slice(&bytes[..fits]);
            Ok(fits)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lost_lines_are_counted_and_said_once_there_is_room() {
        let mut lines = Lines { file: None, max_bytes: 0, lost: 0, torn: false };
        let mut disk = Disk { room: 9, bytes: vec![] };
        for line in ["first\n", "second\n", "third\n"] {
            lines.write(line.as_bytes(), &mut disk);
        }
        disk.room = 1_000;
        lines.write(b"fourth\n", &mut disk);
        lines.write(b"fifth\n", &mut disk);
        let told = "first\nsec\n2 log lines were lost: they could not be written\nfourth\nfifth\n";
        assert_eq!(String::from_utf8(disk.bytes).unwrap(), told);
    }

    #[test]
    fn a_new_log_keeps_one_older_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("node.log");
        for text in ["first", "second", "third"] {
            drop(begin_again(&path).unwrap());
            fs::write(&path, text).unwrap();
        }
        assert_eq!(fs::read_to_string(older(&path)).unwrap(), "second");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
