//! Deciding: a pure function of the state, the instant and the command.

use crate::book::{Account, Book, Held};
use crate::entry::EXPIRE_MAX;
use crate::{
    Ask, CYCLES_MAX, Cap, Command, Ending, Fact, HOLD_MAX_MS, How, OPEN_MAX, Period, Refusal, Reservation,
    ReservationKey, Reserve, Told,
};
use model::{ChangeId, Instant};
use std::cmp::Ordering;

/// What becomes of a command: a fact to record with its answer, or an answer alone.
pub(crate) enum Verdict {
    Record(Fact, Told),
    Tell(Result<Told, Refusal>),
}

impl From<Refusal> for Verdict {
    fn from(refusal: Refusal) -> Self {
        Self::Tell(Err(refusal))
    }
}

/// Judges a command in this state, at this instant.
pub(crate) fn judge(book: &Book, now: Instant, command: &Command) -> Verdict {
    let verdict = match command {
        Command::Reserve(reserve) => self::reserve(book, now, reserve),
        Command::Post { lease, key, cycles } => post(book, now, *lease, key, *cycles),
        Command::Void { lease, key } => void(book, now, *lease, key),
        Command::Expire => Ok(expire(book, now)),
        Command::Commit { lease, period } => commit(book, now, *lease, *period, false),
        Command::Close { lease, period } => commit(book, now, *lease, *period, true),
    };
    verdict.unwrap_or_else(Verdict::from)
}

fn reserve(book: &Book, now: Instant, reserve: &Reserve) -> Result<Verdict, Refusal> {
    let ask = &reserve.ask;
    if ask.cycles == 0 || ask.cycles > CYCLES_MAX {
        return Err(Refusal::Cycles(ask.cycles));
    }
    if ask.hold_ms == 0 || ask.hold_ms > HOLD_MAX_MS {
        return Err(Refusal::Hold(ask.hold_ms));
    }
    // Before the cap: what was granted once is granted, whatever the cap says now.
    if let Some(held) = book.held(&ask.key) {
        return repeated(held.reservation, ask).map(|granted| Verdict::Tell(Ok(Told::Granted(granted))));
    }
    let account = book.account(&ask.lease);
    let period = account.map_or(Ok(reserve.period), |account| standing(account, now, reserve.period))?;
    if !period.contains(now) {
        return Err(Refusal::PeriodTurned { now });
    }
    let cap = newest(account, reserve.cap);
    within(account, ask, period, cap)?;
    let hold_ms = i64::try_from(ask.hold_ms).unwrap_or(i64::MAX);
    let granted = Reservation { ask: *ask, made: now, expires: now.plus_millis(hold_ms), period, entry: book.size };
    Ok(Verdict::Record(Fact::Reserve(Reserve { ask: *ask, period, cap }), Told::Granted(granted)))
}

/// A question asked again: the first answer, unless it is another question.
pub(crate) fn repeated(granted: Reservation, ask: &Ask) -> Result<Reservation, Refusal> {
    if granted.ask == *ask {
        return Ok(granted);
    }
    let Ask { lease, cycles, hold_ms, .. } = granted.ask;
    Err(Refusal::Conflict { lease, cycles, hold_ms })
}

/// The period that an entry at `now` counts in. One that has begun keeps its bounds, and the next begins no earlier than
/// it ends: were the zone's rules to change, no instant would lie in two periods, each with a cap of its own.
fn standing(account: &Account, now: Instant, named: Period) -> Result<Period, Refusal> {
    let Some(last) = account.last(now) else { return Ok(named) };
    if last.period.contains(now) {
        let until = last.period.until;
        return if last.committed.is_none() { Ok(last.period) } else { Err(Refusal::Closed { until }) };
    }
    Ok(Period { from: named.from.max(last.period.until), until: named.until })
}

/// The cap read at the larger size of the control log: a reader that lags must not bring an old cap back. At one size a
/// cap only falls, when what raised it ends by itself, so there the smaller one is the newer.
fn newest(account: Option<&Account>, named: Cap) -> Cap {
    let named = Cap { cycles: named.cycles.min(CYCLES_MAX), ..named };
    let Some(known) = account.and_then(|account| account.cap) else { return named };
    match known.control_size.cmp(&named.control_size) {
        Ordering::Less => named,
        Ordering::Equal => Cap { cycles: known.cycles.min(named.cycles), ..known },
        Ordering::Greater => known,
    }
}

