//! The floor: what the disk gives without us.

use crate::args::Pace;
use crate::error::Error;
use crate::figures::Run;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::thread;
use std::time::Instant;

const BLOCK: usize = 4 << 10;
const BLOCKS: u64 = 4_096;

/// Writes 4 KiB blocks one behind the other into prewritten files, one thread a file, each block flushed by
/// `fdatasync`; blocks until all are done, and answers what each file came to. Prewritten as the ledger's segments
/// are, so that a flush touches no metadata in either.
///
/// # Errors
/// When the disk refuses.
pub fn raw(dir: &Path, files: usize, pace: Pace) -> Result<Vec<Run>, Error> {
    let paths: Vec<_> = (0..files).map(|n| dir.join(format!("raw-{n}"))).collect();
    let ran = thread::scope(|scope| {
        let flushing: Vec<_> = paths.iter().map(|path| scope.spawn(move || flush(path, pace))).collect();
        let end =
            |one: thread::ScopedJoinHandle<'_, _>| one.join().expect("a flushing thread has nothing to panic over");
        flushing.into_iter().map(end).collect()
    });
    for path in &paths {
        drop(fs::remove_file(path));
    }
    ran
}

fn flush(path: &Path, pace: Pace) -> Result<Run, Error> {
    let failed = Error::io;
    let file = File::create(path).map_err(failed("make a file for the raw flushes"))?;
    let block = [0xa5; BLOCK];
    for n in 0..BLOCKS {
        file.write_all_at(&block, n * BLOCK as u64).map_err(failed("prewrite the file for the raw flushes"))?;
    }
    file.sync_all().map_err(failed("flush the file for the raw flushes"))?;
    let from = Instant::now() + pace.warm_up;
    let until = from + pace.measured;
    let mut latencies = vec![];
    for n in 0.. {
        let began = Instant::now();
        if began >= until {
            break;
        }
        file.write_all_at(&block, n % BLOCKS * BLOCK as u64).map_err(failed("write 4 KiB"))?;
        file.sync_data().map_err(failed("flush 4 KiB"))?;
        let ended = Instant::now();
        if (from..until).contains(&ended) {
            latencies.push(ended - began);
        }
    }
    Run::of(latencies, 1, pace.measured).ok_or(Error::Nothing(pace.measured.as_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let short = Duration::from_millis(20);
        let pace = Pace { runs: 1, warm_up: Duration::ZERO, measured: short, deployments: 0 };
        let ran = raw(dir.path(), 2, pace);
        assert!(matches!(&ran, Ok(runs) if runs.len() == 2) || matches!(ran, Err(Error::Nothing(_))), "{ran:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
