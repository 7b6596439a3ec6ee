//! The writer of a log: a process of its own that owns the other end of an engine's output, so that the file stays within
//! its bounds for as long as the engine runs, whichever service lives.
//!
//! It ends when nobody holds the engine's end any more. It copies bytes, looks for nothing in them but the values that it
//! masks, and may write nothing but the directory of its log. When it is ended first, what it served meets a closed pipe, as
//! any program does whose reader left. The values reach it by the same pipe, before what it served has that.

use crate::{
    ConfineError,
    limits::MAX_SPEC_BYTES,
    mask::{Mask, Masked},
    restrict::only_below,
};
use rustix::{
    process::{Resource, Rlimit, setrlimit, setsid, umask},
    stdio::{dup2_stdout, stdin, stdout},
};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Where the output of a process is kept, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    pub path: PathBuf,
    /// The line before its output.
    pub begin: Option<String>,
    /// What is not written there.
    pub masked: Vec<Masked>,
}

impl Log {
    /// Everything that is printed, at this path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

/// A log of this size becomes the older one, and a new one begins.
pub const MAX_LOG_BYTES: u64 = 8 << 20;
const CHUNK: usize = 64 << 10;
/// The word by which a host becomes the writer of a log.
pub(crate) const LOG: &str = "log";
/// What the writer says once it keeps what comes.
pub(crate) const READY: &str = "ready";
/// What it says before why it cannot.
pub(crate) const FAILED: &str = "failed: ";

/// The older part of a log.
pub fn older(log: &Path) -> PathBuf {
    let mut older = log.as_os_str().to_owned();
    older.push(OsString::from(".1"));
    older.into()
}

/// Whether the writer of a log still runs: then not all that was printed may stand in it yet.
pub fn is_kept(log: &Path) -> bool {
    let (Ok(log), Ok(processes)) = (std::path::absolute(log), fs::read_dir("/proc")) else { return false };
    let line = |process: fs::DirEntry| fs::read(process.path().join("cmdline")).unwrap_or_default();
    processes.flatten().map(line).any(|line| {
        let mut words = line.split(|byte| *byte == 0).skip_while(|word| *word != LOG.as_bytes());
        words.next().is_some() && words.next() == Some(log.as_os_str().as_bytes())
    })
}

/// Opens a log at its end, and writes there where the output of the next process begins.
pub(crate) fn begin(path: &Path, line: Option<&str>) -> Result<(), ConfineError> {
    let open = || OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
    let write = || {
        let mut file = open()?;
        let Some(line) = line else { return Ok(()) };
        let mut last = [b'\n'];
        if file.metadata()?.len() > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        // What was ended in the middle of a line left it without an end.
        let end = if last == [b'\n'] { "" } else { "\n" };
        file.write_all(format!("{end}{line}\n").as_bytes())
    };
    write().map_err(ConfineError::io(path))
}

/// Copies standard input into the log until its end. Says on standard output that it does, or why it cannot.
pub(crate) fn keep(path: &Path) -> Result<(), ConfineError> {
    let refused = |what: &str, error: io::Error| ConfineError::Log(format!("{what}: {error}"));
    let mut answer =
        rustix::io::fcntl_dupfd_cloexec(stdout(), 3).map(File::from).map_err(|e| refused("its answer", e.into()))?;
    let told = ready(path);
    // The process that asked may have ended; what it started prints on and is read until it ends.
    let _ = match &told {
        Ok(_) => answer.write_all(READY.as_bytes()),
        Err(error) => write!(answer, "{FAILED}{error}"),
    };
    drop(answer);
    let (mut writer, mut mask, rest) = told?;
    writer.write(&mask.pass(&rest));
    let mut chunk = vec![0; CHUNK];
    loop {
        match rustix::io::read(stdin(), &mut chunk) {
            Ok(0) => {
                writer.write(&mask.end());
                return Ok(());
            }
            Ok(n) => writer.write(&mask.pass(&chunk[..n])),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(ConfineError::io(path)(error.into())),
        }
    }
}

/// Puts its limits on, and finds out that the log can be written under them. Comes back with what came behind its orders.
fn ready(path: &Path) -> Result<(Writer, Mask, Vec<u8>), ConfineError> {
    let refused = |what: &str, error: io::Error| ConfineError::Log(format!("{what}: {error}"));
    let null = Path::new("/dev/null");
    let nothing = OpenOptions::new().write(true).open(null).map_err(ConfineError::io(null))?;
    dup2_stdout(nothing).map_err(|e| refused("an empty output", e.into()))?;
    // A session of its own: what ends a service's group or terminal is not meant for it.
    setsid().map_err(|e| refused("a session of its own", e.into()))?;
    umask(rustix::fs::Mode::from_raw_mode(0o077));
    for (resource, most) in [(Resource::Core, 0), (Resource::Data, 64 << 20), (Resource::Nofile, 16)] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
            .map_err(|e| refused("limits", e.into()))?;
    }
    let dir = path.parent().unwrap_or(Path::new("/"));
    only_below(dir).map_err(|e| refused("landlock", io::Error::other(e.to_string())))?;
    let mut writer = Writer { path: path.to_owned(), file: None, size: 0, lost: 0 };
    writer.try_write(&[]).map_err(ConfineError::io(path))?;
    let (masked, rest) = orders()?;
    Ok((writer, Mask::new(masked), rest))
}

