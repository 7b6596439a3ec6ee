//! What a bearer credential opens: checked in the fold, at every request.

use crate::service::Service;
use api::{Bearer, Problem};
use control::Session;
use model::{PersonId, Scope};

impl Service {
    /// The credential of a request, if it is good now.
    fn session(&self, bearer: Option<Bearer>) -> Result<Session, Problem> {
        let next = "sign in, then send `authorization: Bearer <token>`";
        let Some(Bearer(token)) = bearer else {
            return Err(Problem::unauthenticated("token.missing", "this route needs a bearer token", next));
        };
        let now = self.now();
        let found = self.with_state(|state| state.session(&token, now).cloned());
        found.ok_or_else(|| Problem::unauthenticated("token.unknown", "the token is not known, or has ended", next))
    }

    fn scoped(&self, bearer: Option<Bearer>, scopes: &[Scope], next: &str) -> Result<PersonId, Problem> {
        let session = self.session(bearer)?;
        if scopes.contains(&session.scope) {
            return Ok(session.person);
        }
        let message = format!("the token is good for `{}` only", session.scope);
        Err(Problem::forbidden("scope.forbidden", message, next))
    }

    /// Who acts: a person-scope credential.
    pub(crate) fn acting(&self, bearer: Bearer) -> Result<PersonId, Problem> {
        self.scoped(Some(bearer), &[Scope::Person], "sign in with the scope `person`")
    }

    /// Who reads: a person- or read-scope credential of somebody who may read.
    pub(crate) fn reading(&self, bearer: Option<Bearer>) -> Result<PersonId, Problem> {
        let person = self.scoped(bearer, &[Scope::Person, Scope::Read], "sign in with the scope `person` or `read`")?;
        if self.with_state(|state| control::visible(state, &person, &[])) {
            return Ok(person);
        }
        Err(Problem::forbidden("reader.unknown", "the token's person is no longer on the roster", "sign in again"))
    }

    /// Who sends events: an ingest-scope credential.
    pub(crate) fn sending(&self, bearer: Option<Bearer>) -> Result<PersonId, Problem> {
        self.scoped(bearer, &[Scope::Ingest], "make a token with the scope `ingest`")
    }

    /// Whether a request may read entry bundles and governing blobs.
    pub(crate) fn entries_for(&self, bearer: Option<Bearer>) -> Result<(), Problem> {
        if self.entries_public { Ok(()) } else { self.reading(bearer).map(|_| ()) }
    }
}
