//! Who reads, and what they may see.

use control::{Principal, ReadScope, State, Viewer};
use service_shell::Problem;

/// Whoever reads, with what they may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reader {
    /// For whom something is read and explained; none: the console, for itself.
    pub(crate) viewer: Option<Viewer>,
    /// What may be read.
    pub(crate) sight: ReadScope,
}

/// What a principal may see: pure, so that there is one answer. The console sees all texts: it is a
/// registered holder of them, and shows each of its viewers what [`control::visible`] allows.
fn sight(state: &State, principal: &Principal) -> ReadScope {
    match principal {
        Principal::Person(person) => ReadScope::of(state, person),
        Principal::Console { key } if state.roster.console.as_ref() == Some(key) => ReadScope::Everything,
        Principal::Console { .. } => ReadScope::Nothing,
    }
}

impl Reader {
    /// The reader behind a good credential.
    ///
    /// # Errors
    /// `reader.unknown` when whoever it belongs to may read nothing any more.
    pub(crate) fn of(state: &State, principal: Principal) -> Result<Self, Problem> {
        let viewer = principal.person().copied().map(Viewer::Person);
        match (sight(state, &principal), viewer) {
            (ReadScope::Nothing, Some(_)) => Err(Problem::forbidden(
                "reader.unknown",
                "the token's person is not on the roster, or holds no role there",
                "sign in as somebody who holds a role",
            )),
            (ReadScope::Nothing, None) => Err(Problem::forbidden(
                "reader.unknown",
                "the roster does not list the console's key any more",
                crate::problems::LISTED_KEY,
            )),
            (sight, viewer) => Ok(Self { viewer, sight }),
        }
    }

    /// What the console shows one of its viewers.
    ///
    /// # Errors
    /// When it is not the console that asks, or the viewer may read nothing.
    pub(crate) fn viewing(self, state: &State, viewer: Viewer) -> Result<Self, Problem> {
        if self.viewer.is_some() {
            return Err(Problem::forbidden(
                "viewer.forbidden",
                "only the console reads for somebody else",
                "ask without the header `countersign-viewer`",
            ));
        }
        match viewer {
            Viewer::Person(person) => Self::of(state, person.into()),
            Viewer::DemoVisitor => match ReadScope::of_viewer(state, &viewer) {
                ReadScope::Nothing => Err(Problem::forbidden(
                    "reader.unknown",
                    "there is no demo visitor: this ledger is no demonstration's",
                    "sign in as somebody who holds a role",
                )),
                sight => Ok(Self { viewer: Some(viewer), sight }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{FINANCE, OPERATOR, World};
    use model::{Digest, PersonId, TenantId};

    #[tokio::test]
    async fn a_person_reads_by_the_roster_and_the_console_while_its_key_is_listed() {
        let mut state = World::new().await.service.with_state(Clone::clone);
        let code = |state: &State, principal| Reader::of(state, principal).map_err(|problem| problem.code());
        let everything =
            |person: Option<PersonId>| Ok(Reader { viewer: person.map(Viewer::Person), sight: ReadScope::Everything });
        assert_eq!(code(&state, OPERATOR.into()), everything(Some(OPERATOR)));
        state.roster.people[0].tenants = Some(vec![TenantId([1; 16])]);
        let sight = ReadScope::Tenants([TenantId([1; 16])].into());
        assert_eq!(code(&state, OPERATOR.into()), Ok(Reader { viewer: Some(OPERATOR.into()), sight }));
        state.roster.people[0].roles.clear();
        assert_eq!(code(&state, OPERATOR.into()), Err("reader.unknown"));

        let console = Principal::Console { key: Digest([9; 32]) };
        assert_eq!(code(&state, console), Err("reader.unknown"));
        state.roster.console = Some(Digest([9; 32]));
        assert_eq!(code(&state, console), everything(None));
        let viewing = |principal, viewer: PersonId| {
            let read = Reader::of(&state, principal).and_then(|reader| reader.viewing(&state, viewer.into()));
            read.map_err(|problem| problem.code())
        };
        assert_eq!(viewing(console, OPERATOR), Err("reader.unknown"), "the viewer holds no role");
        assert_eq!(viewing(console, FINANCE), everything(Some(FINANCE)));
        assert_eq!(viewing(FINANCE.into(), FINANCE), Err("viewer.forbidden"));
        state.roster.console = Some(Digest([8; 32]));
        assert_eq!(code(&state, console), Err("reader.unknown"), "its key was replaced");
    }
}
