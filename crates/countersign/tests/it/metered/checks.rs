//! What the callers were told, beside what the journal's entries say, read from the disk without the machine.

use super::callers::{Known, Question};
use super::caps::Caps;
use lease_journal::{Entry, Fact, ReservationKey};
use ledger::read::LogReader;
use model::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The journal as it was read so far.
#[derive(Default)]
pub struct Checked {
    pub entries: usize,
    /// How often the cap was met to its last cycle.
    pub full: usize,
    posted: u64,
    open: BTreeMap<ReservationKey, u64>,
    period: Option<Instant>,
    said: BTreeMap<u64, Question>,
    granted: BTreeSet<ReservationKey>,
}

impl Checked {
    /// Reads what is new: at every entry, what is posted and open is within the cap that the ledger says at the size that
    /// the entry names.
    pub fn read(&mut self, dir: &Path, caps: &Caps) {
        let log = LogReader::open(dir).unwrap();
        for read in log.entries().skip(self.entries) {
            let entry = Entry::decode(&read.unwrap().1.leaf).unwrap();
            self.take(&entry.fact, caps);
            self.entries += 1;
        }
    }

    fn take(&mut self, fact: &Fact, caps: &Caps) {
        let index = self.entries as u64;
        match fact {
            Fact::Reserve(reserve) => {
                let (key, cycles, cap) = (reserve.ask.key, reserve.ask.cycles, reserve.cap);
                assert_eq!(cap.cycles, caps.at(cap.control_size), "the cap at size {}", cap.control_size);
                assert_eq!(*self.period.get_or_insert(reserve.period.from), reserve.period.from, "a month has turned");
                assert!(self.granted.insert(key), "one id was granted twice");
                self.open.insert(key, cycles);
                let used = self.posted + self.open.values().sum::<u64>();
                assert!(used <= cap.cycles, "beyond the cap");
                self.full += usize::from(used == cap.cycles);
                self.said.insert(index, Question::Reserve { key, cycles, hold_ms: reserve.ask.hold_ms });
            }
            Fact::Post { key, cycles, .. } => {
                let reserved = self.open.remove(key).expect("only what is open ends");
                assert!(*cycles <= reserved);
                self.posted += cycles;
                self.said.insert(index, Question::Post { key: *key, cycles: *cycles });
            }
            Fact::Void { key, .. } => {
                self.open.remove(key).expect("only what is open ends");
                self.said.insert(index, Question::Void { key: *key });
            }
            Fact::Expire(keys) => {
                for key in keys {
                    self.open.remove(key).expect("only what is open ends");
                }
            }
            Fact::Commit { .. } | Fact::Close { .. } => panic!("nothing is over here"),
        }
    }

    /// Everybody who was told yes finds it in the entry that was named; and each entry that nobody was told of is one that
    /// a caller still asks for.
    pub fn compare(&self, callers: &[Arc<Mutex<Known>>]) {
        let mut said = self.said.clone();
        let mut asked = vec![];
        for known in callers {
            let known = known.lock().unwrap();
            for (entry, question) in &known.yes {
                assert_eq!(said.remove(entry), Some(*question), "entry {entry}, of which a caller was told");
            }
            asked.extend(known.asked);
        }
        for (entry, question) in said {
            let at = asked.iter().position(|asked| *asked == question);
            let at = at.unwrap_or_else(|| panic!("entry {entry} is nobody's: {question:?}"));
            asked.swap_remove(at);
        }
    }

    pub fn used(&self) -> (u64, u64) {
        (self.posted, self.open.values().sum())
    }
}
