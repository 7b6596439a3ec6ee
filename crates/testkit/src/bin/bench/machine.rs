//! On what it was measured.

use crate::error::Error;
use std::fs;
use std::path::Path;

/// A machine and the place of the files.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Machine {
    /// Cores that this process may use.
    pub cores: usize,
    /// The processor's own name, where the system tells.
    pub processor: String,
    /// Kind of the file system that was measured, where the system tells.
    pub file_system: String,
    /// Load averages of 1, 5 and 15 minutes before.
    pub load: String,
}

impl Machine {
    /// This one, as it is now; `dir` is where the files will be.
    ///
    /// # Errors
    /// When the number of cores is not known.
    pub fn of(dir: &Path) -> Result<Self, Error> {
        let cores = std::thread::available_parallelism().map_err(Error::io("count the cores"))?.get();
        Ok(Self { cores, processor: processor(), file_system: file_system(dir), load: load() })
    }

    /// Whether more wanted to run than there are cores, so that what is measured is the scheduler's too.
    pub fn is_busy(&self) -> bool {
        let last_minute = self.load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0_f64);
        last_minute > u32::try_from(self.cores).map_or(f64::MAX, f64::from)
    }

    /// Whether a flush reaches no disk here, so that no figure says anything of one.
    pub fn in_memory(&self) -> bool {
        matches!(self.file_system.as_str(), "tmpfs" | "ramfs")
    }
}

/// Load averages of 1, 5 and 15 minutes; `unknown` where the system has no such file.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let three: Vec<&str> = text.split_whitespace().take(3).collect();
    if three.is_empty() { "unknown".to_owned() } else { three.join(" ") }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    line.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

/// The type of the mount with the longest path above `dir`.
fn file_system(dir: &Path) -> String {
    let dir = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mount = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?.to_owned(), words.next()?.to_owned());
        dir.starts_with(&point).then_some((point, kind))
    };
    // Of two mounts on one point the later one is seen.
    let above = mounts.lines().filter_map(mount).max_by_key(|(point, _)| point.len());
    above.map_or_else(|| "unknown".to_owned(), |(_, kind)| kind)
}
