//! Opening a change, or a new revision of it: signed by who asks.

use super::{Decided, Inadmissible};
use crate::event::About;
use crate::{
    Blobs, Change, ChangeEvent, Document, Effect, Kind, Package, Presence, Refusal, State, Subject, blobs, governs,
};
use model::{ChangeId, Digest, Instant, Status, canon};
use signed::{NOT_AFTER_MAX_MS, PARTS_MAX, Statement};

/// A package from its blob.
pub(crate) fn package(store: &dyn Blobs, digest: &Digest) -> Option<Package> {
    canon::from_slice(&blobs::whole(store, "package", digest)?).ok()
}

pub(super) fn decide(
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    statement: &Statement,
    id: &ChangeId,
    digest: &Digest,
) -> Result<Decided, Inadmissible> {
    let package = package(blobs, digest).ok_or(Inadmissible::MissingBlob)?;
    if (package.ledger, package.change) != (state.ledger, *id) {
        return Err(Inadmissible::OtherPackage);
    }
    if package.parts.len() > PARTS_MAX {
        return Err(Inadmissible::Bounds("a package has at most 32 parts"));
    }
    if package.window.is_some_and(|window| window.until < window.from) {
        return Err(Inadmissible::Bounds("a window ends after it begins"));
    }
    let kind = governs(package.kind());
    let subject = kind.subject(state, &package.body)?;
    let document = kind.document(blobs, &package.body)?;
    let row = state.kinds.kind(package.kind()).ok_or(Inadmissible::UnknownObject)?;
    let known = state.changes.get(id);
    if known.is_some_and(|known| known.kind != package.kind() || known.subject != subject) {
        return Err(Inadmissible::OtherPackage);
    }
    if let Some(ended) = known.filter(|known| known.has_ended(state, now)) {
        return Err(Inadmissible::Ended(ended.last));
    }
    let opening = Opening { state, now, statement, package: &package, digest, subject: &subject, row };
    Ok(match opening.check(known, document.as_ref()) {
        Ok(revision) => {
            let event = ChangeEvent::Opened { revision };
            let about = About { change: *id, kind: package.kind(), engine: subject.engine, node: subject.node };
            Decided::accepted(vec![Effect::Change { about, event }], subject.tenants)
        }
        Err(refusal) => Decided::refused(refusal, subject.tenants),
    })
}

struct Opening<'a> {
    state: &'a State,
    now: Instant,
    statement: &'a Statement,
    package: &'a Package,
    digest: &'a Digest,
    subject: &'a Subject,
    row: &'a Kind,
}

impl Opening<'_> {
    /// The revision it opens.
    fn check(&self, known: Option<&Change>, document: Option<&Document>) -> Result<u32, Refusal> {
        self.signer(known)?;
        self.form()?;
        let revision = known.map_or(Ok(1), |known| self.revision(known))?;
        governs(self.package.kind()).draft(self.state, self.package, document)?;
        Ok(revision)
    }

    fn signer(&self, known: Option<&Change>) -> Result<(), Refusal> {
        let (state, statement) = (self.state, self.statement);
        let listed = state.roster.key(&statement.person, &statement.key).is_some();
        if !listed || !state.since.key_is_active(&statement.key) {
            return Err(Refusal::KeyNotActive {});
        }
        let left_ms = statement.not_after.millis_since(self.now);
        if left_ms < 0 {
            return Err(Refusal::StatementExpired { not_after: statement.not_after, now: self.now });
        }
        if left_ms > NOT_AFTER_MAX_MS {
            return Err(Refusal::NotAfterTooFar { not_after: statement.not_after, now: self.now });
        }
        // Whom a change concerns may ask for another one, but revises none.
        if let Some(known) = known
            && governs(known.kind).concerned(state, known).contains(&statement.person)
        {
            return Err(Refusal::Concerned {});
        }
        let Some(person) = state.roster.person(&statement.person) else { return Ok(()) };
        let needed = self.author_roles();
        if person.roles.iter().any(|role| needed.contains(role)) {
            Ok(())
        } else {
            Err(Refusal::RoleMissing { needed })
        }
    }

    /// Who may ask for this: the row's authors, or those the kind names for this body.
    fn author_roles(&self) -> Vec<model::Role> {
        let stub = Change::draft(self.package.clone(), *self.digest, self.subject.clone(), None, self.now);
        governs(self.package.kind()).requirement(self.state, &stub, self.row).author
    }

    /// Window and time are there where the kind's row wants them, and only there.
    fn form(&self) -> Result<(), Refusal> {
        let fits = |presence: Presence, there: bool| match presence {
            Presence::None => !there,
            Presence::Optional => true,
            Presence::Required => there,
        };
        if !fits(self.row.window, self.package.window.is_some()) {
            return Err(Refusal::WindowWrong {});
        }
        let for_ms = self.package.body.grants().and_then(|(_, for_ms)| for_ms);
        let most_ms = self.row.until_max_ms;
        let bounded = for_ms.is_none_or(|ms| most_ms.is_some_and(|most| (1..=most).contains(&ms)));
        if fits(self.row.until, for_ms.is_some()) && bounded { Ok(()) } else { Err(Refusal::UntilWrong { most_ms }) }
    }

    fn revision(&self, known: &Change) -> Result<u32, Refusal> {
        let status = known.status_at(self.state, self.now);
        let revisable = matches!(status, Status::Draft | Status::AwaitingApproval | Status::Approved);
        // The same bytes keep revision and approvals: to have them observed again has its own verb.
        if !revisable || known.package_digest == *self.digest {
            return Err(Refusal::StatusWrong { status });
        }
        Ok(known.revision + 1)
    }
}
