//! The writer of a log: a process of its own that owns the other end of an engine's output, so that the file stays within
//! its bounds for as long as the engine runs, whichever service lives.
//!
//! It ends when nobody holds the engine's end any more. It copies bytes and looks at none, and may write nothing but the
//! directory of its log. When it is ended first, what it served meets a closed pipe, as any program does whose reader left.

use crate::{ConfineError, restrict::only_below};
use rustix::{
    process::{Resource, Rlimit, setrlimit, setsid, umask},
    stdio::stdin,
};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A log of this size becomes the older one, and a new one begins.
pub const MAX_LOG_BYTES: u64 = 8 << 20;
const CHUNK: usize = 64 << 10;

/// The older part of a log.
pub fn older(log: &Path) -> PathBuf {
    let mut older = log.as_os_str().to_owned();
    older.push(OsString::from(".1"));
    older.into()
}

/// Opens a log at its end.
pub(crate) fn open(path: &Path) -> Result<File, ConfineError> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(ConfineError::io(path))
}

/// Copies standard input into the log until its end.
pub(crate) fn keep(path: &Path) -> Result<(), ConfineError> {
    let refused = |what: &str, error: io::Error| ConfineError::Refused(format!("{what}: {error}"));
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
    let mut chunk = vec![0; CHUNK];
    loop {
        match rustix::io::read(stdin(), &mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => writer.write(&chunk[..n]),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(ConfineError::io(path)(error.into())),
        }
    }
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
