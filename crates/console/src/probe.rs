//! Asks each source `/readyz` every five seconds, every second while one does not answer, or at once
//! when a reader wants it retried.

use crate::app::App;
use crate::clock;
use crate::sources::Probe;
use client::{ClientError, Http, HttpOptions};
use model::Service;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(5);
/// The same while somebody does not answer: who comes back is seen soon.
const EVERY_WHILE_OFFLINE: Duration = Duration::from_secs(1);
/// Longest wait for one answer, and longest answer.
const LIMITS: HttpOptions = HttpOptions { timeout_ms: 2_000, answer_max_bytes: 256 << 10 };

/// Rounds for ever.
pub(crate) async fn run(app: Arc<App>) {
    let client = |source: crate::sources::Source| (source.service, Http::with(source.url, LIMITS));
    let clients: Vec<_> = app.sources.all().into_iter().map(client).collect();
    loop {
        round(&app, &clients).await;
        let all_answer = Service::ALL.iter().all(|service| app.sources.answers(*service));
        tokio::select! {
            () = tokio::time::sleep(if all_answer { EVERY } else { EVERY_WHILE_OFFLINE }) => {}
            () = app.retry.notified() => {}
        }
    }
}

async fn round(app: &Arc<App>, clients: &[(Service, Http)]) {
    let mut asked = tokio::task::JoinSet::new();
    for (service, client) in clients.iter().cloned() {
        let app = Arc::clone(app);
        asked.spawn(async move {
            if app.sources.record(service, ask(&client).await) {
                app.pulse();
                app.wanted.notify_one();
            }
        });
    }
    while asked.join_next().await.is_some() {}
    app.probed();
}

async fn ask(client: &Http) -> Probe {
    let (at, begun) = (clock::now(), Instant::now());
    let answer = client.ready().await.map(|ready| ready.failing()).map_err(words);
    let latency_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    Probe { at, latency_ms, answer }
}

/// As a row says it, which has the URL and the time beside it.
fn words(error: ClientError) -> String {
    match error {
        ClientError::Unreachable { why, .. } => why,
        ClientError::Timeout { after_ms, .. } => format!("no answer within {} s", after_ms / 1_000),
        ClientError::Problem(_, status) => format!("somebody else answers there (status {status})"),
        _ => "somebody else answers there".to_owned(),
    }
}
