//! What the writer of the events log runs: an event counts once within 48 hours.

use crate::event::EventEntry;
use ledger::{Decision, Machine};
use model::{Digest, Instant, Token};
use std::collections::{HashMap, VecDeque};

/// How long the same (source, id) is the same event, milliseconds (48 h).
const SAME_MS: i64 = 48 * 3_600_000;

/// A checked event; the writer stamps it.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) entry: EventEntry,
    pub(crate) payload: Vec<u8>,
}

/// What the writer says of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventAnswer {
    /// It is a new entry.
    New,
    /// It is this entry already.
    Known(u64),
    /// It could not be written down.
    Internal,
}

/// The events of the last 48 hours by (source, id), folded over the entries.
#[derive(Debug)]
pub(crate) struct EventsMachine {
    known: HashMap<(Token, Digest), (Instant, u64)>,
    order: VecDeque<(Instant, (Token, Digest))>,
    last: Instant,
}

impl EventsMachine {
    /// No entry read yet.
    pub(crate) fn new() -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), last: Instant::EPOCH }
    }

    fn fold(&mut self, index: u64, entry: EventEntry) {
        while self.order.front().is_some_and(|(at, _)| entry.now.millis_since(*at) > SAME_MS)
            && let Some((_, key)) = self.order.pop_front()
        {
            self.known.remove(&key);
        }
        let key = (entry.source, entry.id);
        self.known.insert(key.clone(), (entry.now, index));
        self.order.push_back((entry.now, key));
        self.last = entry.now;
    }
}

impl Machine for EventsMachine {
    type Command = NewEvent;
    type Answer = EventAnswer;

    fn decide(&self, now: Instant, event: &NewEvent) -> Decision<EventAnswer> {
        let known = self.known.get(&(event.entry.source.clone(), event.entry.id));
        if let Some((_, index)) = known.filter(|(at, _)| now.millis_since(*at) <= SAME_MS) {
            return Decision::Answer(EventAnswer::Known(*index));
        }
        let entry = EventEntry { now, ..event.entry.clone() };
        match entry.encode() {
            Ok(leaf) => Decision::Append { leaf, payload: event.payload.clone(), answer: EventAnswer::New },
            Err(_) => Decision::Answer(EventAnswer::Internal),
        }
    }

    fn apply(&mut self, index: u64, leaf: &[u8]) {
        self.fold(index, EventEntry::decode(leaf).expect("this machine encoded the entry, or `replay` has read it"));
    }

    fn replay(&mut self, index: u64, leaf: &[u8]) -> Result<(), String> {
        let entry = EventEntry::decode(leaf).map_err(|error| error.to_string())?;
        if entry.now < self.last {
            return Err("its time is before the entry before it".to_owned());
        }
        self.fold(index, entry);
        Ok(())
    }

    fn panicked(&self) -> EventAnswer {
        EventAnswer::Internal
    }

    fn stamp(leaf: &[u8]) -> Option<Instant> {
        EventEntry::decode(leaf).ok().map(|entry| entry.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Category, PersonId, Severity};

    fn event(id: &str) -> NewEvent {
        let event = client::wire::Event {
            id: id.to_owned(),
            source: "ci.build".parse().unwrap(),
            kind: "pipeline.finished".parse().unwrap(),
            category: Category::Reported,
            severity: Severity::Low,
            occurred: None,
            tenant: None,
            title: "built".to_owned(),
            description: None,
        };
        NewEvent { entry: EventEntry::of(&event, PersonId([1; 16]), vec![]), payload: vec![] }
    }

    #[test]
    fn the_same_id_is_the_same_event_for_48_hours() {
        let mut machine = EventsMachine::new();
        let at = |machine: &mut EventsMachine, ms: i64, id| match machine.decide(Instant::from_millis(ms), &event(id)) {
            Decision::Append { leaf, answer, .. } => {
                let mut again = EventsMachine::new();
                assert_eq!(again.replay(0, &leaf), Ok(()));
                machine.apply(u64::try_from(ms).unwrap(), &leaf);
                answer
            }
            Decision::Answer(answer) => answer,
        };
        assert_eq!(at(&mut machine, 5, "a"), EventAnswer::New);
        assert_eq!(at(&mut machine, 6, "b"), EventAnswer::New);
        assert_eq!(at(&mut machine, 5 + SAME_MS, "a"), EventAnswer::Known(5));
        assert_eq!(at(&mut machine, 6 + SAME_MS, "a"), EventAnswer::New);
        assert_eq!(at(&mut machine, 6 + SAME_MS, "b"), EventAnswer::Known(6));
        assert_eq!(machine.known.len(), 2);
    }

    #[test]
    fn a_stored_entry_of_another_form_or_order_is_refused() {
        let mut machine = EventsMachine::new();
        let leaf = |ms| EventEntry { now: Instant::from_millis(ms), ..event("a").entry }.encode().unwrap();
        assert_eq!(machine.replay(0, &leaf(9)), Ok(()));
        assert!(machine.replay(1, &leaf(8)).unwrap_err().contains("before"));
        assert!(machine.replay(1, b"countersign/leaf/v1\0{}").unwrap_err().contains("prefix"));
        let spaced = [&leaf(9)[..], b" "].concat();
        assert!(machine.replay(1, &spaced).is_err());
    }
}
