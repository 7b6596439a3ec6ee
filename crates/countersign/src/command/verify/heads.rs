//! Signed heads of the log that were kept elsewhere. A ledger that was shortened, and whose shorter tree
//! was signed, contradicts nothing in itself: only who has seen more can tell.

use super::pin::LogKeys;
use super::source::Source;
use crate::error::CliError;
use crate::home::Home;
use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};
use tlog::checkpoint::Checkpoint;
use tlog::inclusion::InclusionProof;
use tlog::{Tree, Verdict};

/// The file in which a follower keeps its highest head.
const HEAD: &str = "head.json";

/// A head that the log key signed, and where it was kept.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    /// Where: a file, or the note of the command line.
    pub place: String,
    /// Entries.
    pub size: u64,
    #[serde(skip)]
    checkpoint: Checkpoint,
}

/// A file that holds no head of this ledger, and why it was not compared.
#[derive(Debug, Clone, Serialize)]
pub struct PassedBy {
    pub place: String,
    pub why: String,
}

/// What is in reach, read before the ledger itself: what was signed meanwhile is in neither.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InReach {
    /// Heads of the control log.
    pub control: Vec<Head>,
    /// Heads of the events log.
    pub events: Vec<Head>,
    /// What could not be compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_by: Vec<PassedBy>,
    /// Heads signed by keys that the ledger's own leaves may list.
    #[serde(skip)]
    unread: Vec<Unread>,
}

/// A head whose signature cannot be judged yet.
#[derive(Debug, Clone)]
struct Unread {
    place: String,
    note: String,
    /// Somebody named it: then they mean this ledger.
    named: bool,
}

/// Whether something shows that the ledger is the newest there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Newest {
    /// No head was kept elsewhere.
    NothingShows,
    /// It holds every head in reach; whether there are others, nothing shows.
    AsNewAsHeadsInReach,
}

impl InReach {
    /// The heads of the replicas in a data directory, and one that somebody kept.
    ///
    /// # Errors
    /// When what somebody kept is no head of this ledger: then they mean another one.
    pub fn of(home: &Home, source: &Source, keys: &LogKeys, seen: Option<&str>) -> Result<Self, CliError> {
        let mut found = Self::default();
        for dir in replicas(home.path(), source) {
            for kept in follower::kept_heads(&dir) {
                let place = kept.file.display().to_string();
                match kept.note {
                    Ok(note) => found.unread.push(Unread { place, note, named: false }),
                    Err(why) => found.passed_by.push(PassedBy { place, why }),
                }
            }
        }
        if let Some(seen) = seen {
            found.take(seen, keys)?;
        }
        let unread = std::mem::take(&mut found.unread);
        found.unread = found.opened(unread, keys);
        Ok(found)
    }

    /// What somebody kept: a note, a file with one, or a proof file, which ends in one.
    fn take(&mut self, seen: &str, keys: &LogKeys) -> Result<(), CliError> {
        let (place, text) = if seen.contains('\n') {
            ("--seen".to_owned(), seen.to_owned())
        } else {
            (seen.to_owned(), std::fs::read_to_string(seen).map_err(crate::given::given(Path::new(seen)))?)
        };
        let note = InclusionProof::parse(&text).map_or(text, |proof| proof.checkpoint);
        let claimed = claimed(&note).map_err(|error| malformed(&place, &error.to_string()))?;
        if ![keys.name("control"), keys.name("events")].contains(&claimed.origin) {
            return Err(other_ledger(&place, &claimed.origin, keys));
        }
        self.unread.push(Unread { place, note, named: true });
        Ok(())
    }

    /// Reads what these keys signed; answers what they did not.
    fn opened(&mut self, unread: Vec<Unread>, keys: &LogKeys) -> Vec<Unread> {
        let mut left = vec![];
        for head in unread {
            let of_events = claimed(&head.note).is_ok_and(|claimed| claimed.origin == keys.name("events"));
            let (log, signers) = if of_events { ("events", &keys.events) } else { ("control", &keys.control) };
            match Checkpoint::open(&head.note, signers, &keys.name(log)) {
                Ok(checkpoint) if of_events => self.events.push(Head::at(head.place, checkpoint)),
                Ok(checkpoint) => self.control.push(Head::at(head.place, checkpoint)),
                Err(_) => left.push(head),
            }
        }
        left
    }

