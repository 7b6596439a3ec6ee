//! `status`: the services as they answer now.

use super::{Context, who};
use crate::error::CliError;
use crate::output;
use client::{Http, HttpOptions};
use model::Service;
use serde::Serialize;
use std::time::Instant;

const LIVE: &str = "live";
const NOT_READY: &str = "not ready";
const OFFLINE: &str = "offline";

#[derive(Serialize)]
struct Row {
    service: Service,
    url: String,
    health: &'static str,
    latency_ms: Option<u64>,
    why: Option<String>,
}

async fn probe(service: Service, url: String) -> Row {
    let http = Http::with(&url, HttpOptions { timeout_ms: 2_000, answer_max_bytes: 1 << 20 });
    let asked = Instant::now();
    let ready = http.ready().await;
    let latency_ms = u64::try_from(asked.elapsed().as_millis()).ok();
    match ready {
        Ok(ready) => {
            let failing = ready.failing();
            let health = if failing.is_empty() { LIVE } else { NOT_READY };
            // A brake keeps nobody from being live, and is said.
            let said: Vec<_> = failing.into_iter().chain(ready.brake().map(str::to_owned)).collect();
            let why = Some(said.join("; ")).filter(|why| !why.is_empty());
            Row { service, url, health, latency_ms, why }
        }
        Err(client::ClientError::Unreachable { why, .. }) => {
            Row { service, url, health: OFFLINE, latency_ms: None, why: Some(why) }
        }
        Err(error) => Row { service, url, health: OFFLINE, latency_ms: None, why: Some(error.to_string()) },
    }
}

pub async fn run(context: &Context) -> Result<(), CliError> {
    let ports = who::ports(context)?;
    // Whatever answers on these ports must be of this directory's ledger; who is silent is told below.
    if let Err(error @ CliError::Desk(_)) = who::governance(context).await {
        return Err(error);
    }
    let mut rows = vec![];
    for service in Service::ALL {
        rows.push(probe(*service, ports.url(*service)).await);
    }
    if context.json {
        output::json(&rows);
        return told(&rows);
    }
    let cells = |row: &Row| {
        let latency = row.latency_ms.map_or("unknown".to_owned(), |ms| format!("{ms} ms"));
        vec![
            row.service.title().to_owned(),
            row.health.to_owned(),
            row.url.clone(),
            latency,
            row.why.clone().unwrap_or_default(),
        ]
    };
    let table: Vec<_> = rows.iter().map(cells).collect();
    output::table(&["SERVICE", "HEALTH", "URL", "LATENCY", ""], &table);
    told(&rows)
}

/// Done when all are live; who is silent weighs more than who is not ready.
fn told(rows: &[Row]) -> Result<(), CliError> {
    let count = |health| rows.iter().filter(|row| row.health == health).count();
    match (count(OFFLINE), count(NOT_READY)) {
        (0, 0) => Ok(()),
        (0, not_ready) => Err(CliError::NotReady(not_ready)),
        (offline, _) => Err(CliError::Offline(offline)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_five_live_services_end_with_zero() {
        let rows = |health: [&'static str; 5]| {
            let row = |(service, health)| Row { service, url: String::new(), health, latency_ms: None, why: None };
            Service::ALL.iter().copied().zip(health).map(row).collect::<Vec<_>>()
        };
        assert!(told(&rows([LIVE; 5])).is_ok());
        for (health, code) in [
            ([LIVE, LIVE, NOT_READY, LIVE, LIVE], 8),
            ([LIVE, OFFLINE, LIVE, LIVE, LIVE], 6),
            ([NOT_READY, OFFLINE, LIVE, LIVE, LIVE], 6),
        ] {
            assert_eq!(told(&rows(health)).unwrap_err().exit_code(), code, "{health:?}");
        }
    }
}
