//! Signing in by key: a challenge to sign, then an address that is good once.
//!
//! Of either only the SHA-256 is kept, in memory: who reads it can answer nothing and open nothing,
//! and a restart forgets them.

use client::random_bytes;
use model::{Digest, Instant, PersonId, Token};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Life of a challenge, milliseconds.
pub(crate) const CHALLENGE_MS: i64 = 60_000;
/// Life of a one-time URL, milliseconds.
pub(crate) const URL_MS: i64 = 120_000;
/// Challenges, and URLs, at once; the oldest makes room.
const MAX: usize = 1_024;
/// Challenges of one key at once.
const KEY_MAX: usize = 4;

/// What one console asks and gives out.
pub(crate) struct SignIns {
    ledger: Option<Digest>,
    console: Token,
    challenges: Mutex<HashMap<Digest, IssuedChallenge>>,
    urls: Mutex<HashMap<Digest, IssuedLink>>,
}

/// What was asked of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IssuedChallenge {
    /// The key that is to answer.
    pub(crate) key: Digest,
    /// Until when.
    pub(crate) expires: Instant,
}

/// Why an answer to a challenge is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChallengeError {
    /// Not asked, not of this key, or answered already.
    Unasked,
    /// Not in time.
    Late,
}

/// A one-time URL. It is kept when it is spent, so that a second use is known as one.
struct IssuedLink {
    person: PersonId,
    expires: Instant,
    spent: Option<Spent>,
}

/// What became of a URL that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) at: Instant,
    /// The session it opened, as [`crate::session::hash`] names it.
    pub(crate) session: Digest,
}

/// Why a one-time URL signs nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkError {
    /// Never given out by this console, or too long ago.
    Unknown,
    /// Not used in time.
    Expired,
    /// Used already.
    Spent(Spent),
}

