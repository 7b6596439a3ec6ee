//! Entries as a timeline shows them.

mod words;

use crate::Names;
use control::{Effect, Leaf, State, Verdict};
use model::{Category, ChangeId, Digest, Instant, Severity, TenantId};
use serde::{Deserialize, Serialize};
use warrant::Opening;
use words::Words;

/// A row: one effect or refusal of one entry of one log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRow {
    /// `control` or `events`.
    pub log: String,
    /// Index in that log.
    pub index: u64,
    /// Which effect of the entry.
    pub effect: u32,
    /// When it was recorded.
    pub at: Instant,
    /// Shown by default.
    pub headline: bool,
    /// Category.
    pub category: Category,
    /// Severity.
    pub severity: Severity,
    /// Title.
    pub title: String,
    /// Sentence.
    pub sentence: String,
    /// Who, as far as it is a person or a service.
    pub actor: String,
    /// The change it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeId>,
    /// The refusal's code, when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Tenants its entry concerns, sorted; none: the platform's own matter. Who may read the row is
    /// who may read all of them. Never left out: a row that does not say whom it concerns is no row,
    /// and not one for everybody.
    pub tags: Vec<TenantId>,
}

/// A page of rows, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPage {
    /// Rows.
    pub rows: Vec<EntryRow>,
    /// Headlines there are in all that pass the filters but for words, of what the reader may see.
    pub headlines: u64,
    /// Rows there are in all that pass the filters but for words, of what the reader may see.
    pub total: u64,
    /// How many of what is asked for, but for words, are newer than this page: where it begins.
    #[serde(default)]
    pub newer: u64,
    /// Rows that were looked at for this page: more than it has where words are looked for.
    pub searched: u64,
    /// Cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Sizes of the two logs this view is pinned to.
    pub control_size: u64,
    /// Of the events log.
    pub events_size: u64,
}

/// One entry, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// `control` or `events`.
    pub log: String,
    /// Index.
    pub index: u64,
    /// RFC 6962 leaf hash.
    pub leaf_hash: Digest,
    /// The leaf as stored (its canonical JSON, without the prefix).
    pub leaf: serde_json::Value,
    /// Its rows.
    pub rows: Vec<EntryRow>,
    /// Openings of its parts; `null` where erased or not permitted.
    pub openings: Vec<Option<Opening>>,
    /// A tlog-proof of its inclusion under the newest checkpoint, when one covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// The rows of a control leaf. `state` is any state at or after the leaf: names and targets of a
/// change do not move within a revision.
pub fn rows(state: &State, names: &Names, index: u64, leaf: &Leaf) -> Vec<EntryRow> {
    let actor = words::actor(names, leaf);
    if let Verdict::Refused(refusal) = &leaf.verdict {
        let change = leaf.command.change();
        let row = refusal.row();
        let words = Words { state, names, leaf, change, effect: None };
        return vec![EntryRow {
            log: "control".to_owned(),
            index,
            effect: 0,
            at: leaf.now,
            headline: row.headline,
            category: row.category,
            severity: row.severity,
            title: words.of(row.title),
            sentence: words.of(row.sentence),
            actor,
            change,
            refused: Some(refusal.code().to_owned()),
            tags: leaf.tags.clone(),
        }];
    }
    let row = |(number, effect): (usize, &Effect)| {
        let row = effect.row();
        let change = effect.change().or_else(|| leaf.command.change());
        let words = Words { state, names, leaf, change, effect: Some(effect) };
        EntryRow {
            log: "control".to_owned(),
            index,
            effect: u32::try_from(number).unwrap_or(u32::MAX),
            at: leaf.now,
            headline: row.headline,
            category: row.category,
            severity: row.severity,
            title: words.of(row.title),
            sentence: words.of(row.sentence),
            actor: actor.clone(),
            change,
            refused: None,
            tags: leaf.tags.clone(),
        }
    };
    leaf.effects.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::{ClockAct, Command};
    use model::KindName;

    const TENANT: TenantId = TenantId([1; 16]);

    fn leaf(effect: Effect) -> Leaf {
        Leaf {
            rules: control::RULES,
            now: Instant::EPOCH,
            command: Command::Clock { act: ClockAct::Settle {} },
            verdict: Verdict::Accepted,
            effects: vec![effect],
            tags: vec![TENANT],
        }
    }

    #[test]
    fn a_name_that_looks_like_a_place_of_names_stays_as_it_was_chosen() {
        let mut names = Names::default();
        names.tenants.insert(TENANT, "{people} & {node}".to_owned());
        let registered = leaf(Effect::TenantRegistered { tenant: TENANT });
        let row = rows(&State::empty(), &names, 0, &registered).remove(0);
        assert_eq!(row.title, "Tenant registered: {people} & {node}");
        let effect = Effect::EngineRegistered { engine: model::EngineId([2; 16]) };
        names.engines.insert(model::EngineId([2; 16]), "{tenant}{kind}<b>".to_owned());
        assert_eq!(
            rows(&State::empty(), &names, 0, &leaf(effect)).remove(0).title,
            "Engine registered: {tenant}{kind}<b>"
        );
    }

    #[test]
    fn every_place_in_the_words_of_this_program_is_filled() {
        let change = ChangeId([3; 16]);
        let kind = KindName::Rollback;
        for effect in [
            Effect::ChangeRun { change, kind },
            Effect::ChangeApproved { change, kind, execute_by: Instant::EPOCH },
            Effect::PackageSealed { change, kind, revision: 1, approve_by: Instant::EPOCH },
            Effect::ChangeHeld { change },
        ] {
            let row = rows(&State::empty(), &Names::default(), 0, &leaf(effect)).remove(0);
            assert!(!format!("{} {}", row.title, row.sentence).contains(['{', '}']), "{row:?}");
        }
    }
}
