//! The command line.

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `--help` prints.
pub const USAGE: &str = "\
cargo xtask bench [lease] [--quick] [--json] [--dir DIR]

  lease       only AI leases: reserve and post beside PostgreSQL with row locks; 1 when a goal is missed (not with --quick)
  --quick     short runs and two deployments: to see that it works, not for figures
  --json      the same figures as JSON
  --dir DIR   measure on the disk of DIR (default: the system's directory for temporary files)";

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Args {
    /// Only AI leases.
    pub lease: bool,
    /// Short runs.
    pub quick: bool,
    /// JSON instead of a table.
    pub json: bool,
    dir: Option<PathBuf>,
}

/// How long everything is measured.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Runs of each cell.
    pub runs: u32,
    /// Load before a run that is not counted.
    pub warm_up: Duration,
    /// What is counted of a run.
    pub measured: Duration,
    /// Deployments that are counted; one more goes before them.
    pub deployments: u32,
}

impl Args {
    /// Reads the arguments behind the program's name; none when help was asked for.
    ///
    /// # Errors
    /// An argument that is none of ours.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Option<Self>, Error> {
        let mut parsed = Self::default();
        let mut args = args.into_iter().peekable();
        parsed.lease = args.next_if(|arg| arg == "lease").is_some();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--quick" => parsed.quick = true,
                "--json" => parsed.json = true,
                "--dir" => {
                    let dir = args.next().ok_or_else(|| Error::Usage(format!("--dir needs a directory\n\n{USAGE}")))?;
                    parsed.dir = Some(dir.into());
                }
                "--help" | "-h" => return Ok(None),
                other => return Err(Error::Usage(format!("`{other}` is no argument of the bench\n\n{USAGE}"))),
            }
        }
        Ok(Some(parsed))
    }

    /// Where temporary directories are made.
    pub fn dir(&self) -> &Path {
        self.dir.as_deref().unwrap_or(TEMPORARY.as_path())
    }

    /// How long to measure.
    pub fn pace(&self) -> Pace {
        if self.quick {
            let (warm_up, measured) = (Duration::from_millis(100), Duration::from_millis(300));
            Pace { runs: 3, warm_up, measured, deployments: 2 }
        } else {
            Pace { runs: 3, warm_up: Duration::from_millis(500), measured: Duration::from_secs(2), deployments: 5 }
        }
    }
}

static TEMPORARY: std::sync::LazyLock<PathBuf> = std::sync::LazyLock::new(std::env::temp_dir);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Option<Args>, Error> {
        Args::parse(args.iter().map(|arg| (*arg).to_owned()))
    }

    #[test]
    fn what_is_asked_for_is_read() {
        let all = parse(&["--dir", "/srv", "--quick", "--json"]).unwrap().unwrap();
        assert_eq!((all.quick, all.json, all.dir()), (true, true, Path::new("/srv")));
        assert!(!all.lease && parse(&["lease", "--quick"]).unwrap().unwrap().lease);
        assert_eq!(parse(&[]).unwrap().unwrap().dir(), std::env::temp_dir());
        assert_eq!(parse(&["--quick", "-h"]).unwrap(), None);
    }

    #[test]
    fn another_argument_is_refused_with_those_there_are() {
        for args in [&["--fast"][..], &["--dir"][..], &["--quick", "lease"][..]] {
            let Err(Error::Usage(text)) = parse(args) else { panic!("{args:?} was taken") };
            assert!(text.contains("--quick"), "{text}");
        }
    }
}
