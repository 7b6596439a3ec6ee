//! Guards as rows: each can be switched off alone, so that a test can show what it is for.

use crate::plan::landing;
use crate::{Change, Refusal, Requirement, State, plan};
use model::{Instant, PersonId, Role, Status};
use std::collections::BTreeSet;
use warrant::{Act, Binding, NOT_AFTER_MAX_MS, Part, Person, REASON, Statement};

/// Oldest observation a plan may rest on, milliseconds (10 min).
pub const OBSERVATION_MAX_MS: i64 = 600_000;

/// What a guard looks at: a statement about a change, at an instant, in a state.
pub struct Signing<'a> {
    /// The state before.
    pub state: &'a State,
    /// The writer's stamp.
    pub now: Instant,
    /// What is said.
    pub statement: &'a Statement,
    /// Who says it.
    pub person: &'a Person,
    /// What it is about.
    pub change: &'a Change,
}

/// One rule: it refuses or lets pass.
pub struct Guard {
    /// Its name, for tests and explanations.
    pub name: &'static str,
    /// The verbs it guards.
    pub verbs: &'static [&'static str],
    /// The rule.
    pub check: fn(&Signing) -> Result<(), Refusal>,
}

/// Which guards are on. Outside tests: all of them.
#[derive(Debug, Clone, Default)]
pub struct Guards {
    off: BTreeSet<&'static str>,
}

impl Guards {
    /// All guards but this one: what would pass if it did not exist?
    pub fn without(name: &'static str) -> Self {
        Self { off: [name].into() }
    }

    /// Runs every guard of the statement's verb, in order.
    ///
    /// # Errors
    /// The first refusal.
    pub fn check(&self, signing: &Signing) -> Result<(), Refusal> {
        let verb = signing.statement.act.verb();
        let mut mine = GUARDS.iter().filter(|guard| guard.verbs.contains(&verb) && !self.off.contains(guard.name));
        mine.try_for_each(|guard| (guard.check)(signing))
    }
}

const ALL: &[&str] = &["seal", "approve", "reject", "withdraw", "hold", "release", "cancel", "run"];
const AFTER_SEAL: &[&str] = &["approve", "reject", "withdraw", "hold", "release", "run"];
const BOUND: &[&str] = &["seal", "approve", "reject", "run"];

/// Every guard on a person's word about a change. Order is order of explanation.
pub static GUARDS: &[Guard] = &[
    Guard { name: "key_active", verbs: ALL, check: key_active },
    Guard { name: "statement_alive", verbs: ALL, check: statement_alive },
    Guard { name: "revision_current", verbs: ALL, check: revision_current },
    Guard { name: "status_allows", verbs: ALL, check: status_allows },
    Guard { name: "seen_covers_seal", verbs: AFTER_SEAL, check: seen_covers_seal },
    Guard { name: "role_held", verbs: ALL, check: role_held },
    Guard { name: "author_excluded", verbs: &["approve", "reject"], check: author_excluded },
    Guard { name: "slot_exists", verbs: &["approve", "reject"], check: slot_exists },
    Guard { name: "distinct_person", verbs: &["approve"], check: distinct_person },
    Guard { name: "slot_open", verbs: &["approve"], check: slot_open },
    Guard { name: "own_approval", verbs: &["withdraw"], check: own_approval },
    Guard { name: "not_held", verbs: &["run", "hold"], check: not_held },
    Guard { name: "is_held", verbs: &["release"], check: is_held },
    Guard { name: "releaser_excluded", verbs: &["run"], check: releaser_excluded },
    Guard { name: "reason_given", verbs: &["seal"], check: reason_given },
    Guard { name: "observed_freshly", verbs: &["seal"], check: observed_freshly },
    Guard { name: "plan_possible", verbs: &["seal"], check: plan_possible },
    Guard { name: "satisfiable", verbs: &["seal"], check: satisfiable },
    Guard { name: "digests_match", verbs: BOUND, check: digests_match },
    Guard { name: "slots_filled", verbs: &["run"], check: slots_filled },
    Guard { name: "approvers_eligible", verbs: &["run"], check: approvers_eligible },
    Guard { name: "inside_window", verbs: &["run"], check: inside_window },
    Guard { name: "engine_free", verbs: &["run"], check: engine_free },
    Guard { name: "base_current", verbs: &["run"], check: base_current },
];

fn refuse_if(refused: bool, refusal: Refusal) -> Result<(), Refusal> {
    if refused { Err(refusal) } else { Ok(()) }
}

fn key_active(s: &Signing) -> Result<(), Refusal> {
    let known = s.state.roster.key(&s.person.id, &s.statement.key).is_some();
    refuse_if(!known, Refusal::KeyNotActive {})
}

fn statement_alive(s: &Signing) -> Result<(), Refusal> {
    let left_ms = s.statement.not_after.millis_since(s.now);
    refuse_if(left_ms < 0, Refusal::StatementExpired { not_after: s.statement.not_after })?;
    refuse_if(left_ms > NOT_AFTER_MAX_MS, Refusal::NotAfterTooFar {})
}

