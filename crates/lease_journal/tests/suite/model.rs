//! A plain model: a list of what was granted, searched from its beginning for every answer.

use crate::desk::at;
use lease_journal::{Cap, Command, How, Period, Refusal, Reservation, ReservationKey, Reserve, Told};
use model::{ChangeId, Instant};

#[derive(Clone, Copy)]
struct Grant {
    reservation: Reservation,
    cap: Cap,
    end: Option<How>,
}

#[derive(Default, Clone)]
pub struct Model {
    grants: Vec<Grant>,
    finals: Vec<(ChangeId, Period)>,
}

/// What an answer comes to, without its entry's index.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    Granted(Instant),
    Ended(How),
    Expired(usize),
    Final(u64),
    No(&'static str),
}

impl Said {
    pub fn of(told: Result<Told, Refusal>) -> Self {
        match told {
            Ok(Told::Granted(reservation)) => Self::Granted(reservation.expires),
            Ok(Told::Ended(ending)) => Self::Ended(ending.how),
            Ok(Told::Expired { count, .. }) => Self::Expired(count),
            Ok(Told::Final { posted, .. }) => Self::Final(posted),
            Err(refusal) => Self::No(refusal.code()),
        }
    }
}

impl Model {
    /// Posted and open cycles of a lease in a period, counted again.
    pub fn used(&self, lease: ChangeId, period: Period) -> (u64, u64) {
        let of = self
            .grants
            .iter()
            .filter(|grant| grant.reservation.ask.lease == lease && grant.reservation.period == period);
        of.fold((0, 0), |(posted, open), grant| match grant.end {
            None => (posted, open + grant.reservation.ask.cycles),
            Some(How::Posted(cycles)) => (posted + cycles, open),
            Some(How::Voided | How::Expired) => (posted, open),
        })
    }

    /// The cap read latest, of those that a grant was given under and the one that is named; the least where they were
    /// read at one size.
    fn cap(&self, lease: ChangeId, named: Cap) -> Cap {
        let known = self.grants.iter().filter(|grant| grant.reservation.ask.lease == lease).map(|grant| grant.cap);
        let newest = known.chain([named]).max_by_key(|cap| (cap.control_size, u64::MAX - cap.cycles));
        newest.unwrap_or(named)
    }

    pub fn ask(&mut self, ms: i64, command: &Command) -> Said {
        let now = at(ms);
        match *command {
            Command::Reserve(reserve) => self.reserve(now, &reserve),
            Command::Post { lease, key, cycles } => self.end(now, lease, key, |grant| match grant.end {
                Some(How::Posted(posted)) if posted != cycles => Err("reservation.conflict"),
                Some(How::Voided) => Err("reservation.voided"),
                None if cycles > grant.reservation.ask.cycles => Err("reservation.too_much"),
                _ => Ok(How::Posted(cycles)),
            }),
            Command::Void { lease, key } => self.end(now, lease, key, |grant| match grant.end {
                Some(How::Posted(_)) => Err("reservation.posted"),
                _ => Ok(How::Voided),
            }),
            Command::Expire => {
                let due =
                    self.grants.iter_mut().filter(|grant| grant.end.is_none() && grant.reservation.expires <= now);
                Said::Expired(due.map(|grant| grant.end = Some(How::Expired)).count())
            }
            Command::Commit { lease, period } => self.commit(now, lease, period, false),
            Command::Close { lease, period } => self.commit(now, lease, period, true),
        }
    }

    fn reserve(&mut self, now: Instant, reserve: &Reserve) -> Said {
        let Reserve { ask, period, cap } = *reserve;
        if let Some(grant) = self.grants.iter().find(|grant| grant.reservation.ask.key == ask.key) {
            let same = grant.reservation.ask == ask;
            return if same { Said::Granted(grant.reservation.expires) } else { Said::No("reservation.conflict") };
        }
        if self.finals.contains(&(ask.lease, period)) {
            return Said::No("lease.ended");
        }
        if !period.contains(now) {
            return Said::No("period.turned");
        }
        let cap = self.cap(ask.lease, cap);
        let (posted, open) = self.used(ask.lease, period);
        if posted + open + ask.cycles > cap.cycles {
            return Said::No("lease.cap_reached");
        }
        let expires = now.plus_millis(i64::try_from(ask.hold_ms).unwrap());
        let reservation = Reservation { ask, made: now, expires, period, entry: 0 };
        self.grants.push(Grant { reservation, cap, end: None });
        Said::Granted(expires)
    }

    fn end(
        &mut self,
        now: Instant,
        lease: ChangeId,
        key: ReservationKey,
        judge: impl Fn(&Grant) -> Result<How, &'static str>,
    ) -> Said {
        let own = |grant: &&mut Grant| grant.reservation.ask.key == key && grant.reservation.ask.lease == lease;
        let Some(grant) = self.grants.iter_mut().find(own) else { return Said::No("reservation.unknown") };
        let late = grant.end.is_none() && now >= grant.reservation.expires;
        if late || grant.end == Some(How::Expired) {
            return Said::No("reservation.expired");
        }
        match judge(grant) {
            Err(code) => Said::No(code),
            Ok(how) => {
                grant.end = Some(how);
                Said::Ended(how)
            }
        }
    }

    fn commit(&mut self, now: Instant, lease: ChangeId, period: Period, over: bool) -> Said {
        let (posted, open) = self.used(lease, period);
        if self.finals.contains(&(lease, period)) {
            return Said::Final(posted);
        }
        if now < period.until && !over {
            return Said::No("period.running");
        }
        if open > 0 {
            return Said::No("period.open");
        }
        self.finals.push((lease, period));
        Said::Final(posted)
    }
}
