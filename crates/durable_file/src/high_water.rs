//! The latest instant that a clock has shown, kept over restarts: what has ended stays over when the clock is set back.

use crate::{Mended, replace, set_aside};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The last instant of the year 9999, milliseconds: nothing later is an instant.
const MAX_MS: i64 = 253_402_300_799_999;
/// More than the file ever holds, bytes.
const MAX_BYTES: u64 = 64;

/// A mark that only rises. Asking it touches no file; [`HighWater::store`] is for a task of its own.
#[derive(Debug)]
pub struct HighWater {
    path: PathBuf,
    files: Mended,
    latest_ms: AtomicI64,
    /// What the file holds. Held while it is written, so that an older mark never replaces a newer one.
    stored_ms: Mutex<i64>,
}

impl HighWater {
    /// Its file.
    pub const NAME: &str = "clock.json";

    /// How often it is to be stored. An orderly end loses nothing. A crash can lose this much: what ended within that
    /// time before it is over by this mark only where nothing else says so.
    pub const STORE_EVERY: Duration = Duration::from_secs(5);

    /// Reads what `path` keeps, raises it to `now_ms`, and stores that; blocks. A file that is damaged, or gone although
    /// one `was_kept`, is told, and the mark begins at `now_ms`.
    pub fn open(path: PathBuf, now_ms: i64, was_kept: bool, files: &Mended) -> Self {
        const BUT: &str = "begun again with this machine's clock: what ended before is known by the ledger alone";
        let kept = match read(&path) {
            Ok(Some(latest_ms)) => Some(latest_ms),
            Ok(None) => {
                if was_kept {
                    files.mended(&path, format!("it was gone; {BUT}"));
                }
                None
            }
            Err(error) => {
                let aside =
                    set_aside(&path).map_or_else(|error| error.to_string(), |aside| aside.display().to_string());
                files.mended(&path, format!("{error}; set aside ({aside}), {BUT}"));
                None
            }
        };
        let latest_ms = AtomicI64::new(kept.unwrap_or(now_ms).max(now_ms));
        let mark = Self { path, files: files.clone(), latest_ms, stored_ms: Mutex::new(kept.unwrap_or(i64::MIN)) };
        mark.store();
        mark
    }

    /// The latest of `now_ms` and every instant that it was asked with before; milliseconds since 1970.
    pub fn latest(&self, now_ms: i64) -> i64 {
        self.latest_ms.fetch_max(now_ms, Ordering::Relaxed).max(now_ms)
    }

    /// Makes it durable, where it has risen; blocks. A disk that takes nothing is told until it does again.
    pub fn store(&self) {
        let mut stored_ms = self.stored_ms.lock().unwrap_or_else(PoisonError::into_inner);
        let latest_ms = self.latest_ms.load(Ordering::Relaxed).min(MAX_MS);
        if latest_ms <= *stored_ms {
            return;
        }
        match replace(&self.path, text(latest_ms).as_bytes(), 0o600) {
            Ok(()) => {
                *stored_ms = latest_ms;
                self.files.whole(&self.path);
            }
            Err(error) => {
                let what =
                    format!("it cannot be written ({error}); make room, or what has ended is forgotten by a restart");
                self.files.damaged(&self.path, what);
            }
        }
    }

    /// Where it is kept.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }
}

fn text(latest_ms: i64) -> String {
    format!("{{\"latest_ms\":{latest_ms}}}\n")
}

/// What a file keeps; none where there is none. Only what was written as a whole is read: a number that was cut short is
/// another number.
fn read(path: &std::path::Path) -> io::Result<Option<i64>> {
    let mut found = String::new();
    match File::open(path) {
        Ok(file) => file.take(MAX_BYTES).read_to_string(&mut found)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let number = found.strip_prefix("{\"latest_ms\":").and_then(|rest| rest.strip_suffix("}\n"));
    let kept = number.and_then(|number| number.parse().ok()).filter(|kept| (0..=MAX_MS).contains(kept));
    match kept {
        Some(kept) if text(kept) == found => Ok(Some(kept)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "it does not hold an instant")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_clock_that_is_set_back_stands_still_over_a_restart_too() {
        let dir = tempfile::tempdir().unwrap();
        let (path, files) = (dir.path().join(HighWater::NAME), Mended::default());
        let open = |now_ms| HighWater::open(path.clone(), now_ms, false, &files);
        let mark = open(5_000);
        assert_eq!([9_000, 7_000, 9_001].map(|now_ms| mark.latest(now_ms)), [9_000, 9_000, 9_001]);
        drop(mark);
        let mark = open(4_000);
        assert_eq!(mark.latest(4_000), 5_000, "not stored since it was opened");
        mark.latest(9_001);
        mark.store();
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        mark.latest(8_000);
        mark.store();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), written, "it has not risen");
        assert_eq!(open(4_000).latest(4_000), 9_001);
        assert_eq!(open(10_000).latest(4_000), 10_000);
        assert_eq!(files.told(), None);
    }

    #[test]
    fn one_that_is_damaged_or_gone_is_told_and_begins_with_the_clock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(HighWater::NAME);
        HighWater::open(path.clone(), 1_700_000_000_000, false, &Mended::default());
        let whole = fs::read(&path).unwrap();
        let mut cases: Vec<_> = (0..whole.len()).map(|cut| whole[..cut].to_vec()).collect();
        cases.extend([b"{\"latest_ms\":-1}\n".to_vec(), text(MAX_MS + 1).into(), vec![0xff; 9], vec![b'1'; 900]]);
        for damaged in cases {
            fs::write(&path, &damaged).unwrap();
            let files = Mended::default();
            assert_eq!(HighWater::open(path.clone(), 7, true, &files).latest(0), 7, "{damaged:?}");
            let (ok, told) = files.told().unwrap();
            assert!(ok && told.contains("clock.json.damaged-"), "{told}");
            assert_eq!(HighWater::open(path.clone(), 3, true, &Mended::default()).latest(0), 7, "it is written again");
        }
        fs::remove_file(&path).unwrap();
        let files = Mended::default();
        HighWater::open(path.clone(), 7, true, &files);
        assert!(files.told().unwrap().1.contains("it was gone"));
    }

    #[test]
    fn a_disk_that_takes_nothing_is_told_until_it_does() {
        let dir = tempfile::tempdir().unwrap();
        let (inside, files) = (dir.path().join("inside"), Mended::default());
        let mark = HighWater::open(inside.join(HighWater::NAME), 5, false, &files);
        assert!(files.told().is_some_and(|(ok, told)| !ok && told.contains("cannot be written")));
        fs::create_dir(&inside).unwrap();
        mark.store();
        assert_eq!((files.told(), read(mark.path()).unwrap()), (None, Some(5)));
    }
}
