//! Typed bodies, both ways. Requests refuse unknown fields; answers tolerate newer ones.

mod brake;
mod rehash;

pub use brake::{BrakeRequest, BrakeView, BrakesView, Lifted};
pub use rehash::{Rehash, VerifiedView};

use control::{Command, Effect};
use model::{Digest, Instant};
use serde::{Deserialize, Serialize};
use signed::{ConsoleLogin, LoginRequest, Opening};

/// `POST /v1/commands`: one command with what explains it and what governs it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The command: `signed` or `receipt`.
    pub command: Command,
    /// Openings of the command's parts, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub openings: Vec<Opening>,
    /// The package that an `open` names, with the openings of its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<PackageUpload>,
    /// The governing document that the package names, or that is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentUpload>,
}

/// A governing document, as the package that names it is opened, or as it is published itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DocumentUpload {
    /// The next roster, with the names of people it adds.
    Roster(signed::Roster),
    /// The next governed document.
    Setting(control::Setting),
    /// A config that is published.
    Config(control::Config),
    /// A retention policy that is published.
    Retention(control::Retention),
}

/// A package skeleton with the openings of its parts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageUpload {
    pub package: control::Package,
    /// Openings of its parts, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub openings: Vec<Opening>,
}

/// `POST /v1/sessions`: somebody's own word that they want a credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SessionRequest {
    /// A person's.
    Person {
        /// What was signed.
        login: LoginRequest,
        /// The SSH signature over it.
        signature: String,
    },
    /// The console's.
    Console {
        /// What was signed.
        login: ConsoleLogin,
        /// The Ed25519 signature over it, base64.
        signature: String,
    },
}

/// The answer to an accepted command, once it is as durable as was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Index of the leaf in the control log.
    pub index: u64,
    /// RFC 6962 hash of the leaf.
    pub leaf_hash: Digest,
    /// The writer's stamp.
    pub now: Instant,
    /// What changed.
    pub effects: Vec<Effect>,
}

/// The answer to one recorded event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecorded {
    /// Index of the entry in the events log.
    pub index: u64,
    /// RFC 6962 hash of the entry.
    pub leaf_hash: Digest,
}

/// One event of another system: `POST /v1/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The sender's id of it; the same (source, id) within 48 h is the same event.
    pub id: String,
    /// Who sends: a token, as `ci.build`.
    pub source: model::Token,
    /// What kind of event: a token, as `pipeline.finished`.
    pub kind: model::Token,
    /// Category on the timeline.
    pub category: model::Category,
    /// Severity on the timeline.
    pub severity: model::Severity,
    /// When it happened, by the sender's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred: Option<Instant>,
    /// The tenant it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<model::TenantId>,
    /// One line.
    pub title: String,
    /// A sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `GET /v1/ledger`: which ledger this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerInfo {
    /// Origin of both logs.
    pub origin: String,
    pub genesis: Digest,
    /// Verifier key of the control log.
    pub control_vkey: String,
    /// Verifier key of the events log.
    pub events_vkey: String,
    /// Entries in the control log.
    pub control_size: u64,
    /// Entries in the events log.
    pub events_size: u64,
    /// Whether it is a demonstration.
    pub demo: bool,
}

/// `{"error":{…}}`, as every service answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemBody {
    /// What went wrong.
    pub error: ProblemDetail,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemDetail {
    /// Stable code.
    pub code: String,
    /// In the user's words.
    pub message: String,
    /// What to do next.
    #[serde(default)]
    pub next: String,
    /// The leaf that records the refusal, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// The leaf to look at where the refusal is recorded nowhere: what closed the change, what was spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub see_entry: Option<u64>,
}

/// `/healthz` of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub service: String,
    /// `ok`.
    pub status: String,
    pub version: String,
    pub pid: u32,
}

/// One named readiness check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    /// Whether it holds.
    pub ok: bool,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// `/readyz` of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Whether all checks hold.
    #[serde(default)]
    pub ready: bool,
    #[serde(default)]
    pub checks: Vec<Check>,
}

impl Ready {
    /// What the service says of brakes that were handed to it, where there are any.
    pub fn brake(&self) -> Option<&str> {
        self.checks.iter().find(|check| check.name == "brake").and_then(|check| check.why.as_deref())
    }

    /// The checks that do not hold, each in a line.
    pub fn failing(&self) -> Vec<String> {
        let failing = self.checks.iter().filter(|check| !check.ok);
        failing.map(|check| format!("{}: {}", check.name, check.why.as_deref().unwrap_or_default())).collect()
    }
}
