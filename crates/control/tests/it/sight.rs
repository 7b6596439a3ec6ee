//! Who may read what: every role, every scope, every set of tenants.

use crate::world::{FR, GO, OPAL, SA, World};
use control::{ReadScope, State, Tenant, visible};
use model::{PersonId, Role, TenantId};
use proptest::prelude::*;

const A: TenantId = TenantId([0x0a; 16]);
const B: TenantId = TenantId([0x0b; 16]);

fn with(roles: &[Role], tenants: Option<Vec<TenantId>>) -> (State, PersonId) {
    let mut state = World::new().state;
    let person = &mut state.roster.people[OPAL];
    (person.roles, person.tenants) = (roles.to_vec(), tenants);
    let id = person.id;
    (state, id)
}

#[test]
fn who_holds_a_role_reads_the_platforms_matters_and_those_of_their_tenants() {
    let tags: [&[TenantId]; 4] = [&[], &[A], &[B], &[A, B]];
    for role in [GO, FR, SA] {
        for (tenants, expected) in [
            (None, [true, true, true, true]),
            (Some(vec![A]), [true, true, false, false]),
            (Some(vec![]), [true, false, false, false]),
            (Some(vec![A, B]), [true, true, true, true]),
        ] {
            let (state, id) = with(&[role], tenants.clone());
            assert_eq!(tags.map(|tags| visible(&state, &id, tags)), expected, "{role} of {tenants:?}");
        }
    }
}

#[test]
fn a_stranger_and_who_holds_no_role_read_nothing() {
    let (state, id) = with(&[], None);
    for tags in [&[][..], &[A]] {
        assert!(!visible(&state, &id, tags) && !visible(&state, &PersonId([0xee; 16]), tags));
        assert!(!visible(&State::empty(), &id, tags));
    }
    assert_eq!(ReadScope::of(&state, &id), ReadScope::Nothing);
}

fn tenants() -> impl Strategy<Value = Vec<TenantId>> {
    proptest::collection::btree_set(0..6_u8, 0..5).prop_map(|set| set.into_iter().map(|n| TenantId([n; 16])).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn more_tenants_concerned_never_shows_more_and_a_wider_scope_never_less(
        scope in proptest::option::of(tenants()), wider in tenants(), tags in tenants(), more in tenants(),
    ) {
        let (mut state, id) = with(&[SA], scope.clone());
        let before = visible(&state, &id, &tags);
        prop_assert!(before || !visible(&state, &id, &[tags.clone(), more].concat()));
        let mut both = [scope.clone().unwrap_or_default(), wider].concat();
        both.sort_unstable();
        both.dedup();
        state.roster.people[OPAL].tenants = scope.map(|_| both);
        prop_assert!(!before || visible(&state, &id, &tags));
        state.roster.people[OPAL].tenants = None;
        prop_assert!(visible(&state, &id, &tags));
    }
}

#[test]
fn a_narrowed_state_has_no_trace_of_another_tenant() {
    let mut world = World::new();
    let artifact = world.publish("2026.03.1", 64);
    let change = world.sealed(model::KindName::Deployment, artifact);
    let (mut state, theirs) = (world.state.clone(), world.tenant);
    state.tenants.insert(A, Tenant { index: 2 });

    let own = ReadScope::Tenants([theirs].into()).narrow(&state);
    assert_eq!(own.tenants.keys().collect::<Vec<_>>(), [&theirs]);
    assert_eq!((own.engines.len(), own.changes.get(&change)), (1, state.changes.get(&change)));
    assert_eq!(
        (own.size, &own.roster, &own.resources),
        (state.changes[&change].last + 1, &state.roster, &state.resources)
    );

    assert!(own.waiting == control::waiting_of(&own), "the index of a narrowed state");
    assert!(own.open_on(&world.engine, model::KindName::Deployment, world.now).is_some());
    let other = ReadScope::Tenants([A].into()).narrow(&state);
    assert_eq!(other.tenants.keys().collect::<Vec<_>>(), [&A]);
    assert!(other.engines.is_empty() && other.changes.is_empty() && other.sessions.is_empty());
    assert_eq!(
        other.size,
        state.resources[&artifact].certified.unwrap() + 1,
        "how much happened elsewhere does not show"
    );

    assert_eq!(ReadScope::Nothing.narrow(&state), State::empty());
    assert_eq!(ReadScope::Everything.narrow(&state), state);
}
