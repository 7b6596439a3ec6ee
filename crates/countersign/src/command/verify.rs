//! `audit verify`: a ledger's files against what was pinned beforehand. Reads, writes nothing.

use super::Context;
use crate::error::CliError;
use crate::output;
use control::{Blobs, Broken, Command, Leaf, Replayer, Verdict as Decision};
use ledger::read::{LogReader, Report};
use ledger::{Damage, LedgerError};
use model::Digest;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tlog::Verdict;
use tlog::note::VerifierKey;
use warrant::Trust;

/// Governing blobs as files, hashed again at every reading; never written.
struct OfflineBlobs(PathBuf);

impl Blobs for OfflineBlobs {
    fn get(&self, object: &str, digest: &Digest) -> Option<Vec<u8>> {
        let bytes = std::fs::read(self.0.join(format!("{object}-{digest}"))).ok()?;
        (Digest::of_object(object, &bytes) == *digest).then_some(bytes)
    }
}

/// What was checked.
#[derive(Debug, Default, Serialize)]
struct Checked {
    leaves: u64,
    accepted: u64,
    refused: u64,
    replayed: bool,
    control_checkpoint: Option<u64>,
    control_root: Option<Digest>,
    events: u64,
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: &'a Verdict,
    trust: &'a Path,
    genesis: Digest,
    ledger: &'a Path,
    checked: &'a Checked,
}

pub fn run(context: &Context, trust_path: Option<&Path>, replay: bool) -> Result<ExitCode, CliError> {
    let trust = context.home.trust(trust_path)?;
    let default = context.home.trust_path();
    let trust_path = trust_path.unwrap_or(&default);
    let dir = context.home.governance();
    let mut checked = Checked { replayed: replay, ..Checked::default() };
    let verdict = verify(&dir, &trust, replay, &mut checked)?;
    if context.json {
        let answer =
            Answer { verdict: &verdict, trust: trust_path, genesis: trust.genesis, ledger: &dir, checked: &checked };
        output::json(&answer);
    } else {
        print(&verdict, trust_path, &trust, &dir, &checked);
    }
    Ok(ExitCode::from(verdict.exit_code()))
}

fn print(verdict: &Verdict, path: &Path, trust: &Trust, dir: &Path, checked: &Checked) {
    println!("{verdict}");
    println!("ledger    {}  {}", trust.origin, dir.display());
    println!("trust     {}  genesis {}", path.display(), trust.genesis);
    let how = if checked.replayed { "decided again" } else { "hashed; add --replay to decide them again" };
    println!("leaves    {} {how} ({} accepted, {} refused)", checked.leaves, checked.accepted, checked.refused);
    if let (Some(size), Some(root)) = (checked.control_checkpoint, checked.control_root) {
        println!("signed    checkpoint of {size} leaves, root {root}");
    }
    println!("events    {}", checked.events);
}

fn failed(damage: &Damage) -> Verdict {
    Verdict::Failed { at: Some(damage.index), why: damage.to_string() }
}

fn key(text: &str) -> Result<VerifierKey, CliError> {
    text.parse().map_err(|error: tlog::TlogError| CliError::Usage(format!("the trust's log key: {error}")))
}

