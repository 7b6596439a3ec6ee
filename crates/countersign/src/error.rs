//! What can go wrong on the command line, and with which exit code.

use std::path::PathBuf;

/// An error a person reads.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Asked for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// Refused to start: the cause and the line that would work.
    #[error("{0}")]
    Refused(String),
    /// A file that cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that does not hold what it should.
    #[error("{path} is not what it should be: {why}")]
    Content {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A port that cannot be had.
    #[error(transparent)]
    Bind(#[from] api::BindError),
    /// At the person's desk.
    #[error(transparent)]
    Desk(#[from] desk::DeskError),
    /// A service said no.
    #[error(transparent)]
    Client(#[from] client::ClientError),
    /// The replica.
    #[error(transparent)]
    Follower(#[from] follower::FollowerError),
    /// An artifact.
    #[error(transparent)]
    Artifact(#[from] artifact::ArtifactError),
    /// Something signed.
    #[error(transparent)]
    Warrant(#[from] warrant::WarrantError),
    /// The ledger's files.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The supervisor.
    #[error(transparent)]
    Supervisor(#[from] supervisor::SupervisorError),
    /// Governance.
    #[error(transparent)]
    Governance(#[from] governance::GovernanceError),
    /// The demo.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    /// A service ended with an error.
    #[error("{0} ended: {1}")]
    Service(model::Service, String),
}

/// Exit code of a refusal by a rule of the ledger.
pub const EXIT_REFUSED: u8 = 5;
/// Exit code of a refusal to start (`EX_CONFIG` of sysexits.h); the supervisor does not try again.
pub const EXIT_CONFIG: u8 = 78;
/// Exit code when a service does not answer.
pub const EXIT_UNREACHABLE: u8 = 6;

impl CliError {
    /// See `countersign help exit-codes`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused(_) | Self::Bind(_) => EXIT_CONFIG,
            Self::Desk(desk::DeskError::Refused { .. }) => EXIT_REFUSED,
            Self::Desk(desk::DeskError::Client(error)) | Self::Client(error) => client_code(error),
            _ => 70,
        }
    }
}

fn client_code(error: &client::ClientError) -> u8 {
    match error {
        client::ClientError::Problem(_, status) if *status < 500 => EXIT_REFUSED,
        error if error.is_transient() => EXIT_UNREACHABLE,
        _ => 70,
    }
}

/// Adds the path to an I/O error.
pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> CliError {
    let path = path.into();
    |source| CliError::File { path, source }
}
