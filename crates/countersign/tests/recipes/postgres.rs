//! A PostgreSQL of its own, on a free port, for as long as a test runs.

use crate::node::until;
use control::{Config, SecretValue};
use model::Digest;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What stands in no command line and no log.
pub const PASSWORD: &str = "planted-database-password";

/// A user that the system knows: PostgreSQL refuses to run as root, and as one without a name.
fn user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let named = |name: &str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2).map(|field| field.parse().ok());
        Some((fields.next()??, fields.next()??))
    };
    Some(named("postgres").or_else(|| named("nobody")).expect("there is somebody who is not root"))
}

pub struct Database {
    pub port: u16,
    server: Child,
}

/// Where Debian and others keep the server's programs.
fn program(name: &str) -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin").join(name));
    let others = ["/usr/local/pgsql/bin", "/usr/bin"].map(|dir| Path::new(dir).join(name));
    debian.chain(others).find(|path| path.exists())
}

fn as_user(program: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = user() {
        command.uid(uid).gid(gid);
    }
    command.current_dir("/").stdin(Stdio::null());
    command
}

impl Database {
    /// Makes a cluster below `dir` and starts it; why not, where that is not possible here.
    pub fn start(dir: &Path) -> Result<Self, String> {
        let missing = || "PostgreSQL is not installed (`apt install postgresql`)".to_owned();
        let (initdb, server) = (program("initdb").ok_or_else(missing)?, program("postgres").ok_or_else(missing)?);
        fs::create_dir(dir).unwrap();
        let password = dir.join("password");
        fs::write(&password, PASSWORD).unwrap();
        if let Some((uid, gid)) = user() {
            for path in [dir, password.as_path()] {
                chown(path, Some(uid), Some(gid)).unwrap();
            }
        }
        let data = dir.join("data");
        let mut make = as_user(&initdb);
        make.args(["--auth=scram-sha-256", "--username=notes", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]);
        make.arg("--pwfile").arg(&password).arg("--pgdata").arg(&data);
        let made = make.output().map_err(|error| error.to_string())?;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut run = as_user(&server);
        run.arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1", "-c", "fsync=off"]);
        run.args(["-c", "unix_socket_directories="]).stdout(Stdio::null()).stderr(Stdio::null());
        let server = run.spawn().map_err(|error| error.to_string())?;
        let database = Self { port, server };
        until("PostgreSQL listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Ok(database)
    }

    /// Where it is and the way in: a secret.
    pub fn url(&self) -> String {
        format!("postgresql://notes:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// What a program is given to reach it.
    pub fn given(&self, url: Digest) -> Config {
        Config {
            secrets: vec![SecretValue { key: "DATABASE_URL".parse().unwrap(), secret: url }],
            outbound: vec![self.port],
            ..Config::default()
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's own word for an end at once, in order.
        let pid = rustix::process::Pid::from_child(&self.server);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        let _ = self.server.wait();
    }
}
