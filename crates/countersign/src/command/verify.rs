//! `audit verify`: a ledger's files against what was pinned beforehand. Reads, writes nothing.

mod blobs;

use super::Context;
use crate::error::CliError;
use crate::output;
use blobs::OfflineBlobs;
use control::{Broken, Command, Leaf, Replayer, Verdict as Decision};
use ledger::read::{LogReader, Report};
use ledger::{Damage, LedgerError};
use model::Digest;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tlog::Verdict;
use tlog::checkpoint::Checkpoint;
use tlog::note::VerifierKey;
use warrant::Trust;

/// A write that is seen half done is done a moment later; what then is the same as before is damage.
const WRITTEN_WITHIN: Duration = Duration::from_millis(200);
/// Readings until a log that is always seen half written is called damaged.
const READINGS: u32 = 10;
/// How long a running server may take to sign what it has written.
const SIGNED_WITHIN: Duration = Duration::from_secs(1);

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
    #[serde(skip_serializing_if = "Option::is_none")]
    genesis: Option<Digest>,
    ledger: &'a Path,
    checked: &'a Checked,
}

/// How a reading ended.
enum Reading {
    Done(Verdict),
    /// The newest write is not complete: it is going on, or it was cut off.
    Torn(Damage),
}

pub fn run(context: &Context, trust_path: Option<&Path>, replay: bool) -> Result<ExitCode, CliError> {
    let default = context.home.trust_path();
    let path = trust_path.unwrap_or(&default);
    let dir = context.home.governance();
    let mut checked = Checked { replayed: replay, ..Checked::default() };
    // Without a ledger there is no trust.json either; a file that was named and is not there is an error.
    let trust = if trust_path.is_none() && !path.exists() { None } else { Some(context.home.trust(trust_path)?) };
    let verdict = match &trust {
        Some(trust) => settled(&dir, trust, &mut checked)?,
        None => nothing(&format!(
            "nothing is pinned here: {} is not there; say whom you trust with `--trust FILE`",
            path.display()
        )),
    };
    let genesis = trust.as_ref().map(|trust| trust.genesis);
    if context.json {
        output::json(&Answer { verdict: &verdict, trust: path, genesis, ledger: &dir, checked: &checked });
    } else {
        print(&verdict, path, trust.as_ref(), &dir, &checked);
    }
    Ok(ExitCode::from(verdict.exit_code()))
}

fn nothing(why: &str) -> Verdict {
    Verdict::Inconclusive { at: None, why: why.to_owned() }
}

/// Reads until no write is seen half done.
fn settled(dir: &Path, trust: &Trust, checked: &mut Checked) -> Result<Verdict, CliError> {
    let mut before: Option<Damage> = None;
    for _ in 0..READINGS {
        *checked = Checked { replayed: checked.replayed, ..Checked::default() };
        match verify(dir, trust, checked)? {
            Reading::Done(verdict) => return Ok(verdict),
            Reading::Torn(damage) if before.as_ref() == Some(&damage) => break,
            Reading::Torn(damage) => before = Some(damage),
        }
        std::thread::sleep(WRITTEN_WITHIN);
    }
    let damage = before.expect("the loop is left here only behind a torn write");
    let why = format!("{damage}; if a power cut did this, the next start clears it, as it was never acknowledged");
    Ok(Verdict::Failed { at: Some(damage.index), why })
}

