//! A service's signed word: what it observed, what it means to do, what came of it.

use crate::SignedError;
use crate::{Part, Seen};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use model::{
    Bundle, ChangeId, CommandId, Digest, EngineId, Instant, NodeId, Nonce, Profile, Service, Side, Token, canon,
};
use serde::{Deserialize, Serialize};

/// What one executor observes for a draft. One shape per service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Observation {
    /// Platform Services: is what the bundle names held, every byte as its digest says?
    Platform {
        /// Artifact or theme that is not, sorted.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        missing: Vec<Digest>,
        /// Of a lease: the time zone in which its periods turn, where this service can count in it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        zone: Option<Token>,
    },
    /// Node Runtime: what the node has left, and what it keeps for the engine.
    Node {
        /// Memory not placed yet, MiB.
        memory_free_mib: u32,
        /// The engine's sides that memory is reserved for, blue first.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        placed: Vec<Placed>,
    },
    /// Engine Runtime: what serves now.
    Engine {
        /// Generation of the route.
        generation: u64,
        /// The side that serves and the bundle behind it; absent when nothing serves.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        serving: Option<Served>,
        /// Secrets that the bundle's config names and that nobody has deposited on the node, sorted.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        missing: Vec<Digest>,
    },
    /// Integration Control: the engine's outside bindings (DNS, certificates).
    Integration {
        /// Digest of the set as read.
        bindings: Digest,
    },
}

/// A side of an engine that memory is reserved for, and for which release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    pub side: Side,
    pub artifact: Digest,
    /// The theme that is kept beside it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub theme: Option<Digest>,
}

/// Which side of an engine serves, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Served {
    pub side: Side,
    pub bundle: Bundle,
}

impl Served {
    /// What the node keeps for it.
    pub fn placed(&self) -> Placed {
        Placed { side: self.side, artifact: self.bundle.artifact, theme: self.bundle.theme }
    }
}

impl Observation {
    /// Whose observation this is.
    pub fn service(&self) -> Service {
        match self {
            Self::Platform { .. } => Service::Platform,
            Self::Node { .. } => Service::Node,
            Self::Engine { .. } => Service::Engine,
            Self::Integration { .. } => Service::Integration,
        }
    }
}

/// One step of one revision of a change, forwards or undoing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRef {
    pub change: ChangeId,
    pub revision: u32,
    /// Position in the plan.
    pub step: u32,
    /// Whether this is the step's compensation.
    pub undo: bool,
}

/// The key that goes with every attempt at a step, to nodes and providers alike.
pub fn step_key(step: &StepRef) -> Digest {
    let mut bytes = Vec::with_capacity(25);
    bytes.extend_from_slice(step.change.as_bytes());
    bytes.extend_from_slice(&step.revision.to_be_bytes());
    bytes.extend_from_slice(&step.step.to_be_bytes());
    bytes.push(u8::from(step.undo));
    Digest::of_object("step", &bytes)
}

/// What came of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The step's effect is there, as observed.
    Done,
    /// Nothing changed.
    Refused,
    /// Not known; needs a person.
    Unknown,
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Report {
    /// For a draft.
    Observed {
        change: ChangeId,
        revision: u32,
        /// What was seen.
        observation: Observation,
    },
    /// Before acting.
    Intent {
        step: StepRef,
        /// [`step_key`] of it.
        key: Digest,
        /// The executor's own number, durable with it before this is sent.
        nonce: Nonce,
        /// Not begun by then: it will not be.
        act_by: Instant,
    },
    /// After acting, or after finding out what an interrupted act came to.
    Outcome {
        step: StepRef,
        /// The intent's nonce.
        nonce: Nonce,
        /// What came of it.
        outcome: Outcome,
        /// Why, when refused or unknown: a stable code.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        code: Option<Token>,
        /// Digest of what was observed afterwards, where there is something to compare.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        observed: Option<Digest>,
        /// SHA-256 of the credential that a process was started with: by it the engine uses its lease.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        credential: Option<Digest>,
    },
    /// Every byte of something published is here and as its digest says, and this is what it is.
    Certified { digest: Digest, certificate: Certificate },
    /// What is held under a published digest is not what was published, and never will be.
    NotCertified {
        digest: Digest,
        /// Why: a stable code.
        code: Token,
    },
    /// What was used of a lease in one period that is over.
    Used {
        /// The change that granted it.
        lease: ChangeId,
        /// The period: from its first instant until that of the next.
        from: Instant,
        until: Instant,
        cycles: u64,
        /// The journal that counted them.
        journal: JournalHead,
    },
    /// How far the journal of leases has come: what it had by then is asked of it at every start.
    JournalGrown { journal: JournalHead },
    /// A grant is over, and what it allowed is no longer possible here.
    Ended {
        /// The change that granted it.
        grant: ChangeId,
    },
    /// What serves has died or hangs, and what came of starting it again, summed over a minute.
    Restarted {
        engine: EngineId,
        /// How often it was started and answered, since the last such report.
        count: u32,
        /// How often that failed.
        failed: u32,
    },
    /// Requests of one minute crossed a limit of release health.
    Regressed {
        engine: EngineId,
        /// Generation of its route.
        generation: u64,
        /// What was counted.
        counted: Counted,
    },
}

