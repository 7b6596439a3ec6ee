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
    /// A document that does not hold together.
    #[error("the {what} does not hold together: {unsound}")]
    Unsound {
        /// What it is.
        what: &'static str,
        unsound: control::Unsound,
    },
    /// A value that reads like a secret, where nobody said that everybody may read it.
    #[error("`{key}` is a plain value, and {why}; what is published stays in the ledger for good, for every reader")]
    ReadableSecret {
        /// The variable; never its value.
        key: model::Token,
        /// What says that it is one.
        why: String,
    },
    /// Something without a canonical form.
    #[error(transparent)]
    Canon(#[from] model::canon::CanonError),
    /// What was published is something else than it says.
    #[error("{} is published, and Platform Services found that it is not what it was published as ({code}), and it never will be", digest.short())]
    NotCertified {
        digest: model::Digest,
        /// What was found: a stable code.
        code: model::Token,
    },
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

impl DeskError {
    /// What a service answered, where that is what it is about.
    pub(crate) fn answer(&self) -> Option<&client::ClientError> {
        if let Self::Client(answer) = self { Some(answer) } else { None }
    }
}
