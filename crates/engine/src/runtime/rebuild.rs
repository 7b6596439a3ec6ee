//! A damaged record: set aside, and rebuilt from what the ledger says serves and what is found running.

use super::{Runtime, blocking, launch::verified, locked};
use crate::{
    EngineError, RunAs, Setup, Wanted,
    credential::LEASE_LOST,
    health,
    record::{Record, SideRecord},
    scan,
};
use model::{Bundle, EngineId, Side};
use std::{
    collections::BTreeSet,
    fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::MetadataExt,
    path::Path,
};

impl Runtime {
    pub(super) fn is_lost(&self, engine: &EngineId) -> bool {
        locked(&self.inner.lost).contains_key(engine)
    }

    /// The record of an engine whose own was damaged, or is gone with its disk: what the ledger says serves, the
    /// processes that were told to listen on its ports, and the user that its data belong to. INVARIANT: the caller holds
    /// the engine's lock.
    pub(super) async fn rebuilt(&self, wanted: &Wanted) -> Result<Record, EngineError> {
        let (options, layout, engine) = (self.inner.options.clone(), self.inner.layout.clone(), wanted.site.engine);
        let taken: BTreeSet<u32> = locked(&self.inner.records).values().filter_map(|record| record.user).collect();
        let fresh = Record { generation: wanted.generation, serving: wanted.serving, ..Record::new(wanted.site) };
        let ports = [Side::Blue, Side::Green].map(|side| (side, wanted.side_port(side)));
        let (kept, vault) = (wanted.clone(), self.inner.vault.clone());
        let record = blocking(move || {
            let user = options.run_as.and_then(|users| owner(&layout.data(&engine), users));
            let mut record = Record { user: user.filter(|user| !taken.contains(user)), ..fresh };
            layout.open_engine(&engine, record.user)?;
            let running = scan::engines(&options.store)?;
            for (side, port) in ports {
                let is_ours = |user| record.user.is_none_or(|ours| ours == user);
                if let Some(found) = found(&options.store, &running, port, &is_ours, &kept)? {
                    let credential = vault.credential(engine, side).map(|kept| kept.digest());
                    record.put(side, Some(SideRecord { credential, ..found }));
                }
            }
            Ok(record)
        })
        .await?;
        self.save(&record).await?;
        if let Some(what) = locked(&self.inner.lost).remove(&engine) {
            tracing::warn!(%engine, what, "engine: its record is rebuilt");
            let path = self.inner.layout.record(&engine);
            let lost = if record.has_lost_its_lease() { LEASE_LOST } else { "" };
            self.inner.files.mended(&path, format!("{what}; rebuilt from the ledger and from what runs{lost}"));
        }
        Ok(record)
    }
}

/// What was told to listen on this port.
fn found(
    store: &Path,
    running: &[scan::Found],
    port: u16,
    is_ours: &dyn Fn(u32) -> bool,
    wanted: &Wanted,
) -> Result<Option<SideRecord>, EngineError> {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let is_it = |found: &&scan::Found| found.was_told(listen) && is_ours(found.user);
    let Some(found) = running.iter().find(is_it) else { return Ok(None) };
    let Some(artifact) = found.artifact else { return Ok(None) };
    let manifest = verified(&store.join(artifact.to_string()), &artifact)?;
    let program = manifest.program().map_err(EngineError::ArtifactChanged)?;
    // What serves is what the ledger says; of a side that nobody is led to no more is known than its program.
    let serves = wanted.serving.filter(|serving| wanted.side_port(serving.side) == port);
    let bundle = serves.map(|serving| serving.bundle).filter(|bundle| bundle.artifact == artifact);
    let profile = &program.profile;
    let usual =
        Setup { memory_mib: profile.memory_mib.usual, start_within_ms: profile.start_within_ms.usual, config: None };
    let setup = bundle.and(wanted.setup.clone()).unwrap_or(usual);
    Ok(Some(SideRecord {
        bundle: bundle.unwrap_or(Bundle::of(artifact)),
        setup,
        credential: None,
        health: program.health.clone(),
        product: manifest.product,
        version: manifest.version,
        port,
        since: health::now(),
        restarted: false,
        process: Some(found.identity.clone()),
        // What was put on it at its start was in the record.
        enforced: None,
    }))
}

/// The user an engine's data belong to, where it is one of the engines' own.
fn owner(data: &Path, users: RunAs) -> Option<u32> {
    let user = fs::symlink_metadata(data).ok()?.uid();
    (users.base < user && user - users.base <= RunAs::MAX_ENGINES).then_some(user)
}