fn revision_current(s: &Signing) -> Result<(), Refusal> {
    let named = s.statement.act.change().map(|(_, revision)| revision);
    refuse_if(named != Some(s.change.revision), Refusal::RevisionStale { current: s.change.revision })
}

fn status_allows(s: &Signing) -> Result<(), Refusal> {
    let status = s.change.status_at(s.now);
    let held_while = [Status::AwaitingApproval, Status::Approved, Status::Executing];
    let allowed: &[Status] = match &s.statement.act {
        Act::Seal { .. } => &[Status::Draft],
        Act::Approve { .. } => &[Status::AwaitingApproval],
        Act::Reject { .. } | Act::Withdraw { .. } => &[Status::AwaitingApproval, Status::Approved],
        Act::Hold { .. } | Act::Release { .. } => &held_while,
        Act::Cancel { .. } => &[Status::Draft, Status::AwaitingApproval, Status::Approved],
        Act::Run { .. } => {
            // Said in its own words: what is missing is approval, not another status.
            if status == Status::AwaitingApproval {
                return Err(Refusal::SlotsOpen { slots: s.change.open_slots() });
            }
            &[Status::Approved]
        }
        Act::RegisterTenant { .. } | Act::RegisterEngine { .. } | Act::PublishArtifact { .. } => &[],
    };
    refuse_if(!allowed.contains(&status), Refusal::StatusWrong { status })
}

fn seen_covers_seal(s: &Signing) -> Result<(), Refusal> {
    let needed = s.change.sealed.unwrap_or_default();
    refuse_if(s.statement.seen.size <= needed, Refusal::SeenTooEarly { needed })
}

/// The role a verb needs of its signer; none where any role will do.
pub(crate) fn role_needed(state: &State, change: &Change, act: &Act) -> Option<Role> {
    let kind = state.kinds.kind(change.kind)?;
    match act {
        Act::Seal { .. } => Some(kind.author),
        Act::Approve { slot, .. } | Act::Reject { slot, .. } => Some(*slot),
        Act::Run { .. } => Some(change.requirement.as_ref().map_or(kind.runner, |requirement| requirement.runner)),
        Act::Cancel { .. } => Some(Role::GovernanceOperator),
        _ => None,
    }
}

fn role_held(s: &Signing) -> Result<(), Refusal> {
    match role_needed(s.state, s.change, &s.statement.act) {
        Some(needed) => refuse_if(!s.person.roles.contains(&needed), Refusal::RoleMissing { needed }),
        // Any role may stop a change or let it go on; somebody without one is only listed.
        None => refuse_if(
            matches!(s.statement.act, Act::Hold { .. } | Act::Release { .. }) && s.person.roles.is_empty(),
            Refusal::RoleMissing { needed: Role::SupportAuditor },
        ),
    }
}

fn author_excluded(s: &Signing) -> Result<(), Refusal> {
    refuse_if(s.change.authors.contains(&s.person.id), Refusal::AuthorMayNotApprove {})
}

fn slot_of(act: &Act) -> Option<Role> {
    match act {
        Act::Approve { slot, .. } | Act::Reject { slot, .. } => Some(*slot),
        _ => None,
    }
}

fn slot_exists(s: &Signing) -> Result<(), Refusal> {
    let Some(slot) = slot_of(&s.statement.act) else { return Ok(()) };
    let known = s.change.requirement.as_ref().is_some_and(|requirement| requirement.slots.contains(&slot));
    refuse_if(!known, Refusal::SlotUnknown { slot })
}

fn distinct_person(s: &Signing) -> Result<(), Refusal> {
    let mine = s.change.approvals.iter().find(|(_, approval)| approval.person == s.person.id);
    mine.map_or(Ok(()), |(filled, _)| Err(Refusal::OnePersonOneSlot { filled: *filled }))
}

fn slot_open(s: &Signing) -> Result<(), Refusal> {
    let filled = slot_of(&s.statement.act).and_then(|slot| Some((slot, s.change.approvals.get(&slot)?)));
    filled.map_or(Ok(()), |(slot, approval)| Err(Refusal::SlotFilled { slot, by: approval.person }))
}

fn own_approval(s: &Signing) -> Result<(), Refusal> {
    let mine = s.change.approvals.values().any(|approval| approval.person == s.person.id);
    refuse_if(!mine, Refusal::NoApproval {})
}

fn not_held(s: &Signing) -> Result<(), Refusal> {
    s.change.held_by.map_or(Ok(()), |by| Err(Refusal::Held { by }))
}

fn is_held(s: &Signing) -> Result<(), Refusal> {
    refuse_if(s.change.held_by.is_none(), Refusal::NotHeld {})
}

fn releaser_excluded(s: &Signing) -> Result<(), Refusal> {
    refuse_if(s.change.released_by.contains(&s.person.id), Refusal::ReleaserMayNotRun {})
}

fn reason_given(s: &Signing) -> Result<(), Refusal> {
    let needed = s.state.kinds.kind(s.change.kind).is_some_and(|kind| kind.reason_required);
    refuse_if(needed && !Part::any_about(&s.change.package.parts, REASON), Refusal::ReasonMissing {})
}

