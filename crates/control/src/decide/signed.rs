//! A person's signed word.

use super::{Decided, Inadmissible};
use crate::{Artifact, Change, Effect, Guards, Refusal, Requirement, Signing, State};
use model::{Instant, Role, Status, TenantId};
use warrant::{Act, NOT_AFTER_MAX_MS, PARTS_MAX, Person, Statement};

pub(super) fn decide(
    guards: &Guards,
    state: &State,
    now: Instant,
    statement: &Statement,
) -> Result<Decided, Inadmissible> {
    if statement.ledger != state.ledger {
        return Err(Inadmissible::OtherLedger);
    }
    let person = state.roster.person(&statement.person).ok_or(Inadmissible::Stranger)?;
    let digest = statement.digest().map_err(|_| Inadmissible::Bounds("the statement has no canonical form"))?;
    // Once ended it is refused for that, whether or not a later leaf has swept it out.
    let alive = now <= statement.not_after;
    if let Some(leaf) = state.spent.get(&(statement.not_after, digest)).filter(|_| alive) {
        return Err(Inadmissible::Spent(*leaf));
    }
    if statement.seen.size == 0 || statement.seen.size > state.size {
        return Err(Inadmissible::Bounds("`seen` names a tree this ledger does not have"));
    }
    if statement.parts.len() > PARTS_MAX {
        return Err(Inadmissible::Bounds("a statement has at most 32 parts"));
    }
    match statement.act.change() {
        None => register(state, now, statement, person),
        Some((id, _)) => {
            let change = state.changes.get(&id).ok_or(Inadmissible::UnknownObject)?;
            let tags = vec![change.package.tenant];
            let signing = Signing { state, now, statement, person, change };
            Ok(match guards.check(&signing) {
                Ok(()) => Decided::accepted(effects(state, now, statement, change), tags),
                Err(refusal) => Decided::refused(refusal, tags),
            })
        }
    }
}

/// Registrations: one signed statement of an operator, inert until a package names it.
fn register(state: &State, now: Instant, statement: &Statement, person: &Person) -> Result<Decided, Inadmissible> {
    let (effect, tags, taken): (_, Vec<TenantId>, _) = match &statement.act {
        Act::RegisterTenant { tenant } => {
            (Effect::TenantRegistered { tenant: *tenant }, vec![*tenant], state.tenants.contains_key(tenant))
        }
        Act::RegisterEngine { engine, tenant, node, port, slot_ports } => {
            if !state.tenants.contains_key(tenant) || state.roster.node(node).is_none() {
                return Err(Inadmissible::UnknownObject);
            }
            let wanted = [*port, slot_ports[0], slot_ports[1]];
            if wanted.contains(&0) || wanted[0] == wanted[1] || wanted[0] == wanted[2] || wanted[1] == wanted[2] {
                return Err(Inadmissible::Bounds("an engine needs three distinct ports"));
            }
            let ports = state.engines.values().filter(|known| known.node == *node);
            let clash = ports.flat_map(|known| [known.port, known.slot_ports[0], known.slot_ports[1]]);
            let taken = state.engines.contains_key(engine) || clash.into_iter().any(|port| wanted.contains(&port));
            (Effect::EngineRegistered { engine: *engine }, vec![*tenant], taken)
        }
        Act::PublishArtifact { artifact, memory_mib, .. } => {
            if *memory_mib == 0 {
                return Err(Inadmissible::Bounds("an artifact needs memory"));
            }
            (Effect::ArtifactPublished { artifact: *artifact }, vec![], state.artifacts.contains_key(artifact))
        }
        _ => return Err(Inadmissible::UnknownObject),
    };
    let needed = Role::GovernanceOperator;
    let left_ms = statement.not_after.millis_since(now);
    let refusal = if state.roster.key(&person.id, &statement.key).is_none() {
        Some(Refusal::KeyNotActive {})
    } else if left_ms < 0 {
        Some(Refusal::StatementExpired { not_after: statement.not_after })
    } else if left_ms > NOT_AFTER_MAX_MS {
        Some(Refusal::NotAfterTooFar {})
    } else if !person.roles.contains(&needed) {
        Some(Refusal::RoleMissing { needed })
    } else {
        taken.then_some(Refusal::Taken {})
    };
    // What a registration acts on is the ledger itself, which exists: a roster principal's try is recorded.
    Ok(match refusal {
        Some(refusal) => Decided::refused(refusal, tags),
        None => Decided::accepted(vec![effect], tags),
    })
}

fn effects(state: &State, now: Instant, statement: &Statement, change: &Change) -> Vec<Effect> {
    let (id, kind, revision) = (change.package.change, change.kind, change.revision);
    let requirement = || {
        let frozen = change.requirement.clone();
        frozen.or_else(|| state.kinds.kind(kind).map(Requirement::of))
    };
    let approve_by = || now.plus_millis(requirement().map_or(0, |r| r.approve_within_ms));
    match &statement.act {
        Act::Seal { .. } => vec![Effect::PackageSealed { change: id, kind, revision, approve_by: approve_by() }],
        Act::Approve { slot, .. } => {
            let mut effects = vec![Effect::ApprovalRecorded { change: id, slot: *slot, person: statement.person }];
            if change.open_slots().iter().all(|open| open == slot) {
                let execute_by = now.plus_millis(requirement().map_or(0, |r| r.execute_within_ms));
                effects.push(Effect::ChangeApproved { change: id, kind, execute_by });
            }
            effects
        }
        Act::Reject { slot, .. } => vec![Effect::ChangeRejected { change: id, kind, slot: *slot }],
        Act::Withdraw { .. } => {
            let mine = change.approvals.iter().filter(|(_, approval)| approval.person == statement.person);
            mine.map(|(slot, _)| Effect::ApprovalWithdrawn {
                change: id,
                slot: *slot,
                approve_by: reopened(change, approve_by()),
            })
            .collect()
        }
        Act::Hold { .. } => vec![Effect::ChangeHeld { change: id }],
        Act::Release { .. } => vec![Effect::HoldReleased { change: id }],
        Act::Cancel { .. } => vec![Effect::ChangeCancelled { change: id, kind }],
        Act::Run { .. } => vec![Effect::ChangeRun { change: id, kind }],
        Act::RegisterTenant { .. } | Act::RegisterEngine { .. } | Act::PublishArtifact { .. } => vec![],
    }
}

/// A withdrawn approval starts no new clock while the first one still runs.
fn reopened(change: &Change, fresh: Instant) -> Instant {
    match change.status {
        Status::AwaitingApproval => change.deadline.unwrap_or(fresh),
        _ => fresh,
    }
}

impl Artifact {
    pub(crate) fn of(act: &Act, index: u64) -> Option<Self> {
        match act {
            Act::PublishArtifact { product, version, memory_mib, .. } => {
                Some(Self { product: product.clone(), version: version.clone(), memory_mib: *memory_mib, index })
            }
            _ => None,
        }
    }
}
