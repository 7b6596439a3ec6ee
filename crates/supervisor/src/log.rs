//! The file a child writes its output to.
//!
//! The child writes the file itself: a pipe through the supervisor would break every child's
//! output when the supervisor is killed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A log of this size is set aside, in bytes (8 MiB): by the child while it runs, and at its next start. With the
/// one older log, a service's lines take twice this and one line.
pub const LOG_MAX_BYTES: u64 = 8 << 20;
/// Lines of a log that are told as the cause of an end.
const LAST_LINES: usize = 5;
/// How far back those are looked for, in bytes.
const LAST_BYTES: u64 = 4096;
/// Longest line that is told, in characters.
const LINE_MAX: usize = 400;

/// `DIR/logs/NAME.log`, from where the present run began.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    begins: u64,
    /// The file that it began in; the child may have begun another one since.
    inode: u64,
}

/// Where a log is set aside.
pub(crate) fn older(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

impl Log {
    /// Opens the log for one run; a log of [`LOG_MAX_BYTES`] becomes `NAME.log.1` in place of the one before.
    pub(crate) fn open(dir: &Path, name: &str) -> io::Result<(Self, File)> {
        let logs = dir.join("logs");
        DirBuilder::new().recursive(true).mode(0o700).create(&logs)?;
        let path = logs.join(format!("{name}.log"));
        if fs::metadata(&path).is_ok_and(|found| found.len() >= LOG_MAX_BYTES) {
            fs::rename(&path, older(&path))?;
        }
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        let found = file.metadata()?;
        Ok((Self { path, begins: found.len(), inode: found.ino() }, file))
    }

    /// The file that the child's output goes to.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The last lines of this run, oldest first; none when the file cannot be read any more.
    pub(crate) fn last_lines(&self) -> Vec<String> {
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            let found = file.metadata()?;
            let begins = if found.ino() == self.inode { self.begins } else { 0 };
            let from = found.len().saturating_sub(LAST_BYTES).max(begins);
            file.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            file.take(LAST_BYTES).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let text = String::from_utf8_lossy(&read().unwrap_or_default()).into_owned();
        let plain = |line: &str| line.chars().filter(|c| !c.is_control()).take(LINE_MAX).collect::<String>();
        let lines: Vec<String> = text.lines().map(plain).filter(|line| !line.trim().is_empty()).collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn tells_the_last_lines_of_this_run_only() {
        let dir = tempfile::tempdir().unwrap();
        let (_, mut file) = Log::open(dir.path(), "node").unwrap();
        writeln!(file, "an older run").unwrap();
        let (log, mut file) = Log::open(dir.path(), "node").unwrap();
        assert_eq!(log.last_lines(), Vec::<String>::new());
        (1..=7).for_each(|n| writeln!(file, "line {n}\n").unwrap());
        assert_eq!(log.last_lines(), ["line 3", "line 4", "line 5", "line 6", "line 7"]);
    }

    #[test]
    fn tells_the_last_lines_of_a_log_that_the_child_has_begun_again() {
        let dir = tempfile::tempdir().unwrap();
        let (log, mut file) = Log::open(dir.path(), "node").unwrap();
        writeln!(file, "a line of this run").unwrap();
        let (log, path) = (Log { begins: 900, ..log }, dir.path().join("logs/node.log"));
        fs::rename(&path, older(&path)).unwrap();
        fs::write(&path, "the newest line\n".repeat(70)).unwrap();
        assert_eq!(log.last_lines(), ["the newest line"; 5]);
    }

    #[test]
    fn a_large_log_is_set_aside_and_all_are_private() {
        let dir = tempfile::tempdir().unwrap();
        let (_, file) = Log::open(dir.path(), "node").unwrap();
        file.set_len(LOG_MAX_BYTES - 1).unwrap();
        assert_eq!(Log::open(dir.path(), "node").unwrap().0.begins, LOG_MAX_BYTES - 1, "below the limit it stays");
        file.set_len(LOG_MAX_BYTES).unwrap();
        assert_eq!(Log::open(dir.path(), "node").unwrap().0.begins, 0);
        let logs = dir.path().join("logs");
        assert_eq!(fs::metadata(logs.join("node.log.1")).unwrap().len(), LOG_MAX_BYTES);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&logs), mode(&logs.join("node.log"))), (0o700, 0o600));
    }
}
