//! When a brake ends: the verified ledger has it and does all that it did, refused it, or never got it in time.

use super::recorded::{Recorded, is_needed};
use super::{Brakes, Inner, Record, record};
use crate::{Follower, clock};
use control::{Inadmissible, NotBrake, State, check_brake};
use model::{Digest, Instant};
use std::collections::BTreeMap;
use wire::Lifted;

/// How a brake has ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// The verified state does what it did.
    Recorded,
    /// Nobody does any more, for this reason.
    Lifted(String),
}

impl Brakes {
    /// Ends what has ended by the verified state and the clock.
    pub(super) async fn settle(&self, follower: &Follower) {
        let forked = self.forked(follower).await;
        let (state, now) = (follower.state(), clock::now());
        let mut inner = self.inner();
        let ended: Vec<_> = inner
            .standing()
            .filter_map(|record| {
                let fork =
                    forked.contains(&record.id).then(|| "it was signed on another history of this ledger".to_owned());
                Some((record.id, fork.map(Ended::Lifted).or_else(|| ended(record, &inner.recorded, &state, now))?))
            })
            .collect();
        for (id, ended) in &ended {
            self.end(&mut inner, id, ended, now);
        }
        for id in record::told_enough(&inner.records, now) {
            self.drop_record(&mut inner, &id);
        }
        drop(inner);
        if !ended.is_empty() {
            self.news();
        }
    }

    /// Those whose signers saw a tree that is not this ledger's, found out once this service got so far.
    async fn forked(&self, follower: &Follower) -> Vec<Digest> {
        let seen: Vec<_> = {
            let inner = self.inner();
            let of = |record: &Record| {
                record.statements.iter().map(|statement| (record.id, statement.seen)).collect::<Vec<_>>()
            };
            inner.standing().filter(|record| record.saw_ahead()).flat_map(of).collect()
        };
        let mut forked = vec![];
        for (id, seen) in seen {
            if follower.root_at(seen.size).await.is_some_and(|root| root != seen.root) {
                forked.push(id);
            }
        }
        forked
    }

    fn end(&self, inner: &mut Inner, id: &Digest, ended: &Ended, now: Instant) {
        let Some(record) = inner.records.iter_mut().find(|record| record.id == *id) else { return };
        match ended {
            Ended::Recorded => {
                tracing::info!(brake = %id, what = record.what(), "brake: the ledger has it");
                self.drop_record(inner, id);
            }
            Ended::Lifted(why) => {
                tracing::warn!(brake = %id, what = record.what(), why, "brake: lifted");
                record.lifted = Some(Lifted { at: now, why: why.clone() });
                (record.submissions, record.statements) = (vec![], vec![]);
                if let Err(error) = self.shelf.write(record) {
                    tracing::error!(%error, "brake: that it is lifted could not be written down");
                }
            }
        }
    }

    fn drop_record(&self, inner: &mut Inner, id: &Digest) {
        if let Some(position) = inner.records.iter().position(|record| record.id == *id) {
            let record = inner.records.remove(position);
            if let Err(error) = self.shelf.forget(&record) {
                tracing::error!(%error, "brake: the file of one that has ended could not be removed");
            }
        }
    }
}

fn ended(record: &Record, recorded: &BTreeMap<Digest, Recorded>, state: &State, now: Instant) -> Option<Ended> {
    // While the ledger is pulled again nothing can be said of it.
    if state.size < record.size {
        return None;
    }
    let known = Recorded::of(record, recorded, state.size);
    if let Some((index, code)) = known.iter().find_map(|recorded| Some((recorded.index, recorded.refused?))) {
        return Some(Ended::Lifted(format!("the ledger refused it in entry {index} ({code})")));
    }
    let now = now.max(state.last).max(record.at);
    if known.len() == record.statements.len() {
        let needed = known.iter().any(|recorded| is_needed(state, record, recorded.index));
        return (!needed || now > record.until).then_some(Ended::Recorded);
    }
    if now > record.until {
        return Some(Ended::Lifted(format!("the ledger did not have it by {}", record.until)));
    }
    match check_brake(state, now, &[], &record.brake()) {
        // The first of two was there when it was handed; what began before the second is waited for all the same.
        Err(NotBrake::Inadmissible(Inadmissible::Spent(_))) => {
            let needed = known.iter().any(|recorded| is_needed(state, record, recorded.index));
            (!needed).then_some(Ended::Recorded)
        }
        Ok(()) => None,
        Err(NotBrake::Inadmissible(Inadmissible::Ended(index))) => {
            Some(Ended::Lifted(format!("the change ended, in entry {index}")))
        }
        Err(why) => Some(Ended::Lifted(format!("by the verified ledger it holds no more: {why}"))),
    }
}
