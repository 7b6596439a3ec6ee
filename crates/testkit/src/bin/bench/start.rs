//! The engine's own start: the artifact's executable, started by nobody but us.

use crate::connection::Connection;
use crate::error::Error;
use crate::plane::PATIENCE;
use artifact::{Manifest, Placement};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How often a shop is asked which release it is: the resolution of both times.
pub const POLL: Duration = Duration::from_millis(1);

/// A release, unpacked.
pub struct Release {
    manifest: Manifest,
    dir: PathBuf,
}

impl Release {
    /// Unpacks an artifact below `store`.
    ///
    /// # Errors
    /// When it is not whole.
    pub fn unpack(tar: &Path, store: &Path) -> Result<Self, Error> {
        let (dir, manifest, _) = artifact::unpack(tar, store)?;
        Ok(Self { manifest, dir })
    }

    /// Its version.
    pub fn version(&self) -> &str {
        self.manifest.version.as_str()
    }

    /// Starts it with an empty directory below `scratch`, and ends it once it is healthy: how long that took.
    ///
    /// # Errors
    /// When it is not healthy in time.
    pub async fn start(&self, scratch: &Path) -> Result<Duration, Error> {
        let data = tempfile::tempdir_in(scratch).map_err(Error::io("make an engine's directory"))?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let listen = free.map_err(Error::io("find a free port"))?;
        let at = Placement { listen, data_dir: data.path(), release_dir: &self.dir, theme_dir: None };
        let entry = &self.manifest.program()?.entry;
        let mut command = tokio::process::Command::new(entry.executable.below(&self.dir));
        command.args(entry.arguments(at)).current_dir(data.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let began = Instant::now();
        let mut engine = command.spawn().map_err(Error::io("start an engine"))?;
        let took = serving(listen.port(), self.version(), began).await?;
        engine.kill().await.map_err(Error::io("end an engine"))?;
        Ok(took)
    }
}

/// Asks a shop until it is this release, each time on a new connection; answers the time since `began`.
///
/// # Errors
/// When it does not become this release in time.
pub async fn serving(port: u16, version: &str, began: Instant) -> Result<Duration, Error> {
    loop {
        let release = tokio::time::timeout(PATIENCE, Connection::release(port)).await.ok().flatten();
        let passed = began.elapsed();
        if release.as_deref() == Some(version) {
            return Ok(passed);
        }
        if passed > PATIENCE {
            let what = format!("release {version} to serve on port {port}");
            return Err(Error::Late { what, within_s: PATIENCE.as_secs(), logs: String::new() });
        }
        tokio::time::sleep(POLL).await;
    }
}
