//! What the writer of the events log runs: an event counts once within 48 hours, and another content under the same
//! id is an entry of its own that says so.

use crate::event::EventEntry;
use ledger::{Decision, Machine};
use model::{Digest, Instant, Token};
use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::Arc;

/// How long the same (source, id) is the same event, milliseconds (48 h).
const SAME_MS: i64 = 48 * 3_600_000;

/// A checked event with its sealed text.
#[derive(Debug)]
pub(crate) struct SealedEvent {
    pub(crate) entry: EventEntry,
    pub(crate) payload: Vec<u8>,
}

/// An event for the writer, which stamps it.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) event: Arc<SealedEvent>,
    /// Entries of the same (source, id) that were found to have another content.
    pub(crate) unlike: Vec<u64>,
}

/// What the writer says of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventAnswer {
    /// It is a new entry; with the entry that it conflicts with, if there is one.
    New(Option<u64>),
    /// These entries have the same (source, id); whether one of them says the same is for the sender's side to read.
    Known(Vec<u64>),
    /// It could not be written down.
    Internal,
}

/// The events of the last 48 hours by (source, id), folded over the entries.
#[derive(Debug)]
pub(crate) struct EventsMachine {
    known: HashMap<(Token, Digest), Vec<(Instant, u64)>>,
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
            // The oldest of its key: entries come in the order of their time.
            if let Entry::Occupied(mut entries) = self.known.entry(key) {
                entries.get_mut().remove(0);
                if entries.get().is_empty() {
                    entries.remove();
                }
            }
        }
        let key = (entry.source, entry.id);
        self.known.entry(key.clone()).or_default().push((entry.now, index));
        self.order.push_back((entry.now, key));
        self.last = entry.now;
    }

    /// The entries that count as the same event's at `now`, oldest first.
    fn known(&self, now: Instant, entry: &EventEntry) -> Vec<u64> {
        let known = self.known.get(&(entry.source.clone(), entry.id));
        let recent = known.into_iter().flatten().filter(|(at, _)| now.millis_since(*at) <= SAME_MS);
        recent.map(|(_, index)| *index).collect()
    }
}

impl Machine for EventsMachine {
    type Command = NewEvent;
    type Answer = EventAnswer;

    fn decide(&self, now: Instant, event: &NewEvent) -> Decision<EventAnswer> {
        let known = self.known(now, &event.event.entry);
        if known.iter().any(|index| !event.unlike.contains(index)) {
            return Decision::Answer(EventAnswer::Known(known));
        }
        let conflicts = known.first().copied();
        let entry = EventEntry { now, conflicts, ..event.event.entry.clone() };
        match entry.encode() {
            Ok(leaf) => {
                let payload = event.event.payload.clone();
                Decision::Append { leaf, payload, answer: EventAnswer::New(conflicts) }
            }
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
        let event = wire::Event {
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
        let entry = EventEntry::of(&event, PersonId([1; 16]), vec![]);
        NewEvent { event: Arc::new(SealedEvent { entry, payload: vec![] }), unlike: vec![] }
    }

    fn leaf(now_ms: i64) -> Vec<u8> {
        EventEntry { now: Instant::from_millis(now_ms), ..event("a").event.entry.clone() }.encode().unwrap()
    }

    fn answer(machine: &EventsMachine, now_ms: i64, unlike: &[u64]) -> EventAnswer {
        let asked = NewEvent { unlike: unlike.to_vec(), ..event("a") };
        match machine.decide(Instant::from_millis(now_ms), &asked) {
            Decision::Append { answer, .. } | Decision::Answer(answer) => answer,
        }
    }

    #[test]
    fn another_content_is_appended_only_when_every_known_one_was_compared() {
        let mut machine = EventsMachine::new();
        machine.apply(3, &leaf(1));
        machine.apply(7, &leaf(2));
        assert_eq!(answer(&machine, 3, &[3]), EventAnswer::Known(vec![3, 7]));
        assert_eq!(answer(&machine, 3, &[3, 7]), EventAnswer::New(Some(3)));
        assert_eq!(answer(&machine, 2 + SAME_MS, &[]), EventAnswer::Known(vec![7]), "the first is too long ago");
        machine.apply(9, &leaf(2 + SAME_MS));
        assert_eq!(machine.known.values().map(Vec::len).collect::<Vec<_>>(), [2]);
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
        assert_eq!(at(&mut machine, 5, "a"), EventAnswer::New(None));
        assert_eq!(at(&mut machine, 6, "b"), EventAnswer::New(None));
        assert_eq!(at(&mut machine, 5 + SAME_MS, "a"), EventAnswer::Known(vec![5]));
        assert_eq!(at(&mut machine, 6 + SAME_MS, "a"), EventAnswer::New(None));
        assert_eq!(at(&mut machine, 6 + SAME_MS, "b"), EventAnswer::Known(vec![6]));
        assert_eq!(machine.known.len(), 2);
    }

    #[test]
    fn a_stored_entry_of_another_form_or_order_is_refused() {
        let mut machine = EventsMachine::new();
        assert_eq!(machine.replay(0, &leaf(9)), Ok(()));
        assert!(machine.replay(1, &leaf(8)).unwrap_err().contains("before"));
        assert!(machine.replay(1, b"countersign/leaf/v1\0{}").unwrap_err().contains("prefix"));
        let spaced = [&leaf(9)[..], b" "].concat();
        assert!(machine.replay(1, &spaced).is_err());
    }
}
