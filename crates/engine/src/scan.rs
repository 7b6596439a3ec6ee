//! Which processes run from the store: to find again what a crash left unrecorded, and to name what nobody recorded.

use crate::EngineError;
use confine::Identity;
use model::Digest;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// A process whose executable lies in the store.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) identity: Identity,
    pub(crate) program: PathBuf,
    pub(crate) artifact: Option<Digest>,
    args: Vec<Vec<u8>>,
}

impl Found {
    /// Whether it was told to listen there.
    pub(crate) fn was_told(&self, listen: SocketAddr) -> bool {
        let listen = listen.to_string();
        self.args.iter().any(|arg| arg == listen.as_bytes())
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
        let Ok(below) = program.strip_prefix(&store) else { continue };
        let artifact = below.components().next().and_then(|first| first.as_os_str().to_str()?.parse().ok());
        let Ok(line) = fs::read(path.join("cmdline")) else { continue };
        let Some(identity) = Identity::of_pid(pid)? else { continue };
        let args = line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
        found.push(Found { identity, program, artifact, args });
    }
    Ok(found)
}