fn print(verdict: &Verdict, path: &Path, trust: Option<&Trust>, dir: &Path, checked: &Checked) {
    crate::say!("{verdict}");
    let Some(trust) = trust else { return };
    crate::say!("ledger    {}  {}", trust.origin, dir.display());
    crate::say!("trust     {}  genesis {}", path.display(), trust.genesis);
    let how = if checked.replayed { "decided again" } else { "hashed; add --replay to decide them again" };
    crate::say!("leaves    {} {how} ({} accepted, {} refused)", checked.leaves, checked.accepted, checked.refused);
    if let (Some(size), Some(root)) = (checked.control_checkpoint, checked.control_root) {
        crate::say!("signed    checkpoint of {size} leaves, root {root}");
        if size < checked.leaves {
            crate::say!("          the {} newest leaves were being signed just then", checked.leaves - size);
        }
    }
    crate::say!("events    {}", checked.events);
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

fn verify(dir: &Path, trust: &Trust, checked: &mut Checked) -> Result<Reading, CliError> {
    use Reading::Done;
    let log_key = key(&trust.log_key)?;
    let Some(control) = open(&dir.join("control"))? else {
        return Ok(Done(nothing("there is no ledger here to check")));
    };
    if let Some(verdict) = OfflineBlobs::at(dir.join("blobs")).damaged() {
        return Ok(Done(verdict));
    }
    let origin = format!("{}/control", trust.origin);
    let report = control.verify(&origin, &log_key);
    // The story is read before the bytes behind it are judged: another ledger under the old trust
    // is named as that, at leaf 0.
    let heads = match fold(&control, dir, trust, checked) {
        Ok(heads) => heads,
        Err(verdict) => return Ok(Done(verdict)),
    };
    if let Some(judged) = damaged(&report, failed) {
        return Ok(judged);
    }
    if report.size == 0 {
        return Ok(Done(nothing("the ledger is empty: nothing was checked")));
    }
    if let Some(judged) = verify_events(dir, trust, &log_key, &heads, checked)? {
        return Ok(judged);
    }
    Ok(Done(signed(&control, &report, &log_key, &origin, checked)))
}

/// The first defect, if there is one; torn when there is nothing else.
fn damaged(report: &Report, failed: impl FnOnce(&Damage) -> Verdict) -> Option<Reading> {
    let first = report.damage.first()?;
    let torn = report.damage.iter().all(|damage| damage.unfinished);
    Some(if torn { Reading::Torn(first.clone()) } else { Reading::Done(failed(first)) })
}

/// What the newest signed checkpoint says about the leaves that were read.
fn signed(control: &LogReader, report: &Report, log_key: &VerifierKey, origin: &str, checked: &mut Checked) -> Verdict {
    let newest = report.checkpoint.as_ref().and_then(|(_, note)| Checkpoint::open(note, log_key, origin).ok());
    let size = newest.as_ref().map_or(0, |newest| newest.size);
    if size < report.size && !grows(control, size) {
        return Verdict::NotYet;
    }
    let Some(newest) = newest else { return Verdict::NotYet };
    checked.control_checkpoint = Some(newest.size);
    checked.control_root = Some(newest.root);
    // No witness is configured in this build: nobody but this server has vouched for the tree.
    Verdict::VerifiedThisServerOnly
}

/// Whether a newer checkpoint than of `size` comes: then a server is at work, and the leaves beyond
/// it were being signed while they were read.
fn grows(control: &LogReader, size: u64) -> bool {
    let deadline = Instant::now() + SIGNED_WITHIN;
    loop {
        if control.checkpoint_size() > size {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Reads every leaf: pinned genesis, canonical form, and with `replay` authority and decision.
/// Answers the heads of the events log that were committed.
fn fold(
    control: &LogReader,
    dir: &Path,
    trust: &Trust,
    checked: &mut Checked,
) -> Result<Vec<(u64, u64, Digest)>, Verdict> {
    let mut replayer = Replayer::new(trust, OfflineBlobs::at(dir.join("blobs")));
    let mut heads = vec![];
    for item in control.entries() {
        let (index, entry) = match item {
            Ok(item) => item,
            Err(damage) if damage.unfinished => break,
            Err(damage) => return Err(failed(&damage)),
        };
        let leaf = if checked.replayed {
            replayer.push(&entry.leaf).map_err(broken)?
        } else {
            read(index, &entry.leaf, trust)?
        };
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
) -> Result<Option<Reading>, CliError> {
    use Reading::Done;
    let missing = |index: u64| Verdict::Failed {
        at: Some(index),
        why: "the events log is shorter than the head committed here".to_owned(),
    };
    let Some(events) = open(&dir.join("events"))? else {
        return Ok(heads.first().map(|(index, ..)| Done(missing(*index))));
    };
    let origin = format!("{}/events", trust.origin);
    let events_key =
        VerifierKey::new(&origin, *log_key.public()).map_err(|error| CliError::Usage(error.to_string()))?;
    let report = events.verify(&origin, &events_key);
    checked.events = report.size;
    let failed = |damage: &Damage| Verdict::Failed { at: None, why: format!("events log: {damage}") };
    if let Some(judged) = damaged(&report, failed) {
        return Ok(Some(judged));
    }
    let mut tree = tlog::Tree::new();
    for (_, entry) in events.entries().map_while(Result::ok) {
        tree.push(tlog::leaf_hash(&entry.leaf));
    }
    Ok(heads.iter().find_map(|(index, size, root)| match tree.root_at(*size) {
        None => Some(Done(missing(*index))),
        Some(found) if found != *root => Some(Done(Verdict::Failed {
            at: Some(*index),
            why: "the events log has another root than committed here".to_owned(),
        })),
        Some(_) => None,
    }))
}
