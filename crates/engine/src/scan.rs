//! Which processes run from the store: to find again what a crash left unrecorded, and to name what nobody recorded.

use crate::{EngineError, environment};
use confine::Identity;
use model::Digest;
use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// A process that was started from the store: its executable lies there, or the release that its environment names does,
/// as with a script, whose executable is its interpreter.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) identity: Identity,
    pub(crate) program: PathBuf,
    pub(crate) artifact: Option<Digest>,
    pub(crate) user: u32,
    /// Its arguments, and the address in its environment.
    told: Vec<Vec<u8>>,
}

impl Found {
    /// Whether it was told to listen there.
    pub(crate) fn was_told(&self, listen: SocketAddr) -> bool {
        let listen = listen.to_string();
        self.told.iter().any(|told| told == listen.as_bytes())
    }
}

/// Every such process that this user may see.
pub(crate) fn engines(store: &Path) -> Result<Vec<Found>, EngineError> {
    // A store that is not there has started nothing.
    let Ok(store) = fs::canonicalize(store) else { return Ok(Vec::new()) };
    let proc = Path::new("/proc");
    let mut found = Vec::new();
    for item in fs::read_dir(proc).map_err(EngineError::io(proc))? {
        let path = item.map_err(EngineError::io(proc))?.path();
        let Some(pid) = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()) else { continue };
        // Another user's process, or one that has just ended.
        let Ok(program) = fs::read_link(path.join("exe")) else { continue };
        let in_store = program.starts_with(&store);
        // What an engine starts inherits its environment, so only what leads a session is looked at by that.
        if !in_store && confine::session(pid) != Some(pid) {
            continue;
        }
        let environ = Environ::of(&path);
        let release = if in_store { Some(program.clone()) } else { environ.release() };
        let Some(below) = release.as_deref().and_then(|release| release.strip_prefix(&store).ok()) else { continue };
        let artifact = below.components().next().and_then(|first| first.as_os_str().to_str()?.parse().ok());
        let Ok(line) = fs::read(path.join("cmdline")) else { continue };
        let Ok(meta) = fs::metadata(&path) else { continue };
        let Some(identity) = Identity::of_pid(pid)? else { continue };
        let told = line.split(|byte| *byte == 0).map(<[u8]>::to_vec).chain(environ.listen()).collect();
        found.push(Found { identity, program, artifact, user: meta.uid(), told });
    }
    Ok(found)
}

/// The environment a process was started with, as far as this user may read it.
struct Environ(Vec<u8>);

impl Environ {
    fn of(process: &Path) -> Self {
        Self(fs::read(process.join("environ")).unwrap_or_default())
    }

    fn value(&self, key: &str) -> Option<&[u8]> {
        let mut values = self.0.split(|byte| *byte == 0);
        values.find_map(|pair| pair.strip_prefix(key.as_bytes())?.strip_prefix(b"="))
    }

    fn release(&self) -> Option<PathBuf> {
        self.value(environment::RELEASE_DIR).and_then(|value| std::str::from_utf8(value).ok()).map(PathBuf::from)
    }

    fn listen(&self) -> Option<Vec<u8>> {
        self.value(environment::LISTEN).map(<[u8]>::to_vec)
    }
}
