//! Which of the demonstration's processes work, and what is to be done about those that do not.

use crate::child::Child;
use crate::error::CliError;
use crate::home::Home;
use crate::output;
use crate::ports::Ports;
use client::{Http, HttpOptions};
use model::Service;
use std::fmt;
use std::time::{Duration, Instant};
use supervisor::{Request, Response, ServiceStatus, State};

/// How long the processes may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// The same for the others once one is known not to work: most wait for it, and will not be ready.
const OTHERS_WITHIN: Duration = Duration::from_secs(5);
/// Ends that nobody asked for before a process is said not to work; it is started again all the same.
const ENDS: u32 = 3;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A process that does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ailing {
    child: Child,
    why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    /// It runs and says what it waits for, or does not answer.
    NotReady(String),
    /// It ends again and again, with these words.
    Ends(Vec<String>),
    /// It will not start as things are.
    Refuses(Vec<String>),
    /// Somebody has stopped it.
    Stopped,
}

impl Ailing {
    /// Whether it has no process that could still become ready.
    fn is_down(&self) -> bool {
        !matches!(self.why, Why::NotReady(_))
    }
}

impl fmt::Display for Ailing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.child.title();
        match &self.why {
            Why::NotReady(why) => write!(f, "{title} is not ready: {why}"),
            Why::Ends(lines) => write!(f, "{title} ends again and again: {}", lines.join(" / ")),
            Why::Refuses(lines) => write!(f, "{title} refuses to start: {}", lines.join(" / ")),
            Why::Stopped => write!(f, "{title} is stopped"),
        }
    }
}

/// Waits until every process is ready, or it is plain which are not; none is the good answer.
pub(super) async fn ailing(home: &Home, ports: Ports) -> Result<Vec<Ailing>, CliError> {
    let began = Instant::now();
    let mut down_since = None;
    loop {
        let found = look(home, ports).await?;
        if found.iter().any(Ailing::is_down) {
            down_since.get_or_insert_with(Instant::now);
        }
        let waited = began.elapsed() > READY_WITHIN
            || down_since.is_some_and(|since: Instant| since.elapsed() > OTHERS_WITHIN)
            || found.iter().all(Ailing::is_down);
        if found.is_empty() || waited {
            return Ok(found);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Waits until every process is ready, however long that takes.
pub(super) async fn whole(home: &Home, ports: Ports) -> Result<(), CliError> {
    while !look(home, ports).await?.is_empty() {
        tokio::time::sleep(OTHERS_WITHIN).await;
    }
    Ok(())
}

/// What does not work at this moment.
async fn look(home: &Home, ports: Ports) -> Result<Vec<Ailing>, CliError> {
    let known = match supervisor::request(home.path(), &Request::Status).await {
        Ok(Response::Done { services }) => services,
        // It has only just begun, or is ending.
        Ok(Response::Refused { .. }) | Err(supervisor::SupervisorError::NotRunning { .. }) => vec![],
        Err(error) => return Err(error.into()),
    };
    let mut found = vec![];
    for child in Child::all() {
        let status = known.iter().find(|known| known.name == child.to_string());
        let why = match status.and_then(down) {
            Some(why) => Some(why),
            None => not_ready(ports, child).await.map(Why::NotReady),
        };
        found.extend(why.map(|why| Ailing { child, why }));
    }
    Ok(found)
}

fn down(status: &ServiceStatus) -> Option<Why> {
    let said = || {
        let Some(last) = status.last_exit.clone() else { return vec![] };
        if last.last_lines.is_empty() {
            return vec![last.how];
        }
        // What it died of, without what it did before.
        let error = last.last_lines.iter().rposition(|line| line.starts_with("error: ")).unwrap_or(0);
        last.last_lines[error..].to_vec()
    };
    match status.state {
        State::Refused => Some(Why::Refuses(said())),
        State::Stopped => Some(Why::Stopped),
        State::Waiting | State::Running if !status.ready && status.restarts >= ENDS => Some(Why::Ends(said())),
        State::Waiting | State::Running => None,
    }
}

async fn not_ready(ports: Ports, child: Child) -> Option<String> {
    let url = match child {
        Child::Service(service) => ports.url(service),
        Child::Console => ports.console_url(),
    };
    let http = Http::with(&url, HttpOptions { timeout_ms: 2_000, answer_max_bytes: 1 << 20 });
    match http.ready().await.map(|ready| ready.failing()) {
        Ok(failing) if failing.is_empty() => None,
        Ok(failing) => Some(failing.join("; ")),
        Err(error) => Some(error.to_string()),
    }
}

/// Says what does not work and what is to be done, and that the rest goes on.
pub(super) fn print(home: &Home, found: &[Ailing]) {
    let dir = output::word(home.path());
    crate::print_line!("\nnot everything works; what does goes on, the shops too:");
    for ailing in found {
        let child = ailing.child;
        crate::print_line!("  {ailing}");
        match &ailing.why {
            // It waits for another one, which has a line of its own.
            Why::NotReady(_) if found.iter().any(Ailing::is_down) && child != Child::Service(Service::Governance) => {}
            Why::NotReady(_) | Why::Ends(_) => {
                crate::print_line!("    its log: {}", home.join(format!("logs/{child}.log")).display());
                crate::print_line!("    mend what it names, from a copy if you have one; it is tried again by itself");
            }
            Why::Refuses(_) => {
                crate::print_line!("    its log: {}", home.join(format!("logs/{child}.log")).display());
                crate::print_line!("    mend what it names, then: countersign demo start {child} --dir {dir}");
            }
            Why::Stopped => crate::print_line!("    countersign demo start {child} --dir {dir}"),
        }
    }
    crate::print_line!("this goes on by itself once all of them work; Ctrl-C stops everything");
}