fn within(account: Option<&Account>, ask: &Ask, period: Period, cap: Cap) -> Result<(), Refusal> {
    if account.is_some_and(|account| account.reservations >= OPEN_MAX) {
        return Err(Refusal::TooMany);
    }
    let tally = account.and_then(|account| account.overlapping(&period));
    let (posted, open) = tally.map_or((0, 0), |tally| (tally.posted, tally.open));
    let left = cap.cycles.saturating_sub(posted.saturating_add(open));
    if ask.cycles <= left {
        return Ok(());
    }
    Err(Refusal::CapReached { cap: cap.cycles, posted, open, asked: ask.cycles, left, until: period.until })
}

fn own<'a>(book: &'a Book, lease: ChangeId, key: &ReservationKey) -> Result<&'a Held, Refusal> {
    book.held(key).filter(|held| held.reservation.ask.lease == lease).ok_or(Refusal::Unknown { lease })
}

/// The reservation, if it can still be ended by its engine; a clock past its time ends it, entry or not.
fn open(held: &Held, now: Instant) -> Result<Reservation, Refusal> {
    let expires = held.reservation.expires;
    if now >= expires { Err(Refusal::Expired { expires }) } else { Ok(held.reservation) }
}

fn post(book: &Book, now: Instant, lease: ChangeId, key: &ReservationKey, cycles: u64) -> Result<Verdict, Refusal> {
    let held = own(book, lease, key)?;
    let Some(ending) = held.ended() else {
        let reservation = open(held, now)?;
        let reserved = reservation.ask.cycles;
        if cycles > reserved {
            return Err(Refusal::TooMuch { reserved, asked: cycles });
        }
        let ending = Ending { reservation, how: How::Posted(cycles), at: now, entry: book.size };
        return Ok(Verdict::Record(Fact::Post { lease, key: *key, cycles }, Told::Ended(ending)));
    };
    match ending.how {
        How::Posted(posted) if posted == cycles => Ok(Verdict::Tell(Ok(Told::Ended(ending)))),
        How::Posted(posted) => Err(Refusal::PostedOther { posted, asked: cycles }),
        How::Voided => Err(Refusal::Voided { at: ending.at }),
        How::Expired => Err(Refusal::Expired { expires: held.reservation.expires }),
    }
}

fn void(book: &Book, now: Instant, lease: ChangeId, key: &ReservationKey) -> Result<Verdict, Refusal> {
    let held = own(book, lease, key)?;
    let Some(ending) = held.ended() else {
        let ending = Ending { reservation: open(held, now)?, how: How::Voided, at: now, entry: book.size };
        return Ok(Verdict::Record(Fact::Void { lease, key: *key }, Told::Ended(ending)));
    };
    match ending.how {
        How::Voided => Ok(Verdict::Tell(Ok(Told::Ended(ending)))),
        How::Posted(cycles) => Err(Refusal::Posted { cycles }),
        How::Expired => Err(Refusal::Expired { expires: held.reservation.expires }),
    }
}

fn expire(book: &Book, now: Instant) -> Verdict {
    let due: Vec<_> = book.due(now).take(EXPIRE_MAX).collect();
    let told = Told::Expired { count: due.len(), more: due.len() == EXPIRE_MAX };
    if due.is_empty() { Verdict::Tell(Ok(told)) } else { Verdict::Record(Fact::Expire(due), told) }
}

/// Makes a total final. That the lease is over, so that a period which runs may be closed, is the caller's word: it only
/// takes away.
fn commit(book: &Book, now: Instant, lease: ChangeId, period: Period, over: bool) -> Result<Verdict, Refusal> {
    let tally = book.account(&lease).and_then(|account| account.overlapping(&period));
    if let Some(tally) = tally
        && tally.period != period
    {
        return Err(Refusal::PeriodOther { from: tally.period.from, until: tally.period.until });
    }
    let posted = tally.map_or(0, |tally| tally.posted);
    if let Some(entry) = tally.and_then(|tally| tally.committed) {
        return Ok(Verdict::Tell(Ok(Told::Final { period, posted, entry })));
    }
    let runs = now < period.until;
    if (runs && !over) || now < period.from || period.until <= period.from {
        return Err(Refusal::PeriodRunning { until: period.until });
    }
    if let Some(tally) = tally.filter(|tally| tally.reservations > 0) {
        let until = book.last_open(&lease, &period).unwrap_or(now);
        return Err(Refusal::PeriodOpen { open: tally.reservations, until });
    }
    let fact = if runs { Fact::Close { lease, period, posted } } else { Fact::Commit { lease, period, posted } };
    Ok(Verdict::Record(fact, Told::Final { period, posted, entry: book.size }))
}
