//! Opening a change, or a new revision of it: signed by who asks.

use crate::event::About;
use crate::guard::{Opening, StatementContext};
use crate::{Blobs, ChangeEvent, Decided, Effect, Guards, Inadmissible, State, governs, package};
use model::{ChangeId, Digest, Instant};
use signed::{PARTS_MAX, Person, Statement};

#[allow(clippy::too_many_arguments, reason = "what a decision rests on, and the two ids of the act")]
pub(super) fn decide(
    guards: &Guards,
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    statement: &Statement,
    person: Option<&Person>,
    (id, digest): (&ChangeId, &Digest),
) -> Result<Decided, Inadmissible> {
    let package = package::stored(blobs, digest).ok_or(Inadmissible::MissingBlob)?;
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
    if let Some(closed) = state.closed.get(id) {
        return Err(Inadmissible::Ended(closed.ended));
    }
    let known = state.changes.get(id);
    if let Some(ended) = known.filter(|known| known.has_ended(state, now)) {
        return Err(Inadmissible::Ended(ended.last));
    }
    if known.is_some_and(|known| known.kind != package.kind() || known.subject != subject) {
        return Err(Inadmissible::OtherPackage);
    }
    let said = StatementContext { state, now, statement, person };
    let document = document.as_ref();
    let opening = Opening { said, package: &package, digest, subject: &subject, document, row, known };
    Ok(match guards.check_opening(&opening) {
        Ok(()) => {
            let event = ChangeEvent::Opened { revision: known.map_or(1, |known| known.revision + 1) };
            let about = About { change: *id, kind: package.kind(), engine: subject.engine, node: subject.node };
            Decided::accepted(vec![Effect::Change { about, event }], subject.tenants)
        }
        Err(refusal) => Decided::refused(refusal, subject.tenants),
    })
}