    /// Reads the rest by all keys that the ledger lists.
    ///
    /// # Errors
    /// When what somebody named is signed by none of them.
    pub fn settle(&mut self, keys: &LogKeys) -> Result<(), CliError> {
        let unread = std::mem::take(&mut self.unread);
        for head in self.opened(unread, keys) {
            let opened = Checkpoint::open(&head.note, &keys.control, &keys.name("control"));
            let why = opened.err().map(|error| error.to_string()).unwrap_or_default();
            if head.named {
                return Err(not_signed(&head.place, &why));
            }
            self.passed_by.push(PassedBy { place: head.place, why });
        }
        Ok(())
    }

    /// How far a replica says it has verified, whoever signed that.
    pub fn claimed_of(&self, dir: &Path) -> Option<u64> {
        let file = dir.join(HEAD).display().to_string();
        let unread = self.unread.iter().find(|head| head.place == file);
        let claimed = unread.and_then(|head| claimed(&head.note).ok()).map(|claimed| claimed.size);
        self.of_replica(dir).map(|head| head.size).or(claimed)
    }

    /// Whether a ledger that holds all of them is shown to be the newest.
    pub fn newest(&self) -> Newest {
        if self.control.is_empty() { Newest::NothingShows } else { Newest::AsNewAsHeadsInReach }
    }

    /// The head that a replica kept of itself.
    pub fn of_replica(&self, dir: &Path) -> Option<&Head> {
        let file = dir.join(HEAD).display().to_string();
        self.control.iter().find(|head| head.place == file)
    }

    /// The largest head of the control log.
    pub fn largest(&self) -> Option<&Head> {
        self.control.iter().max_by_key(|head| head.size)
    }
}

impl Head {
    fn at(place: String, checkpoint: Checkpoint) -> Self {
        Self { place, size: checkpoint.size, checkpoint }
    }
}

/// The first head that a log does not hold.
pub fn contradicted(heads: &[Head], tree: &Tree) -> Option<Verdict> {
    let mut heads: Vec<_> = heads.iter().collect();
    heads.sort_by_key(|head| std::cmp::Reverse(head.size));
    heads.into_iter().find_map(|head| {
        let Head { place, size, checkpoint } = head;
        let log = &checkpoint.origin;
        match tree.root_at(*size) {
            Some(root) if root == checkpoint.root => None,
            Some(_) => {
                let why = format!(
                    "the log {log} signed another tree of {size} leaves than this one: see the head in {place}"
                );
                Some(Verdict::Failed { at: None, why })
            }
            None => {
                let (here, missing) = (tree.size(), size - tree.size());
                let why = format!(
                    "the log {log} signed a tree of {size} leaves (the head in {place}); here are {here}, \
                     the newest {missing} are missing"
                );
                Some(Verdict::Failed { at: Some(here), why })
            }
        }
    })
}

/// Directories that followers keep in a data directory: each service's, the console's, the command
/// line's. A replica that is verified itself comes first, under the name it was given.
fn replicas(home: &Path, source: &Source) -> Vec<PathBuf> {
    let own = match source {
        Source::Replica(dir) => Some(dir.clone()),
        Source::Ledger(_) => None,
    };
    let real = |path: &PathBuf| std::fs::canonicalize(path).ok();
    let items = std::fs::read_dir(home).into_iter().flatten().filter_map(Result::ok);
    let mut dirs: Vec<_> = items.map(|item| item.path().join("replica")).filter(|dir| dir.is_dir()).collect();
    dirs.retain(|dir| own.as_ref().is_none_or(|own| real(own) != real(dir)));
    dirs.sort();
    own.into_iter().chain(dirs).collect()
}

/// What a note says, unverified.
fn claimed(note: &str) -> Result<Checkpoint, tlog::TlogError> {
    tlog::note::Note::parse(note).and_then(|note| Checkpoint::parse(&note.text))
}

fn malformed(place: &str, why: &str) -> CliError {
    CliError::State {
        code: "seen.malformed",
        message: format!("{place} holds no signed checkpoint: {why}"),
        next: "give a checkpoint as the log signed it, or a file that holds one".to_owned(),
    }
}

fn other_ledger(place: &str, origin: &str, keys: &LogKeys) -> CliError {
    CliError::State {
        code: "seen.other_ledger",
        message: format!("{place} is a head of {origin:?}, not of {}", keys.name("control")),
        next: "give a head of this ledger, or name the ledger it is of with `--dir` and `--trust`".to_owned(),
    }
}

fn not_signed(place: &str, why: &str) -> CliError {
    CliError::State {
        code: "seen.not_signed",
        message: format!("no key of the log signed the head in {place}: {why}"),
        next: "give a head of this ledger, or name the trust.json of the ledger it is of with `--trust`".to_owned(),
    }
}

impl fmt::Display for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingShows => "nothing shows that this is the newest",
            Self::AsNewAsHeadsInReach => "every head in reach is in it",
        })
    }
}
