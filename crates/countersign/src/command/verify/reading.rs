//! One reading of a log's files.

use crate::error::CliError;
use ledger::read::{LogReader, Report};
use ledger::{Damage, LedgerError};
use std::path::Path;
use tlog::Verdict;

/// How a reading ended.
pub enum Reading {
    Done(Verdict),
    /// The newest write is not complete: it is going on, or it was cut off.
    Torn(Damage),
}

/// The log's directory; none where there is none.
pub fn open(dir: &Path) -> Result<Option<LogReader>, CliError> {
    match LogReader::open(dir) {
        Ok(reader) => Ok(Some(reader)),
        Err(LedgerError::Io { .. }) if !dir.exists() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The first defect, if there is one; torn when there is nothing else.
pub fn damaged(report: &Report, failed: impl FnOnce(&Damage) -> Verdict) -> Option<Reading> {
    let first = report.damage.first()?;
    let torn = report.damage.iter().all(|damage| damage.unfinished);
    Some(if torn { Reading::Torn(first.clone()) } else { Reading::Done(failed(first)) })
}
