//! What can go wrong at a desk.

/// An error of a person's own side.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// A service said no, or does not answer.
    #[error(transparent)]
    Client(#[from] client::ClientError),
    /// The ledger does not verify, or cannot be followed.
    #[error(transparent)]
    Follower(#[from] follower::FollowerError),
    /// An artifact that is not what it claims to be.
    #[error(transparent)]
    Artifact(#[from] artifact::ArtifactError),
    /// Something that cannot be signed.
    #[error(transparent)]
    Signed(#[from] signed::SignedError),
    /// Not on this ledger.
    #[error("{0}")]
    Unknown(String),
    /// An answer that is missing, or not what its question asks for.
    #[error("{0}")]
    Form(String),
    /// It would be refused, for this reason.
    #[error("{message}; {next} ({code})")]
    Refused {
        /// Stable code.
        code: &'static str,
        /// What was missing.
        message: String,
        /// What would unblock it.
        next: String,
    },
    /// Waited in vain.
    #[error("waited {within_s} s for {what}; `countersign status` says which service does not answer")]
    Late {
        /// For what, and what stands all the same.
        what: String,
        /// How long.
        within_s: u64,
    },
    /// A file that cannot be read.
    #[error("cannot read {path}: {source}")]
    Read { path: String, source: std::io::Error },
}
