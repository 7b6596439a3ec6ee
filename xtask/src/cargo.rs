//! Running cargo, the same one that runs us, from the root of the workspace.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::error::Error;

/// A cargo command that is not started yet; `args` as typed after `cargo`.
pub fn command(root: &Path, args: &[&str]) -> Command {
    // Cargo names itself to what it runs; started by hand, the one on the path is meant.
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root);
    command
}

/// Runs cargo on the caller's terminal and says whether it ended well.
pub fn passes(root: &Path, args: &[&str]) -> Result<bool, Error> {
    let status = command(root, args).status().map_err(|source| Error::Start { command: line(args), source })?;
    Ok(status.success())
}

/// Runs cargo and returns what it wrote to its standard output.
pub fn output(root: &Path, args: &[&str]) -> Result<String, Error> {
    let output = command(root, args).output().map_err(|source| Error::Start { command: line(args), source })?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::Ended { command: line(args), said })
    }
}

/// The system that cargo builds for.
pub fn host(root: &Path) -> Result<String, Error> {
    let said = output(root, &["--version", "--verbose"])?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or(Error::Metadata("host"))
}

/// The command line as one would type it.
pub fn line(args: &[&str]) -> String {
    format!("cargo {}", args.join(" "))
}
