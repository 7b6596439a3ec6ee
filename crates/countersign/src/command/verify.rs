//! `audit verify`: a ledger's files against what was pinned beforehand. Reads, writes nothing.

mod blobs;
mod events;
mod texts;

use super::Context;
use crate::error::CliError;
use crate::output;
use blobs::OfflineBlobs;
use control::{Blobs as _, Broken, Command, Leaf, Replayer, Verdict as Decision, references};
use events::Head;
use ledger::read::{LogReader, Report};
use ledger::{Damage, LedgerError};
use model::Digest;
use serde::Serialize;
use signed::Trust;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tlog::Verdict;
use tlog::checkpoint::Checkpoint;
use tlog::note::VerifierKey;

/// A write that is seen half done is done a moment later; what then is the same as before is damage.
const WRITTEN_WITHIN: Duration = Duration::from_millis(200);
/// Readings until a log that is always seen half written is called damaged.
const READINGS: u32 = 10;
/// How long a running server may take to sign what it has written.
const SIGNED_WITHIN: Duration = Duration::from_secs(1);

/// What is done to every leaf.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Its signatures are checked and it is decided again.
    #[default]
    Replayed,
    /// It is hashed.
    HashesOnly,
}

/// Where the pin lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Pin {
    /// Outside the directory that is verified.
    Apart,
    /// Inside: who could change the ledger could change the pin with it.
    BesideTheLedger,
}

impl Pin {
    fn of(trust: &Path, home: &Path) -> Self {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if real(trust).starts_with(real(home)) { Self::BesideTheLedger } else { Self::Apart }
    }
}

/// What was checked.
#[derive(Debug, Default, Serialize)]
struct Checked {
    leaves: u64,
    accepted: u64,
    refused: u64,
    depth: Depth,
    control_checkpoint: Option<u64>,
    control_root: Option<Digest>,
    events: u64,
}

/// A verdict with what it rests on.
#[derive(Serialize)]
struct Said<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    depth: Depth,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<Pin>,
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: Said<'a>,
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

pub fn run(context: &Context, trust_path: Option<&Path>, depth: Depth) -> Result<ExitCode, CliError> {
    let default = context.home.trust_path();
    let path = trust_path.unwrap_or(&default);
    let dir = context.home.governance();
    let mut checked = Checked { depth, ..Checked::default() };
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
    let pin = trust.as_ref().map(|_| Pin::of(path, context.home.path()));
    if context.json {
        let verdict = Said { verdict: &verdict, depth, pin };
        output::json(&Answer { verdict, trust: path, genesis, ledger: &dir, checked: &checked });
    } else {
        crate::say!("{}", line(&verdict, pin));
        if let (Some(trust), Some(pin)) = (&trust, pin) {
            print(path, trust, pin, &dir, &checked);
        }
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
        *checked = Checked { depth: checked.depth, ..Checked::default() };
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

/// The verdict with what it rests on: how each leaf was checked, and by whose pin.
fn line(verdict: &Verdict, pin: Option<Pin>) -> String {
    let how = match verdict {
        Verdict::Verified | Verdict::VerifiedThisServerOnly => "; every leaf was decided again",
        _ => "",
    };
    let pin = match (verdict, pin) {
        (Verdict::Failed { .. } | Verdict::Inconclusive { .. }, _) | (_, None | Some(Pin::Apart)) => "",
        (_, Some(Pin::BesideTheLedger)) => "; the pin lies beside the ledger",
    };
    format!("{verdict}{how}{pin}")
}

fn print(path: &Path, trust: &Trust, pin: Pin, dir: &Path, checked: &Checked) {
    crate::say!("ledger    {}  {}", trust.origin, dir.display());
    crate::say!("trust     {}  genesis {}", path.display(), trust.genesis);
    if pin == Pin::BesideTheLedger {
        crate::say!("          it lies beside the ledger: whoever replaced the ledger could have replaced it too;");
        crate::say!("          keep a copy where this machine cannot reach it, and name it with `--trust FILE`");
    }
    let how = match checked.depth {
        Depth::Replayed => "decided again",
        Depth::HashesOnly => "hashed; without --hashes-only they are decided again",
    };
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
        // What is missing does not hide what contradicts.
        Err(verdict @ Verdict::Inconclusive { .. }) => {
            let contradicts = report.damage.iter().find(|damage| !damage.unfinished);
            return Ok(Done(contradicts.map_or(verdict, failed)));
        }
        Err(verdict) => return Ok(Done(verdict)),
    };
    if let Some(judged) = damaged(&report, failed) {
        return Ok(judged);
    }
    if report.size == 0 {
        return Ok(Done(nothing("the ledger is empty: nothing was checked")));
    }
    if let Some(judged) = events::verify(dir, trust, &log_key, &heads, checked)? {
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
    match checked.depth {
        // No witness is configured in this build: nobody but this server has vouched for the tree.
        Depth::Replayed => Verdict::VerifiedThisServerOnly,
        Depth::HashesOnly => Verdict::Intact,
    }
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

/// Reads every leaf: pinned genesis, canonical form, the blobs and texts it names, and, unless only
/// hashes were asked for, authority and decision. Answers the heads of the events log that were committed.
fn fold(control: &LogReader, dir: &Path, trust: &Trust, checked: &mut Checked) -> Result<Vec<Head>, Verdict> {
    let blobs = OfflineBlobs::at(dir.join("blobs"));
    let mut replayer = Replayer::new(trust, &blobs);
    let mut heads = vec![];
    for item in control.entries() {
        let (index, entry) = match item {
            Ok(item) => item,
            Err(damage) if damage.unfinished => break,
            Err(damage) => return Err(failed(&damage)),
        };
        let leaf = match checked.depth {
            Depth::Replayed => replayer.push(&entry.leaf).map_err(broken)?,
            Depth::HashesOnly => read(index, &entry.leaf, trust, &blobs)?,
        };
        texts::there(index, &leaf.command, &entry.payload, &blobs)?;
        checked.leaves = index + 1;
        match &leaf.verdict {
            Decision::Accepted => checked.accepted += 1,
            Decision::Refused(_) => checked.refused += 1,
        }
        if let Command::Clock { act: control::ClockAct::EventsHead { size, root } } = &leaf.command {
            heads.push(Head { index, size: *size, root: *root });
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

/// Without deciding again: the leaf is one, leaf 0 is the pinned genesis, and the blobs it names are there.
fn read(index: u64, bytes: &[u8], trust: &Trust, blobs: &OfflineBlobs) -> Result<Leaf, Verdict> {
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
    if let Some((object, digest)) =
        references(&leaf.command).into_iter().find(|(object, digest)| blobs.get(object, digest).is_none())
    {
        let why = format!("the governing blob {object} {} is missing or not whole", digest.short());
        return Err(Verdict::Inconclusive { at: Some(index), why });
    }
    Ok(leaf)
}
