//! What rests on the server's word: credentials and drafts. Neither enables an effect.

use super::{Decided, Inadmissible};
use crate::state::IDEMPOTENCY_MS;
use crate::{Blobs, Effect, Login, Package, Principal, Refusal, SessionAct, SessionCommand, State, blobs};
use model::{ChangeId, Digest, Instant, KindName, Scope, Status, canon};

/// Longest life of a credential that acts for a person, or reads for the console, milliseconds (24 h).
const PERSON_MAX_MS: i64 = 24 * 3_600_000;
/// Longest life of a credential that only reads or sends events, milliseconds (400 days).
const MACHINE_MAX_MS: i64 = 400 * 24 * 3_600_000;

/// A package from its blob.
pub(crate) fn package(blobs: &dyn Blobs, digest: &Digest) -> Option<Package> {
    canon::from_slice(&blobs::whole(blobs, "package", digest)?).ok()
}

pub(super) fn decide(
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    session: &SessionCommand,
) -> Result<Decided, Inadmissible> {
    let known = match &session.principal {
        Principal::Person(person) => state.roster.person(person).is_some(),
        Principal::Console { key } => state.roster.console.as_ref() == Some(key),
    };
    if !known {
        return Err(Inadmissible::Stranger);
    }
    // By age, not by whether a later leaf has swept it out: settling changes no verdict.
    let alive = |at: Instant| now.millis_since(at) <= IDEMPOTENCY_MS;
    if let Some((_, leaf)) =
        session.idempotency.and_then(|tag| state.idempotency.get(&tag)).filter(|(at, _)| alive(*at))
    {
        return Err(Inadmissible::Spent(*leaf));
    }
    match &session.act {
        SessionAct::Login(login) => self::login(state, now, session, login),
        SessionAct::OpenDraft { change, kind, package } => draft(state, blobs, now, session, change, *kind, package),
    }
}

fn login(state: &State, now: Instant, session: &SessionCommand, login: &Login) -> Result<Decided, Inadmissible> {
    if let Some(known) = state.session(&login.token, now) {
        return Err(Inadmissible::Spent(known.index));
    }
    let life_ms = login.expires.millis_since(now);
    let (max_ms, bounds) = match (&session.principal, login.scope) {
        (Principal::Console { .. }, Scope::Read) => {
            (PERSON_MAX_MS, "a credential of the console lives at most 24 hours")
        }
        (Principal::Console { .. }, Scope::Person | Scope::Ingest) => {
            return Err(Inadmissible::Bounds("a credential of the console reads and does nothing else"));
        }
        (Principal::Person(_), Scope::Person) => {
            (PERSON_MAX_MS, "a credential of a person lives at most 24 hours, another at most 400 days")
        }
        (Principal::Person(_), Scope::Read | Scope::Ingest) => {
            (MACHINE_MAX_MS, "a credential of a person lives at most 24 hours, another at most 400 days")
        }
    };
    if !(0..=max_ms).contains(&life_ms) {
        return Err(Inadmissible::Bounds(bounds));
    }
    Ok(Decided::accepted(vec![Effect::SessionOpened { principal: session.principal, scope: login.scope }], vec![]))
}

fn draft(
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    session: &SessionCommand,
    id: &ChangeId,
    kind: KindName,
    digest: &Digest,
) -> Result<Decided, Inadmissible> {
    let package = package(blobs, digest).ok_or(Inadmissible::MissingBlob)?;
    let engine = state.engines.get(&package.engine).ok_or(Inadmissible::UnknownObject)?;
    let same = (package.ledger, package.change, package.kind) == (state.ledger, *id, kind);
    if !same || (package.tenant, package.node) != (engine.tenant, engine.node) {
        return Err(Inadmissible::OtherPackage);
    }
    if package.parts.len() > warrant::PARTS_MAX {
        return Err(Inadmissible::Bounds("a package has at most 32 parts"));
    }
    if package.window.is_some_and(|window| window.until < window.from) {
        return Err(Inadmissible::Bounds("a window ends after it begins"));
    }
    let tags = vec![package.tenant];
    let row = state.kinds.kind(kind).ok_or(Inadmissible::UnknownObject)?;
    let person = session.principal.person().and_then(|person| state.roster.person(person));
    let person = person.ok_or(Inadmissible::Stranger)?;
    if !person.roles.contains(&row.author) {
        return Ok(Decided::refused(Refusal::RoleMissing { needed: row.author }, tags));
    }
    let revision = match state.changes.get(id) {
        None => 1,
        Some(change) if (change.kind, change.package.engine) != (kind, package.engine) => {
            return Err(Inadmissible::OtherPackage);
        }
        Some(change) => {
            let status = change.status_at(now);
            // The same bytes keep revision and approvals: only a draft is observed anew.
            let same_bytes = change.package_digest == *digest;
            let open =
                [Status::Draft, Status::AwaitingApproval, Status::Approved, Status::Invalidated, Status::Expired];
            if !open.contains(&status) || (same_bytes && matches!(status, Status::AwaitingApproval | Status::Approved))
            {
                return Ok(Decided::refused(Refusal::StatusWrong { status }, tags));
            }
            change.revision + u32::from(!(same_bytes && status == Status::Draft))
        }
    };
    if !state.artifacts.contains_key(&package.bundle.artifact) {
        return Ok(Decided::refused(Refusal::ArtifactUnknown {}, tags));
    }
    Ok(Decided::accepted(vec![Effect::DraftOpened { change: *id, kind, revision }], tags))
}
