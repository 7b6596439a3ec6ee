//! Kinds of governed change as rows of data.

use model::{AckLevel, Digest, KindName, Role, Service, canon};
use serde::{Deserialize, Serialize};

/// One kind: who, how many, how long, what it needs to see first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its name.
    pub name: KindName,
    /// Who may open and seal it.
    pub author: Role,
    /// The slots, each filled by another person, none of them the author.
    pub slots: Vec<Role>,
    /// Who may run it, once approved.
    pub runner: Role,
    /// Executors whose observation the plan needs.
    pub observers: Vec<Service>,
    /// Whether the package must say why.
    pub reason_required: bool,
    /// From seal to the last approval, milliseconds.
    pub approve_within_ms: i64,
    /// From approval to run, milliseconds.
    pub execute_within_ms: i64,
    /// What must hold of the run's leaf before a step begins.
    pub ack: AckLevel,
    /// Whether the Privileged Workflow Catalog lists it.
    pub in_catalogue: bool,
}

/// The kinds in force: a governing blob named by the genesis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindTable {
    /// One row a kind.
    pub kinds: Vec<Kind>,
}

const HOUR_MS: i64 = 3_600_000;

impl KindTable {
    /// The table a new ledger is founded with.
    pub fn standard() -> Self {
        let observers = vec![Service::Platform, Service::Node, Service::Engine, Service::Integration];
        let kind = |name, slots, reason_required, in_catalogue| Kind {
            name,
            author: Role::GovernanceOperator,
            slots,
            runner: Role::GovernanceOperator,
            observers: observers.clone(),
            reason_required,
            approve_within_ms: 72 * HOUR_MS,
            execute_within_ms: 72 * HOUR_MS,
            ack: AckLevel::Published,
            in_catalogue,
        };
        Self {
            kinds: vec![
                kind(KindName::Deployment, vec![Role::GovernanceOperator, Role::FinanceReviewer], false, false),
                kind(KindName::Rollback, vec![Role::GovernanceOperator, Role::SupportAuditor], true, true),
            ],
        }
    }

    /// The row of a kind.
    pub fn kind(&self, name: KindName) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// Its digest as a governing blob.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("kinds", self)
    }
}
