//! Whom a command waits for, said on standard error as long as it does.

use super::{Context, who};
use crate::clock;
use crate::output;
use client::{Http, HttpOptions};
use desk::{Desk, Waiting};
use model::{ChangeId, Service};
use std::convert::Infallible;
use std::time::{Duration, Instant};

/// What takes less than this needs no word.
const QUIET: Duration = Duration::from_secs(2);
/// Between two words about the same wait.
const EVERY: Duration = Duration::from_secs(10);
/// Between two looks at whom it is.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Longest wait for a service's answer to how it is, milliseconds.
const ANSWER_MS: u64 = 2_000;

/// Does some work on a change, and says meanwhile whom it waits for.
pub async fn on<T>(context: &Context, desk: &Desk, id: &ChangeId, work: impl Future<Output = T>) -> T {
    tokio::select! {
        done = work => done,
        never = tell(context, desk, id) => match never {},
    }
}

async fn tell(context: &Context, desk: &Desk, id: &ChangeId) -> Infallible {
    let mut look = tokio::time::interval(LOOK_EVERY);
    let (mut waits, mut since, mut begun, mut quiet) = (Waiting::Nobody, clock::now(), Instant::now(), QUIET);
    loop {
        look.tick().await;
        let now = desk::waits_for(&desk.follower().state(), id);
        if now != waits {
            (waits, since, begun, quiet) = (now, clock::now(), Instant::now(), QUIET);
        }
        if begun.elapsed() < quiet {
            continue;
        }
        for whom in named(context, &waits).await {
            let elapsed = begun.elapsed().as_secs();
            output::note(&format_args!("waiting for {whom} (since {since}, {elapsed} s){}", goes_on(desk, id)));
        }
        quiet = begun.elapsed() + EVERY;
    }
}

/// What happens where nobody answers: some kinds of change go on without them.
fn goes_on(desk: &Desk, id: &ChangeId) -> String {
    let at = desk::goes_on_unchecked(&desk.follower().state(), id);
    let after_s = control::UNCHECKED_AFTER_MS / 1_000;
    at.map(|at| format!("; after {after_s} s, at {at}, it goes on unchecked")).unwrap_or_default()
}

async fn named(context: &Context, waits: &Waiting) -> Vec<String> {
    let mut named = vec![];
    match waits {
        Waiting::Nobody => {}
        Waiting::Release => named.push("the release of the hold".to_owned()),
        Waiting::Services(services) => {
            for service in services {
                named.push(format!("{}{}", service.title(), how(context, *service).await));
            }
        }
    }
    named
}

/// How a service stands that one waits for; nothing where it is well and at work.
async fn how(context: &Context, service: Service) -> String {
    let options = HttpOptions { timeout_ms: ANSWER_MS, answer_max_bytes: 1 << 20 };
    let Ok(ports) = who::ports(context) else { return ", whose port is not known here".to_owned() };
    let http = Http::with(ports.url(service), options);
    match http.ready().await.map(|ready| ready.failing()) {
        Ok(failing) if failing.is_empty() => String::new(),
        Ok(failing) => format!(", which is not ready: {}", output::cell(&failing.join("; "))),
        Err(_) => ", which does not answer".to_owned(),
    }
}
