//! Who hands a service something beside the ledger: a person of the roster, by the credential they signed in for.

use crate::Follower;
use control::{Refusal, Speaker, verb_row};
use model::{Instant, PersonId, Scope};
use service_shell::{Bearer, Problem};
use signed::Verb;

impl Follower {
    /// The person of the roster, who can still sign, whose credential this is: in this service's own verified state with
    /// what the brakes take away.
    ///
    /// # Errors
    /// What is to be answered when the credential is nobody's, is good for something else, or its person is not such a one.
    pub fn person_of(&self, bearer: Bearer, now: Instant) -> Result<PersonId, Problem> {
        self.person_with(bearer, &[Scope::Person], "sign in with the scope `person`", now)
    }

    /// The same of somebody whose word publishes something: what is handed over beside the ledger waits for such a word.
    ///
    /// # Errors
    /// As [`Follower::person_of`], and `role.missing`.
    pub fn publisher_of(&self, bearer: Bearer, now: Instant) -> Result<PersonId, Problem> {
        let person = self.person_of(bearer, now)?;
        let Speaker::Roles(roles) = verb_row(Verb::Publish).speaker else { return Ok(person) };
        let state = self.braked();
        if state.roster.person(&person).is_some_and(|known| known.roles.iter().any(|role| roles.contains(role))) {
            return Ok(person);
        }
        let refusal = Refusal::RoleMissing { needed: roles.to_vec() };
        let (message, next) = refusal.message(&|person| person.short());
        Err(Problem::forbidden("role.missing", message, next))
    }

    /// The same of a credential that is good for one of these.
    pub(crate) fn person_with(
        &self,
        Bearer(token): Bearer,
        scopes: &[Scope],
        else_next: &str,
        now: Instant,
    ) -> Result<PersonId, Problem> {
        let next = "sign in, then send `authorization: Bearer <token>`";
        let state = self.braked();
        let Some(session) = state.session(&token, self.latest(now)) else {
            let what = "the token is not known here, or has ended";
            return Err(Problem::unauthenticated("token.unknown", what, next));
        };
        if !scopes.contains(&session.scope) {
            let what = format!("the token is good for `{}` only", session.scope);
            return Err(Problem::forbidden("scope.forbidden", what, else_next));
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
