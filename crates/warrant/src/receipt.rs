//! A service's signed word: what it observed, what it means to do, what came of it.

use crate::WarrantError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use model::{ChangeId, CommandId, Digest, Instant, Nonce, Service, canon};
use serde::{Deserialize, Serialize};

/// What one executor observes for a draft. One shape per service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Observation {
    /// Platform Services: is the artifact held, whole and verified?
    Platform {
        /// Held and verified.
        artifact_held: bool,
    },
    /// Node Runtime: what the node has left.
    Node {
        /// Memory not placed yet, MiB.
        memory_free_mib: u32,
        /// Memory there is for engines, MiB.
        memory_total_mib: u32,
    },
    /// Engine Runtime: what serves now.
    Engine {
        /// Generation of the route.
        generation: u64,
        /// Artifact behind it, absent when nothing serves.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        serving: Option<Digest>,
    },
    /// Integration Control: the engine's outside bindings (DNS, certificates).
    Integration {
        /// Digest of the set as read.
        bindings: Digest,
        /// How many there are.
        count: u32,
    },
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
    /// The change.
    pub change: ChangeId,
    /// Its revision.
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
        /// The draft.
        change: ChangeId,
        /// Its revision.
        revision: u32,
        /// What was seen.
        observation: Observation,
    },
    /// Before acting.
    Intent {
        /// Which step.
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
        /// Which step.
        step: StepRef,
        /// The intent's nonce.
        nonce: Nonce,
        /// What came of it.
        outcome: Outcome,
        /// Why, when refused or unknown: a stable code.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        code: Option<model::Token>,
        /// Digest of what was observed afterwards, where there is something to compare.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        observed: Option<Digest>,
    },
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
    /// What it says.
    pub report: Report,
}

impl Receipt {
    /// The bytes that are signed and hashed.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn bytes(&self) -> Result<Vec<u8>, WarrantError> {
        let mut bytes = b"countersign/receipt/v1\0".to_vec();
        bytes.extend(canon::to_vec(self)?);
        Ok(bytes)
    }

    /// Its digest, which is its own idempotency key.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, WarrantError> {
        Ok(Digest::of_bytes(&self.bytes()?))
    }

    /// Checks the signature under a service's key.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn verify(&self, key: &Digest, signature: &str) -> Result<(), WarrantError> {
        verify(key, &self.bytes()?, signature)
    }
}

/// Checks a plain Ed25519 signature (RFC 8032), base64, under a key of the roster.
pub(crate) fn verify(key: &Digest, message: &[u8], signature: &str) -> Result<(), WarrantError> {
    let bad = |_| WarrantError::Mismatch;
    let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(bad)?;
    let raw = STANDARD.decode(signature).map_err(|_| WarrantError::Mismatch)?;
    let signature = ed25519_dalek::Signature::from_slice(&raw).map_err(bad)?;
    key.verify_strict(message, &signature).map_err(bad)
}

/// A signing key of a service, or of the console.
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
    pub fn sign(&self, receipt: &Receipt) -> Result<String, WarrantError> {
        Ok(self.sign_bytes(&receipt.bytes()?))
    }

    /// Signs bytes that begin with the prefix of their object; base64 of the 64 bytes.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> String {
        STANDARD.encode(self.0.sign(message).to_bytes())
    }
}
