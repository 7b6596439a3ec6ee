//! Entries as a timeline shows them.

use crate::Names;
use crate::names::listed;
use control::{Command, Effect, Leaf, Principal, State, Verdict};
use model::{Category, ChangeId, Digest, Instant, Severity, TenantId};
use serde::{Deserialize, Serialize};
use warrant::Opening;

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
    /// Headlines there are in all, of what the reader may see.
    pub headlines: u64,
    /// Rows there are in all, of what the reader may see.
    pub total: u64,
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
    let actor = actor(names, leaf);
    if let Verdict::Refused(refusal) = &leaf.verdict {
        let change = leaf.command.change();
        let (message, next) = refusal.message(&|person| names.person(person));
        let row = refusal.row();
        let title = fill(state, names, leaf, change, row.title, None).replace("{verb}", verb(&leaf.command));
        return vec![EntryRow {
            log: "control".to_owned(),
            index,
            effect: 0,
            at: leaf.now,
            headline: row.headline,
            category: row.category,
            severity: row.severity,
            title,
            sentence: row.sentence.replace("{refusal}", &format!("{}. To go on: {next}.", capital(&message))),
            actor,
            change,
            refused: Some(refusal.code().to_owned()),
            tags: leaf.tags.clone(),
        }];
    }
    let row = |(number, effect): (usize, &Effect)| {
        let row = effect.row();
        let change = effect.change().or_else(|| leaf.command.change());
        EntryRow {
            log: "control".to_owned(),
            index,
            effect: u32::try_from(number).unwrap_or(u32::MAX),
            at: leaf.now,
            headline: row.headline,
            category: row.category,
            severity: row.severity,
            title: fill(state, names, leaf, change, row.title, Some(effect)),
            sentence: fill(state, names, leaf, change, row.sentence, Some(effect)),
            actor: actor.clone(),
            change,
            refused: None,
            tags: leaf.tags.clone(),
        }
    };
    leaf.effects.iter().enumerate().map(row).collect()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn verb(command: &Command) -> &'static str {
    match command {
        Command::Signed { statement, .. } => statement.act.verb(),
        Command::Receipt { .. } => "receipt",
        Command::Session(_) => "draft",
        Command::Genesis { .. } => "genesis",
        Command::Clock { .. } => "clock",
    }
}

fn actor(names: &Names, leaf: &Leaf) -> String {
    match &leaf.command {
        Command::Signed { statement, .. } => names.person(&statement.person),
        Command::Receipt { receipt, .. } => receipt.service.title().to_owned(),
        Command::Session(session) => match &session.principal {
            Principal::Person(person) => names.person(person),
            Principal::Console { .. } => "the console".to_owned(),
        },
        Command::Genesis { .. } => "the founders".to_owned(),
        Command::Clock { .. } => "the ledger's clock".to_owned(),
    }
}

/// The people a row names: for an approval all who filled a slot, else who signed.
fn people(state: &State, names: &Names, leaf: &Leaf, change: Option<ChangeId>, effect: Option<&Effect>) -> String {
    if let (Some(Effect::ChangeApproved { .. }), Some(change)) = (effect, change.and_then(|id| state.changes.get(&id)))
    {
        let slots = change.requirement.iter().flat_map(|requirement| requirement.slots.iter());
        let people: Vec<_> = slots
            .filter_map(|slot| change.approvals.get(slot))
            .map(|approval| names.person(&approval.person))
            .collect();
        if !people.is_empty() {
            return listed(&people);
        }
    }
    actor(names, leaf)
}

fn fill(
    state: &State,
    names: &Names,
    leaf: &Leaf,
    change: Option<ChangeId>,
    text: &str,
    effect: Option<&Effect>,
) -> String {
    let known = change.and_then(|id| state.changes.get(&id));
    let engine = match (known, effect, &leaf.command) {
        (Some(change), _, _) => names.engine(&change.package.engine),
        (None, Some(Effect::EngineRegistered { engine } | Effect::RouteSwitched { engine, .. }), _) => {
            names.engine(engine)
        }
        (None, _, Command::Signed { statement, .. }) => match &statement.act {
            warrant::Act::RegisterEngine { engine, .. } => names.engine(engine),
            _ => "the ledger".to_owned(),
        },
        _ => "the ledger".to_owned(),
    };
    let tenant = leaf.tags.first().map(|tenant| names.tenant(tenant)).unwrap_or_default();
    let node = known.and_then(|change| state.roster.node(&change.package.node)).map(|node| node.name.to_string());
    let kind = known.map(|change| change.kind.title()).unwrap_or_default();
    let artifact = match effect {
        Some(Effect::ArtifactPublished { artifact }) => names.artifact(artifact),
        _ => known.map(|change| names.artifact(&change.package.bundle.artifact)).unwrap_or_default(),
    };
    let service = match (&leaf.command, effect) {
        (Command::Receipt { receipt, .. }, _) => receipt.service.title(),
        _ => "",
    };
    let slot = match effect {
        Some(Effect::ApprovalRecorded { slot, .. } | Effect::ApprovalWithdrawn { slot, .. }) => slot.title(),
        _ => "",
    };
    // Said of a staged rollback only while it is so.
    let waits = known.and_then(|change| state.open_deployment(&change.package.engine, leaf.now));
    let blocked = waits.and_then(|deployment| control::blocked(state, deployment, leaf.now));
    let blocked = match blocked {
        Some(control::Refusal::PlacementInsufficient { .. }) => " while provisioning is blocked on node placement",
        _ => "",
    };
    text.replace("{engine}", &engine)
        .replace("{tenant}", &tenant)
        .replace("{node}", node.as_deref().unwrap_or("the node"))
        .replace("{kind}", kind)
        .replace("{artifact}", &artifact)
        .replace("{service}", service)
        .replace("{slot}", slot)
        .replace("{blocked}", blocked)
        .replace("{people}", &people(state, names, leaf, change, effect))
}
