//! The named moments of a change, each a leaf of the ledger; and a knife that waits for one.

use crate::plane::{PATIENCE, signal};
use crate::shop;
use control::{Command, Leaf, Verdict};
use signed::{Act, Report};
use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use view::EntryView;

/// The steps of a plan that replaces one release by another, forwards or back.
pub const STEPS: [&str; 11] = [
    "check-held",
    "check-capacity",
    "check-engine",
    "check-bindings",
    "place",
    "start",
    "switch",
    "check-bindings again",
    "soak",
    "stop",
    "unplace",
];

/// A moment: from the leaf's publication on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Opened,
    /// By the first of the four that observe.
    Observed,
    Sealed,
    /// The first of two slots is filled.
    HalfApproved,
    Approved,
    Run,
    /// The step's intent is accepted.
    Intended(usize),
    /// The step's outcome is recorded.
    Done(usize),
}

impl Moment {
    /// Every one, in the order of a change.
    pub fn all() -> Vec<Self> {
        let steps = (0..STEPS.len()).flat_map(|step| [Self::Intended(step), Self::Done(step)]);
        let before = [Self::Opened, Self::Observed, Self::Sealed, Self::HalfApproved, Self::Approved, Self::Run];
        before.into_iter().chain(steps).collect()
    }

    /// How many leaves of its kind a change has until then.
    fn nth(self) -> usize {
        if self == Self::Approved { 2 } else { 1 }
    }

    fn is(self, leaf: &Leaf) -> bool {
        if leaf.verdict != Verdict::Accepted {
            return false;
        }
        match (&leaf.command, self) {
            (Command::Signed { statement, .. }, Self::Opened) => matches!(statement.act, Act::Open { .. }),
            (Command::Signed { statement, .. }, Self::Sealed) => matches!(statement.act, Act::Seal { .. }),
            (Command::Signed { statement, .. }, Self::HalfApproved | Self::Approved) => {
                matches!(statement.act, Act::Approve { .. })
            }
            (Command::Signed { statement, .. }, Self::Run) => matches!(statement.act, Act::Run { .. }),
            (Command::Receipt { receipt, .. }, moment) => match (&receipt.report, moment) {
                (Report::Observed { .. }, Self::Observed) => true,
                (Report::Intent { step, .. }, Self::Intended(wanted))
                | (Report::Outcome { step, .. }, Self::Done(wanted)) => !step.undo && step.step as usize == wanted,
                _ => false,
            },
            _ => false,
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened => f.write_str("draft opened"),
            Self::Observed => f.write_str("observed"),
            Self::Sealed => f.write_str("sealed"),
            Self::HalfApproved => f.write_str("half approved"),
            Self::Approved => f.write_str("approved"),
            Self::Run => f.write_str("run"),
            Self::Intended(step) => write!(f, "{} intended", STEPS[*step]),
            Self::Done(step) => write!(f, "{} done", STEPS[*step]),
        }
    }
}

/// Where a ledger is read.
#[derive(Debug, Clone)]
pub struct Reader {
    pub governance: u16,
    pub token: String,
}

impl Reader {
    /// Kills a process as soon as a moment is published in a leaf from index `from` on. Answers
    /// that leaf's index; none when the moment did not come.
    pub fn kill_at(self, moment: Moment, from: u64, pid: u32) -> JoinHandle<Option<u64>> {
        std::thread::spawn(move || {
            let (deadline, mut next, mut met) = (Instant::now() + 2 * PATIENCE, from, 0);
            while Instant::now() < deadline {
                // Answered as soon as a checkpoint covers the next leaf.
                let poll = format!("http://127.0.0.1:{}/v1/checkpoints/control?beyond={next}", self.governance);
                let note = shop::get(&poll).map(|(_, note)| note).unwrap_or_default();
                let size = note.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(next);
                while next < size {
                    let Some(leaf) = self.leaf(next) else { break };
                    met += usize::from(moment.is(&leaf));
                    if met == moment.nth() {
                        signal(pid, "KILL");
                        return Some(next);
                    }
                    next += 1;
                }
            }
            None
        })
    }

    fn leaf(&self, index: u64) -> Option<Leaf> {
        let Self { governance: port, token } = self;
        let mut stream = TcpStream::connect(("127.0.0.1", *port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        let request = format!(
            "GET /v1/entries/control/{index} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        let entry: EntryView = serde_json::from_str(body).ok()?;
        serde_json::from_value(entry.leaf).ok()
    }
}