fn observed_freshly(s: &Signing) -> Result<(), Refusal> {
    let observers = s.state.kinds.kind(s.change.kind).map(|kind| kind.observers.as_slice()).unwrap_or_default();
    for service in observers.iter().copied() {
        let observed = s.change.observed.get(&service).ok_or(Refusal::ObservationMissing { service })?;
        refuse_if(s.now.millis_since(observed.at) > OBSERVATION_MAX_MS, Refusal::ObservationStale { service })?;
    }
    Ok(())
}

fn plan_possible(s: &Signing) -> Result<(), Refusal> {
    plan(s.state, s.change, s.now).map(|_| ())
}

/// Whether distinct people, none an author, could fill every slot (Hall's condition, by trying:
/// slots are few).
pub(crate) fn can_fill(state: &State, slots: &[Role], barred: &BTreeSet<PersonId>) -> Result<(), Role> {
    let Some((slot, rest)) = slots.split_first() else { return Ok(()) };
    let mut stuck = *slot;
    for person in state.roster.holders(*slot).filter(|person| !barred.contains(&person.id)) {
        let mut barred = barred.clone();
        barred.insert(person.id);
        match can_fill(state, rest, &barred) {
            Ok(()) => return Ok(()),
            Err(slot) => stuck = slot,
        }
    }
    Err(stuck)
}

fn satisfiable(s: &Signing) -> Result<(), Refusal> {
    let slots = s.state.kinds.kind(s.change.kind).map(|kind| kind.slots.clone()).unwrap_or_default();
    let mut barred = s.change.authors.clone();
    barred.insert(s.person.id);
    can_fill(s.state, &slots, &barred).map_err(|slot| Refusal::Unsatisfiable { slot })
}

/// The three digests the current revision has: as sealed, or as sealing now would make them.
pub(crate) fn binding_now(state: &State, change: &Change, now: Instant) -> Option<Binding> {
    let sealed = change.plan_digest.zip(change.requirement_digest);
    let (plan, requirement) = if let Some(sealed) = sealed {
        sealed
    } else {
        let requirement = Requirement::of(state.kinds.kind(change.kind)?);
        (plan(state, change, now).ok()?.digest().ok()?, requirement.digest().ok()?)
    };
    let (revision, package) = (change.revision, change.package_digest);
    Some(Binding { change: change.package.change, revision, package, plan, requirement })
}

fn digests_match(s: &Signing) -> Result<(), Refusal> {
    let (Act::Seal { binding } | Act::Approve { binding, .. } | Act::Reject { binding, .. } | Act::Run { binding }) =
        &s.statement.act
    else {
        return Ok(());
    };
    refuse_if(binding_now(s.state, s.change, s.now).as_ref() != Some(binding), Refusal::DigestsDiffer {})
}

fn slots_filled(s: &Signing) -> Result<(), Refusal> {
    let slots = s.change.open_slots();
    refuse_if(!slots.is_empty(), Refusal::SlotsOpen { slots })
}

fn approvers_eligible(s: &Signing) -> Result<(), Refusal> {
    let mut people = BTreeSet::new();
    for (slot, approval) in &s.change.approvals {
        let person = s.state.roster.person(&approval.person).filter(|person| person.roles.contains(slot));
        let key = s.state.roster.key(&approval.person, &approval.key);
        let distinct = people.insert(approval.person) && !s.change.authors.contains(&approval.person);
        let refusal = Refusal::ApproverNotEligible { slot: *slot, person: approval.person };
        refuse_if(person.is_none() || key.is_none() || !distinct, refusal)?;
    }
    Ok(())
}

fn inside_window(s: &Signing) -> Result<(), Refusal> {
    let outside = s.change.package.window.filter(|window| s.now < window.from || s.now > window.until);
    outside.map_or(Ok(()), |window| Err(Refusal::OutsideWindow { from: window.from, until: window.until }))
}

fn engine_free(s: &Signing) -> Result<(), Refusal> {
    let by = s.state.lock(&s.change.package.engine, &s.change.package.change);
    by.map_or(Ok(()), |by| Err(Refusal::Locked { by }))
}

fn base_current(s: &Signing) -> Result<(), Refusal> {
    let (Some(plan), Some(engine)) = (&s.change.plan, s.state.engines.get(&s.change.package.engine)) else {
        return Err(Refusal::BaseDrifted {});
    };
    if s.change.kind == model::KindName::Rollback && engine.serving == Some(s.change.bundle()) {
        return Err(Refusal::AlreadyServing {});
    }
    let same = (plan.base.generation, plan.base.serving) == (engine.generation, engine.serving);
    refuse_if(!same, Refusal::BaseDrifted {})?;
    // The same bundle may have come to serve by another way than the plan foresaw (a rollback
    // instead of the deployment it stood by for): what lies below it decides.
    if s.change.kind == model::KindName::Rollback { landing(s.state, engine, s.change) } else { Ok(()) }
}
