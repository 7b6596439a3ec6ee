//! A brake as it is kept: one file each, whole or not there.

use super::BrakeError;
use crate::{FollowerError, disk};
use control::Brake;
use durable_file::Mended;
use model::{ChangeId, Digest, Instant, Token, canon};
use serde::{Deserialize, Serialize};
use signed::{Act, Statement};
use std::path::PathBuf;
use wire::{BrakeView, Lifted, Submission};

/// How long one that was lifted is still told of, milliseconds (24 h).
const TOLD_MS: i64 = 24 * 3_600_000;
/// Most of those that are still told of.
const TOLD_MAX: usize = 16;

/// One brake.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) id: Digest,
    verb: Token,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<ChangeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Digest>,
    /// When it was handed, by the own clock.
    pub(super) at: Instant,
    /// The first not-after of its statements.
    pub(super) until: Instant,
    /// Size of the verified state when it was handed: intents in it are the point of no return.
    pub(super) size: u64,
    /// What is passed on, texts included; nothing of it is kept once it has ended.
    pub(super) submissions: Vec<Submission>,
    #[serde(skip)]
    pub(super) statements: Vec<Statement>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lifted: Option<Lifted>,
}

impl Record {
    pub(super) fn new(
        submissions: Vec<Submission>,
        statements: Vec<Statement>,
        size: u64,
        at: Instant,
    ) -> Result<Self, BrakeError> {
        let digests: Result<Vec<Digest>, _> = statements.iter().map(Statement::digest).collect();
        let digests = digests.map_err(|error| BrakeError::Malformed(error.to_string()))?;
        let id = canon::digest("brake", &digests).map_err(|error| BrakeError::Malformed(error.to_string()))?;
        let last = statements.last().ok_or(BrakeError::NotBrake(control::NotBrake::Count))?;
        let key = match &last.act {
            Act::Suspend { key, .. } => Some(*key),
            _ => None,
        };
        let verb = control::verb_row(last.act.verb()).name.parse().expect("the name of a verb is a token");
        let until = statements.iter().map(|statement| statement.not_after).min().unwrap_or(at);
        let change = last.act.change();
        Ok(Self { id, verb, change, key, at, until, size, submissions, statements, lifted: None })
    }

    pub(super) fn brake(&self) -> Brake<'_> {
        Brake { statements: &self.statements, size: self.size }
    }

    pub(super) fn view(&self) -> BrakeView {
        let (id, verb, change, key) = (self.id, self.verb.clone(), self.change, self.key);
        BrakeView { id, verb, change, key, at: self.at, until: self.until, lifted: self.lifted.clone() }
    }

    /// Whether a signer had verified more than this service when it was handed.
    pub(super) fn saw_ahead(&self) -> bool {
        self.statements.iter().any(|statement| statement.seen.size > self.size)
    }

    /// What it does, in words.
    pub(super) fn what(&self) -> String {
        match (&self.change, &self.key) {
            (Some(change), _) => format!("{} of change {change}", self.verb),
            (None, Some(key)) => format!("{} of key {}", self.verb, key.short()),
            (None, None) => self.verb.to_string(),
        }
    }

    /// For the health page.
    pub(super) fn sentence(&self) -> String {
        match &self.lifted {
            None => format!(
                "brake on: {}, until the ledger has it and no earlier intent waits, {} at the latest",
                self.what(),
                self.until
            ),
            Some(lifted) => format!("brake lifted: {}: {}", self.what(), lifted.why),
        }
    }
}

/// The directory they are kept in, and where damage in it is told.
pub(super) struct Shelf {
    dir: PathBuf,
    files: Mended,
}

impl Shelf {
    pub(super) fn open(dir: PathBuf, files: Mended) -> Result<Self, FollowerError> {
        disk::make_dir(&dir)?;
        Ok(Self { dir, files })
    }

    fn path(&self, id: &Digest) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    /// All that are kept. A file that cannot be read stays where it is and is said on the health page.
    pub(super) fn read(&self, now: Instant) -> Result<Vec<Record>, FollowerError> {
        let entries = std::fs::read_dir(&self.dir).map_err(FollowerError::io("read", &self.dir))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut records = vec![];
        for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
            if let Some(record) = disk::read(&path)?.and_then(|bytes| Record::read(&bytes)) {
                records.push(record);
            } else {
                let file = path.display().to_string();
                tracing::error!(file, "brake: this file cannot be read, so what it held is not obeyed; hand it again");
                self.files.damaged(&path, "it held a brake, which is not obeyed; hand it again, then remove the file and start the service again");
                records.push(Record::damaged(&file, now));
            }
        }
        records.sort_by_key(|record| (record.at, record.id));
        Ok(records)
    }

    pub(super) fn write(&self, record: &Record) -> Result<(), FollowerError> {
        let bytes = serde_json::to_vec(record).expect("ids, instants and canonical texts always have a JSON form");
        disk::replace(&self.path(&record.id), &bytes)?;
        self.files.whole(&self.path(&record.id));
        Ok(())
    }

    pub(super) fn forget(&self, record: &Record) -> Result<(), FollowerError> {
        let path = self.path(&record.id);
        if path.exists() { disk::remove(&path) } else { Ok(()) }
    }
}

impl Record {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut record: Self = serde_json::from_slice(bytes).ok()?;
        if record.lifted.is_none() {
            record.statements = super::request::statements(&record.submissions).ok()?;
        }
        Some(record)
    }

    fn damaged(file: &str, at: Instant) -> Self {
        let why = format!("its file {file} cannot be read; hand it again, then remove the file");
        Self {
            id: Digest::of_bytes(file.as_bytes()),
            verb: "brake".parse().expect("a word is a token"),
            change: None,
            key: None,
            at,
            until: at,
            size: 0,
            submissions: vec![],
            statements: vec![],
            lifted: Some(Lifted { at, why }),
        }
    }
}

/// Which of those that were lifted are told of no more.
pub(super) fn told_enough(records: &[Record], now: Instant) -> Vec<Digest> {
    let lifted = records.iter().filter_map(|record| Some((record.lifted.as_ref()?.at, record.id)));
    let mut lifted: Vec<_> = lifted.collect();
    lifted.sort_unstable();
    let over = lifted.len().saturating_sub(TOLD_MAX);
    let old = |(n, (at, _)): &(usize, &(Instant, Digest))| *n < over || now.millis_since(*at) > TOLD_MS;
    lifted.iter().enumerate().filter(old).map(|(_, (_, id))| *id).collect()
}
