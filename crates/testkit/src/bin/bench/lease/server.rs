//! A PostgreSQL server of the bench's own, on the disk that is measured, flushing every commit.

use crate::error::Error;
use rustix::process::{Pid, Signal, geteuid, kill_process};
use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What is needed of it.
const PROGRAMS: [&str; 5] = ["initdb", "postgres", "pg_isready", "psql", "pgbench"];
/// Where Debian keeps them, a folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Whom to be where the bench is root, which PostgreSQL refuses.
const USERS: [&str; 2] = ["postgres", "nobody"];
/// Longest wait for the server.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);

/// A running server; dropping it stops it and removes its files.
pub struct Server {
    home: TempDir,
    programs: PathBuf,
    /// Not the bench's own user and group, where it may not be them.
    user: Option<(u32, u32)>,
    process: Option<Child>,
}

impl Server {
    /// Makes a database below `dir` and serves it on a socket there, and nowhere else.
    ///
    /// # Errors
    /// When there is no PostgreSQL here, or it does not start.
    pub fn start(dir: &Path) -> Result<Self, Error> {
        let programs = programs().ok_or(Error::NoPostgres)?;
        let home = tempfile::Builder::new().prefix("cs-pg-").tempdir_in(dir);
        let home = home.map_err(Error::io("make a directory for PostgreSQL"))?;
        let user = if geteuid().is_root() { Some(other_user().ok_or(Error::NoPostgres)?) } else { None };
        let mut server = Self { home, programs, user, process: None };
        if let Some((user, group)) = user {
            chown(server.home.path(), Some(user), Some(group)).map_err(Error::io("hand a directory to PostgreSQL"))?;
        }
        let data = server.data();
        Self::passes(server.command("initdb").args(["-A", "trust", "-U", "bench", "--locale=C", "-D"]).arg(&data))?;
        server.serve()?;
        Ok(server)
    }

    fn serve(&mut self) -> Result<(), Error> {
        let log = File::create(self.home.path().join("log")).map_err(Error::io("make a log"))?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(self.home.path());
        // Everything as delivered, but for what lets it do more between its own checkpoints.
        for setting in ["listen_addresses=", "fsync=on", "synchronous_commit=on", "max_wal_size=4GB"] {
            command.args(["-c", setting]);
        }
        command.stdout(log.try_clone().map_err(Error::io("share a log"))?).stderr(log);
        self.process = Some(command.spawn().map_err(Error::io("start postgres"))?);
        let deadline = Instant::now() + PATIENCE;
        while Self::passes(self.connected("pg_isready").arg("-q")).is_err() {
            if Instant::now() > deadline {
                let logs = fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
                return Err(Error::Late {
                    what: "PostgreSQL to be ready".to_owned(),
                    within_s: PATIENCE.as_secs(),
                    logs,
                });
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// A folder of the server's user.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// One of PostgreSQL's own programs, as the server's user, in a folder of that user.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.home.path()).stdin(Stdio::null()).env_clear().env("LC_ALL", "C");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// The same, told where the server listens.
    pub fn connected(&self, program: &str) -> Command {
        let mut command = self.command(program);
        command.arg("-h").arg(self.home.path()).args(["-U", "bench"]);
        command
    }

    /// Runs a program to its end and answers what it printed.
    ///
    /// # Errors
    /// With its last words when it fails.
    pub fn passes(command: &mut Command) -> Result<String, Error> {
        let output = command.output().map_err(Error::io("start a program of PostgreSQL"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::Postgres { program: format!("{}", command.get_program().display()), said })
    }

    /// What a query answers, without headings.
    ///
    /// # Errors
    /// When it is refused.
    pub fn sql(&self, text: &str) -> Result<String, Error> {
        let mut command = self.connected("psql");
        Self::passes(command.args(["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", text]))
    }

    /// Its own word.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn version(&self) -> Result<String, Error> {
        self.sql("SHOW server_version")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        // Its fast shutdown: every backend ends, and what is not committed is rolled back.
        let pid = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        let asked = pid.is_some_and(|pid| kill_process(pid, Signal::INT).is_ok());
        let deadline = Instant::now() + PATIENCE;
        while asked && Instant::now() < deadline {
            match process.try_wait() {
                Ok(None) => thread::sleep(LOOK),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        drop(process.kill());
        drop(process.wait());
    }
}

/// The folder that holds all of its programs: on the path, or the newest that Debian installed.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let installed = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut installed: Vec<_> = installed.filter_map(|path| Some((version(&path)?, path.join("bin")))).collect();
    installed.sort_unstable_by(|one, other| other.cmp(one));
    folders.extend(installed.into_iter().map(|(_, folder)| folder));
    folders.into_iter().find(|folder| PROGRAMS.iter().all(|program| folder.join(program).is_file()))
}

fn version(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.parse().ok()
}

/// User and group of somebody who is not root.
fn other_user() -> Option<(u32, u32)> {
    let text = fs::read_to_string("/etc/passwd").unwrap_or_default();
    USERS.iter().find_map(|name| text.lines().find_map(|line| ids(line, name)))
}

/// Of a line of `/etc/passwd` (passwd(5)).
fn ids(line: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = line.strip_prefix(name)?.strip_prefix(':')?.split(':').skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn a_line_of_the_users_is_read() {
        assert_eq!(ids("postgres:x:105:107:,,,:/var:/bin/sh", "postgres"), Some((105, 107)));
        assert_eq!(ids("postgresql:x:105:107::/:/bin/sh", "postgres"), None);
        assert_eq!(ids("postgres:x", "postgres"), None);
    }
}
