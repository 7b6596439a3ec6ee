//! The closed vocabularies of the page: roles, categories, severities.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A word that is none of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of: {1}")]
pub struct UnknownWord(pub String, pub String);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal, $title:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum $name { $(#[doc = $title] #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The word as it stands in leaves, routes and queries.
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word,)+ } }
            /// The words as a person reads them.
            pub fn title(self) -> &'static str { match self { $(Self::$variant => $title,)+ } }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.word()) }
        }
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|known| known.word() == text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|known| known.word()).collect();
                    UnknownWord(text.to_owned(), known.join(", "))
                })
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a person may fill and run.
    Role {
        GovernanceOperator = "governance-operator", "Governance Operator";
        FinanceReviewer = "finance-reviewer", "Finance Reviewer";
        SupportAuditor = "support-auditor", "Support Auditor";
    }
}

words! {
    /// Where a timeline row belongs.
    Category {
        PrivilegedAccess = "privileged-access", "Privileged access";
        AiLeasing = "ai-leasing", "AI leasing";
        AccessControl = "access-control", "Access control";
        DeploymentPackage = "deployment-package", "Deployment package";
        Rollback = "rollback", "Rollback";
        Retirement = "retirement", "Retirement";
        Quota = "quota", "Quota";
        Roster = "roster", "Roster";
        Integrity = "integrity", "Integrity";
        Service = "service", "Service";
        Settings = "settings", "Settings";
        Integration = "integration", "Integration";
        Billing = "billing", "Billing";
        Reported = "reported", "Reported by another system";
    }
}

words! {
    /// How much a row matters, least first.
    Severity {
        Info = "info", "Info";
        Low = "low", "Low";
        Medium = "medium", "Medium";
        High = "high", "High";
        Critical = "critical", "Critical";
    }
}

words! {
    /// The kinds of governed change whose machinery exists.
    KindName {
        Deployment = "deployment", "Deployment package";
        Rollback = "rollback", "Rollback package";
        Drain = "drain", "Drain";
        Undrain = "undrain", "Undrain";
        QuotaException = "quota-exception", "Quota exception";
        RosterChange = "roster-change", "Roster change";
        SettingsChange = "settings-change", "Settings change";
        External = "external", "External change";
        LeaseGrant = "lease-grant", "Lease grant";
        LeaseOverride = "lease-override", "Lease expansion override";
        Rehearsal = "rehearsal", "Rehearsal";
    }
}

words! {
    /// What is published and may then be part of a bundle.
    Resource {
        Artifact = "artifact", "Artifact";
        Config = "config", "Config";
        Theme = "theme", "Client theme";
        Retention = "retention", "Retention policy";
    }
}

impl Resource {
    /// Whether it is an archive of files, whose digest is that of its manifest; else it is a document in the ledger's blobs.
    pub const fn is_archive(self) -> bool {
        matches!(self, Self::Artifact | Self::Theme)
    }
}

words! {
    /// What sort of AI workers a lease is for.
    LeaseClass {
        Worker = "worker", "Worker";
        Analyst = "analyst", "Analyst";
        Hybrid = "hybrid", "Worker + Analyst";
    }
}

words! {
    /// The time over which the cycles of a lease are counted; it turns at midnight of the lease's time zone.
    Period {
        Day = "day", "Day";
        Month = "month", "Month";
    }
}

words! {
    /// The two processes of an engine take turns: one serves while the other is prepared.
    Side {
        Blue = "blue", "Blue";
        Green = "green", "Green";
    }
}

words! {
    /// The governed documents that rule the ledger, each changed only by a settings change.
    SettingName {
        Rules = "rules", "Rules";
        Kinds = "kinds", "Kinds of change";
        Recalls = "recalls", "Recalled artifacts";
        TenantTerms = "tenant-terms", "Terms of tenants";
    }
}

words! {
    /// Where a governed change stands.
    Status {
        Draft = "draft", "Draft";
        AwaitingApproval = "awaiting-approval", "Awaiting approval";
        Approved = "approved", "Approved";
        Executing = "executing", "Executing";
        Effective = "effective", "Effective";
        ReviewDue = "review-due", "Review due";
        Closed = "closed", "Closed";
        Superseded = "superseded", "Superseded";
        Rejected = "rejected", "Rejected";
        Expired = "expired", "Expired";
        Cancelled = "cancelled", "Cancelled";
        Invalidated = "invalidated", "Invalidated";
        Failed = "failed", "Failed, compensated";
        Indeterminate = "indeterminate", "Indeterminate";
    }
}

words! {
    /// How much must hold of a leaf before the effect it decides may begin.
    AckLevel {
        Durable = "durable", "Durable";
        Published = "published", "Published";
        Witnessed = "witnessed", "Witnessed";
    }
}

words! {
    /// What a bearer credential may do.
    Scope {
        Person = "person", "Act for a person";
        Read = "read", "Read";
        Ingest = "ingest", "Send events";
    }
}

impl Status {
    /// Whether the change can still have an effect.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::AwaitingApproval | Self::Approved | Self::Executing)
    }

    /// Whether the change is over: no person's verb about it is admissible any more.
    pub fn is_ended(self) -> bool {
        !self.is_open() && !matches!(self, Self::Effective | Self::ReviewDue | Self::Indeterminate)
    }
}

impl Side {
    /// The side whose turn is next.
    pub fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }
}
