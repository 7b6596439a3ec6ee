//! What a bearer credential opens: checked in the fold, at every request.

use crate::reader::Reader;
use crate::service::Service;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use client::VIEWER_HEADER;
use control::{Principal, Session, State, Viewer};
use model::{PersonId, Scope};
use service_shell::{Bearer, Problem};

/// What a reading request shows of who asks.
#[derive(Debug)]
pub(crate) struct Asking {
    bearer: Option<Bearer>,
    /// For whom the console reads.
    viewer: Option<Viewer>,
}

impl From<Option<Bearer>> for Asking {
    fn from(bearer: Option<Bearer>) -> Self {
        Self { bearer, viewer: None }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let bearer = <Bearer as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        let mut values = parts.headers.get_all(VIEWER_HEADER).iter();
        let viewer = match (values.next(), values.next()) {
            (None, _) => None,
            (Some(value), None) => {
                value.to_str().ok().and_then(|text| text.parse().ok()).map(Some).ok_or(()).map_err(|()| malformed())?
            }
            (Some(_), Some(_)) => return Err(malformed()),
        };
        Ok(Self { bearer, viewer })
    }
}

fn malformed() -> Problem {
    Problem::malformed("viewer.malformed", "the viewer is not one person's id", "copy it from GET /v1/people")
}

/// Whether somebody still has a key that signs: who has lost all of theirs reads no longer on an old
/// credential.
fn signs(state: &State, principal: &Principal) -> bool {
    let Principal::Person(id) = principal else { return true };
    let active = |key: &signed::PersonKey| state.since.key_is_active(&key.id);
    state.roster.person(id).is_some_and(|person| person.keys.iter().any(active))
        || state.roster.machine(id).is_some_and(|machine| active(&machine.key))
}

impl Service {
    /// The credential of a request, if it is good now.
    fn session(&self, bearer: Option<Bearer>) -> Result<Session, Problem> {
        let next = "sign in, then send `authorization: Bearer <token>`; at the command line sign something with \
                    `--key KEY`, or set COUNTERSIGN_TOKEN to what `countersign token new --scope read --key KEY` prints";
        let Some(Bearer(token)) = bearer else {
            return Err(Problem::unauthenticated("token.missing", "this route needs a bearer token", next));
        };
        let now = self.now();
        let found = self
            .with_state(|state| state.session(&token, now).filter(|session| signs(state, &session.principal)).cloned());
        let what = "the token is not known, has ended, or is of somebody whose keys are all suspended";
        found.ok_or_else(|| Problem::unauthenticated("token.unknown", what, next))
    }

    fn scoped(&self, bearer: Option<Bearer>, scopes: &[Scope], next: &str) -> Result<Principal, Problem> {
        let session = self.session(bearer)?;
        if scopes.contains(&session.scope) {
            return Ok(session.principal);
        }
        let message = format!("the token is good for `{}` only", session.scope);
        Err(Problem::forbidden("scope.forbidden", message, next))
    }

    /// A person's credential of this scope.
    fn person(&self, bearer: Option<Bearer>, scope: Scope, next: &str) -> Result<PersonId, Problem> {
        match self.scoped(bearer, &[scope], next)? {
            Principal::Person(person) => Ok(person),
            Principal::Console { .. } => {
                Err(Problem::forbidden("scope.forbidden", "the console's credential only reads", next))
            }
        }
    }

    /// Who reads: a person- or read-scope credential of somebody who may read, or the console's.
    pub(crate) fn reading(&self, asking: impl Into<Asking>) -> Result<Reader, Problem> {
        let Asking { bearer, viewer } = asking.into();
        let next = "sign in with the scope `person` or `read`";
        let principal = self.scoped(bearer, &[Scope::Person, Scope::Read], next)?;
        self.with_state(|state| {
            let reader = Reader::of(state, principal)?;
            match viewer {
                None => Ok(reader),
                Some(viewer) => reader.viewing(state, viewer),
            }
        })
    }

    /// Who sends events: an ingest-scope credential.
    pub(crate) fn sending(&self, bearer: Option<Bearer>) -> Result<PersonId, Problem> {
        self.person(bearer, Scope::Ingest, "make a token with the scope `ingest`")
    }

    /// Whether a request may read entry bundles and governing blobs.
    pub(crate) fn entries_for(&self, bearer: Option<Bearer>) -> Result<(), Problem> {
        if self.entries_public { Ok(()) } else { self.reading(bearer).map(|_| ()) }
    }
}
