//! Privileged Workflow Catalog: the page's five, as far as the kind table has them.

use super::link;
use super::panel::Panel;
use crate::scene::Scene;
use control::Answers;
use model::{KindName, Service};
use view::RequiredView;

/// One workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    pub id: &'static str,
    pub title: &'static str,
    /// What it does.
    pub sentence: &'static str,
    /// Required Role.
    pub roles: String,
    /// How it is approved.
    pub mode: &'static str,
    /// Whether there is machinery for it.
    pub in_this_build: bool,
    /// Where it is asked for.
    pub href: Option<String>,
    /// Open requests.
    pub open: Option<String>,
}

/// The section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    pub panel: Panel,
    /// `5 Workflows`.
    pub label: String,
    /// Those with machinery.
    pub present: String,
    /// The founding, which fixed the table of kinds.
    pub evidence: Option<String>,
    pub workflows: Vec<Workflow>,
}

const OPERATOR: &str = "Governance Operator";

fn row(id: &'static str, title: &'static str, sentence: &'static str, roles: &str, mode: &'static str) -> Workflow {
    Workflow { id, title, sentence, roles: roles.to_owned(), mode, in_this_build: false, href: None, open: None }
}

fn page() -> Vec<Workflow> {
    vec![
        row(
            "break-glass",
            "Break-glass admin session",
            "Open a governed admin session for a tenant when launch-blocking work requires intervention.",
            OPERATOR,
            "Requires approval and audit reason",
        ),
        row(
            "quota-exception",
            "Quota exception package",
            "Raise a burst capacity exception before provisioning final approval.",
            "Governance Operator + Finance Reviewer",
            "Dual approval workflow",
        ),
        row(
            "lease-override",
            "Lease expansion override",
            "Increase Worker AI cycle cap outside the default lease envelope.",
            OPERATOR,
            "Read-only until escalated",
        ),
        row(
            "rollback",
            "Rollback package approval",
            "Authorize a governed rollback to the last certified deployment package when release health regresses.",
            "Governance Operator + Support Auditor",
            "Requires rollback reason and package confirmation",
        ),
        row(
            "retirement",
            "Engine retirement package",
            "Retire an engine with explicit revocation of AI leases, API services, and client control access.",
            "Governance Operator + Finance Reviewer",
            "Dual approval plus retention checklist",
        ),
    ]
}

/// The section. What the table lists is in this build; before a ledger is read, what this
/// binary's own standard table lists.
pub fn of(scene: &Scene) -> Catalogue {
    let table = if scene.state.is_founded() { scene.state.kinds.clone() } else { control::KindTable::standard() };
    let mut workflows = page();
    for workflow in &mut workflows {
        let name = workflow.id.parse::<KindName>().ok();
        let Some(kind) = name.and_then(|name| table.kind(name)).filter(|kind| kind.in_catalogue) else { continue };
        workflow.roles = RequiredView::of(kind, &Answers::default()).approvers;
        workflow.in_this_build = true;
        if scene.state.is_founded() {
            let open = scene
                .state
                .open_changes()
                .filter(|change| change.kind == kind.name && change.status_at(&scene.state, scene.now).is_open())
                .count();
            workflow.open = Some(format!("{open} open"));
            workflow.href = Some(link::ask(kind.name, &[]));
        }
    }
    let present = workflows.iter().filter(|workflow| workflow.in_this_build).count();
    Catalogue {
        panel: Panel::of(scene, Service::Governance),
        label: format!("{} Workflows", workflows.len()),
        evidence: scene.state.is_founded().then(|| link::control(0)),
        present: format!("{present} of {} in this build", workflows.len()),
        workflows,
    }
}

#[cfg(test)]
mod tests {
    use model::KindName;

    /// Else a row could be put in force that is to be listed and shows nowhere.
    #[test]
    fn the_kinds_that_may_be_listed_are_those_with_an_entry() {
        let entries = super::page();
        for kind in KindName::ALL {
            let has_entry = entries.iter().any(|entry| entry.id == kind.word());
            assert_eq!(control::governs(*kind).may_be_in_catalogue(), has_entry, "{kind}");
        }
    }
}
