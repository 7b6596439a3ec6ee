//! Who hands a service something beside the ledger: a person of the roster, by the credential they signed in for.

use crate::Follower;
use model::{Instant, PersonId, Scope};
use service_shell::{Bearer, Problem};

impl Follower {
    /// The person of the roster, who can still sign, whose credential this is: in this service's own verified state with
    /// what the brakes take away.
    ///
    /// # Errors
    /// What is to be answered when the credential is nobody's, is good for something else, or its person is not such a one.
    pub fn person_of(&self, Bearer(token): Bearer, now: Instant) -> Result<PersonId, Problem> {
        let next = "sign in, then send `authorization: Bearer <token>`";
        let state = self.braked();
        let Some(session) = state.session(&token, self.latest(now)) else {
            let what = "the token is not known here, or has ended";
            return Err(Problem::unauthenticated("token.unknown", what, next));
        };
        if session.scope != Scope::Person {
            let what = format!("the token is good for `{}` only", session.scope);
            return Err(Problem::forbidden("scope.forbidden", what, "sign in with the scope `person`"));
        }
        match session.principal.person().and_then(|person| state.roster.person(person)) {
            Some(person) if person.keys.iter().any(|key| state.since.key_is_active(&key.id)) => Ok(person.id),
            Some(_) => {
                let what = "the token is of somebody whose keys are all suspended";
                Err(Problem::unauthenticated("token.unknown", what, "have the roster changed to list a new key"))
            }
            None => Err(Problem::forbidden("person.unknown", "the token's person is not on the roster", next)),
        }
    }
}
