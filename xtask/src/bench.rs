//! `cargo xtask bench`: figures of the release build.

pub mod page;

use crate::cargo;
use crate::error::Error;
use crate::workspace::Workspace;

/// Names the release binary to the bench, which starts it as a process.
const VARIABLE: &str = "COUNTERSIGN_BIN";

/// Measures AI leases beside PostgreSQL: nothing of the release binary is needed.
pub fn lease(args: &[String]) -> Result<bool, Error> {
    let workspace = Workspace::load()?;
    if !workspace.has_binary("testkit", "bench") {
        return Err(Error::NoBench);
    }
    let mut bench = vec!["run", "--release", "--package", "testkit", "--bin", "bench", "--", "lease"];
    bench.extend(args.iter().map(String::as_str));
    cargo::passes(&workspace.root, &bench)
}

/// Builds the release binary and runs the bench with the caller's arguments.
pub fn run(args: &[String]) -> Result<bool, Error> {
    let workspace = Workspace::load()?;
    if !workspace.has_binary("testkit", "bench") {
        return Err(Error::NoBench);
    }
    if !cargo::passes(&workspace.root, &["build", "--release", "--package", "countersign"])? {
        return Ok(false);
    }
    let mut bench = vec!["run", "--release", "--package", "testkit", "--bin", "bench", "--"];
    bench.extend(args.iter().map(String::as_str));
    let binary = workspace.target.join("release").join(format!("countersign{}", std::env::consts::EXE_SUFFIX));
    let status = cargo::command(&workspace.root, &bench)
        .env(VARIABLE, binary)
        .status()
        .map_err(|source| Error::Start { command: cargo::line(&bench), source })?;
    Ok(status.success())
}
