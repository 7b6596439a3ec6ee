//! An entry of the journal, byte by byte.
//!
//! `version:u8=1 kind:u8 stamp:u64`, then what happened. Big endian; instants are milliseconds since 1970.
//!
//! | kind | |
//! |---|---|
//! | 1 reserve | `lease[16] engine[16] id[16] cycles:u64 hold_ms:u64 from:u64 until:u64 cap:u64 control_size:u64` |
//! | 2 post | `lease[16] engine[16] id[16] cycles:u64` |
//! | 3 void | `lease[16] engine[16] id[16]` |
//! | 4 expire | `count:u16`, that many times `engine[16] id[16]` |
//! | 5 commit | `lease[16] from:u64 until:u64 posted:u64` |
//! | 6 close | `lease[16] from:u64 until:u64 posted:u64` |

use crate::{Ask, Cap, Command, Period, ReservationKey, Reserve};
use model::{ChangeId, EngineId, Id, Instant};

/// Most reservations that one entry expires.
pub(crate) const EXPIRE_MAX: usize = 1_024;
const VERSION: u8 = 1;

/// What happened, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The writer's instant.
    pub stamp: Instant,
    /// What happened.
    pub fact: Fact,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Cycles were set aside, in this period, under this cap.
    Reserve(Reserve),
    /// That many of a reservation were used.
    Post { lease: ChangeId, key: ReservationKey, cycles: u64 },
    /// A reservation was given back.
    Void { lease: ChangeId, key: ReservationKey },
    /// The time of these was over.
    Expire(Vec<ReservationKey>),
    /// A period that is over: its total is final.
    Commit { lease: ChangeId, period: Period, posted: u64 },
    /// A period that still runs, of a lease that is over: its total is final.
    Close { lease: ChangeId, period: Period, posted: u64 },
}

/// Bytes that are no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an entry of a lease journal: {0}")]
pub struct EntryError(&'static str);

impl Fact {
    /// The command that this answers: deciding it again gives this fact.
    pub(crate) fn command(&self) -> Command {
        match *self {
            Self::Reserve(reserve) => Command::Reserve(reserve),
            Self::Post { lease, key, cycles } => Command::Post { lease, key, cycles },
            Self::Void { lease, key } => Command::Void { lease, key },
            Self::Expire(_) => Command::Expire,
            Self::Commit { lease, period, .. } => Command::Commit { lease, period },
            Self::Close { lease, period, .. } => Command::Close { lease, period },
        }
    }
}

impl Entry {
    /// The bytes that are hashed.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Bytes(Vec::with_capacity(128));
        match &self.fact {
            Fact::Reserve(Reserve { ask, period, cap }) => {
                out.head(1, self.stamp).id(&ask.lease.0).key(&ask.key).number(ask.cycles).number(ask.hold_ms);
                out.period(period).number(cap.cycles).number(cap.control_size);
            }
            Fact::Post { lease, key, cycles } => {
                out.head(2, self.stamp).id(&lease.0).key(key).number(*cycles);
            }
            Fact::Void { lease, key } => {
                out.head(3, self.stamp).id(&lease.0).key(key);
            }
            Fact::Expire(keys) => {
                out.head(4, self.stamp);
                out.0.extend_from_slice(&u16::try_from(keys.len()).unwrap_or(u16::MAX).to_be_bytes());
                for key in keys {
                    out.key(key);
                }
            }
            Fact::Commit { lease, period, posted } => {
                out.head(5, self.stamp).id(&lease.0).period(period).number(*posted);
            }
            Fact::Close { lease, period, posted } => {
                out.head(6, self.stamp).id(&lease.0).period(period).number(*posted);
            }
        }
        out.0
    }

    /// Reads exactly what [`Entry::encode`] writes.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        let mut rest = Rest(bytes);
        if rest.take::<1>()? != [VERSION] {
            return Err(EntryError("it has another format version than 1"));
        }
        let [kind] = rest.take()?;
        let stamp = rest.instant()?;
        let fact = match kind {
            1 => {
                let (lease, key) = (ChangeId(rest.take()?), rest.key()?);
                let ask = Ask { lease, key, cycles: rest.number()?, hold_ms: rest.number()? };
                let period = rest.period()?;
                Fact::Reserve(Reserve {
                    ask,
                    period,
                    cap: Cap { cycles: rest.number()?, control_size: rest.number()? },
                })
            }
            2 => Fact::Post { lease: ChangeId(rest.take()?), key: rest.key()?, cycles: rest.number()? },
            3 => Fact::Void { lease: ChangeId(rest.take()?), key: rest.key()? },
            4 => {
                let count = usize::from(u16::from_be_bytes(rest.take()?));
                if count == 0 || count > EXPIRE_MAX {
                    return Err(EntryError("it expires none or too many"));
                }
                Fact::Expire((0..count).map(|_| rest.key()).collect::<Result<_, _>>()?)
            }
            5 => Fact::Commit { lease: ChangeId(rest.take()?), period: rest.period()?, posted: rest.number()? },
            6 => Fact::Close { lease: ChangeId(rest.take()?), period: rest.period()?, posted: rest.number()? },
            _ => return Err(EntryError("its kind is unknown to this version")),
        };
        if rest.0.is_empty() { Ok(Self { stamp, fact }) } else { Err(EntryError("bytes follow its end")) }
    }

    /// The stamp alone.
    pub(crate) fn stamp(bytes: &[u8]) -> Option<Instant> {
        Rest(bytes.get(2..)?).instant().ok()
    }
}

