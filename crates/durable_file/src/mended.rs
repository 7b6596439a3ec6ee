//! What was found wrong with the files of a process, and what was done about it, for its readiness page.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

/// Most files that are set aside under one name; the last of them is overwritten then.
const ASIDE_MAX: u32 = 20;

/// Most directories that are set aside under one name, in the same way: each may be a whole release.
const ASIDE_DIRS_MAX: u32 = 2;

/// Most files that are told one by one.
const TOLD_MAX: usize = 20;

/// Damaged files by path. Clones share.
#[derive(Debug, Clone, Default)]
pub struct Mended(Arc<Mutex<BTreeMap<PathBuf, Found>>>);

#[derive(Debug, Clone)]
struct Found {
    mended: bool,
    what: String,
}

impl Mended {
    fn found(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Found>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file was damaged and is whole again: what was wrong with it and what was done.
    pub fn mended(&self, path: &Path, what: impl Into<String>) {
        self.found().insert(path.to_owned(), Found { mended: true, what: what.into() });
    }

    /// A file is damaged and nothing here can mend it: what is wrong and what is to be done.
    pub fn damaged(&self, path: &Path, what: impl Into<String>) {
        self.found().insert(path.to_owned(), Found { mended: false, what: what.into() });
    }

    /// Somebody else has mended what was damaged; what was mended here stays told.
    pub fn whole(&self, path: &Path) {
        self.found().retain(|known, found| known != path || found.mended);
    }

    /// Whether no file is damaged now, and a sentence for each that is or was.
    pub fn standing(&self) -> (bool, String) {
        self.told().unwrap_or_else(|| (true, "no file is damaged".to_owned()))
    }

    /// [`Mended::standing`]; none where no file ever was damaged.
    pub fn told(&self) -> Option<(bool, String)> {
        let found = self.found();
        // What is still damaged is read first.
        let of = |mended: bool| found.iter().filter(move |(_, found)| found.mended == mended);
        let all = of(false).chain(of(true));
        let mut lines: Vec<_> =
            all.take(TOLD_MAX).map(|(path, f)| format!("`{}`: {}", path.display(), f.what)).collect();
        if found.len() > TOLD_MAX {
            lines.push(format!("and {} more files", found.len() - TOLD_MAX));
        }
        let ok = found.values().all(|found| found.mended);
        (!lines.is_empty()).then(|| (ok, lines.join("; ")))
    }
}

/// Moves a damaged file or directory out of the way, beside where it was, so that somebody can look at it; answers its
/// new name: `name.damaged-1`, or the next number that is free. The last number is taken again and again: the first one
/// and the newest are kept.
///
/// # Errors
/// When it cannot be renamed, or what had the last number cannot be removed.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let most = if fs::symlink_metadata(path)?.is_dir() { ASIDE_DIRS_MAX } else { ASIDE_MAX };
    let free = (1..most).map(|number| aside(path, number)).find(|aside| fs::symlink_metadata(aside).is_err());
    let aside = free.unwrap_or_else(|| aside(path, most));
    // No rename replaces a directory that holds something.
    if fs::symlink_metadata(&aside).is_ok_and(|meta| meta.is_dir()) {
        fs::remove_dir_all(&aside)?;
    }
    fs::rename(path, &aside)?;
    crate::flush_names(path)?;
    Ok(aside)
}

/// Takes away whatever was set aside of a path, where nothing of it is needed any more.
///
/// # Errors
/// When something of it cannot be removed.
pub fn forget_aside(path: &Path) -> io::Result<()> {
    for aside in (1..=ASIDE_MAX).map(|number| aside(path, number)) {
        match fs::symlink_metadata(&aside) {
            Ok(meta) if meta.is_dir() => fs::remove_dir_all(&aside)?,
            Ok(_) => fs::remove_file(&aside)?,
            Err(_) => {}
        }
    }
    Ok(())
}

fn aside(path: &Path, number: u32) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, ToOwned::to_owned);
    name.push(format!(".damaged-{number}"));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_aside_is_kept_under_a_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("routes.json");
        for number in [1, 2, 3] {
            fs::write(&path, number.to_string()).unwrap();
            let aside = set_aside(&path).unwrap();
            assert_eq!(aside, dir.path().join(format!("routes.json.damaged-{number}")));
            assert_eq!(fs::read_to_string(aside).unwrap(), number.to_string());
            assert!(!path.exists());
        }
        assert!(set_aside(&path).is_err(), "there is none");
        for number in 0..30 {
            fs::write(&path, number.to_string()).unwrap();
            set_aside(&path).unwrap();
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 20, "a bounded number is kept");
    }

    #[test]
    fn of_damaged_directories_the_first_and_the_newest_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("release");
        for number in 0..25 {
            fs::create_dir_all(path.join("bin")).unwrap();
            fs::write(path.join("bin/shop"), number.to_string()).unwrap();
            set_aside(&path).unwrap();
            assert!(!path.exists());
        }
        let kept = |number| fs::read_to_string(aside(&path, number).join("bin/shop")).unwrap();
        assert_eq!((kept(1), kept(2)), ("0".to_owned(), "24".to_owned()));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "each may be large");
        fs::write(&path, "a file has numbers of its own").unwrap();
        set_aside(&path).unwrap();
        forget_aside(&path).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_is_damaged_now_is_told_before_one_that_was() {
        let mended = Mended::default();
        assert_eq!(mended.standing(), (true, "no file is damaged".to_owned()));
        mended.mended(Path::new("a"), "it was cut short; rebuilt");
        mended.clone().damaged(Path::new("b"), "it is not JSON; restore it");
        assert_eq!(
            mended.standing(),
            (false, "`b`: it is not JSON; restore it; `a`: it was cut short; rebuilt".to_owned())
        );
        mended.whole(Path::new("b"));
        mended.whole(Path::new("a"));
        assert_eq!(mended.standing(), (true, "`a`: it was cut short; rebuilt".to_owned()));
        (0..30).for_each(|n| mended.damaged(Path::new(&format!("r{n}")), "cut short"));
        let (ok, told) = mended.standing();
        assert!(!ok && told.ends_with("`r26`: cut short; and 11 more files"), "{told}");
    }
}
