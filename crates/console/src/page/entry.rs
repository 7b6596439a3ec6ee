//! One entry, whole: what it says, its bytes, and what a reader's browser checks.

use super::moment::Moment;
use super::panel::Notice;
use super::timeline::Row;
use super::{change, link};
use model::canon;
use view::{DIFFERS, EntryRow, EntryText, EntryView};
use wire::LedgerInfo;

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPage {
    /// `control` or `events`.
    pub log: String,
    pub index: u64,
    pub title: String,
    pub sentence: String,
    /// What this page is when Governance did not answer.
    pub kept: Option<&'static str>,
    /// When it was recorded.
    pub at: Option<Moment>,
    pub rows: Vec<Row>,
    /// Properties: name and value.
    pub properties: Vec<(&'static str, String)>,
    /// Texts of its parts; none where erased or not permitted.
    pub texts: Vec<Option<Vec<(String, String)>>>,
    /// What was commanded and decided, field by field.
    pub statement: Vec<(String, String)>,
    /// What is hashed before the bytes.
    pub prefix: &'static str,
    /// The canonical bytes of the leaf.
    pub bytes: String,
    /// RFC 6962 leaf hash, as Governance or the console's own replica says.
    pub leaf_hash: String,
    /// The leaf hash in short groups.
    pub fingerprint: String,
    /// The proof, in the C2SP tlog-proof form.
    pub proof: Option<String>,
    /// Verifier key of the log.
    pub vkey: String,
    /// Other rows of the same change.
    pub related: Vec<Row>,
    /// What is not among them, or why there are none.
    pub related_notice: Option<Notice>,
    /// The change's page.
    pub change: Option<String>,
    /// The command lines that check it offline.
    pub commands: Vec<String>,
    /// The entry before.
    pub before: Option<String>,
    /// The entry after.
    pub after: Option<String>,
}

fn verdict(leaf: &serde_json::Value) -> String {
    match leaf.get("verdict") {
        Some(serde_json::Value::String(word)) => word.clone(),
        Some(serde_json::Value::Object(refused)) => {
            refused.keys().next().cloned().unwrap_or_else(|| "unknown".to_owned())
        }
        _ => "recorded".to_owned(),
    }
}

/// What says the entry, and by whose authority.
fn authority(leaf: &serde_json::Value) -> &'static str {
    let command = leaf.get("command").and_then(serde_json::Value::as_object);
    let word = command.and_then(|command| command.keys().next()).map(String::as_str);
    match word {
        Some("signed") => "signed by a person",
        Some("receipt") => "signed by a service",
        Some("session") => "the server's word; it enables nothing",
        Some("genesis") => "signed by the founders",
        Some("clock") => "the ledger's clock",
        _ => "sent by another system",
    }
}

/// Every field of a leaf with its path, as `command.signed.statement.act.approve.slot`.
fn fields(leaf: &serde_json::Value) -> Vec<(String, String)> {
    fn walk(path: &str, value: &serde_json::Value, out: &mut Vec<(String, String)>) {
        use serde_json::Value::{Array, Object, String as Text};
        let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Object(fields) if !fields.is_empty() => {
                fields.iter().for_each(|(name, value)| walk(&under(name), value, out));
            }
            Array(items) if !items.is_empty() => {
                items.iter().enumerate().for_each(|(n, value)| walk(&under(&n.to_string()), value, out));
            }
            Text(text) => out.push((path.to_owned(), text.clone())),
            other => out.push((path.to_owned(), other.to_string())),
        }
    }
    let mut out = vec![];
    walk("", leaf, &mut out);
    out
}

/// Rows of the change an entry belongs to, newest first, its own among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Related {
    /// The newest, and how many there are in all.
    Newest {
        rows: Vec<EntryRow>,
        /// How many there are.
        total: u64,
    },
    /// What the snapshot has of them, which is not all there is.
    Kept(Vec<EntryRow>),
    /// They could not be read: why.
    Unread(String),
}

impl Default for Related {
    fn default() -> Self {
        Self::Newest { rows: vec![], total: 0 }
    }
}