/// The first line of what comes says which values are masked; output comes behind it.
fn orders() -> Result<(Vec<Masked>, Vec<u8>), ConfineError> {
    let (mut said, mut chunk) = (Vec::new(), [0; 4096]);
    let end = loop {
        if let Some(end) = said.iter().position(|byte| *byte == b'\n') {
            break end;
        }
        match rustix::io::read(stdin(), &mut chunk) {
            Ok(n) if n > 0 && said.len() <= MAX_SPEC_BYTES => said.extend_from_slice(&chunk[..n]),
            Err(rustix::io::Errno::INTR) => {}
            _ => return Err(ConfineError::Log("it was not told what to mask".to_owned())),
        }
    };
    // What is wrong is not quoted: it may be a secret.
    let masked = serde_json::from_slice(&said[..end]);
    let masked = masked.map_err(|_| ConfineError::Log("what it is to mask cannot be read".to_owned()))?;
    Ok((masked, said.split_off(end + 1)))
}

/// Never fails: what cannot be written is counted, and the engine goes on.
struct Writer {
    path: PathBuf,
    file: Option<File>,
    size: u64,
    lost: u64,
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) {
        if self.try_write(bytes).is_err() {
            self.lost = self.lost.saturating_add(bytes.len() as u64);
            // Opened again at the next one: the directory may have been emptied, or the disk have room by then.
            self.file = None;
        }
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
            self.size = file.metadata()?.len();
            self.file = Some(file);
        }
        if self.size.saturating_add(bytes.len() as u64) > MAX_LOG_BYTES {
            fs::rename(&self.path, older(&self.path))?;
            self.file = None;
            self.size = 0;
            return self.try_write(bytes);
        }
        let Some(file) = &mut self.file else { return Err(io::ErrorKind::NotFound.into()) };
        if bytes.is_empty() {
            return Ok(());
        }
        if self.lost > 0 {
            let line = format!("\n[{} bytes of output were lost: they could not be written]\n", self.lost);
            file.write_all(line.as_bytes())?;
            (self.size, self.lost) = (self.size.saturating_add(line.len() as u64), 0);
        }
        file.write_all(bytes)?;
        self.size = self.size.saturating_add(bytes.len() as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_start_begins_a_line_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        begin(&path, None).unwrap();
        begin(&path, Some("--- one ---")).unwrap();
        begin(&path, Some("--- two ---")).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"cut o").unwrap();
        begin(&path, Some("--- three ---")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "--- one ---\n--- two ---\ncut o\n--- three ---\n");
        assert!(begin(&dir.path().join("none/log"), None).is_err());
    }

    #[test]
    fn a_log_stays_within_its_bounds_and_loses_its_oldest_lines_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut writer = Writer { path: path.clone(), file: None, size: 0, lost: 0 };
        let chunk = |n: u32| format!("{n:07}\n").repeat(CHUNK / 8).into_bytes();
        for n in 0..400 {
            writer.write(&chunk(n));
        }
        let len = |path: &Path| fs::metadata(path).unwrap().len();
        assert!(len(&path) <= MAX_LOG_BYTES && len(&older(&path)) <= MAX_LOG_BYTES);
        assert!(fs::read(&path).unwrap().ends_with(b"0000399\n"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        // What somebody removed begins again; what cannot be written is counted and said.
        writer.file = None;
        writer.lost = 7;
        fs::remove_file(&path).unwrap();
        writer.write(b"next\n");
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "\n[7 bytes of output were lost: they could not be written]\nnext\n"
        );
    }
}
