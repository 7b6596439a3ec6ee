//! One entry whole, and its rows in words.

use crate::event::EVENT_PREFIX;
use crate::event::EventEntry;
use crate::learn::parts;
use crate::service::{LogName, Service};
use crate::timeline::{Row, is_headline};
use api::{Bearer, Problem, ProblemBody};
use axum::Json;
use axum::extract::{Path, State};
use client::Names;
use client::view::{EntryRow, EntryView, rows};
use control::{LEAF_PREFIX, Leaf};
use ledger::{Entry, LedgerError};
use model::{Digest, PersonId};
use std::sync::Arc;
use tlog::inclusion::InclusionProof;
use warrant::Opening;

fn read(service: &Service, log: LogName, index: u64) -> Result<Entry, Problem> {
    service.log(log).entry(index).map_err(|error| match error {
        LedgerError::NoEntry { size, .. } => Problem::not_found(
            "entry.not_found",
            format!("there is no entry {index}; the log holds {size}"),
            "ask below that",
        ),
        error => {
            tracing::error!(%error, "an entry cannot be read");
            Problem::internal()
        }
    })
}

fn undecoded(log: LogName, index: u64) -> Problem {
    tracing::error!(log = log.word(), index, "an entry cannot be decoded");
    Problem::internal()
}

pub(super) fn worded(service: &Service, names: &Names, reader: &PersonId, row: &Row) -> Result<EntryRow, Problem> {
    let entry = read(service, row.log, row.index)?;
    let rows = match row.log {
        LogName::Control => {
            let leaf = Leaf::decode(&entry.leaf).map_err(|_| undecoded(row.log, row.index))?;
            service.with_state(|state| rows(state, names, row.index, &leaf))
        }
        LogName::Events => vec![event_row(service, reader, row.index, &entry)?],
    };
    rows.into_iter().find(|worded| worded.effect == row.effect).ok_or_else(|| undecoded(row.log, row.index))
}

/// The texts of an event, if the reader may see them and they are not erased.
fn event_text(service: &Service, reader: &PersonId, event: &EventEntry, payload: &[u8]) -> Vec<Option<Opening>> {
    let tags: Vec<_> = event.tenant.into_iter().collect();
    if service.with_state(|state| control::visible(state, reader, &tags)) {
        service.openings.unseal(&event.command(), &event.parts, payload)
    } else {
        vec![None; event.parts.len()]
    }
}

fn event_row(service: &Service, reader: &PersonId, index: u64, entry: &Entry) -> Result<EntryRow, Problem> {
    let event = EventEntry::decode(&entry.leaf).map_err(|_| undecoded(LogName::Events, index))?;
    let opening = event_text(service, reader, &event, &entry.payload).into_iter().next().flatten();
    let text = |field: &str| opening.as_ref().and_then(|opening| opening.body.get(field)).cloned();
    Ok(EntryRow {
        log: LogName::Events.word().to_owned(),
        index,
        effect: 0,
        at: event.now,
        headline: is_headline(event.severity),
        category: event.category,
        severity: event.severity,
        title: text("title").unwrap_or_else(|| format!("{} (its text is erased)", event.kind)),
        sentence: text("description").unwrap_or_default(),
        actor: event.source.to_string(),
        change: None,
        refused: None,
    })
}

/// One entry: its leaf, rows, openings and the proof that it is in the log.
#[utoipa::path(get, path = "/v1/entries/{log}/{index}", tag = "reading",
    params(("log" = String, Path, description = "`control` or `events`"), ("index" = u64, Path, description = "its index")),
    responses((status = 200, body = serde_json::Value), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(crate) async fn entry(
    State(service): State<Arc<Service>>,
    Path((log, index)): Path<(String, u64)>,
    bearer: Option<Bearer>,
) -> Result<Json<EntryView>, Problem> {
    let reader = service.reading(bearer)?;
    let name = LogName::of(&log)?;
    let entry = read(&service, name, index)?;
    let (prefix, rows, openings) = match name {
        LogName::Control => {
            let leaf = Leaf::decode(&entry.leaf).map_err(|_| undecoded(name, index))?;
            let names = service.names();
            let (bound_to, parts) = parts(&service.blobs, &leaf.command);
            let (rows, visible) = service
                .with_state(|state| (rows(state, &names, index, &leaf), control::visible(state, &reader, &leaf.tags)));
            let openings = if visible {
                service.openings.unseal(&bound_to, &parts, &entry.payload)
            } else {
                vec![None; parts.len()]
            };
            (LEAF_PREFIX, rows, openings)
        }
        LogName::Events => {
            let event = EventEntry::decode(&entry.leaf).map_err(|_| undecoded(name, index))?;
            let rows = vec![event_row(&service, &reader, index, &entry)?];
            (EVENT_PREFIX, rows, event_text(&service, &reader, &event, &entry.payload))
        }
    };
    let json = entry.leaf.strip_prefix(prefix).and_then(|json| serde_json::from_slice(json).ok());
    Ok(Json(EntryView {
        log,
        index,
        leaf_hash: leaf_hash(&entry),
        leaf: json.ok_or_else(|| undecoded(name, index))?,
        rows,
        openings,
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
