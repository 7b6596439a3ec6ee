//! What can go wrong on the command line, and with which exit code.
//!
//! One rule for all of it: what the person gave is wrong, words or a file that they named, is 2; what is good and cannot be
//! as things stand is 5; what is neither theirs nor the ledger's is 70.

mod exit;
mod package;
mod theirs;

pub use exit::{EXIT_CONFIG, EXIT_REFUSED, EXIT_UNREACHABLE};
pub use theirs::{DOCUMENT, UNREADABLE, is_theirs, next};

use demo::DemoError;
use desk::DeskError;
use exit::{EXIT_FAILED, EXIT_INCONCLUSIVE, EXIT_NOT_READY, EXIT_OTHER, EXIT_USAGE};
use follower::FollowerError;
use std::path::PathBuf;
use supervisor::SupervisorError;

/// An error a person reads.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Asked for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// A file that they named cannot be read, or does not hold what it should.
    #[error("{message}; {next} ({code})")]
    Given {
        /// Stable code.
        code: &'static str,
        /// What is wrong with it.
        message: String,
        /// What to give instead.
        next: String,
    },
    /// Nothing of that name, or of that id, is here.
    #[error("{0}")]
    Unknown(String),
    /// The words are good; as things stand it cannot be.
    #[error("{message}; {next} ({code})")]
    State {
        /// Stable code.
        code: &'static str,
        /// What was missing.
        message: String,
        /// What would unblock it.
        next: String,
    },
    /// Refused to start: the cause and the line that would work.
    #[error("{0}")]
    Refused(String),
    /// Some of the five services do not answer.
    #[error("{silent} of the 5 services do not answer; {start}")]
    Offline {
        silent: usize,
        /// What starts them.
        start: String,
    },
    /// Some of the five services answer and are not ready.
    #[error("{0} of the 5 services are not ready; the last column says why")]
    NotReady(usize),
    /// A ledger whose services were never started from this directory.
    #[error("no service was ever started for {0}; start them with `countersign serve --dir {0}`")]
    NeverServed(String),
    /// A file of ours that cannot be read or written; one that a person named is [`CliError::Given`].
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// A file of ours that does not hold what it should.
    #[error("{path} is not what it should be: {why}")]
    Content { path: PathBuf, why: String },
    /// A port that cannot be had.
    #[error(transparent)]
    Bind(#[from] service_shell::BindError),
    /// At the person's desk.
    #[error(transparent)]
    Desk(#[from] desk::DeskError),
    /// A service said no.
    #[error(transparent)]
    Client(#[from] client::ClientError),
    #[error(transparent)]
    Follower(#[from] follower::FollowerError),
    /// A package, or a directory that was to be one.
    #[error(transparent)]
    Artifact(#[from] artifact::ArtifactError),
    /// A theme that could not be read.
    #[error(transparent)]
    Storefront(#[from] storefront::StorefrontError),
    /// Something signed.
    #[error(transparent)]
    Signed(#[from] signed::SignedError),
    /// A warrant that allows nothing.
    #[error(transparent)]
    Warrant(#[from] warrant::WarrantError),
    /// The ledger's files.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    #[error(transparent)]
    Supervisor(#[from] supervisor::SupervisorError),
    #[error(transparent)]
    Governance(#[from] governance::GovernanceError),
    #[error(transparent)]
    Console(#[from] console::ConsoleError),
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    /// A service ended with an error.
    #[error("{0} ended: {1}")]
    Service(model::Service, String),
}

/// An error as a program reads it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Detail {
    /// Stable code.
    pub code: String,
    /// What was missing.
    pub message: String,
    /// What would unblock it.
    pub next: String,
    /// The entry that records the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// The entry to look at where no entry records it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub see_entry: Option<u64>,
}

impl Detail {
    fn of(code: &str, message: &str, next: &str) -> Self {
        let (code, message, next) = (code.to_owned(), message.to_owned(), next.to_owned());
        Self { code, message, next, entry: None, see_entry: None }
    }

    /// What is wrong with the words on the command line.
    pub fn usage(message: &str) -> Self {
        // The first paragraph says what is wrong; the others are for a person.
        let first = message.split("\n\n").next().unwrap_or_default();
        Self::of("usage", first.trim_start_matches("error: ").trim_end(), "see `--help` of this command")
    }
}

/// Codes of sorts of errors: what to do stands in each message, and a person is told no more.
const IN_THE_MESSAGE: [&str; 7] =
    ["usage", "other", "service.late", "service.offline", "start.refused", "ledger.failed", "ledger.inconclusive"];

impl CliError {
    /// Nothing of that name is here.
    pub fn unknown(message: String) -> Self {
        Self::Unknown(message)
    }

    /// The same for programs: one shape for every error.
    pub fn detail(&self) -> Detail {
        if let Some(problem) = self.problem() {
            let (code, message, next) = (problem.code.clone(), problem.message.clone(), problem.next.clone());
            return Detail { code, message, next, entry: problem.entry, see_entry: problem.see_entry };
        }
        let (code, next) = match self {
            Self::State { code, message, next }
            | Self::Given { code, message, next }
            | Self::Desk(DeskError::Refused { code, message, next })
            | Self::Demo(DemoError::Desk { source: DeskError::Refused { code, message, next }, .. }) => {
                return Detail::of(code, message, next);
            }
            Self::Desk(error @ DeskError::ReadableSecret { key, .. }) => {
                let next = format!(
                    "deposit it with `countersign secret put …` and name its digest under [secrets]; or, if everybody may \
                     read it, say so with `--public {key}`"
                );
                return Detail::of("config.readable_secret", &error.to_string(), &next);
            }
            Self::Warrant(error) => return Detail::of(error.code(), &error.to_string(), error.next()),
            Self::Artifact(error) | Self::Desk(DeskError::Artifact(error)) => {
                let (code, message, next) = package::told(error);
                return Detail::of(code, &message, &next);
            }
            Self::Desk(DeskError::Read { path, source }) if is_theirs(source) => {
                return Detail::of(UNREADABLE, &format!("{path}: {source}"), next(source));
            }
            Self::Desk(DeskError::NotCertified { .. }) => {
                ("bundle.not_certified", "give it another version, pack it again, and publish that")
            }
            Self::Usage(_) | Self::Desk(DeskError::Form(_) | DeskError::Unsound { .. }) => {
                ("usage", "see `--help` of this command")
            }
            Self::Unknown(_) | Self::Desk(DeskError::Unknown(_)) => ("name.unknown", "see what there is with `ls`"),
            Self::Client(client::ClientError::Key(_)) | Self::Desk(DeskError::Client(client::ClientError::Key(_))) => {
                ("key.unusable", "name a key of yours that the roster lists")
            }
            Self::Desk(DeskError::Late { .. }) => ("service.late", "see `countersign status`"),
            error => match error.exit_code() {
                EXIT_USAGE => ("usage", "see `--help` of this command"),
                EXIT_UNREACHABLE => ("service.offline", "see `countersign status`"),
                EXIT_CONFIG => ("start.refused", "the message has the cause and what works"),
                EXIT_FAILED => ("ledger.failed", "keep what you have, and check it with `countersign audit verify`"),
                EXIT_INCONCLUSIVE => ("ledger.inconclusive", "get what is missing, or a newer countersign"),
                _ => ("other", "the message has the cause"),
            },
        };
        Detail::of(code, &self.to_string(), next)
    }

    /// The same for a person: whatever has a code of its own is said with it, and with what to do next.
    pub fn text(&self) -> String {
        let (said, Detail { code, message, next, .. }) = (self.to_string(), self.detail());
        let tells = |codes: &[&str]| codes.contains(&code.as_str());
        if tells(&IN_THE_MESSAGE) || said.contains(&format!("({code}")) {
            return said;
        }
        // What there is stands in the message.
        if tells(&["name.unknown"]) { format!("{said} ({code})") } else { format!("{message}; {next} ({code})") }
    }

    /// What a service answered, if this is that.
    fn problem(&self) -> Option<&wire::ProblemDetail> {
        match self {
            Self::Client(client::ClientError::Problem(detail, _)) => Some(detail),
            Self::Follower(error) => of_follower(error),
            Self::Desk(error) | Self::Demo(DemoError::Desk { source: error, .. }) => match error {
                DeskError::Client(client::ClientError::Problem(detail, _)) => Some(detail),
                DeskError::Follower(error) => of_follower(error),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a service did not answer, so that what is known here may do instead.
    pub fn is_outage(&self) -> bool {
        self.exit_code() == EXIT_UNREACHABLE
    }

    /// As the last lines of `countersign --help` say.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Given { .. } => EXIT_USAGE,
            Self::Artifact(error) => package::exit_code(error),
            Self::Unknown(_) | Self::State { .. } => EXIT_REFUSED,
            Self::Refused(_)
            | Self::Bind(_)
            | Self::Supervisor(SupervisorError::Locked { .. } | SupervisorError::Refused { .. }) => EXIT_CONFIG,
            Self::NotReady(_) => EXIT_NOT_READY,
            Self::Offline { .. } | Self::NeverServed(_) | Self::Supervisor(SupervisorError::NotRunning { .. }) => {
                EXIT_UNREACHABLE
            }
            Self::Desk(error) | Self::Demo(DemoError::Desk { source: error, .. }) => desk_code(error),
            Self::Warrant(error) => error.exit_code(),
            Self::Client(error) => client_code(error),
            Self::Follower(error) => follower_code(error),
            _ => EXIT_OTHER,
        }
    }
}

fn of_follower(error: &FollowerError) -> Option<&wire::ProblemDetail> {
    match error {
        FollowerError::Governance(client::ClientError::Problem(detail, _)) => Some(detail),
        _ => None,
    }
}

fn desk_code(error: &DeskError) -> u8 {
    match error {
        DeskError::Refused { .. }
        | DeskError::Unknown(_)
        | DeskError::NotCertified { .. }
        | DeskError::ReadableSecret { .. } => EXIT_REFUSED,
        // What has no canonical form is a number or a text that was typed, and that nothing signed can hold.
        DeskError::Unsound { .. } | DeskError::Form(_) | DeskError::Canon(_) => EXIT_USAGE,
        DeskError::Client(error) => client_code(error),
        DeskError::Follower(error) => follower_code(error),
        DeskError::Late { .. } => EXIT_UNREACHABLE,
        DeskError::Artifact(error) => package::exit_code(error),
        DeskError::Read { source, .. } if is_theirs(source) => EXIT_USAGE,
        DeskError::Signed(_) | DeskError::Read { .. } => EXIT_OTHER,
    }
}

fn follower_code(error: &FollowerError) -> u8 {
    match error {
        FollowerError::Governance(error) => client_code(error),
        FollowerError::Stopped { .. } | FollowerError::Checkpoint(_) | FollowerError::Served(_) => EXIT_FAILED,
        FollowerError::Inconclusive(_) => EXIT_INCONCLUSIVE,
        _ => EXIT_OTHER,
    }
}

fn client_code(error: &client::ClientError) -> u8 {
    match error {
        client::ClientError::Problem(_, status) if *status < 500 => EXIT_REFUSED,
        // The words are good; the file, or the roster, is not as it must be.
        client::ClientError::Key(_) => EXIT_REFUSED,
        error if error.is_transient() => EXIT_UNREACHABLE,
        _ => EXIT_OTHER,
    }
}

impl From<document::DocumentError> for CliError {
    fn from(error: document::DocumentError) -> Self {
        let next = "correct it and give the same command again".to_owned();
        Self::Given { code: DOCUMENT, message: error.to_string(), next }
    }
}

/// Adds the path to an I/O error with a file of ours.
pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> CliError {
    let path = path.into();
    |source| CliError::File { path, source }
}
