//! Reads the sources again: at once when the ledger grows, every 30 s otherwise.

use crate::app::{App, log_keys};
use crate::clock;
use crate::sizes::Sizes;
use crate::snapshot::{Dated, GovernanceData, ROWS_MAX, Rows, Snapshot};
use client::{ClientError, EntryQuery, GovernanceClient};
use model::{Instant, Service};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use view::{EntryPage, LeaseUse};

/// Between two refreshes when nothing happens.
const EVERY: Duration = Duration::from_secs(30);
/// Between two refreshes when much happens: a change run leaves a leaf every few milliseconds.
const AT_MOST_EVERY: Duration = Duration::from_millis(200);
/// Rows of one question.
const PAGE: u32 = 50;

/// Refreshes for ever.
pub(crate) async fn run(app: Arc<App>) {
    let mut grown = app.follower.as_ref().map(follower::Follower::changed);
    let mut due = tokio::time::interval(EVERY);
    loop {
        let whole = tokio::select! {
            _ = due.tick() => true,
            () = app.wanted.notified() => true,
            // A follower lives as long as the console, so its channel does not close.
            Ok(()) = changed(&mut grown) => false,
        };
        refresh(&app, whole).await;
        tokio::time::sleep(AT_MOST_EVERY).await;
    }
}

async fn changed(grown: &mut Option<tokio::sync::watch::Receiver<u64>>) -> Result<(), ()> {
    match grown {
        Some(grown) => grown.changed().await.map_err(|_| ()),
        None => std::future::pending().await,
    }
}

/// Watches the events log, which grows between the control log's own entries.
pub(crate) async fn watch_events(app: Arc<App>) {
    let mut known = None;
    loop {
        let answer = match app.governance() {
            Some(governance) => governance.checkpoint("events", known.unwrap_or(0)).await.ok(),
            None => None,
        };
        // The second line of a checkpoint is its size (C2SP tlog-checkpoint).
        let size = answer.and_then(|note| note.lines().nth(1)?.parse::<u64>().ok());
        match size {
            Some(size) if known != Some(size) => {
                known = Some(size);
                app.wanted.notify_one();
            }
            Some(0) | None => tokio::time::sleep(Duration::from_millis(500)).await,
            Some(_) => {}
        }
    }
}

async fn read<T: DeserializeOwned>(app: &App, service: Service, path: &str) -> Option<Dated<T>> {
    if !app.sources.answers(service) {
        return None;
    }
    let at = clock::now();
    // What is not everybody's is shown to the console by its own signature; where that is not known there, the rest.
    let signed = app.asking(service, format!("GET {path}"), None);
    let mut answer = signed.unwrap_or(app.http(service)?).get(path).await;
    if let Err(ClientError::Problem(_, 401)) = answer {
        answer = app.http(service)?.get(path).await;
    }
    match answer {
        Ok(data) => Some(Dated { at, data }),
        Err(error) => {
            tracing::debug!(%error, %service, "console: no data of a source now");
            None
        }
    }
}

/// What is used of AI leases, as Platform Services answers it.
#[derive(serde::Deserialize)]
struct LeasesUsed {
    leases: Vec<LeaseUse>,
    /// How many older ones it left off.
    #[serde(default)]
    left_off: u64,
}

