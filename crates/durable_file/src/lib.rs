//! Small files that are whole or not there at all, whenever the power goes, what becomes of damaged ones, and the one
//! file that a clock needs.

mod high_water;
mod mended;

pub use high_water::HighWater;
pub use mended::{Mended, forget_aside, set_aside};

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the drafts of this process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Replaces a file, or makes it, with this mode: the bytes are written under another name beside it and flushed, the
/// name is moved, and the directory is flushed, so that neither old bytes come back nor new ones are cut off. Two that
/// write the same file at once do not write into each other's: the other name is each writer's own.
///
/// Never through a link: the other name must not exist.
///
/// # Errors
/// Whatever failed first; the file is then as it was, but for a failed flush of its directory.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    swap(path, bytes, mode, File::sync_all)?;
    flush_names(path)
}

/// The same of a file that can be made again: nothing is flushed, so that after the power goes it may be empty or as it
/// was. Whoever reads it checks it.
///
/// # Errors
/// Whatever failed first; the file is then as it was.
pub fn replace_unflushed(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    swap(path, bytes, mode, |_| Ok(()))
}

fn swap(path: &Path, bytes: &[u8], mode: u32, flush: fn(&File) -> io::Result<()>) -> io::Result<()> {
    let draft = draft(path)?;
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
    let written = file.write_all(bytes).and_then(|()| flush(&file)).and_then(|()| fs::rename(&draft, path));
    if let Err(error) = written {
        // What is left of it is in nobody's way but takes room, of which there may be none.
        let _ = fs::remove_file(&draft);
        return Err(error);
    }
    Ok(())
}

/// Makes the names beside a file durable: that it is there, or that it is gone.
///
/// # Errors
/// When its directory cannot be opened or flushed.
pub fn flush_names(path: &Path) -> io::Result<()> {
    // A bare name is in the current directory.
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
}

fn draft(path: &Path) -> io::Result<PathBuf> {
    let name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this path names no file"))?;
    let mut draft = name.to_owned();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    draft.push(format!(".new-{}-{number}", std::process::id()));
    Ok(path.with_file_name(draft))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_file_is_replaced_with_its_mode_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record.json");
        for bytes in [&b"first"[..], b"second, and longer", b"third"] {
            for replace in [replace, replace_unflushed] {
                replace(&path, bytes, 0o600).unwrap();
                assert_eq!(fs::read(&path).unwrap(), bytes);
            }
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_crash_left_under_the_other_name_is_no_hindrance_and_a_link_is_not_followed() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (path, victim) = (dir.path().join("routes.json"), elsewhere.path().join("victim"));
        fs::write(&victim, "kept").unwrap();
        symlink(&victim, dir.path().join("routes.json.new")).unwrap();
        replace(&path, b"new", 0o644).unwrap();
        assert_eq!(
            (fs::read_to_string(&victim).unwrap(), fs::read_to_string(&path).unwrap()),
            ("kept".into(), "new".into())
        );
        fs::write(dir.path().join("routes.json.new"), "half").unwrap();
        replace(&path, b"newer", 0o644).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "newer");
    }

    #[test]
    fn a_replacement_that_fails_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        // As long as a name may be: there is no room for the other one.
        let path = dir.path().join("k".repeat(255));
        fs::write(&path, "old").unwrap();
        assert!(replace(&path, b"new", 0o600).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        // A name that cannot be taken: nothing is left under the other one.
        let taken = dir.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(replace(&taken, b"new", 0o600).is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        assert!(replace(Path::new("/"), b"", 0o600).is_err());
    }
}
