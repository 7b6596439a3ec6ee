//! The personas. In a demonstration the visitor holds all their keys, and every page says so.

use desk::Desk;
use model::Role;

/// A persona.
#[derive(Debug, Clone, Copy)]
pub struct Persona {
    pub name: &'static str,
    pub roles: &'static [Role],
    /// Key file inside the directory of the personas.
    pub file: &'static str,
}

/// All of them.
pub const PERSONAS: [Persona; 4] = [
    Persona { name: "Governance Operator 1", roles: &[Role::GovernanceOperator], file: "governance-operator-1" },
    Persona { name: "Governance Operator 2", roles: &[Role::GovernanceOperator], file: "governance-operator-2" },
    Persona { name: "Finance Reviewer 1", roles: &[Role::FinanceReviewer], file: "finance-reviewer-1" },
    Persona { name: "Support Auditor 1", roles: &[Role::SupportAuditor], file: "support-auditor-1" },
];

/// The personas at their desks.
#[derive(Clone)]
pub struct Cast {
    /// Governance Operator 1: approves and runs.
    pub operator_1: Desk,
    /// Governance Operator 2: opens and seals.
    pub operator_2: Desk,
    /// Finance Reviewer 1.
    pub finance_1: Desk,
}