/// What Platform Services found that something published is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Certificate {
    /// A program.
    Artifact {
        product: Token,
        version: Token,
        /// What it needs and allows.
        profile: Profile,
    },
    /// A client theme that holds presentation only.
    Theme { product: Token, version: Token },
}

/// How far a journal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalHead {
    /// Entries.
    pub size: u64,
    /// Root of the tree over them (RFC 6962).
    pub root: Digest,
}

/// Requests of one engine and generation in one minute, as the front counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    pub requests: u64,
    /// Answers of the 5xx class.
    pub errors: u64,
    /// 99 of 100 were answered within this time, milliseconds.
    pub p99_ms: u64,
    /// The same under the generation before; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p99_before_ms: Option<u64>,
}

impl Counted {
    /// Fewer requests of a minute than this say nothing of a release.
    pub const REQUESTS_MIN: u64 = 50;
}

impl Report {
    /// The change it is about, if it is about one.
    pub fn change(&self) -> Option<ChangeId> {
        match self {
            Self::Observed { change, .. } | Self::Ended { grant: change } => Some(*change),
            Self::Intent { step, .. } | Self::Outcome { step, .. } => Some(step.change),
            Self::Used { lease, .. } => Some(*lease),
            Self::Restarted { .. }
            | Self::Regressed { .. }
            | Self::Certified { .. }
            | Self::NotCertified { .. }
            | Self::JournalGrown { .. } => None,
        }
    }
}

/// A service's statement. Signed as `countersign/receipt/v1\0` + canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The ledger it counts in.
    pub ledger: Digest,
    /// Random.
    pub command: CommandId,
    /// Whose word this is.
    pub service: Service,
    /// On which node; absent for a service that serves all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<NodeId>,
    /// When it was signed, by the service's own clock.
    pub at: Instant,
    /// What the service had verified.
    pub seen: Seen,
    /// What it says.
    pub report: Report,
    /// What explains it: what was found, the last lines of a program's output.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<Part>,
}

impl Receipt {
    /// The bytes that are signed and hashed.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn bytes(&self) -> Result<Vec<u8>, SignedError> {
        let mut bytes = b"countersign/receipt/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Its digest, which is its own idempotency key.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, SignedError> {
        Ok(Digest::of_bytes(&self.bytes()?))
    }

    /// Checks the signature under a service's key.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn verify(&self, key: &Digest, signature: &str) -> Result<(), SignedError> {
        verify(key, &self.bytes()?, signature)
    }
}

/// Checks a plain Ed25519 signature (RFC 8032), base64, under a key of the roster.
pub(crate) fn verify(key: &Digest, message: &[u8], signature: &str) -> Result<(), SignedError> {
    let bad = |_| SignedError::Mismatch;
    let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(bad)?;
    let raw = STANDARD.decode(signature).map_err(|_| SignedError::Mismatch)?;
    let signature = ed25519_dalek::Signature::from_slice(&raw).map_err(bad)?;
    key.verify_strict(message, &signature).map_err(bad)
}

/// A signing key of a service, or of the console.
#[derive(Clone)]
pub struct ServiceKey(SigningKey);

impl ServiceKey {
    /// From 32 secret bytes.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public key as the roster lists it.
    pub fn public(&self) -> Digest {
        Digest(self.0.verifying_key().to_bytes())
    }

    /// Signs a receipt; base64 of the 64 bytes.
    ///
    /// # Errors
    /// When the receipt has no canonical form.
    pub fn sign(&self, receipt: &Receipt) -> Result<String, SignedError> {
        Ok(self.sign_bytes(&receipt.bytes()?))
    }

    /// Signs bytes that begin with the prefix of their object; base64 of the 64 bytes.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> String {
        STANDARD.encode(self.0.sign(message).to_bytes())
    }
}
