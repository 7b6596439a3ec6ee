//! Tests that could not run on this machine say so in a file, and are counted as skipped.
//!
//! Libtest knows no skip at run time and hides what a passing test prints, so a test that meets a limit of the
//! machine appends one line `TEST NAME: why` to the file that [`VARIABLE`] names, and returns.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::Error;
use crate::tally::Tally;

/// The variable that names the file.
pub const VARIABLE: &str = "COUNTERSIGN_SKIPS";

/// Makes sure that the run starts with no skips recorded.
pub fn clear(file: &Path) -> Result<(), Error> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    match fs::remove_file(file) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::File { path: file.to_owned(), source }),
        _ => Ok(()),
    }
}

/// The distinct lines that tests wrote, sorted; none when no test wrote any.
pub fn read(file: &Path) -> Result<BTreeSet<String>, Error> {
    match fs::read(file) {
        Ok(bytes) => Ok(lines(&String::from_utf8_lossy(&bytes))),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(source) => Err(Error::File { path: file.to_owned(), source }),
    }
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Libtest counted these tests as passed: each moves from passed to skipped, once, however many lines it wrote.
pub fn apply(tally: Tally, skips: &BTreeSet<String>) -> Tally {
    let tests: BTreeSet<&str> =
        skips.iter().map(|line| line.split_once(": ").map_or(&**line, |(test, _)| test)).collect();
    let moved = u64::try_from(tests.len()).unwrap_or(u64::MAX).min(tally.passed);
    Tally { passed: tally.passed - moved, failed: tally.failed, skipped: tally.skipped + moved }
}

#[cfg(test)]
mod tests {
    use super::{apply, lines};
    use crate::tally::Tally;

    #[test]
    fn a_test_that_skipped_is_not_also_counted_as_passed() {
        let skips =
            lines("limits::landlock: no landlock in this kernel\n\nlimits::landlock: no seccomp\nfs::root: is root\n");
        assert_eq!(skips.len(), 3);
        let tally = apply(Tally { passed: 10, failed: 1, skipped: 1 }, &skips);
        assert_eq!(tally, Tally { passed: 8, failed: 1, skipped: 3 });
    }

    #[test]
    fn more_skips_than_passed_tests_never_make_the_total_larger() {
        assert_eq!(apply(Tally::default(), &lines("a: b")), Tally::default());
    }
}
