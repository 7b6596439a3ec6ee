//! The routes that the console reads: sessions, names and rows, each as its reader may see them.

use super::World;
use super::ledger::Shared;
use super::problem::problem;
use axum::Router;
use axum::extract::{Query, State as Extract};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Json, Response};
use axum::routing::{get, post};
use client::VIEWER_HEADER;
use control::{Command, Leaf, Login, Principal, ReadScope, SessionCommand, State};
use model::{Digest, Scope};
use std::collections::BTreeMap;
use std::sync::Arc;
use view::{EntryPage, EntryRow, rows};
use wire::{LedgerInfo, Ready, Recorded, SessionRequest};

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/readyz", get(|| async { Json(Ready { ready: true, checks: vec![] }) }))
        .route("/v1/ledger", get(ledger))
        .route("/v1/sessions", post(session))
        .route("/v1/names", get(names))
        .route("/v1/entries", get(entries))
}

async fn ledger(Extract(shared): Extract<Arc<Shared>>) -> Json<LedgerInfo> {
    let ledger = shared.ledger();
    Json(LedgerInfo {
        origin: ledger.state.origin.as_ref().unwrap().to_string(),
        genesis: ledger.state.ledger,
        control_vkey: World::signer().vkey().to_string(),
        events_vkey: World::signer().vkey().to_string(),
        control_size: ledger.state.size,
        events_size: 0,
        demo: true,
    })
}

async fn session(Extract(shared): Extract<Arc<Shared>>, Json(request): Json<SessionRequest>) -> Response {
    let mut ledger = shared.ledger();
    let Some((principal, login)) = signed_in(&ledger.state, &request) else {
        return problem(StatusCode::UNAUTHORIZED, "statement.unsigned", "not its signature", None);
    };
    let command = client::random_command();
    let recorded = ledger.record(Command::Session(SessionCommand { command, principal, login }));
    ledger.forgotten = false;
    let leaf_hash = tlog::leaf_hash(ledger.leaves.last().unwrap());
    drop(ledger);
    shared.grown.send_modify(|grown| *grown += 1);
    match recorded {
        Ok((index, leaf)) => Json(Recorded { index, leaf_hash, now: leaf.now, effects: leaf.effects }).into_response(),
        Err(why) => problem(StatusCode::UNAUTHORIZED, "principal.unknown", &why, None),
    }
}

/// Who asks for which credential; none: the signature is another one's.
fn signed_in(state: &State, request: &SessionRequest) -> Option<(Principal, Login)> {
    match request {
        SessionRequest::Console { login, signature } => {
            login.verify(signature).ok()?;
            let credential = Login { token: login.token, scope: Scope::Read, expires: login.expires };
            Some((Principal::Console { key: login.key }, credential))
        }
        SessionRequest::Person { login, signature } => {
            let key = state.roster.person(&login.person)?.keys.iter().find(|key| key.id == login.key)?;
            login.verify(&key.openssh, signature).ok()?;
            let credential = Login { token: login.token, scope: login.scope, expires: login.expires };
            Some((login.person.into(), credential))
        }
    }
}

/// What the request's credential, and its viewer, may see.
fn sight(shared: &Shared, headers: &HeaderMap) -> Result<ReadScope, Box<Response>> {
    let unknown = || Box::new(problem(StatusCode::UNAUTHORIZED, "token.unknown", "not known", None));
    let ledger = shared.ledger();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let token = text("authorization").and_then(|text| text.strip_prefix("Bearer ")).ok_or_else(unknown)?;
    let known = ledger.state.session(&Digest::of_bytes(token.as_bytes()), ledger.now());
    let session = known.filter(|_| !ledger.forgotten).ok_or_else(unknown)?;
    Ok(match (session.principal, text(VIEWER_HEADER)) {
        (Principal::Console { .. }, Some(viewer)) => ReadScope::of_viewer(&ledger.state, &viewer.parse().unwrap()),
        (Principal::Console { .. }, None) => ReadScope::Everything,
        (Principal::Person(person), _) => ReadScope::of(&ledger.state, &person),
    })
}

async fn names(Extract(shared): Extract<Arc<Shared>>, headers: HeaderMap) -> Response {
    match sight(&shared, &headers) {
        Err(refused) => *refused,
        Ok(sight) => {
            let ledger = shared.ledger();
            Json(ledger.names.narrowed(&ledger.state, &sight)).into_response()
        }
    }
}

/// Everything on one page, however many are asked for.
async fn entries(
    Extract(shared): Extract<Arc<Shared>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let sight = match sight(&shared, &headers) {
        Err(refused) => return *refused,
        Ok(sight) => sight,
    };
    let ledger = shared.ledger();
    let leaf = |(index, bytes): (usize, &Vec<u8>)| (index as u64, Leaf::decode(bytes).unwrap());
    let leaves = ledger.leaves.iter().enumerate().rev().map(leaf);
    let all: Vec<EntryRow> = leaves
        .flat_map(|(index, leaf)| rows(&ledger.names, index, &leaf))
        .filter(|row| sight.covers(&row.tags))
        .collect();
    let (total, headlines) = (all.len() as u64, all.iter().filter(|row| row.headline).count() as u64);
    let wanted = |row: &EntryRow| row.headline || query.get("all").is_some_and(|all| all == "true");
    let rows: Vec<_> = all.into_iter().filter(wanted).collect();
    let searched = rows.len() as u64;
    let (control_size, events_size) = (ledger.state.size, 0);
    Json(EntryPage { rows, headlines, total, newer: 0, searched, next: None, control_size, events_size })
        .into_response()
}
