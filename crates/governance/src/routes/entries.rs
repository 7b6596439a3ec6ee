//! One entry whole, and its rows in words.

use crate::access::Asking;
use crate::event::EVENT_PREFIX;
use crate::event::EventEntry;
use crate::log_name::LogName;
use crate::openings::{Bound, Unsealed};
use crate::record_names::{opened, parts};
use crate::service::Service;
use crate::timeline::{Row, is_headline};
use axum::Json;
use axum::extract::{Path, State};
use control::{LEAF_PREFIX, Leaf};
use ledger::{Entry, LedgerError};
use model::Digest;
use service_shell::{Problem, ProblemBody};
use std::sync::Arc;
use tlog::inclusion::InclusionProof;
use view::Names;
use view::{DIFFERS, EntryRow, EntryView, rows};

fn read(service: &Service, log: LogName, index: u64) -> Result<Entry, Problem> {
    service.log(log).entry(index).map_err(|error| match error {
        LedgerError::NoEntry { size, .. } => none(index, size),
        error => {
            tracing::error!(%error, "governance: an entry cannot be read");
            Problem::internal()
        }
    })
}

/// The same of an entry that is not there and of one that may not be read.
fn none(index: u64, size: u64) -> Problem {
    let message = format!("there is no entry {index} for you to read; the log holds {size}");
    Problem::not_found("entry.not_found", message, "ask for one that GET /v1/entries names")
}

fn undecoded(log: LogName, index: u64) -> Problem {
    log.undecoded(index);
    Problem::internal()
}

/// A row that may be seen, in words.
pub(super) fn worded(service: &Service, names: &Names, row: &Row) -> Result<EntryRow, Problem> {
    let entry = read(service, row.log, row.index)?;
    let rows = match row.log {
        LogName::Control => {
            let leaf = Leaf::decode(&entry.leaf).map_err(|_| undecoded(row.log, row.index))?;
            rows(names, row.index, &leaf)
        }
        LogName::Events => {
            let event = EventEntry::decode(&entry.leaf).map_err(|_| undecoded(row.log, row.index))?;
            vec![event_row(row.index, &event, &event_text(service, &event, &entry.payload))]
        }
    };
    let worded = rows.into_iter().find(|worded| worded.effect == row.effect);
    let worded = worded.ok_or_else(|| undecoded(row.log, row.index))?;
    Ok(EntryRow { tags: row.tags.clone(), ..worded })
}

/// The texts of an event that may be seen, as far as they are not erased.
fn event_text(service: &Service, event: &EventEntry, payload: &[u8]) -> Vec<Option<Unsealed>> {
    service.openings.unseal(&[Bound { to: event.command(), parts: event.parts.clone() }], payload)
}

fn event_row(index: u64, event: &EventEntry, unsealed: &[Option<Unsealed>]) -> EntryRow {
    let found = unsealed.first().and_then(Option::as_ref);
    let text = |field: &str| found.filter(|found| found.matches)?.opening.body.get(field).cloned();
    let none = || match found {
        Some(found) if !found.matches => format!("{} {DIFFERS}", event.kind),
        _ => format!("{} (its text is erased)", event.kind),
    };
    let mut sentence = text("description").unwrap_or_default();
    if let Some(first) = event.conflicts {
        sentence =
            format!("Another content than event {first} of the same source and id. {sentence}").trim_end().into();
    }
    EntryRow {
        log: LogName::Events.word().to_owned(),
        index,
        effect: 0,
        at: event.now,
        headline: is_headline(event.severity),
        category: event.category,
        severity: event.severity,
        title: text("title").unwrap_or_else(none),
        sentence,
        actor: event.source.to_string(),
        change: None,
        refused: None,
        tags: event.tags(),
    }
}

/// One entry: its leaf, rows, openings (of its own parts, then of the package it opens) and the proof that it is in the log. An entry that concerns a
/// tenant whose matters the reader may not read answers as one that is not there, so that neither
/// its kind nor its time nor whom it concerns is told.
#[utoipa::path(get, path = "/v1/entries/{log}/{index}", tag = "reading",
    params(("log" = String, Path, description = "`control` or `events`"), ("index" = u64, Path, description = "its index")),
    responses((status = 200, body = EntryView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(crate) async fn entry(
    State(service): State<Arc<Service>>,
    Path((log, index)): Path<(String, u64)>,
    asking: Asking,
) -> Result<Json<EntryView>, Problem> {
    let reader = service.reading(asking)?;
    let name = LogName::of(&log)?;
    let entry = read(&service, name, index)?;
    let hidden = || none(index, service.log(name).size());
    let (prefix, rows, unsealed, package) = match name {
        LogName::Control => {
            let leaf = Leaf::decode(&entry.leaf).map_err(|_| undecoded(name, index))?;
            let tags = service.tags(&leaf)?;
            if !reader.sight.covers(&tags) {
                return Err(hidden());
            }
            let names = service.names();
            let parts = parts(&service.blobs, &leaf.command);
            let rows =
                rows(&names, index, &leaf).into_iter().map(|row| EntryRow { tags: tags.clone(), ..row }).collect();
            let package = opened(&service.blobs, &leaf.command);
            (LEAF_PREFIX, rows, service.openings.unseal(&parts, &entry.payload), package)
        }
        LogName::Events => {
            let event = EventEntry::decode(&entry.leaf).map_err(|_| undecoded(name, index))?;
            if !reader.sight.covers(&event.tags()) {
                return Err(hidden());
            }
            let texts = event_text(&service, &event, &entry.payload);
            (EVENT_PREFIX, vec![event_row(index, &event, &texts)], texts, None)
        }
    };
    let json = entry.leaf.strip_prefix(prefix).and_then(|json| serde_json::from_slice(json).ok());
    Ok(Json(EntryView {
        log,
        index,
        leaf_hash: leaf_hash(&entry),
        leaf: json.ok_or_else(|| undecoded(name, index))?,
        rows,
        openings: Unsealed::openings(unsealed),
        package,
        proof: proof(&service, name, index),
    }))
}

fn leaf_hash(entry: &Entry) -> Digest {
    tlog::leaf_hash(&entry.leaf)
}

/// A tlog-proof under the newest checkpoint, when it covers the entry.
fn proof(service: &Service, name: LogName, index: u64) -> Option<String> {
    let log = service.log(name);
    let (size, checkpoint) = log.checkpoint().filter(|(size, _)| *size > index)?;
    let hashes = log.inclusion_proof(index, size)?;
    Some(InclusionProof { extra: None, index, hashes, checkpoint }.encode())
}
