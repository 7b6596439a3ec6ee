//! Events over HTTP, to a Governance that runs alone.

use crate::args::Pace;
use crate::connection::Connection;
use crate::drive::{Caller, drive};
use crate::error::Error;
use crate::figures::Run;
use hyper::Method;
use hyper::body::Bytes;
use model::{Category, Severity};
use std::sync::atomic::{AtomicU64, Ordering};
use wire::Event;

/// An id is new once in 48 h, so each event of this process has a number of its own.
static NEXT: AtomicU64 = AtomicU64::new(0);

struct Sender {
    connection: Connection,
    token: String,
    batch: u32,
}

impl Caller for Sender {
    async fn call(&mut self) -> Result<(), Error> {
        let body = body(self.batch)?;
        self.connection.ask(Method::POST, "/v1/events", &self.token, body).await?;
        Ok(())
    }
}

/// The body of one request: an event, or an array of several.
///
/// # Errors
/// When it cannot be written, which it always can.
pub fn body(batch: u32) -> Result<Bytes, Error> {
    let event = || {
        let token = |text: &str| text.parse().expect("the bench's own words are tokens");
        Event {
            id: format!("build-{:012}", NEXT.fetch_add(1, Ordering::Relaxed)),
            source: token("ci.bench"),
            kind: token("pipeline.finished"),
            category: Category::Reported,
            severity: Severity::Low,
            occurred: None,
            tenant: None,
            title: "The nightly build of the storefront has finished".to_owned(),
            description: Some("Every check has passed. ".repeat(20).trim_end().to_owned()),
        }
    };
    let bytes = if batch == 1 {
        serde_json::to_vec(&event())?
    } else {
        serde_json::to_vec(&(0..batch).map(|_| event()).collect::<Vec<_>>())?
    };
    Ok(bytes.into())
}

/// One run of `callers` connections, each of which sends `batch` events a request.
///
/// # Errors
/// When one of them is not taken.
pub async fn run(port: u16, token: &str, callers: u32, batch: u32, pace: Pace) -> Result<Run, Error> {
    let mut senders = vec![];
    for _ in 0..callers {
        senders.push(Sender { connection: Connection::open(port).await?, token: token.to_owned(), batch });
    }
    drive(senders, batch, pace).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_events_have_one_id() {
        let one: Event = serde_json::from_slice(&body(1).unwrap()).unwrap();
        let two: Vec<Event> = serde_json::from_slice(&body(2).unwrap()).unwrap();
        let ids: std::collections::BTreeSet<_> = two.iter().chain([&one]).map(|event| &event.id).collect();
        assert_eq!(ids.len(), 3);
    }
}
