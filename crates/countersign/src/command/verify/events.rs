//! The events log: every byte of it, and each head that was committed in the control log.

use super::checked::Checked;
use super::heads::{Head, contradicted};
use super::pin::LogKeys;
use super::reading::{Reading, damaged, open};
use super::texts::Texts;
use crate::error::CliError;
use model::Digest;
use std::path::Path;
use tlog::Verdict;

/// A head of the events log that a leaf of the control log commits to.
pub struct Committed {
    pub index: u64,
    /// Entries there were.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// Nothing when every committed head, and every one that was kept elsewhere, is that of the log here.
pub fn verify(
    dir: &Path,
    mut texts: Texts,
    keys: &LogKeys,
    (heads, kept): (&[Committed], &[Head]),
    checked: &mut Checked,
) -> Result<Option<Reading>, CliError> {
    let dir = dir.join("events");
    let mut tree = tlog::Tree::new();
    if let Some(events) = open(&dir)? {
        let report = events.verify(&keys.name("events"), &keys.events);
        checked.events = report.size;
        let failed = |damage: &ledger::Damage| Verdict::Failed { at: None, why: format!("events log: {damage}") };
        if let Some(judged) = damaged(&report, failed) {
            return Ok(Some(judged));
        }
        for (index, entry) in events.entries().map_while(Result::ok) {
            tree.push(tlog::leaf_hash(&entry.leaf));
            if let Err(verdict) = texts.event(index, &entry.leaf, &entry.payload) {
                return Ok(Some(Reading::Done(verdict)));
            }
        }
        checked.texts.as_signed += texts.counts.as_signed;
        checked.texts.unopened += texts.counts.unopened;
    }
    let contradicts = contradicted(kept, &tree).or_else(|| heads.iter().find_map(|head| judge(head, &tree, &dir)));
    Ok(contradicts.map(Reading::Done))
}

fn judge(head: &Committed, tree: &tlog::Tree, dir: &Path) -> Option<Verdict> {
    let at = Some(head.index);
    match tree.root_at(head.size) {
        Some(root) if root == head.root => None,
        Some(_) => Some(Verdict::Failed { at, why: "the events log has another root than committed here".to_owned() }),
        // Missing is not altered: the control log alone may have been copied, or an older events log.
        None => Some(Verdict::Inconclusive {
            at,
            why: format!(
                "{} of the {} events committed here are in {}; copy the events log whole beside the control log",
                tree.size(),
                head.size,
                dir.display()
            ),
        }),
    }
}
