//! What can go wrong with an engine, and whether anything was changed by then.

use artifact::ArtifactError;
use confine::ConfineError;
use front::FrontError;
use model::{Digest, EngineId, Side, Token};
use std::path::{Path, PathBuf};

/// Why a step was refused, could not be brought to an end, or the runtime cannot work.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A file could not be read or written.
    #[error("`{}`: {source}", path.display())]
    Io {
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A record is readable and not what it should be.
    #[error("`{}` is not a record of this runtime: {what}", path.display())]
    Content {
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A directory that the engines' users must be able to pass and cannot.
    #[error("`{}` cannot be entered by the engines' users; give it mode 0711, or use a directory below another", .0.display())]
    Closed(PathBuf),
    /// More engines than there are users for.
    #[error("this node has users for {0} engines, and each is taken; register the engine on another node")]
    NoUserLeft(u32),
    /// The node does not keep the artifact.
    #[error("artifact {0} is not on this node; place it first")]
    ArtifactMissing(Digest),
    /// The unpacked artifact is not, byte for byte, the one that was signed.
    #[error("the artifact is not as signed, so it is not started: {0}; place it again and find out who changed it")]
    ArtifactChanged(#[source] ArtifactError),
    /// Nobody has deposited a secret that the config names.
    #[error(
        "the secret {0} is not deposited on this node for that tenant; compare all 64 digits with `countersign secret ls …`, \
         or deposit it: `countersign secret put …`"
    )]
    SecretMissing(Digest),
    /// What is kept of a secret does not open.
    #[error("the secret {secret} cannot be opened: {what}; deposit it again: `countersign secret put …`")]
    SecretDamaged {
        secret: Digest,
        /// What is wrong with its file.
        what: String,
    },
    /// The vault has no key to open anything with.
    #[error("no secret can be opened on this node: {0}")]
    VaultClosed(String),
    /// A text that is no secret.
    #[error("a secret is one line of printable ASCII, of 1 to 16,384 characters")]
    SecretUnfit,
    /// The vault is full.
    #[error("10,000 secrets are deposited on this node, which is the most")]
    SecretsFull,
    /// It is full for one tenant.
    #[error("1,000 secrets of this tenant are deposited on this node, which is the most of one tenant")]
    TenantSecretsFull,
    /// What shall be started again is not known here, and the ledger does not say what it gets.
    #[error("what the process was started with is not known; deploy the bundle again")]
    SetupUnknown,
    /// What is recorded of a process's config is not what its bundle names.
    #[error(
        "what is recorded of the process is not the config that its bundle names, so nothing is started with it; deploy the bundle again, and find out who changed the record"
    )]
    SetupChanged,
    /// A start does not get what its release needs, or gets what that does not allow.
    #[error("the engine is not started: {0}")]
    NotGiven(String),
    /// What was run may not be put in place any more: by what was decided since.
    #[error("nothing more is put in place: {found}")]
    InTheWay {
        /// The code of the refusal.
        code: &'static str,
        /// Which, in a sentence.
        found: String,
    },
    /// Somebody else listens where the engine would.
    #[error(
        "another process listens on port {0}, where this side of the engine is to listen (its front's port and 1000 or 2000); end that process first"
    )]
    PortTaken(u16),
    /// The process could not be started.
    #[error("the engine was not started: {0}")]
    Start(#[source] ConfineError),
    /// The release does not work.
    #[error("the release did not become healthy: {0}")]
    Probe(String),
    /// The release names another artifact or theme as its own.
    #[error(
        "the release answers as another bundle than was started: {0}; let its health answer name what `COUNTERSIGN_ARTIFACT` and `COUNTERSIGN_THEME` give it, or neither"
    )]
    OtherBundle(String),
    /// What is observed is not what the plan expects.
    #[error("engine {engine} is not as planned: {what}")]
    Drifted {
        engine: EngineId,
        /// What differs.
        what: String,
    },
    /// A side that serves is neither stopped nor started again.
    #[error("side {0} serves; switch traffic away first")]
    SideServes(Side),
    /// A route can only lead to a side that runs what is asked for.
    #[error("side {side} is not ready to serve: {what}")]
    SideNotReady {
        side: Side,
        /// What is missing.
        what: String,
    },
    /// The front took the table back or refused it; the old routes are in force.
    #[error("the front refuses the route: {0}")]
    FrontRefused(String),
    /// A switch that is recorded as done could not be confirmed: it is not refused, it is not known.
    #[error("the route was switched and is not confirmed: {0}")]
    Unsettled(#[source] Box<EngineError>),
    /// Nobody knows which route is in force.
    #[error("the front cannot be asked: {0}")]
    FrontSilent(#[source] FrontError),
    /// A process could not be ended or looked at.
    #[error(transparent)]
    Process(#[from] ConfineError),
    /// A task of this process broke off.
    #[error("the work was broken off inside this service: {0}")]
    Broken(String),
    /// A step of another executor.
    #[error("`{0}` is no step of engine runtime")]
    NotOurs(&'static str),
    /// The ledger cannot be followed at all.
    #[error(transparent)]
    Follower(#[from] follower::FollowerError),
    /// The intents of an earlier run cannot be read.
    #[error(transparent)]
    Intents(follower::executor::ExecutorError),
    /// The service's listener failed.
    #[error("the service cannot serve: {0}")]
    Serve(#[source] std::io::Error),
}

impl EngineError {
    /// Names the file an input or output error belongs to.
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// The stable code for a receipt.
    pub fn code(&self) -> Token {
        let code = match self {
            Self::Unsettled(cause) => return cause.code(),
            Self::Io { .. } | Self::Content { .. } => "record.failed",
            Self::Closed(_) => "directory.closed",
            Self::NoUserLeft(_) => "users.exhausted",
            Self::ArtifactMissing(_) => "bundle.missing",
            Self::ArtifactChanged(_) => "bundle.changed",
            Self::SecretMissing(_) => "secret.missing",
            Self::SecretDamaged { .. } => "secret.damaged",
            Self::VaultClosed(_) => "vault.closed",
            Self::SecretUnfit => "secret.unfit",
            Self::SecretsFull => "secrets.full",
            Self::TenantSecretsFull => "secrets.tenant_full",
            Self::SetupUnknown => "setup.unknown",
            Self::SetupChanged => "setup.changed",
            Self::NotGiven(_) => "start.incomplete",
            Self::InTheWay { code, .. } => code,
            Self::PortTaken(_) => "port.taken",
            Self::Start(_) => "start.failed",
            Self::Probe(_) => "probe.failed",
            Self::OtherBundle(_) => "bundle.other",
            Self::Drifted { .. } => "base.drifted",
            Self::SideServes(_) => "side.serving",
            Self::SideNotReady { .. } => "side.not_ready",
            Self::FrontRefused(_) => "front.refused",
            Self::FrontSilent(_) => "front.silent",
            Self::Process(_) => "process.stuck",
            Self::NotOurs(_) => "step.foreign",
            Self::Broken(_) => "service.broken",
            Self::Follower(_) | Self::Intents(_) | Self::Serve(_) => "service.failed",
        };
        code.parse().expect("each code above is a token")
    }

    /// Whether what was to be started ran before this was found: then it may have printed why.
    pub(crate) fn has_run(&self) -> bool {
        matches!(self, Self::Probe(_) | Self::OtherBundle(_))
    }

    /// Whether something may have changed: then the step's outcome is not `refused` but `unknown`.
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::Io { .. }
                | Self::Content { .. }
                | Self::FrontSilent(_)
                | Self::Process(_)
                | Self::Broken(_)
                | Self::Unsettled(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_that_nothing_changed_and_the_rest_does_not() {
        let refused = EngineError::Probe("503".to_owned());
        assert_eq!((refused.code().as_str(), refused.is_unknown()), ("probe.failed", false));
        let unknown = EngineError::FrontSilent(FrontError::NotYet("applying".to_owned()));
        assert_eq!((unknown.code().as_str(), unknown.is_unknown()), ("front.silent", true));
    }
}