fn open(dir: &Path) -> Result<Option<LogReader>, CliError> {
    match LogReader::open(dir) {
        Ok(reader) => Ok(Some(reader)),
        Err(LedgerError::Io { .. }) if !dir.exists() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn verify(dir: &Path, trust: &Trust, replay: bool, checked: &mut Checked) -> Result<Verdict, CliError> {
    let log_key = key(&trust.log_key)?;
    let nothing = |why: &str| Ok(Verdict::Inconclusive { at: None, why: why.to_owned() });
    let Some(control) = open(&dir.join("control"))? else { return nothing("there is no ledger here to check") };
    let report = control.verify(&format!("{}/control", trust.origin), &log_key);
    // The story is read before the bytes behind it are judged: another ledger under the old trust
    // is named as that, at leaf 0.
    let heads = match fold(&control, dir, trust, replay, checked) {
        Ok(heads) => heads,
        Err(verdict) => return Ok(verdict),
    };
    if let Some(damage) = report.damage.iter().find(|damage| !damage.unfinished) {
        return Ok(failed(damage));
    }
    if report.size == 0 {
        return nothing("the ledger is empty: nothing was checked");
    }
    if let Some(verdict) = verify_events(dir, trust, &log_key, &heads, checked)? {
        return Ok(verdict);
    }
    Ok(signed(&report, checked))
}

/// What the newest signed checkpoint says about the leaves that were read.
fn signed(report: &Report, checked: &mut Checked) -> Verdict {
    let Some((size, _)) = report.checkpoint else { return Verdict::NotYet };
    checked.control_checkpoint = Some(size);
    checked.control_root = Some(report.root);
    if size < report.size {
        return Verdict::NotYet;
    }
    // No witness is configured in this build: nobody but this server has vouched for the tree.
    Verdict::VerifiedThisServerOnly
}

/// Reads every leaf: pinned genesis, canonical form, and with `replay` authority and decision.
/// Answers the heads of the events log that were committed.
fn fold(
    control: &LogReader,
    dir: &Path,
    trust: &Trust,
    replay: bool,
    checked: &mut Checked,
) -> Result<Vec<(u64, u64, Digest)>, Verdict> {
    let mut replayer = Replayer::new(trust, OfflineBlobs(dir.join("blobs")));
    let mut heads = vec![];
    for item in control.entries() {
        let (index, entry) = match item {
            Ok(item) => item,
            Err(damage) if damage.unfinished => break,
            Err(damage) => return Err(failed(&damage)),
        };
        let leaf = if replay { replayer.push(&entry.leaf).map_err(broken)? } else { read(index, &entry.leaf, trust)? };
        checked.leaves = index + 1;
        match &leaf.verdict {
            Decision::Accepted => checked.accepted += 1,
            Decision::Refused(_) => checked.refused += 1,
        }
        if let Command::Clock { act: control::ClockAct::EventsHead { size, root } } = &leaf.command {
            heads.push((index, *size, *root));
        }
    }
    Ok(heads)
}

fn broken(broken: Broken) -> Verdict {
    match broken {
        Broken::Failed { index, why } => Verdict::Failed { at: Some(index), why },
        Broken::Inconclusive { index, why } => Verdict::Inconclusive { at: Some(index), why },
    }
}

/// Without replay: the leaf is one, and leaf 0 is the pinned genesis.
fn read(index: u64, bytes: &[u8], trust: &Trust) -> Result<Leaf, Verdict> {
    let failed = |why: String| Verdict::Failed { at: Some(index), why };
    let leaf = Leaf::decode(bytes).map_err(|error| match error {
        control::LeafError::Rules(_) => Verdict::Inconclusive { at: Some(index), why: error.to_string() },
        error => failed(error.to_string()),
    })?;
    match (&leaf.command, index) {
        (Command::Genesis { genesis, .. }, 0) => {
            let digest = genesis.digest().map_err(|error| failed(error.to_string()))?;
            if digest != trust.genesis {
                return Err(failed(format!("this is the ledger {}, not the trusted one", digest.short())));
            }
        }
        (Command::Genesis { .. }, _) | (_, 0) => return Err(failed("a genesis is leaf 0 and only leaf 0".to_owned())),
        _ => {}
    }
    Ok(leaf)
}

/// The events log: every byte of it, and each head that was committed in the control log.
fn verify_events(
    dir: &Path,
    trust: &Trust,
    log_key: &VerifierKey,
    heads: &[(u64, u64, Digest)],
    checked: &mut Checked,
) -> Result<Option<Verdict>, CliError> {
    let missing = |index: u64| Verdict::Failed {
        at: Some(index),
        why: "the events log is shorter than the head committed here".to_owned(),
    };
    let Some(events) = open(&dir.join("events"))? else { return Ok(heads.first().map(|(index, ..)| missing(*index))) };
    let origin = format!("{}/events", trust.origin);
    let events_key =
        VerifierKey::new(&origin, *log_key.public()).map_err(|error| CliError::Usage(error.to_string()))?;
    let report = events.verify(&origin, &events_key);
    checked.events = report.size;
    if let Some(damage) = report.damage.iter().find(|damage| !damage.unfinished) {
        return Ok(Some(Verdict::Failed { at: None, why: format!("events log: {damage}") }));
    }
    let mut tree = tlog::Tree::new();
    for (_, entry) in events.entries().map_while(Result::ok) {
        tree.push(tlog::leaf_hash(&entry.leaf));
    }
    Ok(heads.iter().find_map(|(index, size, root)| match tree.root_at(*size) {
        None => Some(missing(*index)),
        Some(found) if found != *root => Some(Verdict::Failed {
            at: Some(*index),
            why: "the events log has another root than committed here".to_owned(),
        }),
        Some(_) => None,
    }))
}
