//! The routes of Governance that followers and executors use.

use super::ledger::{Failure, Lie, Shared};
use super::problem::problem;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use control::{Blobs as _, Inadmissible, Verdict};
use model::{Digest, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;
use tlog::tile::{TilePath, encode_bundle};
use wire::{Recorded, Submission};

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/checkpoints/control", get(checkpoint))
        .route("/log/control/{*path}", get(tile))
        .route("/v1/blobs/{object}/{digest}", get(blob))
        .route("/v1/commands", post(command))
        .merge(super::reading::router())
        .with_state(shared)
}

fn missing() -> Response {
    problem(StatusCode::NOT_FOUND, "not_found", "there is no such thing", None)
}

fn newest(shared: &Shared) -> (u64, String) {
    let ledger = shared.ledger();
    match &ledger.lie {
        Lie::Leaves(leaves) => shared.sign(leaves),
        Lie::Note(note) => (u64::MAX, note.clone()),
        _ => shared.sign(&ledger.leaves),
    }
}

async fn checkpoint(State(shared): State<Arc<Shared>>, Query(query): Query<BTreeMap<String, String>>) -> String {
    let beyond: u64 = query.get("beyond").and_then(|text| text.parse().ok()).unwrap_or_default();
    let (told, poll) = {
        let ledger = shared.ledger();
        (ledger.told, ledger.poll)
    };
    let mut grown = shared.grown.subscribe();
    let news = async {
        loop {
            grown.mark_unchanged();
            // A liar need not wait until there is more.
            if newest(&shared).0 != beyond || shared.ledger().told != told || grown.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(poll, news).await;
    newest(&shared).1
}

async fn tile(State(shared): State<Arc<Shared>>, Path(path): Path<String>) -> Response {
    let ledger = shared.ledger();
    let leaves = match &ledger.lie {
        Lie::Leaves(leaves) | Lie::Bundles(leaves) => leaves,
        _ => &ledger.leaves,
    };
    let Ok(TilePath::Entries { index, width }) = path.parse() else { return missing() };
    let first = usize::try_from(index * 256).unwrap();
    match leaves.get(first..first + usize::from(width)) {
        Some(entries) => encode_bundle(entries).unwrap().into_response(),
        None => missing(),
    }
}

async fn blob(State(shared): State<Arc<Shared>>, Path((object, digest)): Path<(String, String)>) -> Response {
    let ledger = shared.ledger();
    let digest: Digest = digest.parse().unwrap();
    match (ledger.blobs().get(&object, &digest), &ledger.lie) {
        (None, _) | (_, Lie::NoBlobs) => missing(),
        (Some(mut bytes), Lie::OtherBlobs) => {
            bytes.push(b' ');
            bytes.into_response()
        }
        (Some(bytes), _) => bytes.into_response(),
    }
}

async fn command(State(shared): State<Arc<Shared>>, Json(submission): Json<Submission>) -> Response {
    let mut ledger = shared.ledger();
    ledger.submitted.push(submission.command.clone());
    shared.grown.send_modify(|grown| *grown += 1);
    let failure = ledger.failures.pop();
    match failure {
        Some(Failure::Unavailable) => {
            return problem(StatusCode::SERVICE_UNAVAILABLE, "busy", "later", None);
        }
        Some(Failure::Refused) => return problem(StatusCode::CONFLICT, "refused", "no", None),
        Some(Failure::Pretended) => {
            let recorded = Recorded { index: 0, leaf_hash: Digest::ZERO, now: Instant::EPOCH, effects: vec![] };
            return Json(recorded).into_response();
        }
        Some(Failure::Unanswered) | None => {}
    }
    ledger.keep(&submission);
    let spent = ledger.spent(&submission.command);
    let recorded = ledger.record(submission.command);
    let leaf_hash = ledger.leaves.last().map_or(Digest::ZERO, |bytes| tlog::leaf_hash(bytes));
    drop(ledger);
    shared.grown.send_modify(|grown| *grown += 1);
    if failure.is_some() {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "busy", "later", None);
    }
    match recorded {
        // As Governance answers what it has already.
        Err(why) if why == Inadmissible::Spent(spent).to_string() => {
            problem(StatusCode::CONFLICT, "command.spent", &why, Some(spent))
        }
        Err(why) => problem(StatusCode::BAD_REQUEST, "inadmissible", &why, None),
        Ok((index, leaf)) => match leaf.verdict {
            Verdict::Accepted => {
                Json(Recorded { index, leaf_hash, now: leaf.now, effects: leaf.effects }).into_response()
            }
            Verdict::Refused(refusal) => problem(StatusCode::CONFLICT, "refused", &format!("{refusal:?}"), Some(index)),
        },
    }
}
