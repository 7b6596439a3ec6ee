//! What stays of a change that has ended.

use crate::scenes::issued;
use crate::vectors::lives;
use crate::world::{HOUR_MS, OPAL, accepted, refused};
use control::{EndedChanges as _, NoRecord};
use model::{ChangeId, KindName, Status};
use std::collections::BTreeMap;

/// Most bytes that the state keeps of a change that has ended, in its stored form.
const CLOSED_BYTES_MAX: usize = 2_500;

#[test]
fn the_state_keeps_little_of_what_has_ended_and_nothing_whole() {
    let (mut ended, mut kinds) = (0, vec![]);
    for world in lives() {
        let state = &world.state;
        for change in state.changes.values() {
            let over = change.status.is_ended() || change.has_ended(state, world.now) && change.warrant.is_none();
            assert!(!over, "{} stands {} among what is open", change.kind, change.status);
        }
        for (id, closed) in &state.closed {
            let (bytes, whole) = (serde_json::to_vec(closed).unwrap().len(), world.ended.record(id).unwrap());
            assert!(bytes < CLOSED_BYTES_MAX, "{bytes} bytes of a {}", closed.kind);
            assert_eq!((closed.kind, closed.status, closed.last), (whole.kind, whole.status, whole.last));
            assert_eq!(state.record(&world.ended, id).unwrap().as_ref(), &whole);
            assert_eq!(state.record(&BTreeMap::new(), id), Err(NoRecord::Lost));
            kinds.push(closed.kind);
        }
        ended += state.closed.len();
        let by_end: Vec<_> = state.ended_before(None).map(|(_, closed)| closed.ended).collect();
        assert!(by_end.is_sorted_by(|later, earlier| later >= earlier) && by_end.len() == state.closed.len());
        assert!(state.ended_before(Some(0)).next().is_none());
        assert_eq!(state.record(&world.ended, &ChangeId([9; 16])), Err(NoRecord::Unknown));
        let on = state.ended_on(&world.engine).filter(|(_, closed)| closed.subject.engine == Some(world.engine));
        let all = state.closed.values().filter(|closed| closed.subject.engine == Some(world.engine));
        assert_eq!(on.count(), all.count());
    }
    let unseen: Vec<_> = KindName::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert_eq!(unseen, [&KindName::External], "the warrant of each may be used still");
    assert!(ended > 10, "{ended}");
}

#[test]
fn a_change_with_a_warrant_stays_until_the_time_in_which_it_could_be_used_is_over() {
    let (mut world, id, machine) = issued();
    accepted(world.verb(machine, "use", id));
    assert!(world.state.changes.contains_key(&id), "a second use is refused by its guards");
    let until = world.change(id).warrant.as_ref().unwrap().until;
    world.advance(until.millis_since(world.now) + HOUR_MS);
    assert!(world.state.changes.contains_key(&id), "time alone writes nothing");
    world.publish("2026.09", 64);
    assert_eq!(world.state.closed[&id].status, Status::Effective);
    assert!(!world.state.changes.contains_key(&id));
    assert!(world.verb(OPAL, "hold", id).is_err(), "a person's word about it is not recorded");
    refused(world.verb(machine, "use", id), "warrant.used");
}
