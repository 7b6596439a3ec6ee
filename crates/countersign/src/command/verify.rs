//! `audit verify`: a ledger's files against what was pinned beforehand. Reads, writes nothing.

mod blobs;
mod checked;
mod events;
mod heads;
mod leaves;
mod pin;
mod reading;
mod source;
mod texts;
mod vouched;

pub use blobs::OfflineBlobs;
pub use checked::Depth;

use super::Context;
use crate::error::CliError;
use crate::home::Home;
use crate::output;
use checked::Checked;
use follower::batches;
use heads::{InReach, Newest, PassedBy};
use leaves::{LeafReader, Read};
use ledger::Damage;
use ledger::read::{LogReader, Report};
use model::Digest;
use pin::{LogKeys, Pin};
use reading::{Reading, damaged, open};
use serde::Serialize;
use signed::Trust;
use source::Source;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use texts::Texts;
use tlog::Verdict;
use tlog::checkpoint::Checkpoint;
use tlog::note::VerifierKey;

/// A write that is seen half done is done a moment later; what then is the same as before is damage.
const WRITTEN_WITHIN: Duration = Duration::from_millis(200);
/// Readings until a log that is always seen half written is called damaged.
const READINGS: u32 = 10;
/// How long a running server may take to sign what it has written.
const SIGNED_WITHIN: Duration = Duration::from_secs(1);

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask<'a> {
    /// The file with the pin; absent: the data directory's own.
    pub trust: Option<&'a Path>,
    /// A head that somebody kept.
    pub seen: Option<&'a str>,
    /// What is done to every leaf.
    pub depth: Depth,
}

/// What is verified, and what it is held against.
struct Verification<'a> {
    source: &'a Source,
    trust: &'a Trust,
    keys: LogKeys,
    in_reach: InReach,
}

/// A verdict with what it rests on.
#[derive(Serialize)]
struct VerdictWithDepth<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    depth: Depth,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<Pin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<Newest>,
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: VerdictWithDepth<'a>,
    trust: &'a Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    genesis: Option<Digest>,
    ledger: &'a Path,
    heads: &'a InReach,
    checked: &'a Checked,
}

pub fn run(context: &Context, ask: Ask) -> Result<ExitCode, CliError> {
    let source = Source::of(&context.home);
    let installation = source.installation(&context.home);
    let default = installation.trust_path();
    let path = ask.trust.unwrap_or(&default);
    let mut checked = Checked { depth: ask.depth, ..Checked::default() };
    // Without a ledger there is no trust.json either; a file that was named and is not there is an error.
    let trust = if ask.trust.is_none() && !path.exists() { None } else { Some(installation.trust(ask.trust)?) };
    let (verdict, in_reach) = match &trust {
        Some(trust) => {
            let keys = LogKeys::pinned(trust)?;
            let mut verification = Verification { source: &source, trust, keys, in_reach: InReach::default() };
            let verdict = verification.settled(&installation, ask.seen, &mut checked)?;
            (verdict, verification.in_reach)
        }
        None => (
            nothing(&format!(
                "nothing is pinned here: {} is not there; say whom you trust with `--trust FILE`",
                path.display()
            )),
            InReach::default(),
        ),
    };
    let genesis = trust.as_ref().map(|trust| trust.genesis);
    let pin = trust.as_ref().map(|_| Pin::of(path, installation.path()));
    let concludes = !matches!(verdict, Verdict::Failed { .. } | Verdict::Inconclusive { .. });
    let newest = concludes.then(|| in_reach.newest());
    if context.json {
        let verdict = VerdictWithDepth { verdict: &verdict, depth: ask.depth, pin, newest };
        let answer =
            Answer { verdict, trust: path, genesis, ledger: source.dir(), heads: &in_reach, checked: &checked };
        output::json(&answer);
    } else {
        crate::print_line!("{}", line(&verdict, pin, newest));
        if let (Some(trust), Some(pin)) = (&trust, pin) {
            print(path, trust, pin, source.dir(), &checked);
            heads_in_reach(&in_reach);
        }
    }
    Ok(ExitCode::from(verdict.exit_code()))
}

fn nothing(why: &str) -> Verdict {
    Verdict::Inconclusive { at: None, why: why.to_owned() }
}