async fn refresh(app: &App, whole: bool) {
    let before = app.kept.get();
    let known = before.governance.as_ref().map(|dated| &dated.data);
    // What is recorded before somebody is asked is what their answer has to rest on.
    let verified = app.follower.as_ref().map(follower::Follower::state);
    let (leases, platform, node, engine, integration) = tokio::join!(
        read::<LeasesUsed>(app, Service::Platform, "/v1/leases"),
        read(app, Service::Platform, "/v1/artifacts"),
        read(app, Service::Node, "/v1/inventory"),
        read(app, Service::Engine, "/v1/engines"),
        read(app, Service::Integration, "/v1/bindings"),
    );
    let left_off = leases.as_ref().map(|leases| leases.data.left_off > 0);
    let is_believed = |used: &LeaseUse| verified.as_ref().is_none_or(|state| used.is_believed(state));
    let disbelieved = leases.as_ref().map(|leases| !leases.data.leases.iter().all(is_believed));
    let leases = leases
        .map(|Dated { at, data }| Dated { at, data: if disbelieved == Some(true) { vec![] } else { data.leases } });
    let token = app.read_token();
    let governance = match governance(app, known, whole).await {
        Ok(governance) => governance,
        Err(error) => {
            if let (ClientError::Problem(_, 401), Some(credential), Some(token)) = (&error, &app.credential, &token) {
                credential.refuse(token);
            }
            tracing::debug!(%error, "console: no data of governance now");
            None
        }
    };
    let mut after = Snapshot {
        governance: governance.or_else(|| before.governance.clone()),
        platform: platform.or_else(|| before.platform.clone()),
        leases: leases.or_else(|| before.leases.clone()),
        leases_left_off: left_off.unwrap_or(before.leases_left_off),
        leases_disbelieved: disbelieved.unwrap_or(before.leases_disbelieved),
        node: node.or_else(|| before.node.clone()),
        engine: engine.or_else(|| before.engine.clone()),
        integration: integration.or_else(|| before.integration.clone()),
    };
    after.expire(clock::now());
    app.kept.set(after);
    app.pulse();
}

async fn governance(
    app: &App,
    known: Option<&GovernanceData>,
    whole: bool,
) -> Result<Option<Dated<GovernanceData>>, ClientError> {
    if !app.sources.answers(Service::Governance) || app.read_token().is_none() {
        return Ok(None);
    }
    let Some(client) = app.governance() else { return Ok(None) };
    let at: Instant = clock::now();
    let mut ledger = client.ledger().await?;
    // A page checks proofs by the key that is trusted here, not by the one that is stated.
    if let Some([control, events]) = app.trust.as_ref().and_then(|trust| log_keys(trust, &app.state())) {
        ledger.control_vkey = control;
        ledger.events_vkey = events;
    }
    let names = client.names().await?.checked(&app.state());
    // Another ledger's rows are not older rows of this one.
    let same = known.filter(|known| known.ledger.genesis == ledger.genesis);
    let mut headlines = same.map(|known| known.headlines.clone()).unwrap_or_default();
    let mut all = same.map(|known| known.all.clone()).unwrap_or_default();
    let whole = whole || same.is_none();
    let first = rows(&client, &mut headlines, false, whole).await?;
    rows(&client, &mut all, true, whole).await?;
    let (headlines_total, rows_total) = (first.0, first.1);
    Ok(Some(Dated { at, data: GovernanceData { ledger, names, headlines, all, headlines_total, rows_total } }))
}

/// The first page, or as many as are kept; answers the two totals.
async fn rows(client: &GovernanceClient, kept: &mut Rows, all: bool, whole: bool) -> Result<(u64, u64), ClientError> {
    let EntryPage { rows, next, headlines, total, control_size, events_size, .. } =
        client.entries(&EntryQuery::newest(all, PAGE)).await?;
    kept.renew(rows, next.clone());
    let mut cursor = next;
    while whole && kept.rows.len() < ROWS_MAX {
        // What is kept reaches further back already than one more page would.
        let Some(before) = cursor.filter(|_| kept.rows.len() <= PAGE as usize * 10) else { break };
        let older = client.entries(&EntryQuery::newest(all, 200).before(Some(&before))).await?;
        let key = |row: &view::EntryRow| (row.log.clone(), row.index, row.effect);
        let have: std::collections::BTreeSet<_> = kept.rows.iter().map(key).collect();
        let fresh: Vec<_> = older.rows.into_iter().filter(|row| !have.contains(&key(row))).collect();
        if fresh.is_empty() {
            break;
        }
        kept.rows.extend(fresh);
        cursor = older.next;
    }
    kept.rows.truncate(ROWS_MAX);
    let sizes = Sizes { control: control_size, events: events_size };
    kept.measure(sizes, if all { total } else { headlines });
    Ok((headlines, total))
}
