//! Starting one process: bytes verified, limits put on, identity durable.

use super::{
    Runtime, blocking,
    ceiling::{at_most, processes},
    locked,
};
use crate::{
    EngineError, RunAs, RuntimeOptions, health,
    layout::Layout,
    record::{Record, Serving, SideRecord},
};
use artifact::{Manifest, Placement, verify_tree};
use confine::{Limits, Network, Started, Target};
use model::{Digest, EngineId, Side};
use rustix::process::Resource;
use std::{collections::BTreeSet, path::PathBuf};

const OPEN_FILES: u32 = 1_024;

impl Runtime {
    /// Verifies every byte of the artifact, then starts it on a side that is free, and records both before and after.
    /// `restarted` says that it is not a step that starts it.
    ///
    /// # Errors
    /// When the bytes are not as signed or the process cannot be started; the side is then as free as before.
    pub(super) async fn launch(
        &self,
        record: &mut Record,
        at: Serving,
        port: u16,
        restarted: bool,
    ) -> Result<SideRecord, EngineError> {
        let Serving { side, artifact } = at;
        debug_assert!(record.side(side).is_none_or(|old| !old.is_alive()), "the caller ended what ran here");
        self.give_user(record)?;
        let (engine, user) = (record.engine, record.user);
        let (layout, release) = (self.inner.layout.clone(), self.release_dir(&artifact));
        let manifest = blocking(move || {
            layout.open_engine(&engine, user)?;
            verified(&release, &artifact)
        })
        .await?;
        let mut started = SideRecord {
            artifact,
            product: manifest.product.clone(),
            version: manifest.version.clone(),
            health: manifest.health.clone(),
            port,
            since: health::now(),
            restarted,
            process: None,
            enforced: None,
        };
        record.put(side, Some(started.clone()));
        self.save(record).await?;
        let start = Start {
            options: self.inner.options.clone(),
            layout: self.inner.layout.clone(),
            engine,
            user,
            side,
            record: started.clone(),
            manifest,
        };
        match blocking(move || start.spawn()).await {
            Ok(Started { identity, enforced }) => {
                (started.process, started.enforced) = (Some(identity), Some(enforced));
                record.put(side, Some(started.clone()));
                self.save(record).await?;
                Ok(started)
            }
            Err(error) => {
                record.put(side, None);
                self.save(record).await?;
                Err(error)
            }
        }
    }

    pub(super) fn release_dir(&self, artifact: &Digest) -> PathBuf {
        self.inner.options.store.join(artifact.to_string())
    }

    /// The lowest user that no engine has, known at once so that no other engine takes it meanwhile.
    fn give_user(&self, record: &mut Record) -> Result<(), EngineError> {
        let Some(RunAs { base }) = self.inner.options.run_as else { return Ok(()) };
        if record.user.is_some() {
            return Ok(());
        }
        let mut records = locked(&self.inner.records);
        let taken: BTreeSet<u32> = records.values().filter_map(|record| record.user).collect();
        let free = (1..=RunAs::MAX_ENGINES).filter_map(|n| base.checked_add(n)).find(|user| !taken.contains(user));
        record.user = Some(free.ok_or(EngineError::NoUserLeft(RunAs::MAX_ENGINES))?);
        records.insert(record.engine, record.clone());
        Ok(())
    }
}

pub(super) fn verified(release: &std::path::Path, artifact: &Digest) -> Result<Manifest, EngineError> {
    if !release.exists() {
        return Err(EngineError::ArtifactMissing(*artifact));
    }
    verify_tree(release, artifact).map_err(EngineError::ArtifactChanged)
}

/// Everything one start needs.
struct Start {
    options: RuntimeOptions,
    layout: Layout,
    engine: EngineId,
    user: Option<u32>,
    side: Side,
    record: SideRecord,
    manifest: Manifest,
}

impl Start {
    fn spawn(self) -> Result<Started, EngineError> {
        let absolute = |path: PathBuf| std::fs::canonicalize(&path).map_err(EngineError::io(&path));
        let release_dir = absolute(self.options.store.join(self.record.artifact.to_string()))?;
        let data_dir = absolute(self.layout.data(&self.engine))?;
        let at = Placement { listen: self.record.listen(), data_dir: &data_dir, release_dir: &release_dir };
        let target = Target {
            program: self.manifest.entry.executable.below(&release_dir),
            args: self.manifest.entry.arguments(at),
            cwd: data_dir.clone(),
        };
        let limits = Limits {
            uid_gid: self.user.map(|user| (user, user)),
            memory_mib: self.manifest.memory_mib,
            open_files: at_most(Resource::Nofile, OPEN_FILES),
            processes: processes(self.user),
            read_paths: vec![release_dir],
            write_paths: vec![data_dir],
            network: Network::Only { bind: vec![self.record.port], connect: Vec::new() },
        };
        let log = self.layout.log(&self.engine, self.side);
        confine::spawn(&self.options.host(), &target, &limits, &log).map_err(EngineError::Start)
    }
}