impl Verification<'_> {
    /// Reads until no write is seen half done.
    fn settled(&mut self, home: &Home, seen: Option<&str>, checked: &mut Checked) -> Result<Verdict, CliError> {
        let mut before: Option<Damage> = None;
        for _ in 0..READINGS {
            *checked = Checked { depth: checked.depth, ..Checked::default() };
            // Before the ledger: a server at work signs more while it is read.
            self.in_reach = InReach::of(home, self.source, &self.keys, seen)?;
            match self.verify(checked)? {
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
}

/// The verdict with what it rests on: how each leaf was checked, and by whose pin.
fn line(verdict: &Verdict, pin: Option<Pin>, newest: Option<Newest>) -> String {
    let how = match verdict {
        Verdict::Verified | Verdict::VerifiedThisServerOnly => "; every leaf was decided again",
        _ => "",
    };
    let pin = match (verdict, pin) {
        (Verdict::Failed { .. } | Verdict::Inconclusive { .. }, _) | (_, None | Some(Pin::Apart)) => "",
        (_, Some(Pin::BesideTheLedger)) => "; the pin lies beside the ledger",
    };
    let newest = newest.map(|newest| format!("; {newest}")).unwrap_or_default();
    format!("{verdict}{how}{pin}{newest}")
}

fn print(path: &Path, trust: &Trust, pin: Pin, dir: &Path, checked: &Checked) {
    crate::print_line!("ledger    {}  {}", trust.origin, dir.display());
    crate::print_line!("trust     {}  genesis {}", path.display(), trust.genesis);
    if pin == Pin::BesideTheLedger {
        crate::print_line!(
            "          it lies beside the ledger: whoever replaced the ledger could have replaced it too;"
        );
        crate::print_line!("          keep a copy where this machine cannot reach it, and name it with `--trust FILE`");
    }
    let how = match checked.depth {
        Depth::Replayed => "decided again",
        Depth::HashesOnly => "hashed; without --hashes-only they are decided again",
    };
    crate::print_line!(
        "leaves    {} {how} ({} accepted, {} refused)",
        checked.leaves,
        checked.accepted,
        checked.refused
    );
    if let (Some(size), Some(root)) = (checked.control_checkpoint, checked.control_root) {
        crate::print_line!("signed    checkpoint of {size} leaves, root {root}");
        if size < checked.leaves {
            crate::print_line!("          the {} newest leaves were being signed just then", checked.leaves - size);
        }
    }
    crate::print_line!("events    {}", checked.events);
    crate::print_line!("texts     {} opened, each what was signed", checked.texts.as_signed);
    if checked.texts.unopened > 0 {
        crate::print_line!(
            "          {} cannot be opened here: their keys are not here, or were destroyed",
            checked.texts.unopened
        );
    }
    for line in checked.vouched.lines() {
        crate::print_line!("vouched   {line}");
    }
}

/// What the ledger was held against.
fn heads_in_reach(heads: &InReach) {
    if let Some(largest) = heads.largest() {
        let count = heads.control.len();
        crate::print_line!(
            "heads     {count} kept elsewhere, the largest of {} leaves in {}",
            largest.size,
            largest.place
        );
    } else {
        crate::print_line!("heads     none was kept elsewhere: a ledger that was shortened would look like this one;");
        crate::print_line!(
            "          keep a checkpoint where this machine cannot reach it, and give it with `--seen FILE`"
        );
    }
    for PassedBy { place, why } in &heads.passed_by {
        crate::print_line!("          {place} was not compared: {why}");
    }
}

fn failed(damage: &Damage) -> Verdict {
    Verdict::Failed { at: Some(damage.index), why: damage.to_string() }
}

impl Verification<'_> {
    fn verify(&mut self, checked: &mut Checked) -> Result<Reading, CliError> {
        use Reading::Done;
        if let Some(verdict) = self.source.blobs().damaged() {
            return Ok(Done(verdict));
        }
        match self.source.replica_leaves()? {
            Some(leaves) => Ok(Done(self.replica(leaves, checked)?)),
            None => self.ledger(checked),
        }
    }

    fn ledger(&mut self, checked: &mut Checked) -> Result<Reading, CliError> {
        use Reading::Done;
        let dir = self.source.dir();
        let Some(control) = open(&dir.join("control"))? else {
            return Ok(Done(nothing("there is no ledger here to check")));
        };
        let name = self.keys.name("control");
        let mut report = control.verify(&name, &self.keys.control);
        // The story is read before the bytes behind it are judged: another ledger under the old trust
        // is named as that, at leaf 0.
        let mut read = self.fold(&control, checked);
        // It may list keys that came after the pin: what they signed is judged by them.
        if let Ok(known) = &read
            && self.keys.learn(&known.log_keys)
        {
            *checked = Checked { depth: checked.depth, ..Checked::default() };
            report = control.verify(&name, &self.keys.control);
            read = self.fold(&control, checked);
        }
        let read = match read {
            Ok(read) => read,
            // What is missing does not hide what contradicts.
            Err(verdict @ Verdict::Inconclusive { .. }) => {
                let contradicts = report.damage.iter().find(|damage| !damage.unfinished);
                return Ok(Done(contradicts.map_or(verdict, failed)));
            }
            Err(verdict) => return Ok(Done(verdict)),
        };
        self.in_reach.settle(&self.keys)?;
        if let Some(judged) = damaged(&report, failed) {
            return Ok(judged);
        }
        if report.size == 0 {
            return Ok(Done(nothing("the ledger is empty: nothing was checked")));
        }
        if let Some(verdict) = heads::contradicted(&self.in_reach.control, &read.tree) {
            return Ok(Done(verdict));
        }
        let kept = &self.in_reach.events;
        let texts = Texts::of(self.trust.genesis, dir);
        if let Some(judged) = events::verify(dir, texts, &self.keys, (&read.committed, kept), checked)? {
            return Ok(judged);
        }
        Ok(Done(signed(&control, &report, &read.trusted, checked)))
    }

    /// A follower's copy: the leaves alone, under the newest head it kept.
    fn replica(
        &mut self,
        leaves: impl Iterator<Item = std::io::Result<Vec<u8>>>,
        checked: &mut Checked,
    ) -> Result<Verdict, CliError> {
        let blobs = self.source.blobs();
        let mut reader = LeafReader::new(self.trust, &blobs);
        // A service at work goes on writing: what lies beyond the head that was read is for the next time.
        let unsigned = || nothing("the replica has no head that a key of the log signed");
        let Some(size) = self.in_reach.claimed_of(self.source.dir()) else { return Ok(unsigned()) };
        for leaves in batches(leaves.take(usize::try_from(size).unwrap_or(usize::MAX)), 0) {
            reader.look_ahead(leaves.iter().flatten().map(Vec::as_slice), checked.depth);
            for leaf in leaves {
                let index = reader.read.tree.size();
                let leaf = match leaf {
                    Ok(leaf) => leaf,
                    Err(error) => {
                        let why = format!("the replica is cut short or cannot be read here: {error}");
                        return Ok(Verdict::Failed { at: Some(index), why });
                    }
                };
                if let Err(verdict) = reader.push(&leaf, checked) {
                    return Ok(verdict);
                }
            }
        }
        let read = reader.finish(checked.depth);
        self.keys.learn(&read.log_keys);
        self.in_reach.settle(&self.keys)?;
        if read.tree.size() == 0 {
            return Ok(nothing("the replica is empty: nothing was checked"));
        }
        if let Some(verdict) = heads::contradicted(&self.in_reach.control, &read.tree) {
            return Ok(verdict);
        }
        if self.in_reach.of_replica(self.source.dir()).is_none() {
            return Ok(unsigned());
        }
        Ok(done(checked, read.tree.size(), read.tree.root()))
    }
}

/// What the newest signed checkpoint says about the leaves that were read.
fn signed(control: &LogReader, report: &Report, keys: &[VerifierKey], checked: &mut Checked) -> Verdict {
    let opened = |(_, note): &(u64, String)| Checkpoint::open(note, keys, keys.first()?.name()).ok();
    let newest = report.checkpoint.as_ref().and_then(opened);
    let size = newest.as_ref().map_or(0, |newest| newest.size);
    if size < report.size && !grows(control, size) {
        return Verdict::NotYet;
    }
    newest.map_or(Verdict::NotYet, |newest| done(checked, newest.size, newest.root))
}

/// Everything holds under a head that the log signed.
fn done(checked: &mut Checked, size: u64, root: Digest) -> Verdict {
    checked.control_checkpoint = Some(size);
    checked.control_root = Some(root);
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

impl Verification<'_> {
    /// Reads every leaf with the texts beside it.
    fn fold(&self, control: &LogReader, checked: &mut Checked) -> Result<Read, Verdict> {
        let blobs = self.source.blobs();
        let mut reader = LeafReader::new(self.trust, &blobs);
        let mut texts = Texts::of(self.trust.genesis, self.source.dir());
        'log: for items in batches(control.entries(), 0) {
            reader.look_ahead(items.iter().flatten().map(|(_, entry)| &entry.leaf[..]), checked.depth);
            for item in items {
                let (index, entry) = match item {
                    Ok(item) => item,
                    Err(damage) if damage.unfinished => break 'log,
                    Err(damage) => return Err(failed(&damage)),
                };
                let leaf = reader.push(&entry.leaf, checked)?;
                texts.command(index, &leaf.command, &entry.payload, &blobs)?;
            }
        }
        checked.texts = texts.counts;
        Ok(reader.finish(checked.depth))
    }
}
