//! `status`: the services as they answer now.

use super::{Context, demo, who};
use crate::error::CliError;
use crate::output;
use client::{Http, HttpOptions};
use model::Service;
use serde::Serialize;
use std::path::Path;
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
        return told(&rows, || starts(context.home.path(), demo::founded_as_demo(&context.home) == Some(true), &rows));
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
    told(&rows, || starts(context.home.path(), demo::founded_as_demo(&context.home) == Some(true), &rows))
}

/// What starts the silent ones: a demonstration's own command, which `serve` refuses to take the place of.
fn starts(dir: &Path, is_demo: bool, rows: &[Row]) -> String {
    let dir = output::word(dir);
    if !is_demo {
        return format!("start them with `countersign serve --dir {dir}`");
    }
    let silent: Vec<_> = rows.iter().filter(|row| row.health == OFFLINE).collect();
    if silent.len() == rows.len() {
        return format!("start the demonstration with `countersign demo --dir {dir}`");
    }
    let line = |row: &&Row| {
        let child = row.service.word();
        format!("`countersign demo start {child} --dir {dir}`")
    };
    format!("start them with {}", silent.iter().map(line).collect::<Vec<_>>().join(" and "))
}

/// Done when all are live; who is silent weighs more than who is not ready.
fn told(rows: &[Row], start: impl Fn() -> String) -> Result<(), CliError> {
    let count = |health| rows.iter().filter(|row| row.health == health).count();
    match (count(OFFLINE), count(NOT_READY)) {
        (0, 0) => Ok(()),
        (0, not_ready) => Err(CliError::NotReady(not_ready)),
        (silent, _) => Err(CliError::Offline { silent, start: start() }),
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
        assert!(told(&rows([LIVE; 5]), String::new).is_ok());
        for (health, code) in [
            ([LIVE, LIVE, NOT_READY, LIVE, LIVE], 8),
            ([LIVE, OFFLINE, LIVE, LIVE, LIVE], 6),
            ([NOT_READY, OFFLINE, LIVE, LIVE, LIVE], 6),
        ] {
            assert_eq!(told(&rows(health), String::new).unwrap_err().exit_code(), code, "{health:?}");
        }
    }

    #[test]
    fn what_starts_the_silent_ones_is_a_demonstrations_own_command_where_it_is_one() {
        let said = |is_demo, silent: &[Service]| {
            let health = |service: &Service| if silent.contains(service) { OFFLINE } else { LIVE };
            let row = |service: &Service| Row {
                service: *service,
                url: String::new(),
                health: health(service),
                latency_ms: None,
                why: None,
            };
            starts(Path::new("/d"), is_demo, &Service::ALL.iter().map(row).collect::<Vec<_>>())
        };
        assert_eq!(said(false, &[Service::Engine]), "start them with `countersign serve --dir /d`");
        let two = "start them with `countersign demo start node --dir /d` and `countersign demo start engine --dir /d`";
        assert_eq!(said(true, &[Service::Node, Service::Engine]), two);
        assert_eq!(said(true, Service::ALL), "start the demonstration with `countersign demo --dir /d`");
    }
}
