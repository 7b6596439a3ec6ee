//! For whom the console reads.

use crate::{ReadScope, State};
use model::{IdError, PersonId, Role};
use std::fmt;
use std::str::FromStr;

/// How the demo visitor is written where a person's id would stand.
const DEMO_VISITOR: &str = "demo-visitor";

/// For whom the console reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// A person of the roster.
    Person(PersonId),
    /// Whoever looks at a demonstration without having signed in. It holds no key, so it signs nothing,
    /// and no leaf can name it: it is in no roster. Outside a demonstration it sees nothing.
    DemoVisitor,
}

impl Viewer {
    /// The person, if it is one.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::DemoVisitor => None,
        }
    }
}

impl From<PersonId> for Viewer {
    fn from(person: PersonId) -> Self {
        Self::Person(person)
    }
}

impl fmt::Display for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => person.fmt(f),
            Self::DemoVisitor => f.write_str(DEMO_VISITOR),
        }
    }
}

impl FromStr for Viewer {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text == DEMO_VISITOR { Ok(Self::DemoVisitor) } else { text.parse().map(Self::Person) }
    }
}

impl ReadScope {
    /// A viewer's: a person's by the roster; the demo visitor's is that of the roster's first
    /// Governance Operator, and nothing where the genesis does not say `demo`.
    pub fn of_viewer(state: &State, viewer: &Viewer) -> Self {
        match viewer {
            Viewer::Person(person) => Self::of(state, person),
            Viewer::DemoVisitor if state.demo => {
                let operator = state.roster.holders(Role::GovernanceOperator).next();
                operator.map_or(Self::Nothing, |operator| Self::of(state, &operator.id))
            }
            Viewer::DemoVisitor => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::TenantId;
    use signed::Person;

    #[test]
    fn a_viewer_is_written_as_it_is_read_and_nothing_else_is_one() {
        for viewer in [Viewer::Person(PersonId([7; 16])), Viewer::DemoVisitor] {
            assert_eq!(viewer.to_string().parse(), Ok(viewer));
        }
        for text in ["", "demo", "DEMO-VISITOR", "demo-visitor ", "0"] {
            assert!(text.parse::<Viewer>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_demo_visitor_sees_what_a_governance_operator_sees_and_outside_a_demonstration_nothing() {
        let person = |id, role, tenants| Person {
            id: PersonId([id; 16]),
            roles: vec![role],
            keys: vec![],
            tenants,
            deputies: vec![],
        };
        let tenant = TenantId([9; 16]);
        let mut state = State { demo: true, ..State::empty() };
        let sight = |state: &State| ReadScope::of_viewer(state, &Viewer::DemoVisitor);
        state.roster.people = vec![person(1, Role::SupportAuditor, None)];
        assert_eq!(sight(&state), ReadScope::Nothing, "there is no operator");
        state.roster.people.push(person(2, Role::GovernanceOperator, Some(vec![tenant])));
        assert_eq!(sight(&state), ReadScope::Tenants([tenant].into()));
        state.roster.people[1].tenants = None;
        assert_eq!(sight(&state), ReadScope::Everything);
        state.demo = false;
        assert_eq!(sight(&state), ReadScope::Nothing);
        assert_eq!(
            ReadScope::of_viewer(&state, &PersonId([1; 16]).into()),
            ReadScope::Everything,
            "people are as ever"
        );
    }
}
