//! Founding: everything is checked by the pure core, then leaf 0 is written.

use crate::governing::Governing;
use crate::layout::Layout;
use crate::log_keys::LogKeys;
use crate::log_name::LogName;
use crate::machine::ControlMachine;
use crate::openings::{Bound, Openings, Texts};
use crate::{GovernanceError, Keys, intake};
use control::{Command, Leaf, Setting, State, check_authority, decide};
use ledger::blob::{Blobs as _, FileBlobs};
use ledger::{Clock as _, Ledger, Options, SubmitError, SystemClock};
use model::canon;
use signed::{FirstSetting, FounderSignature, Genesis, Opening, Trust};
use std::path::Path;
use std::sync::Arc;

/// What a ledger is founded with. It holds names, so it has no `Debug`.
#[derive(Clone)]
pub struct Founding {
    /// What the founders signed. Its one log key is [`Keys::control_vkey`] of the same directory.
    pub genesis: Genesis,
    pub signatures: Vec<FounderSignature>,
    /// The documents it begins with, whose digests the genesis names, in the same order.
    pub settings: Vec<Setting>,
    /// Openings of the genesis's parts (names of people), in order.
    pub openings: Vec<Opening>,
}

/// Founds the ledger in `dir`, whose keys [`Keys::create`] has made; the answer is what everyone
/// pins. After a crash in between it can be called again.
///
/// # Errors
/// `Founded` when a ledger is there; `Genesis`, `Unsigned`, `Refused` when it does not hold
/// together; `Key`, `Ledger`, `Founding` when it cannot be written.
pub async fn found(dir: &Path, founding: Founding) -> Result<Trust, GovernanceError> {
    let (keys, layout) = (Keys::open(dir)?, Layout::of(dir));
    let Founding { genesis, signatures, settings, openings } = founding;
    let (origin, log_key) = (genesis.origin.clone(), keys.control_vkey(&genesis.origin)?.to_string());
    let wrong = GovernanceError::Genesis;
    if genesis.roster.log_keys != [log_key.as_str()] {
        return Err(wrong(format!("it names other log keys than this directory's, which is {log_key}")));
    }
    let digest = genesis.digest().map_err(|error| wrong(error.to_string()))?;
    let roster = State { roster: genesis.roster.clone(), ..State::empty() };
    intake::subjects(&roster, &genesis.parts, &[]).map_err(|problem| wrong(problem.to_string()))?;
    // Before leaf 0 a genesis is its own ledger: its parts are bound to the zero digest, since its
    // own digest covers them.
    intake::openings(&model::Digest::ZERO, &genesis.command, &genesis.parts, &openings)
        .map_err(|problem| wrong(problem.to_string()))?;
    let blobs = Governing(Arc::new(FileBlobs::open(&layout.blobs())?));
    let mut named = vec![];
    for setting in &settings {
        let bytes = canon::to_vec(setting).map_err(|error| wrong(error.to_string()))?;
        named.push(FirstSetting { name: setting.name(), digest: blobs.0.put("settings", &bytes)? });
    }
    if named != genesis.settings {
        return Err(wrong("it names other documents than the ones given".to_owned()));
    }
    let bound = Bound { to: genesis.command, parts: genesis.parts.clone() };
    let sealed = Openings::open(&layout.subjects(), digest)?.seal(&[Texts { bound, openings }])?;
    let command = Command::Genesis { genesis, signatures };
    check_authority(&State::empty(), &|_| None, &command)?;
    let now = SystemClock::new().wall();
    let leaf: Leaf = decide(&State::empty(), &blobs, now, &command)?.into_leaf(now, command);
    let leaf = leaf.encode().map_err(|error| wrong(error.to_string()))?;
    let trust = Trust { origin: origin.clone(), log_keys: vec![log_key], genesis: digest };
    write(dir, &layout, &trust, &blobs, (leaf, sealed)).await?;
    Ok(trust)
}

async fn write(
    dir: &Path,
    layout: &Layout,
    trust: &Trust,
    blobs: &Governing,
    (leaf, payload): (Vec<u8>, Vec<u8>),
) -> Result<(), GovernanceError> {
    let keys = LogKeys::open(dir, &trust.origin)?;
    let control = keys.of(LogName::Control);
    let options = Options::new(control.origin(), control);
    let archive = layout.archive()?;
    let machine = |archive| ControlMachine::new(trust, blobs, &keys, archive);
    let founded = || GovernanceError::Founded(dir.to_owned());
    let opened = Ledger::open(&layout.control(), options, machine(Some(&archive)), machine(None));
    let ledger = match opened {
        // A ledger of another genesis does not replay under this one.
        Err(ledger::LedgerError::Replay { .. } | ledger::LedgerError::Checkpoint { .. }) => return Err(founded()),
        opened => opened?,
    };
    match ledger.bootstrap(leaf, payload).await {
        // Begun, it replayed under this very genesis: a founding that was cut off before anybody heard of it.
        Ok(_) | Err(SubmitError::Begun) => {}
        Err(error) => return Err(GovernanceError::Founding(error)),
    }
    // Closing waits for the first checkpoint.
    tokio::task::spawn_blocking(move || drop(ledger)).await.map_err(|error| GovernanceError::Task(error.to_string()))
}
