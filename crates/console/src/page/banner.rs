//! Header sentence, role banner and the live-snapshot line.

use super::moment::Moment;
use super::{chip, link};
use crate::scene::Scene;
use crate::snapshot::Freshness;
use model::{Role, Service};

/// The page's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// The lead, after what is shown: who may act.
    pub lead: String,
    /// Who may review and run here.
    pub role: String,
    /// What they may do with a change: `review and run`, or `review and approve`.
    pub may: &'static str,
    /// What this viewer may do, by name.
    pub you: Option<String>,
    /// Roles that may change something.
    pub mutation_roles: String,
    /// Why nothing can be changed now.
    pub blocked: Option<String>,
    /// The live-snapshot line.
    pub snapshot: String,
    /// What the snapshot rests on.
    pub rests_on: String,
    /// The newest entry of the control log, which the sizes come from.
    pub newest: Option<String>,
    /// The last update.
    pub updated: Option<Moment>,
}

fn titles(roles: &[Role], between: &str) -> String {
    roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(between)
}

/// The head, as things stand.
pub fn of(scene: &Scene) -> Banner {
    let freshness = scene.freshness(Service::Governance);
    let live = scene.live();
    let snapshot = match freshness {
        Freshness::Loading | Freshness::Unavailable => "Loading the live local MCP snapshot.".to_owned(),
        Freshness::Live(_) => format!("The live local MCP snapshot, from {live} of 5 sources."),
        Freshness::Stale(_) => "A refresh of the local MCP snapshot was missed.".to_owned(),
        Freshness::Fallback(_) => "Governance is offline: the last good snapshot is shown.".to_owned(),
    };
    let role = match &scene.viewer {
        Some(viewer) if !viewer.roles.is_empty() => titles(&viewer.roles, " + "),
        _ => Role::GovernanceOperator.title().to_owned(),
    };
    let runs = scene
        .viewer
        .as_ref()
        .is_none_or(|viewer| viewer.person().is_none() || viewer.roles.contains(&Role::GovernanceOperator));
    let may = if runs { "review and run" } else { "review and approve" };
    let you = scene.viewer.as_ref().map(|viewer| {
        if viewer.person().is_none() {
            return format!(
                "You are the {}: you read what a Governance Operator reads, and sign nothing.",
                viewer.name
            );
        }
        let runs = viewer.roles.contains(&Role::GovernanceOperator);
        let may = if runs { "open, seal, approve and run" } else { "approve, reject and hold" };
        format!("You are {} ({}): you may {may}.", viewer.name, titles(&viewer.roles, " + "))
    });
    let rests_on = match freshness.at() {
        None => "Awaiting the first live snapshot.".to_owned(),
        Some(_) => match &scene.snapshot.governance {
            Some(dated) => format!(
                "{} entries in the control log, {} in the events log.",
                dated.data.ledger.control_size, dated.data.ledger.events_size
            ),
            None => "Sign in to read what it holds.".to_owned(),
        },
    };
    let size = scene.snapshot.governance.as_ref().map_or(0, |dated| dated.data.ledger.control_size);
    Banner {
        newest: size.checked_sub(1).map(link::control),
        lead: format!("{role} can {may} governed actions on Audit Logs."),
        role,
        may,
        you,
        mutation_roles: titles(Role::ALL, " / "),
        blocked: scene.blocked(chip::ALL).map(|blocked| blocked.why),
        snapshot,
        rests_on,
        updated: chip::updated(scene),
    }
}
