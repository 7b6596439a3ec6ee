//! Starting one process: bytes verified, limits put on, identity durable.

use super::{
    Runtime, blocking,
    ceiling::{at_most, processes},
    locked,
    probe::ended,
};
use crate::{
    EngineError, RunAs, RuntimeOptions, Setup, Site, Vault,
    credential::{Credential, LEASE_LOST},
    environment,
    given::Given,
    health,
    layout::Layout,
    output,
    record::{Record, SideRecord, group_name},
};
use artifact::{Manifest, Placement, Program, verify_tree};
use confine::{Limits, Log, Network, Started, Target};
use model::{Digest, EngineId, Side, TenantId};
use rustix::process::Resource;
use signed::Served;
use std::{collections::BTreeSet, net::Ipv4Addr, path::PathBuf};
use tokio::{net::TcpStream, time::timeout};

const OPEN_FILES: u32 = 1_024;
/// For temporary files, in its data directory.
const TEMPORARY: &str = "tmp";

impl Runtime {
    /// Verifies every byte of the artifact, then starts it on a side that is free, and records both before and after.
    ///
    /// # Errors
    /// When the bytes are not as signed or the process cannot be started; the side is then as free as before.
    pub(super) async fn launch(
        &self,
        record: &mut Record,
        at: Served,
        port: u16,
        how: Launch,
    ) -> Result<SideRecord, EngineError> {
        let Served { side, bundle } = at;
        let artifact = bundle.artifact;
        debug_assert!(record.side(side).is_none_or(|old| !old.is_alive()), "the caller ended what ran here");
        self.give_user(record)?;
        let (engine, user) = (record.engine, record.user);
        let gone = record.side(side).and_then(|old| old.process.clone());
        how.setup.is_of(&bundle)?;
        let (how, given, known) = self.given(engine, at, how).await?;
        let (layout, release) = (self.inner.layout.clone(), self.release_dir(&artifact));
        let theme = given.theme.map(|theme| (self.release_dir(&theme), theme));
        let manifest = blocking(move || {
            if let (Some(gone), Some(user)) = (gone, user) {
                gone.end_session(user)?;
            }
            layout.open_engine(&engine, user)?;
            if let Some((dir, theme)) = theme {
                verified(&dir, &theme)?;
            }
            verified(&release, &artifact)
        })
        .await?;
        let program = manifest.program().map_err(EngineError::ArtifactChanged)?.clone();
        how.setup.check(&program.profile).map_err(EngineError::NotGiven)?;
        self.is_free(port).await?;
        let mut started = SideRecord {
            bundle,
            setup: how.setup,
            product: manifest.product.clone(),
            version: manifest.version.clone(),
            health: program.health.clone(),
            port,
            since: health::now(),
            restarted: how.restarted,
            credential: known,
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
            program,
            given,
            ended: how.ended,
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

    /// What its process gets, and what the ledger knows of its credential.
    async fn given(
        &self,
        engine: EngineId,
        at: Served,
        how: Launch,
    ) -> Result<(Launch, Given, Option<Digest>), EngineError> {
        let (vault, platform) = (self.inner.vault.clone(), self.inner.options.platform.clone());
        blocking(move || {
            let (credential, known) = credential(&vault, engine, &at, how.restarted)?;
            let whose = (&how.tenant, &at.bundle);
            let given = Given::of(whose, &how.setup, Some(&credential), platform.as_ref(), &vault)?;
            Ok((how, given, known))
        })
        .await
    }

    /// Whether nobody listens where it is to listen: whoever does would be taken for it.
    async fn is_free(&self, port: u16) -> Result<(), EngineError> {
        let wait = self.inner.options.timing.probe_timeout;
        match timeout(wait, TcpStream::connect((Ipv4Addr::LOCALHOST, port))).await {
            Ok(Ok(_)) => Err(EngineError::PortTaken(port)),
            _ => Ok(()),
        }
    }

    pub(super) fn release_dir(&self, artifact: &Digest) -> PathBuf {
        self.inner.options.store.join(artifact.to_string())
    }

    /// The lowest user that no engine has, known at once so that no other engine takes it meanwhile.
    fn give_user(&self, record: &mut Record) -> Result<(), EngineError> {
        let Some(run_as) = self.inner.options.run_as else { return Ok(()) };
        if record.user.is_some() {
            return Ok(());
        }
        let mut records = locked(&self.inner.records);
        let taken: BTreeSet<u32> = records.values().filter_map(|record| record.user).collect();
        record.user = Some(run_as.free(&taken).ok_or(EngineError::NoUserLeft(RunAs::MAX_ENGINES))?);
        records.insert(record.engine, record.clone());
        Ok(())
    }
}

/// What a process is known by, kept for its next start, and what the ledger knows of it. Started again, it is known by
/// what it was known by before. Waits for the disk.
fn credential(
    vault: &Vault,
    engine: EngineId,
    at: &Served,
    restarted: bool,
) -> Result<(Credential, Option<Digest>), EngineError> {
    let before = if restarted { vault.credential(engine, at.side) } else { None };
    // What was started before and is known by nothing any more gets one that the ledger does not know.
    let lost = restarted && before.is_none();
    if lost && at.bundle.lease.is_some() {
        tracing::error!(%engine, side = %at.side, "engine: what is started again had a credential{LEASE_LOST}");
    }
    let credential = before.unwrap_or_else(Credential::random);
    // Kept, it would pass at the next start for the one that the ledger knows.
    if !lost {
        vault.keep_credential(engine, at.side, &credential)?;
    }
    let known = (!lost).then(|| credential.digest());
    Ok((credential, known))
}

pub(super) fn verified(release: &std::path::Path, artifact: &Digest) -> Result<Manifest, EngineError> {
    if !release.exists() {
        return Err(EngineError::ArtifactMissing(*artifact));
    }
    verify_tree(release, artifact).map_err(EngineError::ArtifactChanged)
}

/// How a process comes to be started.
pub(super) struct Launch {
    /// Whose it is: only their secrets are given to it.
    pub(super) tenant: TenantId,
    pub(super) setup: Setup,
    /// Whether it is not a step that starts it: then it keeps the credential it had.
    pub(super) restarted: bool,
    /// How what ran before it has ended, where nobody ordered that.
    pub(super) ended: Option<&'static str>,
}

impl Launch {
    /// What a step had started is started again, as it was.
    pub(super) fn again(site: &Site, at: Side, side: &SideRecord) -> Self {
        // Asked before the next start: its group is a new one.
        let ended = Some(ended(&group_name(&site.engine, at, side.port)));
        Self { ended, ..Self::with_setup(site, side.setup.clone()) }
    }

    /// The same where no more is known of it than what it gets.
    pub(super) fn with_setup(site: &Site, setup: Setup) -> Self {
        Self { tenant: site.tenant, setup, restarted: true, ended: None }
    }
}

/// Everything one start needs.
struct Start {
    options: RuntimeOptions,
    layout: Layout,
    engine: EngineId,
    user: Option<u32>,
    side: Side,
    record: SideRecord,
    program: Program,
    given: Given,
    ended: Option<&'static str>,
}

impl Start {
    fn spawn(self) -> Result<Started, EngineError> {
        let absolute = |path: PathBuf| std::fs::canonicalize(&path).map_err(EngineError::io(&path));
        let kept = |digest: &Digest| absolute(self.options.store.join(digest.to_string()));
        let release_dir = kept(&self.record.bundle.artifact)?;
        let theme_dir = self.given.theme.as_ref().map(kept).transpose()?;
        let data_dir = absolute(self.layout.data(&self.engine))?;
        let temporary = data_dir.join(TEMPORARY);
        let (listen, theme) = (self.record.listen(), theme_dir.as_deref());
        let at = Placement { listen, data_dir: &data_dir, release_dir: &release_dir, theme_dir: theme };
        let place = environment::Place {
            artifact: &self.record.bundle.artifact,
            listen,
            release_dir: &release_dir,
            data_dir: &data_dir,
            temporary: &temporary,
            theme_dir: theme,
        };
        let entry = &self.program.entry;
        let target = Target {
            program: entry.executable.below(&release_dir),
            args: entry.arguments(at),
            cwd: data_dir.clone(),
            environment: environment::of(&place, &self.given),
            directories: vec![temporary],
        };
        let limits = Limits {
            uid_gid: self.user.map(|user| (user, user)),
            memory_mib: self.record.setup.memory_mib,
            group: Some(group_name(&self.engine, self.side, self.record.port)),
            open_files: at_most(Resource::Nofile, OPEN_FILES),
            processes: processes(self.user),
            read_paths: theme_dir.into_iter().chain([release_dir]).collect(),
            write_paths: vec![data_dir],
            network: Network::Only { bind: vec![self.record.port], connect: self.given.connect.clone() },
        };
        let log = Log {
            path: self.layout.log(&self.engine, self.side),
            begin: Some(output::start_line(&self.record, self.ended)),
            masked: self.given.masked(),
        };
        confine::spawn(&self.options.host(), &target, &limits, &log).map_err(EngineError::Start)
    }
}
