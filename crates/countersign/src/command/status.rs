//! `status`: the services as they answer now.

use super::{Context, who};
use crate::error::CliError;
use crate::output;
use client::{Http, HttpOptions};
use model::Service;
use serde::Serialize;
use std::time::Instant;

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
    match ready.map(|ready| ready.failing()) {
        Ok(failing) if failing.is_empty() => Row { service, url, health: "live", latency_ms, why: None },
        Ok(failing) => Row { service, url, health: "not ready", latency_ms, why: Some(failing.join("; ")) },
        Err(client::ClientError::Unreachable { why, .. }) => {
            Row { service, url, health: "offline", latency_ms: None, why: Some(why) }
        }
        Err(error) => Row { service, url, health: "offline", latency_ms: None, why: Some(error.to_string()) },
    }
}

pub async fn run(context: &Context) -> Result<(), CliError> {
    let ports = who::ports(context);
    let mut rows = vec![];
    for service in Service::ALL {
        rows.push(probe(*service, ports.url(*service)).await);
    }
    let offline = rows.iter().filter(|row| row.health == "offline").count();
    if context.json {
        output::json(&rows);
        return if offline == 0 { Ok(()) } else { Err(CliError::Offline(offline)) };
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
    if offline == 0 { Ok(()) } else { Err(CliError::Offline(offline)) }
}
