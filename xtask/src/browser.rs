//! The browser: tests of the console in `e2e/`, on the system's own Chromium.
//!
//! Node and a browser are needed to test, never to build. A machine without them skips the step, loudly; under
//! `CI=true` that is a failure.

mod find;
mod report;

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo;
use crate::error::Error;
use crate::tally::Tally;
use crate::workspace::Workspace;
use report::Report;

/// Names the binary under test to the tests, which start it as a process.
const BINARY: &str = "COUNTERSIGN_BIN";
/// Said at the end of each run: as root a browser has no sandbox of its own.
pub const SANDBOX: &str = "the browser ran with --no-sandbox";

/// What the step came to.
#[derive(Debug)]
pub enum Outcome {
    /// The tests ran.
    Ran(Report),
    /// They could not: why.
    Skipped(String),
}

/// What the browser's scripts need.
#[derive(Debug)]
pub enum Tools {
    /// All is there; the browser.
    Ready(PathBuf),
    /// Something is not on this machine.
    Missing(String),
    /// What the lock file names could not be installed.
    Broken(&'static str),
}

/// Finds browser, node and npm, and installs what `e2e` names; `install` allows to install a browser.
pub fn tools(e2e: &Path, install: bool) -> Result<Tools, Error> {
    let Some(chromium) = find::browser(install)? else {
        return Ok(Tools::Missing(find::MISSING.to_owned()));
    };
    if !answers("node") || !answers("npm") {
        return Ok(Tools::Missing("node and npm are not installed (node 20 or newer is needed)".to_owned()));
    }
    if !is_installed(e2e) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        if !passes(npm.current_dir(e2e), "npm ci")? {
            return Ok(Tools::Broken("`npm ci` in e2e failed: see above"));
        }
    }
    Ok(Tools::Ready(chromium))
}

/// Builds the binary and runs every browser test; `install` allows to install a browser.
pub fn run(workspace: &Workspace, install: bool) -> Result<Outcome, Error> {
    let e2e = workspace.root.join("e2e");
    let chromium = match tools(&e2e, install)? {
        Tools::Ready(chromium) => chromium,
        Tools::Missing(why) => return Ok(Outcome::Skipped(why)),
        Tools::Broken(why) => return Ok(Outcome::Ran(Report::broken(why))),
    };
    if !cargo::passes(&workspace.root, &["build", "--quiet", "--package", "countersign"])? {
        return Ok(Outcome::Ran(Report::broken("the binary under test was not built: see above")));
    }
    let binary = workspace.target.join("debug").join(format!("countersign{}", env::consts::EXE_SUFFIX));
    play(&e2e, &workspace.target.join("xtask"), &chromium, &binary).map(Outcome::Ran)
}

/// Builds the release binary and runs a script of `e2e` with it on the system's browser; whether both ended well.
pub fn script(workspace: &Workspace, script: &str, args: &[&OsStr]) -> Result<bool, Error> {
    let e2e = workspace.root.join("e2e");
    let chromium = match tools(&e2e, false)? {
        Tools::Ready(chromium) => chromium,
        Tools::Missing(why) => return Err(Error::Unready(why)),
        Tools::Broken(why) => return Err(Error::Unready(why.to_owned())),
    };
    if !cargo::passes(&workspace.root, &["build", "--quiet", "--release", "--package", "countersign"])? {
        return Ok(false);
    }
    let binary = workspace.target.join("release").join(format!("countersign{}", env::consts::EXE_SUFFIX));
    let mut node = Command::new("node");
    node.arg(script).args(args).current_dir(&e2e).env("CHROMIUM", chromium).env(BINARY, binary);
    passes(&mut node, &format!("node {script}"))
}

/// Runs Playwright: its lines are the reader's, its report is ours.
fn play(e2e: &Path, folder: &Path, chromium: &Path, binary: &Path) -> Result<Report, Error> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { path, source }
    };
    fs::create_dir_all(folder).map_err(at(folder))?;
    let file = folder.join(format!("browser-{}.json", std::process::id()));
    let mut playwright = Command::new("node");
    playwright
        .args(["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"])
        .current_dir(e2e)
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &file)
        .env("CHROMIUM", chromium)
        .env(BINARY, binary);
    let ended_well = passes(&mut playwright, "playwright test")?;
    let text = fs::read_to_string(&file).map_err(at(&file))?;
    fs::remove_file(&file).map_err(at(&file))?;
    Ok(Report::read(&text, ended_well))
}

fn passes(command: &mut Command, line: &str) -> Result<bool, Error> {
    let status = command.stdin(Stdio::null()).status();
    status.map(|status| status.success()).map_err(|source| Error::Start { command: line.to_owned(), source })
}

/// Whether a program is on the path.
fn answers(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Whether what the lock file names is there: npm writes its own copy last, with what it installed.
fn is_installed(e2e: &Path) -> bool {
    let time = |path: PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    let (wanted, there) = (time(e2e.join("package-lock.json")), time(e2e.join("node_modules/.package-lock.json")));
    wanted.zip(there).is_some_and(|(wanted, there)| there >= wanted)
}

impl Outcome {
    /// Counts, failures and skips of the step. A browser that is missing fails where every machine must have one.
    pub fn told(self, ci: bool) -> (Tally, Vec<String>, Vec<String>) {
        match self {
            Self::Ran(report) => (report.tally, report.failures, report.skips),
            Self::Skipped(why) if ci => {
                (Tally::FAILED, vec![format!("{why}; under CI=true that is a failure")], vec![])
            }
            Self::Skipped(why) => (Tally::SKIPPED, vec![], vec![format!("browser: NO BROWSER TEST RAN: {why}")]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, is_installed};
    use crate::tally::Tally;

    #[test]
    fn a_missing_browser_is_skipped_loudly_and_fails_where_all_machines_have_one() {
        let (tally, failures, skips) = Outcome::Skipped("none".to_owned()).told(false);
        assert_eq!((tally, failures.len()), (Tally::SKIPPED, 0));
        assert!(skips[0].contains("NO BROWSER TEST RAN"), "{skips:?}");
        let (tally, failures, skips) = Outcome::Skipped("none".to_owned()).told(true);
        assert_eq!((tally, skips.len()), (Tally::FAILED, 0));
        assert!(failures[0].contains("CI=true"), "{failures:?}");
    }

    #[test]
    fn packages_are_installed_once_for_each_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_installed(folder.path()));
        std::fs::write(folder.path().join("package-lock.json"), "{}").unwrap();
        assert!(!is_installed(folder.path()));
        std::fs::create_dir(folder.path().join("node_modules")).unwrap();
        std::fs::write(folder.path().join("node_modules/.package-lock.json"), "{}").unwrap();
        assert!(is_installed(folder.path()));
    }
}
