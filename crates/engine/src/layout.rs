//! Where things are below the runtime's directory.

use crate::{EngineError, RunAs};
use confine::Identity;
use front::FrontClient;
use model::{EngineId, Side};
use std::{
    fs::{self, DirBuilder},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown},
    path::{Path, PathBuf},
};

/// The directory of one runtime.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    dir: PathBuf,
}

impl Layout {
    pub(crate) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    pub(crate) fn engines(&self) -> PathBuf {
        self.dir.join("engines")
    }

    pub(crate) fn engine(&self, engine: &EngineId) -> PathBuf {
        self.engines().join(engine.to_string())
    }

    pub(crate) fn record(&self, engine: &EngineId) -> PathBuf {
        self.engine(engine).join("record.json")
    }

    /// Shared by both sides, so what visitors leave there outlives a release.
    pub(crate) fn data(&self, engine: &EngineId) -> PathBuf {
        self.engine(engine).join("data")
    }

    /// What its sides print. Each directory of logs holds nothing else: their writers may change all that is in it.
    pub(crate) fn logs(&self, engine: &EngineId) -> PathBuf {
        self.engine(engine).join("logs")
    }

    pub(crate) fn log(&self, engine: &EngineId, side: Side) -> PathBuf {
        self.logs(engine).join(format!("{side}.log"))
    }

    pub(crate) fn front(&self) -> PathBuf {
        self.dir.join("front")
    }

    /// What is enforced on the front, and its identity.
    pub(crate) fn front_start(&self) -> PathBuf {
        self.dir.join("front.json")
    }

    pub(crate) fn front_log(&self) -> PathBuf {
        self.dir.join("logs").join("front.log")
    }

    /// Makes the directories that are there from the beginning. Other users may pass through ours, not list them.
    pub(crate) fn open(&self, run_as: Option<RunAs>) -> Result<(), EngineError> {
        let mode = if run_as.is_some() { 0o711 } else { 0o700 };
        make(&self.dir, mode)?;
        make(&self.engines(), mode)?;
        make(&self.dir.join("logs"), 0o700)?;
        self.own_front(run_as)?;
        if run_as.is_some() {
            let dir = fs::canonicalize(&self.dir).map_err(EngineError::io(&self.dir))?;
            passable(&dir)?;
        }
        Ok(())
    }

    /// The front's directory and what is in it belong to the front's user. Links are never followed: that user
    /// could have put them there.
    pub(crate) fn own_front(&self, run_as: Option<RunAs>) -> Result<(), EngineError> {
        let front = self.front();
        make(&front, 0o700)?;
        let Some(RunAs { base }) = run_as else { return Ok(()) };
        if fs::metadata(&front).map_err(EngineError::io(&front))?.uid() == base {
            return Ok(());
        }
        for item in fs::read_dir(&front).map_err(EngineError::io(&front))? {
            let path = item.map_err(EngineError::io(&front))?.path();
            lchown(&path, Some(base), Some(base)).map_err(EngineError::io(&path))?;
        }
        lchown(&front, Some(base), Some(base)).map_err(EngineError::io(&front))
    }

    /// The front by its own pid file. Its user writes that, so it can name a process of that user and no other.
    pub(crate) fn front_by_itself(&self) -> Option<Identity> {
        let identity = FrontClient::new(self.front()).identity().ok().flatten()?;
        let owner = fs::metadata(format!("/proc/{}", identity.pid)).ok()?.uid();
        (owner == fs::metadata(self.front()).ok()?.uid()).then_some(identity)
    }

    /// Makes an engine's directories; the data directory belongs to the engine's user.
    pub(crate) fn open_engine(&self, engine: &EngineId, user: Option<u32>) -> Result<(), EngineError> {
        make(&self.engine(engine), if user.is_some() { 0o711 } else { 0o700 })?;
        make(&self.logs(engine), 0o700)?;
        let data = self.data(engine);
        make(&data, 0o700)?;
        match user {
            Some(user) => lchown(&data, Some(user), Some(user)).map_err(EngineError::io(&data)),
            None => Ok(()),
        }
    }
}

fn make(dir: &Path, mode: u32) -> Result<(), EngineError> {
    DirBuilder::new().recursive(true).mode(mode).create(dir).map_err(EngineError::io(dir))?;
    let now = fs::metadata(dir).map_err(EngineError::io(dir))?.permissions().mode();
    if now & mode == mode {
        return Ok(());
    }
    // Widened where it must be, never narrowed: somebody may have opened it for a reason.
    fs::set_permissions(dir, fs::Permissions::from_mode(now | mode)).map_err(EngineError::io(dir))
}

/// Whether any user may pass through every directory down to this one.
pub(crate) fn passable(dir: &Path) -> Result<(), EngineError> {
    for above in dir.ancestors() {
        if fs::metadata(above).map_err(EngineError::io(above))?.mode() & 0o001 == 0 {
            return Err(EngineError::Closed(above.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_directory_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        make(&inner, 0o711).unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let error = passable(&inner).unwrap_err();
        assert!(matches!(&error, EngineError::Closed(path) if path == dir.path()), "{error}");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).unwrap();
        passable(&inner).unwrap();
    }

    #[test]
    fn an_engine_has_its_own_place() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path());
        layout.open(None).unwrap();
        let engine = EngineId([7; 16]);
        layout.open_engine(&engine, None).unwrap();
        layout.open_engine(&engine, None).unwrap();
        assert!(layout.data(&engine).is_dir() && layout.front().is_dir());
    }
}
