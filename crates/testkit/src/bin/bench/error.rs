//! Why there are no figures.

use std::io;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The arguments are not ours.
    #[error("{0}")]
    Usage(String),
    /// Nobody said which binary is measured.
    #[error("COUNTERSIGN_BIN names no release build of countersign; run `cargo xtask bench`, which makes one")]
    NoBinary,
    /// The operating system refused.
    #[error("cannot {what}: {source}")]
    Io {
        /// A verb and its object.
        what: &'static str,
        /// The system's word.
        source: io::Error,
    },
    /// A command of the binary failed.
    #[error("`countersign {command}` failed: {said}")]
    Command {
        command: String,
        /// Its last words.
        said: String,
    },
    /// No run of free ports.
    #[error("no block of free ports between 24000 and 31000; stop another installation first")]
    NoPorts,
    /// A condition did not come true.
    #[error("waited {within_s} s for {what}; what the services said:\n{logs}")]
    Late {
        what: String,
        /// How long.
        within_s: u64,
        /// The services' logs, or none.
        logs: String,
    },
    /// A run in which nothing was finished.
    #[error("nothing was finished in {0} ms; the machine is too busy to measure on")]
    Nothing(u128),
    /// A deployment that did not end well.
    #[error("the deployment ended {0}")]
    Ended(String),
    /// An answer that is none.
    #[error("{url} answered {status}: {body}")]
    Answer {
        /// What was asked.
        url: String,
        status: u16,
        /// What it said.
        body: String,
    },
    /// A connection broke.
    #[error("a connection failed: {0}")]
    Hyper(#[from] hyper::Error),
    /// The ledger did not open.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The ledger did not take an entry.
    #[error("the ledger took no entry: {0}")]
    Submit(#[from] ledger::SubmitError),
    /// The lease journal did not open.
    #[error(transparent)]
    LeaseJournal(#[from] lease_journal::OpenError),
    /// The lease journal took no pair.
    #[error("the lease journal took no pair: {0}")]
    Lease(#[from] lease_journal::JournalError),
    /// There is nothing to compare with.
    #[error(
        "no PostgreSQL that can be started is here: put initdb, postgres, pg_isready, psql and pgbench of one version on \
         PATH (Debian: apt-get install postgresql), and, as root, have a user `postgres` or `nobody`"
    )]
    NoPostgres,
    /// PostgreSQL said no.
    #[error("{program}: {said}")]
    Postgres {
        program: String,
        /// Its last words.
        said: String,
    },
    /// The log's key is refused.
    #[error(transparent)]
    Tlog(#[from] tlog::TlogError),
    /// A person's own side failed.
    #[error(transparent)]
    Desk(#[from] desk::DeskError),
    /// The replica could not be opened.
    #[error(transparent)]
    Follower(#[from] follower::FollowerError),
    /// A service said no.
    #[error(transparent)]
    Client(#[from] client::ClientError),
    /// The artifact is not whole.
    #[error(transparent)]
    Artifact(#[from] artifact::ArtifactError),
    /// JSON that is not what it should be.
    #[error("unexpected JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A measuring task ended without an answer.
    #[error("a measuring task ended: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// Somebody pressed Ctrl-C.
    #[error("interrupted; everything it started is stopped")]
    Interrupted,
}

impl Error {
    /// For `map_err`: what could not be done.
    pub fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
