//! An entry of the ledger as people type it.

use crate::error::CliError;
use std::str::FromStr;

/// One of the two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// What was decided.
    Control,
    /// What other systems reported.
    Events,
}

impl Log {
    /// The one of this name.
    fn of(name: &str) -> Option<Self> {
        [Self::Control, Self::Events].into_iter().find(|log| log.word() == name)
    }

    /// Its name in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Events => "events",
        }
    }
}

/// An entry: `12`, or `control/12.0` as the timeline has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryRef {
    log: Option<Log>,
    index: u64,
}

/// A text that names no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an entry is named by its number, as 12, or as `audit ls` prints it: control/12.0, events/3.0")]
pub struct EntryRefError;

impl FromStr for EntryRef {
    type Err = EntryRefError;
    fn from_str(text: &str) -> Result<Self, EntryRefError> {
        let (log, entry) = match text.split_once('/') {
            Some((log, entry)) => (Some(Log::of(log).ok_or(EntryRefError)?), entry),
            None => (None, text),
        };
        // One entry may have several rows: all of them are shown.
        let (index, row) = entry.split_once('.').unwrap_or((entry, "0"));
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits).ok_or(EntryRefError)
        };
        number(row)?;
        Ok(Self { log, index: number(index)? })
    }
}

impl EntryRef {
    /// The log and the number, where `--log` may name the log, too.
    ///
    /// # Errors
    /// When the two name different ones, or there is no such log.
    pub fn within(self, named: Option<&str>) -> Result<(Log, u64), CliError> {
        let unknown = |name: &str| CliError::Usage(format!("--log {name}: it is `control` or `events`"));
        let named = named.map(|name| Log::of(name).ok_or_else(|| unknown(name))).transpose()?;
        match (self.log, named) {
            (Some(own), Some(named)) if own != named => {
                let (own, named) = (own.word(), named.word());
                let why = format!("the entry says the log `{own}`, and `--log` says `{named}`; leave one out");
                Err(CliError::Usage(why))
            }
            (own, named) => Ok((own.or(named).unwrap_or(Log::Control), self.index)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_named_as_the_timeline_prints_it() {
        let meant = |text: &str| text.parse::<EntryRef>().unwrap().within(None).unwrap();
        for text in ["12", "12.1", "control/12", "control/12.0"] {
            assert_eq!(meant(text), (Log::Control, 12), "{text}");
        }
        assert_eq!(meant("events/3.0"), (Log::Events, 3));
        for text in ["", "control/N.0", "control/", "other/1", "-1", "+1", "1.x", "1.", "1/2", "18446744073709551616"] {
            assert_eq!(text.parse::<EntryRef>(), Err(EntryRefError), "{text}");
        }
        let entry: EntryRef = "control/1.0".parse().unwrap();
        assert!(entry.within(Some("events")).is_err() && entry.within(Some("control")).is_ok());
    }
}
