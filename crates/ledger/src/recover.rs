//! Reading a set of segments at start: every frame checked, the end judged.

use crate::{
    Damage, LedgerError,
    frame::Head,
    scan::{Set, Step, View, step},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What a set of segments holds.
pub(crate) struct Survey {
    /// What the next frame must say.
    pub next: Head,
    /// The checked bytes of the last segment that holds frames.
    pub last: Vec<u8>,
    /// Where an unfinished write stands, if one does.
    pub unfinished: Option<Damage>,
}

/// The segment files of a set, by number.
pub(crate) fn list(dir: &Path, set: Set) -> Result<Vec<(u32, PathBuf)>, LedgerError> {
    let mut found = Vec::new();
    for item in fs::read_dir(dir).map_err(LedgerError::io("list", dir))? {
        let item = item.map_err(LedgerError::io("list", dir))?;
        let name = item.file_name();
        let digits = name.to_str().and_then(|name| name.strip_prefix(set.prefix)?.strip_suffix(".seg"));
        if let Some(number) = digits.and_then(|digits| digits.parse().ok())
            && set.file_name(number) == name.to_string_lossy()
        {
            found.push((number, item.path()));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads the set in order, giving each frame to `each`.
pub(crate) fn survey(
    dir: &Path,
    set: Set,
    each: &mut dyn FnMut(u32, usize, &View<'_>) -> Result<(), LedgerError>,
) -> Result<Survey, LedgerError> {
    let mut survey = Survey { next: set.start(), last: Vec::new(), unfinished: None };
    let mut expect = set.start();
    for (n, (number, path)) in list(dir, set)?.into_iter().enumerate() {
        let damage = |offset: usize, index, why, unfinished| Damage {
            file: path.clone(),
            offset: offset as u64,
            index,
            why,
            unfinished,
        };
        if n != number as usize {
            let missing = Damage {
                file: dir.join(set.file_name(u32::try_from(n).unwrap_or(u32::MAX))),
                ..damage(0, expect.first, "the file is missing".to_owned(), false)
            };
            return Err(LedgerError::Damage(missing));
        }
        let mut bytes = fs::read(&path).map_err(LedgerError::io("read", &path))?;
        expect.segment = number;
        let mut at = 0;
        loop {
            match step(&bytes, at, &expect, set) {
                Step::Frame(_) if survey.unfinished.is_some() => {
                    let why = "a frame follows a write that was cut off".to_owned();
                    return Err(LedgerError::Damage(damage(at, expect.first, why, false)));
                }
                Step::Frame(view) => {
                    each(number, at, &view)?;
                    at += view.bytes.len();
                    expect = view.next(set, number);
                }
                Step::Bad { why, unfinished: true } if survey.unfinished.is_none() => {
                    survey.unfinished = Some(damage(at, expect.first, why, true));
                    break;
                }
                Step::Bad { why, .. } => return Err(LedgerError::Damage(damage(at, expect.first, why, false))),
                Step::End => break,
            }
        }
        if at > 0 {
            bytes.truncate(at);
            survey.last = bytes;
            survey.next = expect;
        }
    }
    Ok(survey)
}