struct Bytes(Vec<u8>);

impl Bytes {
    fn head(&mut self, kind: u8, stamp: Instant) -> &mut Self {
        self.0.extend_from_slice(&[VERSION, kind]);
        self.instant(stamp)
    }

    fn id(&mut self, id: &[u8; 16]) -> &mut Self {
        self.0.extend_from_slice(id);
        self
    }

    fn key(&mut self, key: &ReservationKey) -> &mut Self {
        self.id(&key.engine.0).id(&key.id.0)
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    fn instant(&mut self, at: Instant) -> &mut Self {
        // An instant is never before 1970.
        self.number(at.as_millis().unsigned_abs())
    }

    fn period(&mut self, period: &Period) -> &mut Self {
        self.instant(period.from).instant(period.until)
    }
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], EntryError> {
        let (head, after) = self.0.split_first_chunk().ok_or(EntryError("it is cut short"))?;
        self.0 = after;
        Ok(*head)
    }

    fn key(&mut self) -> Result<ReservationKey, EntryError> {
        Ok(ReservationKey { engine: EngineId(self.take()?), id: Id(self.take()?) })
    }

    fn number(&mut self) -> Result<u64, EntryError> {
        Ok(u64::from_be_bytes(self.take()?))
    }

    fn instant(&mut self) -> Result<Instant, EntryError> {
        let ms = i64::try_from(self.number()?).map_err(|_| EntryError("an instant is beyond the year 9999"))?;
        let instant = Instant::from_millis(ms);
        if instant.as_millis() == ms { Ok(instant) } else { Err(EntryError("an instant is beyond the year 9999")) }
    }

    fn period(&mut self) -> Result<Period, EntryError> {
        Ok(Period { from: self.instant()?, until: self.instant()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    const KEY: ReservationKey = ReservationKey { engine: EngineId([2; 16]), id: Id([3; 16]) };
    const LEASE: ChangeId = ChangeId([1; 16]);

    fn examples() -> Vec<(&'static str, Entry)> {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let period = Period { from: at("2026-03-01T00:00:00.000Z"), until: at("2026-04-01T00:00:00.000Z") };
        let ask = Ask { lease: LEASE, key: KEY, cycles: 250, hold_ms: 60_000 };
        let cap = Cap { cycles: 1_000, control_size: 42 };
        let facts = [
            ("reserve", Fact::Reserve(Reserve { ask, period, cap })),
            ("post", Fact::Post { lease: LEASE, key: KEY, cycles: 200 }),
            ("void", Fact::Void { lease: LEASE, key: KEY }),
            ("expire", Fact::Expire(vec![KEY])),
            ("commit", Fact::Commit { lease: LEASE, period, posted: 200 }),
            ("close", Fact::Close { lease: LEASE, period, posted: 200 }),
        ];
        facts.map(|(name, fact)| (name, Entry { stamp: at("2026-03-08T19:18:00.000Z"), fact })).into()
    }

    /// The examples of `docs/formats.md`, so that neither page nor bytes can drift.
    #[test]
    fn the_page_shows_entries_as_they_are_written() {
        let page = include_str!("../../../docs/formats.md");
        let (_, shown) = page.split_once("<!-- example: lease journal -->").unwrap();
        for (name, entry) in examples() {
            let mut hex = String::new();
            for byte in entry.encode() {
                write!(hex, "{byte:02x}").unwrap();
            }
            let line = shown.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            assert_eq!(line, Some(hex.as_str()), "{name}");
        }
    }

    #[test]
    fn reads_what_it_writes_and_nothing_shorter_or_longer() {
        for (name, entry) in examples() {
            let mut bytes = entry.encode();
            assert_eq!(Entry::decode(&bytes).as_ref(), Ok(&entry), "{name}");
            assert_eq!(Entry::stamp(&bytes), Some(entry.stamp));
            for cut in 0..bytes.len() {
                assert!(Entry::decode(&bytes[..cut]).is_err(), "{name} cut at {cut}");
            }
            bytes.push(0);
            assert!(Entry::decode(&bytes).is_err(), "{name}");
        }
    }

    #[test]
    fn the_largest_entry_fits_a_leaf() {
        let entry = Entry { stamp: Instant::EPOCH, fact: Fact::Expire(vec![KEY; EXPIRE_MAX]) };
        assert!(entry.encode().len() <= ledger::LEAF_MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn what_decodes_is_what_would_be_written(kind in 0..8_u8, rest in proptest::collection::vec(0..3_u8, 0..140)) {
            let bytes = [&[VERSION, kind], &rest[..]].concat();
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(entry.encode(), bytes);
            }
        }
    }
}
