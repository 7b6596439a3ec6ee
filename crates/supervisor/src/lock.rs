//! One server for one data directory.

use crate::SupervisorError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The right to serve a data directory; released when dropped, and by the kernel when the process
/// ends in any way.
#[derive(Debug)]
pub struct Lock {
    dir: PathBuf,
    // Held open for the lock on it.
    _file: File,
}

impl Lock {
    /// The directory it is for.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Takes the exclusive lock (flock) on `dir/serve.lock` and writes this process's id into it.
/// The directory must exist. Refused with the holder's name while another process has it.
pub fn lock(dir: &Path) -> Result<Lock, SupervisorError> {
    let path = dir.join("serve.lock");
    let options = || OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let mut file = options().map_err(SupervisorError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(SupervisorError::Locked { dir: dir.to_owned(), holder: holder(&mut file) });
        }
        Err(TryLockError::Error(cause)) => return Err(SupervisorError::io("lock", &path)(cause)),
    }
    let mut write = || -> std::io::Result<()> {
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        writeln!(file, "{}", std::process::id())
    };
    write().map_err(SupervisorError::io("write", &path))?;
    Ok(Lock { dir: dir.to_owned(), _file: file })
}

/// Refuses a directory that another process serves, as [`lock`] does, and touches nothing: for what
/// wants to be known before anything is written.
pub fn check_free(dir: &Path) -> Result<(), SupervisorError> {
    let path = dir.join("serve.lock");
    let mut file = match File::open(&path) {
        Ok(file) => file,
        // Never served, or no directory yet: nobody holds it.
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        Err(cause) => return Err(SupervisorError::io("open", &path)(cause)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            Err(SupervisorError::Locked { dir: dir.to_owned(), holder: holder(&mut file) })
        }
        Err(TryLockError::Error(cause)) => Err(SupervisorError::io("lock", &path)(cause)),
    }
}

/// Who wrote the lock file, with the command's name where `/proc` tells it (never its arguments).
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    // At most the digits of a pid: the file may be anything.
    let read = file.take(20).read_to_string(&mut text).is_ok();
    match text.trim().parse::<u32>() {
        Ok(pid) if read => match std::fs::read_to_string(format!("/proc/{pid}/comm")) {
            Ok(command) => format!("process {pid} ({})", command.trim_end()),
            Err(_) => format!("process {pid}"),
        },
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_lock_names_the_first_and_waits_for_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let first = lock(dir.path()).unwrap();
        assert_eq!(first.dir(), dir.path());
        let refused = lock(dir.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        assert!(refused.contains("`--dir`"), "{refused}");
        assert_eq!(check_free(dir.path()).unwrap_err().to_string(), refused);
        drop(first);
        check_free(dir.path()).unwrap();
        lock(dir.path()).unwrap();
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = lock(&dir.path().join("gone")).unwrap_err().to_string();
        assert!(error.starts_with("cannot open") && error.contains("gone"), "{error}");
        check_free(&dir.path().join("gone")).unwrap();
        assert!(!dir.path().join("gone").exists());
    }
}
