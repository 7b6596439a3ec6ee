//! What a draft must be to be opened, and who may open it.

use super::signing::StatementContext;
use crate::refusal::refuse_if;
use crate::{Change, Document, Kind, Package, Presence, Refusal, Subject, governs, reach};
use model::{Digest, Role, Status};

/// What a guard of a draft looks at: the package it opens, and the change that it revises.
pub struct Opening<'a> {
    pub said: StatementContext<'a>,
    pub package: &'a Package,
    /// The package's.
    pub digest: &'a Digest,
    /// Whom and what it concerns.
    pub subject: &'a Subject,
    /// The governing document it names.
    pub document: Option<&'a Document>,
    /// The row of its kind.
    pub row: &'a Kind,
    /// The change of which it is a new revision.
    pub known: Option<&'a Change>,
}

impl Opening<'_> {
    /// Who may ask for this: the row's authors, or those the kind names for this body.
    fn author_roles(&self) -> Vec<Role> {
        let stub = Change::draft(self.package.clone(), *self.digest, self.subject.clone(), None, self.said.now);
        governs(self.package.kind()).requirement(self.said.state, &stub, self.row).author
    }
}

/// Whether what a row says of something fits whether it is there.
fn fits(presence: Presence, there: bool) -> bool {
    match presence {
        Presence::None => !there,
        Presence::Optional => true,
        Presence::Required => there,
    }
}

/// Whom a change concerns may ask for another one, but revises none.
pub(super) fn revises_unconcerned(o: &Opening) -> Result<(), Refusal> {
    let mine = |known: &Change| {
        governs(known.kind).concerned(o.said.state, known, o.said.now).contains(&o.said.statement.person)
    };
    refuse_if(o.known.is_some_and(mine), Refusal::Concerned {})
}

pub(super) fn asker_role_held(o: &Opening) -> Result<(), Refusal> {
    let Some(person) = o.said.person else { return Ok(()) };
    let needed = o.author_roles();
    let held = person.roles.iter().any(|role| needed.contains(role));
    refuse_if(!held, Refusal::RoleMissing { needed })
}

/// A window is there where the kind's row wants one, and only there.
pub(super) fn window_fits(o: &Opening) -> Result<(), Refusal> {
    refuse_if(!fits(o.row.window, o.package.window.is_some()), Refusal::WindowWrong {})
}

/// So is an end, and no later than the row allows.
pub(super) fn until_fits(o: &Opening) -> Result<(), Refusal> {
    let for_ms = o.package.body.grants().and_then(|(_, for_ms)| for_ms);
    let most_ms = o.row.until_max_ms;
    let bounded = for_ms.is_none_or(|ms| most_ms.is_some_and(|most| (1..=most).contains(&ms)));
    refuse_if(!fits(o.row.until, for_ms.is_some()) || !bounded, Refusal::UntilWrong { most_ms })
}

/// A machine identity revises what a machine identity asked for and nobody has sealed: what people have
/// their hands on is theirs.
pub(super) fn machine_revises_own(o: &Opening) -> Result<(), Refusal> {
    let theirs = |known: &Change| known.status != Status::Draft || !known.authors.is_empty();
    refuse_if(o.said.person.is_none() && o.known.is_some_and(theirs), Refusal::MachineMayNot {})
}

/// The same bytes keep revision and approvals: to have them observed again has its own verb.
pub(super) fn revisable(o: &Opening) -> Result<(), Refusal> {
    let Some(known) = o.known else { return Ok(()) };
    let status = known.status_at(o.said.state, o.said.now);
    let revisable = matches!(status, Status::Draft | Status::AwaitingApproval | Status::Approved);
    refuse_if(!revisable || known.package_digest == *o.digest, Refusal::StatusWrong { status })
}

pub(super) fn draft_fits(o: &Opening) -> Result<(), Refusal> {
    governs(o.package.kind()).draft(o.said.state, o.package, o.document)?;
    reach::kept(o.said.state, o.document)
}
