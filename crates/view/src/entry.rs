//! Entries as a timeline shows them.

use crate::Names;
use control::{Command, Leaf, Package, opens};
use model::{Category, ChangeId, CommandId, Digest, Instant, Severity, TenantId, Token};
use serde::{Deserialize, Serialize};
use signed::{Act, Opening, Part, event_command};

/// A row: one effect or refusal of one entry of one log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryRow {
    /// `control` or `events`.
    pub log: String,
    /// Index in that log.
    pub index: u64,
    /// Which effect of the entry.
    pub effect: u32,
    /// When it was recorded.
    #[schema(value_type = String)]
    pub at: Instant,
    /// Shown by default.
    pub headline: bool,
    #[schema(value_type = String)]
    pub category: Category,
    #[schema(value_type = String)]
    pub severity: Severity,
    pub title: String,
    pub sentence: String,
    /// Who, as far as it is a person or a service.
    pub actor: String,
    /// The change it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub change: Option<ChangeId>,
    /// The refusal's code, when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Tenants its entry concerns, sorted; none: the platform's own matter. Who may read the row is
    /// who may read all of them. Never left out: a row that does not say whom it concerns is no row,
    /// and not one for everybody.
    #[schema(value_type = Vec<String>)]
    pub tags: Vec<TenantId>,
}

/// A page of rows, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryPage {
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryView {
    /// `control` or `events`.
    pub log: String,
    pub index: u64,
    /// RFC 6962 leaf hash.
    #[schema(value_type = String)]
    pub leaf_hash: Digest,
    /// The leaf as stored (its canonical JSON, without the prefix).
    #[schema(value_type = Object)]
    pub leaf: serde_json::Value,
    pub rows: Vec<EntryRow>,
    /// Openings of its parts; `null` where erased or not permitted. Who shows one compares it with the
    /// leaf first ([`EntryView::texts`]).
    #[schema(value_type = Vec<Option<Object>>)]
    pub openings: Vec<Option<Opening>>,
    /// The package that it opens, whose parts come after its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub package: Option<Package>,
    /// A tlog-proof of its inclusion under the newest checkpoint, when one covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// What an executor found where a step did not go well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseText {
    /// In words.
    pub found: Option<String>,
    /// The last lines of what the process said.
    pub output: Vec<String>,
}

/// What there is of one text of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryText<'a> {
    /// The text that was signed.
    Signed(&'a Opening),
    /// Another text than was signed: it is not shown.
    Differs,
    /// Erased, not permitted, or not to be had.
    Withheld,
}

/// Of an entry of the events log: what its parts are bound to.
#[derive(Deserialize)]
struct Event {
    source: Token,
    id: Digest,
    parts: Vec<Part>,
}

impl EntryView {
    /// Its texts, each compared with what the leaf commits to in `ledger`.
    pub fn texts<'a>(&'a self, ledger: &Digest) -> Vec<EntryText<'a>> {
        let parts = self.parts();
        let signed = |number: usize, opening: &Opening| {
            parts.get(number).is_some_and(|(to, position, part)| opens(ledger, to, *position, part, opening))
        };
        let text = |(number, opening): (usize, &'a Option<Opening>)| match opening {
            Some(opening) if signed(number, opening) => EntryText::Signed(opening),
            Some(_) => EntryText::Differs,
            None => EntryText::Withheld,
        };
        self.openings.iter().enumerate().map(text).collect()
    }

    /// Its commitments, each with what it is bound to and its position there: its own, then those of
    /// the package that it names and opens.
    fn parts(&self) -> Vec<(CommandId, usize, Digest)> {
        let at = |to: CommandId, parts: &[Part]| -> Vec<_> {
            parts.iter().enumerate().map(|(position, part)| (to, position, part.commitment)).collect()
        };
        if self.log != "control" {
            let event = serde_json::from_value::<Event>(self.leaf.clone());
            return event.map_or(vec![], |event| at(event_command(&event.source, &event.id), &event.parts));
        }
        let Ok(leaf) = serde_json::from_value::<Leaf>(self.leaf.clone()) else { return vec![] };
        let mut parts = leaf.command.parts().map_or(vec![], |(to, parts)| at(to, parts));
        let opened = match &leaf.command {
            Command::Signed { statement, .. } => match &statement.act {
                Act::Open { package, .. } => Some(package),
                _ => None,
            },
            _ => None,
        };
        let package = self.package.as_ref().filter(|package| package.digest().ok().as_ref() == opened);
        parts.extend(package.map_or(vec![], |package| at(CommandId(package.nonce.0), &package.parts)));
        parts
    }

    /// What the receipt's part about the cause says; none where there is none, or it may not be read.
    pub fn cause(&self, ledger: &Digest) -> Option<CauseText> {
        let parts = self.leaf.pointer("/command/receipt/receipt/parts")?.as_array()?;
        let is_cause = |part: &serde_json::Value| part.get("about").and_then(|about| about.as_str()) == Some("cause");
        let place = parts.iter().position(is_cause)?;
        let opening = match self.texts(ledger).into_iter().nth(place)? {
            EntryText::Signed(opening) => opening,
            EntryText::Differs => return Some(CauseText { found: Some(crate::DIFFERS.to_owned()), output: vec![] }),
            EntryText::Withheld => return None,
        };
        let line = |(name, text): (&String, &String)| name.starts_with("line_").then(|| text.clone());
        Some(CauseText {
            found: opening.body.get("text").cloned(),
            output: opening.body.iter().filter_map(line).collect(),
        })
    }
}

/// The rows of a control leaf: a pure function of the leaf and of what ids are called.
pub fn rows(names: &Names, index: u64, leaf: &Leaf) -> Vec<EntryRow> {
    let row = |(number, row): (usize, control::Row)| EntryRow {
        log: "control".to_owned(),
        index,
        effect: u32::try_from(number).unwrap_or(u32::MAX),
        at: leaf.now,
        headline: row.headline,
        category: row.category,
        severity: row.severity,
        title: names.text_for(&leaf.tags, &row.title),
        sentence: names.text_for(&leaf.tags, &row.sentence),
        actor: names.actor(&row.actor),
        change: row.change,
        refused: row.refused.map(|refusal| refusal.code().to_owned()),
        tags: leaf.tags.clone(),
    };
    control::rows(leaf).into_iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::{ClockAct, Command, Effect, Verdict};

    #[test]
    fn a_name_that_looks_like_a_place_of_names_stays_as_it_was_chosen() {
        let (tenant, engine, node) = (TenantId([1; 16]), model::EngineId([2; 16]), model::NodeId([3; 16]));
        let leaf = |effect| Leaf {
            rules: 0,
            now: Instant::EPOCH,
            command: Command::Clock { act: ClockAct::Settle {} },
            verdict: Verdict::Accepted,
            effects: vec![effect],
            tags: vec![tenant],
        };
        let mut names = Names::default();
        names.tenants.insert(tenant, "{people} & {node}".to_owned());
        names.engines.insert(engine, "{tenant}{kind}<b>".to_owned());
        let row = rows(&names, 0, &leaf(Effect::TenantRegistered { tenant })).remove(0);
        assert_eq!(row.title, "Tenant registered: {people} & {node}");
        let row = rows(&names, 0, &leaf(Effect::EngineRegistered { engine, node })).remove(0);
        assert_eq!(row.title, "Engine registered: {tenant}{kind}<b>");
    }
}