impl Related {
    /// Rows of entries other than this one, and what is to be said of those that are not here.
    fn others(self, view: &EntryView) -> (Vec<Row>, Option<Notice>) {
        let shown = |rows: &[EntryRow]| -> Vec<_> {
            let others = rows.iter().filter(|row| (row.log.as_str(), row.index) != (view.log.as_str(), view.index));
            others.enumerate().map(|(n, row)| Row::of(row, n + 1)).collect()
        };
        match self {
            Self::Newest { rows, total } if total > rows.len() as u64 => {
                let text = format!("The newest {} of {total} rows of this change are shown here.", rows.len());
                (shown(&rows), Some(Notice::new("not-searched", text)))
            }
            Self::Newest { rows, .. } => {
                let none = Notice::new("empty", "No other entry belongs to the same change.");
                let rows = shown(&rows);
                let notice = rows.is_empty().then_some(none);
                (rows, notice)
            }
            Self::Kept(rows) => {
                let text = "Governance is offline: only those of this change that the snapshot holds are shown here.";
                (shown(&rows), Some(Notice::new("not-searched", text)))
            }
            Self::Unread(why) => {
                (vec![], Some(Notice::new("failed", format!("Other entries of this change could not be read: {why}."))))
            }
        }
    }
}

/// The page of one entry.
pub fn of(view: &EntryView, ledger: &LedgerInfo, related: Related, dir: &str) -> EntryPage {
    let rows: Vec<_> = view.rows.iter().enumerate().map(|(n, row)| Row::of(row, n + 1)).collect();
    // What a reader comes for: the headline, where the entry has one.
    let first = view.rows.iter().find(|row| row.headline).or(view.rows.first());
    let leaf_hash = view.leaf_hash.to_string();
    let control = view.log == "control";
    let bytes = canon::to_vec(&view.leaf).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let texts = view.texts(&ledger.genesis).into_iter().map(|text| match text {
        EntryText::Signed(opening) => Some(opening.body.clone().into_iter().collect()),
        EntryText::Differs => Some(vec![("text".to_owned(), DIFFERS.to_owned())]),
        EntryText::Withheld => None,
    });
    let size = if control { ledger.control_size } else { ledger.events_size };
    let (related, related_notice) = related.others(view);
    EntryPage {
        title: first.map_or_else(|| format!("Entry {}", view.index), |row| row.title.clone()),
        kept: None,
        sentence: first.map(|row| row.sentence.clone()).unwrap_or_default(),
        at: first.map(|row| Moment::of(row.at)),
        rows,
        properties: vec![
            ("Authority", authority(&view.leaf).to_owned()),
            ("Verdict", verdict(&view.leaf)),
            ("Recorded by rules", view.leaf.get("rules").map_or_else(|| "-".to_owned(), ToString::to_string)),
            ("Log", if control { ledger.origin.clone() + "/control" } else { ledger.origin.clone() + "/events" }),
            ("Ledger (genesis digest)", ledger.genesis.to_string()),
        ],
        texts: texts.collect(),
        statement: fields(&view.leaf),
        prefix: if control { "countersign/leaf/v1" } else { "countersign/event/v1" },
        bytes: bytes.unwrap_or_default(),
        fingerprint: change::fingerprint(&leaf_hash),
        leaf_hash,
        proof: view.proof.clone(),
        vkey: if control { ledger.control_vkey.clone() } else { ledger.events_vkey.clone() },
        related,
        related_notice,
        change: first.and_then(|row| row.change.as_ref()).map(link::change),
        commands: vec![
            format!("countersign audit show {} --log {} --dir {dir}", view.index, view.log),
            format!("countersign audit verify --dir {dir}"),
        ],
        before: view.index.checked_sub(1).map(|index| link::entry(&view.log, index)),
        after: (view.index + 1 < size).then(|| link::entry(&view.log, view.index + 1)),
        log: view.log.clone(),
        index: view.index,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_field_of_a_leaf_is_listed_by_its_path() {
        let leaf = serde_json::json!({"command": {"clock": {}}, "effects": [{"a": "b"}, "c"], "rules": 0, "tags": []});
        let field = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        assert_eq!(
            super::fields(&leaf),
            [
                field("command.clock", "{}"),
                field("effects.0.a", "b"),
                field("effects.1", "c"),
                field("rules", "0"),
                field("tags", "[]"),
            ]
        );
    }
}
