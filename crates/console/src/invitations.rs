//! Invitations: links by which somebody proves that they hold a key a roster shall list.
//!
//! Of a link's secret only the SHA-256 is kept, in memory: who reads it can answer nothing, and a
//! restart forgets all of them. A link gives nobody anything: what comes of it is a proof, which the
//! inviter may put into the draft of a change that others countersign.

pub(crate) mod pasted;

use client::random_bytes;
use model::{ChangeId, Digest, Instant, PersonId, Role, TenantId, Token};
use signed::KeyProof;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where links lead; the secret follows.
pub(crate) const PATH: &str = "/invitations/";
/// Life of a link, milliseconds (24 h).
pub(crate) const LIFE_MS: i64 = 24 * 3_600_000;
/// How long a link is still known when its time is over, and what came of it, milliseconds (24 h).
const KNOWN_MS: i64 = 24 * 3_600_000;
/// Links of one person that are not answered, at once.
pub(crate) const OF_ONE_MAX: usize = 16;
/// Links of all people at once, the answered ones among them.
const MAX: usize = 512;

/// What an invitation is into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvitedTo {
    /// The roster, for somebody who is not on it.
    Roster {
        name: String,
        /// Roles they shall have.
        roles: Vec<Role>,
        /// Tenants they shall see; absent: all.
        tenants: Option<Vec<TenantId>>,
    },
    /// One more key of somebody who is on the roster.
    Key,
}

/// One invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// The SHA-256 of its secret: what its inviter's pages call it.
    pub(crate) id: Digest,
    /// Who invites.
    pub(crate) inviter: PersonId,
    /// Who they will be, or are: the proof is bound to it.
    pub(crate) person: PersonId,
    pub(crate) into: InvitedTo,
    /// Until when it can be answered.
    pub(crate) expires: Instant,
    /// What came back.
    pub(crate) answer: Option<Answer>,
    /// The draft that its inviter opened with the answer.
    pub(crate) change: Option<ChangeId>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The proof, checked.
    pub(crate) proof: KeyProof,
    /// When it came.
    pub(crate) at: Instant,
    /// The browser it came from, as [`crate::session::hash`] names it.
    pub(crate) session: Digest,
}

/// Why a link cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Not of this console, withdrawn, or too long ago.
    Unknown,
    /// It says that it is of another ledger.
    OtherLedger,
    /// It says that it is of another console.
    OtherConsole,
    /// Not answered in time.
    Expired,
    /// Answered already, at this instant.
    Used(Instant),
}

/// Why no link is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// This person has as many open ones as one may.
    OfOne,
    /// There are as many as there may be.
    OfAll,
}

/// Those of one console.
pub(crate) struct Invitations {
    ledger: Digest,
    origin: String,
    console: Token,
    all: Mutex<HashMap<Digest, Invitation>>,
}

/// What a link says of a ledger or console, to be told from another one.
fn mark(of: &[u8]) -> String {
    Digest::of_bytes(of).short()
}

impl Invitations {
    /// Of the console that calls itself `console` and follows the ledger of this genesis and origin.
    pub(crate) fn new(ledger: Digest, origin: String, console: Token) -> Self {
        Self { ledger, origin, console, all: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Invitation>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ledger's genesis digest.
    pub(crate) fn ledger(&self) -> Digest {
        self.ledger
    }

    /// The ledger's name.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The whole address of a secret.
    pub(crate) fn link(&self, secret: &Digest) -> String {
        let (ledger, console) = (mark(self.ledger.as_bytes()), mark(self.console.as_str().as_bytes()));
        format!("{}{PATH}{secret}?ledger={ledger}&console={console}", self.console)
    }

    /// Makes a link; its secret goes into the answer and nowhere else.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn make(
        &self,
        inviter: PersonId,
        person: PersonId,
        into: InvitedTo,
        now: Instant,
    ) -> Result<Made, Full> {
        let mut all = self.lock();
        all.retain(|_, known| now < known.expires.plus_millis(KNOWN_MS));
        let open = |known: &&Invitation| known.inviter == inviter && known.answer.is_none() && now < known.expires;
        if all.values().filter(open).count() >= OF_ONE_MAX {
            return Err(Full::OfOne);
        }
        if all.len() >= MAX {
            return Err(Full::OfAll);
        }
        let secret = Digest(random_bytes());
        let id = Digest::of_bytes(secret.as_bytes());
        let expires = now.plus_millis(LIFE_MS);
        all.insert(id, Invitation { id, inviter, person, into, expires, answer: None, change: None });
        Ok(Made { link: self.link(&secret), expires })
    }

    /// The invitation of a secret, answered or not. `ledger` and `console` are what its link says.
    ///
    /// # Errors
    /// When nothing can come of it.
    pub(crate) fn look(&self, secret: &str, said: &Marks, now: Instant) -> Result<Invitation, Unusable> {
        let other = |said: &str, own: &[u8]| !said.is_empty() && said != mark(own);
        if other(&said.ledger, self.ledger.as_bytes()) {
            return Err(Unusable::OtherLedger);
        }
        if other(&said.console, self.console.as_str().as_bytes()) {
            return Err(Unusable::OtherConsole);
        }
        let secret: Digest = secret.parse().map_err(|_| Unusable::Unknown)?;
        let found = self.lock().get(&Digest::of_bytes(secret.as_bytes())).cloned().ok_or(Unusable::Unknown)?;
        if found.answer.is_none() && now >= found.expires { Err(Unusable::Expired) } else { Ok(found) }
    }

    /// Spends a link with its answer: once.
    ///
    /// # Errors
    /// When it can no longer be answered; nothing is kept then.
    pub(crate) fn answer(&self, id: &Digest, answer: Answer) -> Result<(), Unusable> {
        let mut all = self.lock();
        let known = all.get_mut(id).ok_or(Unusable::Unknown)?;
        match &known.answer {
            Some(first) => Err(Unusable::Used(first.at)),
            None if answer.at >= known.expires => Err(Unusable::Expired),
            None => {
                known.answer = Some(answer);
                Ok(())
            }
        }
    }

    /// Those of one inviter that are open or were answered, the oldest first.
    pub(crate) fn of(&self, inviter: &PersonId, now: Instant) -> Vec<Invitation> {
        let known = |known: &&Invitation| {
            known.inviter == *inviter
                && if known.answer.is_some() { now < known.expires.plus_millis(KNOWN_MS) } else { now < known.expires }
        };
        let mut found: Vec<_> = self.lock().values().filter(known).cloned().collect();
        found.sort_by_key(|known| (known.expires, known.id));
        found
    }

    /// Forgets one of this inviter's.
    pub(crate) fn withdraw(&self, inviter: &PersonId, id: &Digest) -> bool {
        let mut all = self.lock();
        let own = all.get(id).is_some_and(|known| known.inviter == *inviter);
        if own {
            all.remove(id);
        }
        own
    }

    /// Notes the draft that was opened with an answer.
    pub(crate) fn opened(&self, id: &Digest, change: ChangeId) {
        if let Some(known) = self.lock().get_mut(id) {
            known.change = Some(change);
        }
    }
}

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    /// The whole address, with its secret.
    pub(crate) link: String,
    /// Until when it can be answered.
    pub(crate) expires: Instant,
}

/// What a link says of where it is from.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
pub(crate) struct Marks {
    #[serde(default)]
    pub(crate) ledger: String,
    #[serde(default)]
    pub(crate) console: String,
}

#[cfg(test)]
mod tests;
