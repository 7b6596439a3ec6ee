//! Who reads of a service, and what: one question for every route that shows what is not everybody's.

use crate::Follower;
use crate::console_ask::{AskedOf, ConsoleFor};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use client::VIEWER_HEADER;
use control::{ReadScope, Session, State};
use model::{Instant, Scope, Service};
use service_shell::{Bearer, Problem};

const SIGN_IN: &str = "sign in, then send `authorization: Bearer <token>`";

/// What a request that reads shows of who asks.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The credential.
    pub bearer: Option<Bearer>,
    /// The request, and what the console signed of it.
    pub asked: AskedOf,
}

impl Asking {
    /// Whether nothing says who asks.
    pub fn is_nobody(&self) -> bool {
        self.bearer.is_none() && !self.asked.is_signed()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.headers.contains_key(VIEWER_HEADER) {
            // Its asks are signed, and name for whom.
            let what = "only the console reads for somebody else, and it says so in what it signs";
            return Err(Problem::forbidden("viewer.forbidden", what, "ask without the header `countersign-viewer`"));
        }
        let bearer = <Bearer as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(Self { bearer, asked: AskedOf::of(parts) })
    }
}

impl Follower {
    /// What may be read by whoever asks, in this service's own verified state with what the brakes take away: a person by
    /// a credential that reads, while a key of theirs signs; the console by a signature of this request, for the viewer
    /// that it names, or for itself. Its credential is for Governance alone: nobody else on a port shall get it.
    ///
    /// # Errors
    /// What is to be answered when the credential is missing, is nobody's, or is good for something else.
    pub fn sight(&self, asking: &Asking, service: Service, now: Instant) -> Result<ReadScope, Problem> {
        match self.console_for(&asking.asked, service, now)? {
            Some(ConsoleFor::Itself) => return Ok(ReadScope::Everything),
            Some(ConsoleFor::Viewer(viewer)) => return Ok(ReadScope::of_viewer(&self.braked(), &viewer)),
            None => {}
        }
        let Some(Bearer(token)) = asking.bearer else {
            return Err(Problem::unauthenticated("token.missing", "this route needs a bearer token", SIGN_IN));
        };
        let state = self.braked();
        let session = state.session(&token, self.latest(now));
        let unknown =
            || Problem::unauthenticated("token.unknown", "the token is not known here, or has ended", SIGN_IN);
        of(&state, session.ok_or_else(unknown)?)
    }

    /// The person who asks: by their own credential, or at the console.
    ///
    /// # Errors
    /// What is to be answered when it is nobody of the roster who can still sign.
    pub fn asker(&self, asking: Asking, service: Service, now: Instant) -> Result<model::PersonId, Problem> {
        let Asking { bearer, asked } = asking;
        let next = "send a header `authorization: Bearer <token>`";
        let Some(console_for) = self.console_for(&asked, service, now)? else {
            let missing = || Problem::unauthenticated("token.missing", "this route needs a bearer token", next);
            let next = "sign in with the scope `person` or `read`";
            return self.person_with(bearer.ok_or_else(missing)?, &[Scope::Person, Scope::Read], next, now);
        };
        let state = self.braked();
        let person = match &console_for {
            ConsoleFor::Viewer(viewer) => viewer.person().and_then(|person| state.roster.person(person)),
            ConsoleFor::Itself => None,
        };
        let signs = |person: &&signed::Person| person.keys.iter().any(|key| state.since.key_is_active(&key.id));
        let nobody = || Problem::forbidden("person.unknown", "nobody of the roster asks for it", "sign in first");
        person.filter(signs).map(|person| person.id).ok_or_else(nobody)
    }
}

/// What may be read by a credential that is known and has not ended.
fn of(state: &State, session: &Session) -> Result<ReadScope, Problem> {
    if !matches!(session.scope, Scope::Person | Scope::Read) {
        let what = format!("the token is good for `{}` only", session.scope);
        return Err(Problem::forbidden("scope.forbidden", what, "sign in with the scope `person` or `read`"));
    }
    match session.principal.person().map(|id| (id, state.roster.person(id))) {
        Some((id, Some(person))) if person.keys.iter().any(|key| state.since.key_is_active(&key.id)) => {
            Ok(ReadScope::of(state, id))
        }
        Some((_, Some(_))) => {
            let what = "the token is of somebody whose keys are all suspended";
            Err(Problem::unauthenticated("token.unknown", what, "have the roster changed to list a new key"))
        }
        _ => Err(Problem::forbidden("person.unknown", "the token's person is not on the roster", SIGN_IN)),
    }
}
