//! Who of those that are to carry a change out does not answer: it waits for them.

use crate::command::{Context, who};
use crate::error::CliError;
use crate::output;
use client::{Http, HttpOptions};
use desk::Desk;
use model::{ChangeId, Service};

/// Longest wait for an answer, milliseconds.
const ANSWER_MS: u64 = 1_000;

/// Says so where one is silent. It refuses nothing: the change goes on once they are live.
pub async fn note(context: &Context, desk: &Desk, id: &ChangeId) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let Ok(change) = desk.follower().change(&book.state, id) else { return Ok(()) };
    let ports = who::ports(context)?;
    let mut silent: Vec<Service> = vec![];
    for service in view::executors_left(&change) {
        let options = HttpOptions { timeout_ms: ANSWER_MS, answer_max_bytes: 1 << 20 };
        if Http::with(ports.url(service), options).ready().await.is_err() {
            silent.push(service);
        }
    }
    if let Some(waits) = view::waits_for_silent(&silent) {
        output::note(&waits);
    }
    Ok(())
}
