//! What the callers were told, beside what the journal's entries say, read without the machine.

use crate::callers::Yes;
use crate::question::Question;
use lease_journal::{Entry, Fact, ReservationKey};
use ledger::read::LogReader;
use std::collections::BTreeMap;
use std::path::Path;

/// One period of the one lease.
#[derive(Default)]
struct Tally {
    posted: u64,
    open: u64,
}

/// Checks every entry against the caps that the servers had (by control size), and every yes against its entry.
/// Answers how many entries there are and how many of them refilled the cap to its last cycle.
pub fn check(dir: &Path, caps: &BTreeMap<u64, u64>, yes: &[Yes]) -> (usize, usize) {
    let entries: Vec<Entry> =
        LogReader::open(dir).unwrap().entries().map(|read| Entry::decode(&read.unwrap().1.leaf).unwrap()).collect();
    let full = exact(&entries, caps);
    let mut told: BTreeMap<u64, Question> = BTreeMap::new();
    for (question, entry) in yes {
        assert!(told.insert(*entry, *question).is_none(), "two yeses name entry {entry}");
    }
    for (index, entry) in (0..).zip(&entries) {
        let told = told.remove(&index);
        match &entry.fact {
            Fact::Reserve(reserve) => assert_eq!(told.and_then(|told| told.ask()), Some(reserve.ask), "entry {index}"),
            Fact::Post { key, cycles, .. } => {
                assert_eq!(told, Some(Question::Post { key: *key, cycles: *cycles }), "entry {index}");
            }
            Fact::Void { key, .. } => assert_eq!(told, Some(Question::Void { key: *key }), "entry {index}"),
            Fact::Expire(_) | Fact::Commit { .. } | Fact::Close { .. } => assert_eq!(told, None, "entry {index}"),
        }
    }
    assert!(told.is_empty(), "callers were told of entries that are not there: {told:?}");
    (entries.len(), full)
}

/// At every entry, what is posted and open is within the cap that it names; and that is the cap there was.
fn exact(entries: &[Entry], caps: &BTreeMap<u64, u64>) -> usize {
    let mut tallies: BTreeMap<model::Instant, Tally> = BTreeMap::new();
    let mut open: BTreeMap<ReservationKey, (u64, model::Instant)> = BTreeMap::new();
    let mut full = 0;
    for entry in entries {
        let mut end = |key: &ReservationKey, used: u64| {
            let (cycles, period) = open.remove(key).expect("only what is open ends");
            let tally = tallies.get_mut(&period).unwrap();
            assert!(used <= cycles);
            tally.open -= cycles;
            tally.posted += used;
        };
        match &entry.fact {
            Fact::Post { key, cycles, .. } => end(key, *cycles),
            Fact::Void { key, .. } => end(key, 0),
            Fact::Expire(keys) => keys.iter().for_each(|key| end(key, 0)),
            Fact::Commit { .. } | Fact::Close { .. } => panic!("nobody commits here"),
            Fact::Reserve(reserve) => {
                assert_eq!(caps.get(&reserve.cap.control_size), Some(&reserve.cap.cycles));
                let tally = tallies.entry(reserve.period.from).or_default();
                tally.open += reserve.ask.cycles;
                assert!(tally.posted + tally.open <= reserve.cap.cycles, "beyond the cap");
                full += usize::from(tally.posted + tally.open == reserve.cap.cycles);
                let before = open.insert(reserve.ask.key, (reserve.ask.cycles, reserve.period.from));
                assert!(before.is_none(), "one id was granted twice");
            }
        }
    }
    full
}
