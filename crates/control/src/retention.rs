//! A retention policy: what is kept, handed over and destroyed once an engine is retired.

use crate::{Blobs, Unsound, blobs};
use model::{Digest, Role, canon};
use serde::{Deserialize, Serialize};

/// Longest time of any rule, days (100 years).
const DAYS_MAX: u32 = 36_525;

/// A retention policy, of four parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    pub audit: AuditRule,
    pub billing: BillingRule,
    pub export: ExportRule,
    pub data: DataRule,
}

/// How long the audit history stays readable and provable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRule {
    /// At least this many years after retirement.
    pub years: u32,
}

/// How the tenant's account is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillingRule {
    /// Who closes it.
    pub by: Role,
    /// Within so many days after retirement.
    pub within_days: u32,
    /// Which statements are made, sorted.
    pub statements: Vec<ClosingStatement>,
}

/// A statement of what a tenant used, made when its account is closed: nothing else is recorded that one could be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosingStatement {
    /// Cycles of AI leases, by period.
    AiLeaseUsage,
    /// Memory that was placed, by the hour.
    Memory,
}

/// What the client can still fetch in the control panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportRule {
    /// Formats, sorted.
    pub formats: Vec<ExportFormat>,
    /// Until so many days after retirement.
    pub days: u32,
}

/// A format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    Csv,
    Json,
}

/// What becomes of the engine's data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataRule {
    pub then: DataEnd,
    /// So many days after retirement.
    pub days: u32,
}

/// What is done with data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataEnd {
    /// It stays where it is.
    Keep,
    /// It is given to the tenant, and then destroyed.
    HandOver,
    Destroy,
}

impl ClosingStatement {
    /// As a person reads it, and as a policy has it.
    pub fn title(self) -> &'static str {
        match self {
            Self::AiLeaseUsage => "ai-lease-usage",
            Self::Memory => "memory",
        }
    }
}

impl ExportFormat {
    /// As a person reads it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
        }
    }
}

impl Retention {
    /// Its identity.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("retention", self)
    }

    /// Whether it holds together by itself.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self) -> Result<(), Unsound> {
        let demand = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(Unsound::from(why)) };
        demand((1..=100).contains(&self.audit.years), "audit history is kept for 1 to 100 years")?;
        let days = [self.billing.within_days, self.export.days, self.data.days];
        demand(days.iter().all(|days| *days <= DAYS_MAX), "a rule is longer than 36,525 days")?;
        let statements = &self.billing.statements;
        let sorted = statements.is_sorted_by(|a, b| a < b) && !statements.is_empty();
        demand(sorted, "the statements are none, not sorted, or one is there twice")?;
        let formats = &self.export.formats;
        let sorted = formats.is_sorted_by(|a, b| a < b) && !formats.is_empty();
        demand(sorted, "the export formats are none, not sorted, or one is there twice")
    }

    /// Each rule as a person reads it: what it is about, and what it says.
    pub fn rules(&self) -> [(&'static str, String); 4] {
        let days = |n: u32| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
        let years = if self.audit.years == 1 { "1 year".to_owned() } else { format!("{} years", self.audit.years) };
        let statements = self.billing.statements.iter().map(|statement| statement.title());
        let statements = statements.collect::<Vec<_>>().join(", ");
        let formats = self.export.formats.iter().map(|format| format.title()).collect::<Vec<_>>().join(" and ");
        let data = match self.data.then {
            DataEnd::Keep => format!("kept for {}", days(self.data.days)),
            DataEnd::HandOver => format!("handed over within {}, then destroyed", days(self.data.days)),
            DataEnd::Destroy => format!("destroyed after {}", days(self.data.days)),
        };
        let (within, by) = (days(self.billing.within_days), self.billing.by.title());
        [
            ("Audit history", format!("readable and provable for at least {years}")),
            ("Billing closeout", format!("by a {by} within {within}: {statements}")),
            ("Client control panel export", format!("as {formats} for {}", days(self.export.days))),
            ("Data directory", data),
        ]
    }
}

/// The policy under a digest, whole and of its shape; whether it holds together is [`Retention::check`]'s.
pub(crate) fn stored(store: &dyn Blobs, digest: &Digest) -> Option<Retention> {
    canon::from_slice(&blobs::whole(store, "retention", digest)?).ok()
}