fn hash(secret: &Digest) -> Digest {
    Digest::of_bytes(secret.as_bytes())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All of one sort live equally long, so what ends first is the oldest.
fn make_room<T>(all: &mut HashMap<Digest, T>, expires: impl Fn(&T) -> Instant) {
    if all.len() >= MAX
        && let Some(oldest) = all.iter().min_by_key(|(_, value)| expires(value)).map(|(hash, _)| *hash)
    {
        all.remove(&oldest);
    }
}

impl SignIns {
    /// Of the console that follows this ledger and listens here.
    pub(crate) fn new(ledger: Option<Digest>, listen: SocketAddr) -> Self {
        // Not 127.0.0.1: the engines answer there, and cookies ignore ports.
        let console = format!("http://localhost:{}", listen.port());
        let console = console.parse().expect("a scheme, a host name and a port are a token");
        Self { ledger, console, challenges: Mutex::default(), urls: Mutex::default() }
    }

    /// The ledger's genesis digest, if there is a ledger.
    pub(crate) fn ledger(&self) -> Option<Digest> {
        self.ledger
    }

    /// What this console calls itself: the origin a browser uses.
    pub(crate) fn console(&self) -> &Token {
        &self.console
    }

    /// Asks a key for a signature: 32 random bytes.
    pub(crate) fn ask(&self, key: Digest, now: Instant) -> (Digest, Instant) {
        let challenge = Digest(random_bytes());
        let expires = now.plus_millis(CHALLENGE_MS);
        let mut challenges = lock(&self.challenges);
        // Whoever knows a key's id may ask for it, and must not push out what others ask for.
        let of_key = challenges.iter().filter(|(_, asked)| asked.key == key);
        if of_key.clone().count() >= KEY_MAX
            && let Some(oldest) = of_key.min_by_key(|(_, asked)| asked.expires).map(|(hash, _)| *hash)
        {
            challenges.remove(&oldest);
        }
        make_room(&mut challenges, |asked| asked.expires);
        challenges.insert(hash(&challenge), IssuedChallenge { key, expires });
        (challenge, expires)
    }

    /// Takes a challenge back, answered as `said`: the second time there is none.
    ///
    /// # Errors
    /// Why the answer is worth nothing.
    pub(crate) fn take(&self, challenge: &Digest, said: IssuedChallenge, now: Instant) -> Result<(), ChallengeError> {
        let asked = lock(&self.challenges).remove(&hash(challenge));
        let asked = asked.filter(|asked| *asked == said).ok_or(ChallengeError::Unasked)?;
        if now >= asked.expires { Err(ChallengeError::Late) } else { Ok(()) }
    }

    /// A secret that signs this person in once; it goes into the answer and nowhere else.
    pub(crate) fn give(&self, person: PersonId, now: Instant) -> (Digest, Instant) {
        let secret = Digest(random_bytes());
        let expires = now.plus_millis(URL_MS);
        let mut urls = lock(&self.urls);
        make_room(&mut urls, |given| given.expires);
        urls.insert(hash(&secret), IssuedLink { person, expires, spent: None });
        (secret, expires)
    }

    /// Whom a secret would sign in; nothing is spent.
    ///
    /// # Errors
    /// Why it signs nobody in.
    pub(crate) fn look(&self, secret: &Digest, now: Instant) -> Result<PersonId, LinkError> {
        lock(&self.urls).get(&hash(secret)).ok_or(LinkError::Unknown)?.good(now)
    }

    /// Spends a secret: `open` opens the session and answers its hash.
    ///
    /// # Errors
    /// Why it signs nobody in; `open` was not called then.
    pub(crate) fn spend(
        &self,
        secret: &Digest,
        now: Instant,
        open: impl FnOnce(PersonId) -> Digest,
    ) -> Result<(), LinkError> {
        let mut urls = lock(&self.urls);
        let given = urls.get_mut(&hash(secret)).ok_or(LinkError::Unknown)?;
        let person = given.good(now)?;
        given.spent = Some(Spent { at: now, session: open(person) });
        Ok(())
    }
}

impl IssuedLink {
    fn good(&self, now: Instant) -> Result<PersonId, LinkError> {
        match self.spent {
            Some(spent) => Err(LinkError::Spent(spent)),
            None if now >= self.expires => Err(LinkError::Expired),
            None => Ok(self.person),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::EPOCH;
    const WHO: PersonId = PersonId([7; 16]);

    fn fresh() -> SignIns {
        SignIns::new(None, ([127, 0, 0, 1], 8088).into())
    }

    #[test]
    fn a_challenge_is_taken_once_and_kept_as_its_hash() {
        let all = fresh();
        let (challenge, expires) = all.ask(Digest::ZERO, NOW);
        assert_eq!(expires, NOW.plus_millis(CHALLENGE_MS));
        assert!(!lock(&all.challenges).contains_key(&challenge));
        let said = IssuedChallenge { key: Digest::ZERO, expires };
        assert_eq!(all.take(&Digest::ZERO, said, NOW), Err(ChallengeError::Unasked));
        assert_eq!(all.take(&challenge, said, expires.plus_millis(-1)), Ok(()));
        assert_eq!(all.take(&challenge, said, NOW), Err(ChallengeError::Unasked), "a replay");
    }

    #[test]
    fn an_answer_that_is_late_or_of_another_key_is_worth_nothing_and_the_challenge_is_gone() {
        let all = fresh();
        let (late, other) = (NOW.plus_millis(CHALLENGE_MS), Digest::of_bytes(b"other"));
        for (key, longer_ms, now, why) in [
            (Digest::ZERO, 0, late, ChallengeError::Late),
            (other, 0, NOW, ChallengeError::Unasked),
            (Digest::ZERO, 1, NOW, ChallengeError::Unasked),
        ] {
            let (challenge, expires) = all.ask(Digest::ZERO, NOW);
            let said = IssuedChallenge { key, expires: expires.plus_millis(longer_ms) };
            assert_eq!(all.take(&challenge, said, now), Err(why));
            assert_eq!(
                all.take(&challenge, IssuedChallenge { key: Digest::ZERO, expires }, NOW),
                Err(ChallengeError::Unasked)
            );
        }
    }

    #[test]
    fn a_url_is_looked_at_freely_spent_once_and_remembered() {
        let all = fresh();
        let (secret, expires) = all.give(WHO, NOW);
        assert!(!lock(&all.urls).contains_key(&secret), "the secret itself is not kept");
        for _ in 0..2 {
            assert_eq!(all.look(&secret, NOW), Ok(WHO));
        }
        let session = Digest::of_bytes(b"session");
        assert_eq!(
            all.spend(&secret, NOW, |person| {
                assert_eq!(person, WHO);
                session
            }),
            Ok(())
        );
        let spent = LinkError::Spent(Spent { at: NOW, session });
        assert_eq!(all.spend(&secret, NOW, |_| panic!("a second session")), Err(spent));
        assert_eq!(all.look(&secret, expires), Err(spent), "still known as used when its time is over");
    }

    #[test]
    fn a_url_that_is_late_or_was_never_given_opens_nothing() {
        let all = fresh();
        let (secret, expires) = all.give(WHO, NOW);
        assert_eq!(all.spend(&secret, expires, |_| panic!("late")), Err(LinkError::Expired));
        assert_eq!(all.spend(&Digest::ZERO, NOW, |_| panic!("unknown")), Err(LinkError::Unknown));
        assert_eq!(all.look(&secret, expires.plus_millis(-1)), Ok(WHO));
    }

    #[test]
    fn however_many_are_asked_for_the_newest_is_good_and_memory_is_bounded() {
        let all = fresh();
        let at = |n: usize| NOW.plus_millis(i64::try_from(n).unwrap());
        let key = |n: usize| Digest::of_bytes(&n.to_be_bytes());
        let (first, _) = all.ask(key(0), NOW);
        let (oldest, _) = all.give(WHO, NOW);
        let mut newest = None;
        for n in 1..=MAX {
            newest = Some((all.ask(key(n), at(n)).0, all.give(WHO, at(n)).0));
        }
        let (challenge, secret) = newest.unwrap();
        assert_eq!((lock(&all.challenges).len(), lock(&all.urls).len()), (MAX, MAX));
        let said = |n| IssuedChallenge { key: key(n), expires: at(n).plus_millis(CHALLENGE_MS) };
        assert_eq!(all.take(&first, said(0), NOW), Err(ChallengeError::Unasked));
        assert_eq!(all.look(&oldest, NOW), Err(LinkError::Unknown));
        assert_eq!(all.take(&challenge, said(MAX), at(MAX)), Ok(()));
        assert_eq!(all.look(&secret, at(MAX)), Ok(WHO));
    }

    #[test]
    fn who_asks_for_one_key_often_pushes_out_nobody_else() {
        let all = fresh();
        let (mine, _) = all.ask(Digest::of_bytes(b"mine"), NOW);
        for n in 0..2 * MAX {
            all.ask(Digest::ZERO, NOW.plus_millis(i64::try_from(n).unwrap()));
        }
        assert_eq!(lock(&all.challenges).len(), 1 + KEY_MAX);
        let said = IssuedChallenge { key: Digest::of_bytes(b"mine"), expires: NOW.plus_millis(CHALLENGE_MS) };
        assert_eq!(all.take(&mine, said, NOW), Ok(()));
    }
}
