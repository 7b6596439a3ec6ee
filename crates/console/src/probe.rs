//! Asks each source `/readyz` every five seconds, or at once when a reader wants it retried.

use crate::app::App;
use crate::clock;
use crate::sources::Probe;
use client::wire::Ready;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(5);
/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longest answer that is read, bytes.
const ANSWER_MAX: usize = 256 << 10;

/// Rounds for ever.
pub(crate) async fn run(app: Arc<App>) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    loop {
        round(&app, &client).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.retry.notified() => {}
        }
    }
}

async fn round(app: &Arc<App>, client: &Client<HttpConnector, Empty<Bytes>>) {
    let mut asked = tokio::task::JoinSet::new();
    for source in app.sources.all() {
        let (client, app) = (client.clone(), Arc::clone(app));
        asked.spawn(async move {
            let probe = ask(&client, &source.url).await;
            if app.sources.record(source.service, probe) {
                app.pulse();
                app.wanted.notify_one();
            }
        });
    }
    while asked.join_next().await.is_some() {}
    app.probed();
}

async fn ask(client: &Client<HttpConnector, Empty<Bytes>>, url: &str) -> Probe {
    let (at, begun) = (clock::now(), Instant::now());
    let answer = match tokio::time::timeout(TIMEOUT, exchange(client, url)).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {} s", TIMEOUT.as_secs())),
    };
    let latency_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    Probe { at, latency_ms, answer }
}

/// The checks that do not hold. A service that is not ready still answers, with 503.
async fn exchange(client: &Client<HttpConnector, Empty<Bytes>>, url: &str) -> Result<Vec<String>, String> {
    let uri = format!("{url}/readyz").parse().map_err(|_| "its URL is none".to_owned())?;
    let response = client.get(uri).await.map_err(|error| cause(&error))?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    match serde_json::from_slice::<Ready>(&body) {
        Ok(ready) if status == 200 || status == 503 => {
            let failing = ready.checks.into_iter().filter(|check| !check.ok);
            Ok(failing.map(|check| format!("{}: {}", check.name, check.why.unwrap_or_default())).collect())
        }
        _ => Err(format!("somebody else answers there (status {status})")),
    }
}

/// The innermost cause: `Connection refused` rather than `client error (Connect)`.
fn cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
