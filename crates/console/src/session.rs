//! Who is signed in: random ids, kept as hashes, new at each sign-in.

use crate::page::recorded::Word;
use crate::page::refused::RefusalNotice;
use client::random_bytes;
use model::{ChangeId, Digest, Instant, PersonId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Life of a signed-in session, milliseconds (12 h).
const SIGNED_IN_MS: i64 = 12 * 3_600_000;
/// Life of an anonymous one, which only carries a CSRF token, milliseconds (1 h).
const ANONYMOUS_MS: i64 = 3_600_000;
/// Sessions at once; the one that would end first makes room.
const SESSIONS_MAX: usize = 4_096;
/// The page that says why a session was ended.
const SIGN_IN: &str = "/sign-in";

const CSRF_BYTES: usize = 32;

/// One browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Who is signed in.
    pub(crate) person: Option<PersonId>,
    /// What each form of this session proves to have seen, masked again in each answer.
    csrf: [u8; CSRF_BYTES],
    expires: Instant,
    /// What was refused, and the page that shows it next.
    refused: Option<(String, RefusalNotice)>,
    /// What was said last, for the page of its change.
    said: Option<Word>,
    /// The page to come back to after signing in with a one-time address.
    pub(crate) back: Option<String>,
    /// It follows another one of this browser, which has ended.
    follows: bool,
}

/// All of them, by the hash of their id: who reads the memory of this map has no id.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<Digest, Session>>);

fn random() -> String {
    Digest(random_bytes()).to_string()
}

/// What is kept of an id.
pub(crate) fn hash(id: &str) -> Digest {
    Digest::of_bytes(id.as_bytes())
}

fn xor(one: &[u8; CSRF_BYTES], other: &[u8; CSRF_BYTES]) -> [u8; CSRF_BYTES] {
    std::array::from_fn(|n| one[n] ^ other[n])
}

/// The pad and the masked token, if it is shaped as one.
fn halves(form_token: &str) -> Option<(Digest, Digest)> {
    let (pad, masked) = form_token.split_at_checked(CSRF_BYTES * 2)?;
    Some((pad.parse().ok()?, masked.parse().ok()?))
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new one; its id goes into the cookie and nowhere else.
    pub(crate) fn open(&self, person: Option<PersonId>, now: Instant) -> (String, Session) {
        self.keep(Session::new(person, now), now)
    }

    /// An anonymous one in place of one of this browser that has ended.
    pub(crate) fn follow(&self, now: Instant) -> (String, Session) {
        self.keep(Session::after_end(now), now)
    }

    fn keep(&self, session: Session, now: Instant) -> (String, Session) {
        let id = random();
        let mut sessions = self.lock();
        if sessions.len() >= SESSIONS_MAX {
            sessions.retain(|_, session| session.expires > now);
        }
        if sessions.len() >= SESSIONS_MAX
            && let Some(first) = sessions
                .iter()
                .min_by_key(|(_, session)| (session.person.is_some(), session.expires))
                .map(|(id, _)| *id)
        {
            sessions.remove(&first);
        }
        sessions.insert(hash(&id), session.clone());
        (id, session)
    }

    /// The session of this id, while it is good.
    pub(crate) fn get(&self, id: &str, now: Instant) -> Option<Session> {
        self.lock().get(&hash(id)).filter(|session| session.expires > now).cloned()
    }

    /// Keeps a refusal for the page at `path`, to be shown once: the answer to a form is a redirect,
    /// so that a reload sends nothing again.
    pub(crate) fn refuse(&self, id: &str, path: &str, refused: RefusalNotice) {
        if let Some(session) = self.lock().get_mut(&hash(id)) {
            session.refused = Some((path.to_owned(), refused));
        }
    }

    /// The refusal for the page at `path`, if there is one.
    pub(crate) fn refused(&self, id: &str, path: &str) -> Option<RefusalNotice> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&hash(id))?;
        session.refused.take_if(|(known, _)| known == path).map(|(_, refused)| refused)
    }

    /// Keeps what was recorded, to be shown once on its change's page.
    pub(crate) fn record(&self, id: &str, word: Word) {
        if let Some(session) = self.lock().get_mut(&hash(id)) {
            session.said = Some(word);
        }
    }

    /// What was said last, if it was about this change.
    pub(crate) fn said(&self, id: &str, change: &ChangeId) -> Option<Word> {
        self.lock().get_mut(&hash(id))?.said.take_if(|word| word.change == *change)
    }

    /// Keeps the page to come back to.
    pub(crate) fn come_back(&self, id: &str, page: &str) {
        if let Some(session) = self.lock().get_mut(&hash(id)) {
            session.back = Some(page.to_owned());
        }
    }

    /// Ends one.
    pub(crate) fn close(&self, id: &str) {
        self.lock().remove(&hash(id));
    }

    /// Signs out the session of this [`hash`], whoever has its id, and keeps why for that browser's
    /// next page; false when it was over already.
    pub(crate) fn expel(&self, session: &Digest, why: RefusalNotice, now: Instant) -> bool {
        let mut sessions = self.lock();
        let Some(known) = sessions.get_mut(session).filter(|known| known.person.is_some() && known.expires > now)
        else {
            return false;
        };
        *known = Session { refused: Some((SIGN_IN.to_owned(), why)), ..Session::new(None, now) };
        true
    }
}

impl Session {
    fn new(person: Option<PersonId>, now: Instant) -> Self {
        let life_ms = if person.is_some() { SIGNED_IN_MS } else { ANONYMOUS_MS };
        let expires = now.plus_millis(life_ms);
        Self { person, csrf: random_bytes(), expires, refused: None, said: None, back: None, follows: false }
    }

    /// An anonymous one after one that has ended. Until it is kept no form of it is accepted.
    pub(crate) fn after_end(now: Instant) -> Self {
        Self { follows: true, ..Self::new(None, now) }
    }

    /// What a form of this session carries: 32 random bytes, then the token XORed with them. An answer
    /// never holds the same bytes twice, so that its compressed length says nothing about the token
    /// (BREACH).
    pub(crate) fn form_token(&self) -> String {
        let pad: [u8; CSRF_BYTES] = random_bytes();
        format!("{}{}", Digest(pad), Digest(xor(&self.csrf, &pad)))
    }

    /// Whether a form came from a page of this session. Hashed first, so that the comparison takes
    /// the same time wherever they differ.
    pub(crate) fn accepts(&self, form_token: &str) -> bool {
        let Some((Digest(pad), Digest(masked))) = halves(form_token) else { return false };
        Digest::of_bytes(&xor(&masked, &pad)) == Digest::of_bytes(&self.csrf)
    }

    /// Whether a form that it does not accept is of a session which this browser had before.
    pub(crate) fn follows_that_of(&self, form_token: &str) -> bool {
        self.follows && halves(form_token).is_some()
    }

    /// Whether somebody ended it and its browser has not been told.
    pub(crate) fn is_expelled(&self) -> bool {
        self.refused.as_ref().is_some_and(|(page, _)| page == SIGN_IN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_by_its_id_until_it_ends() {
        let (sessions, now) = (Sessions::default(), Instant::from_millis(0));
        let (id, session) = sessions.open(Some(PersonId([7; 16])), now);
        assert_eq!(sessions.get(&id, now), Some(session.clone()));
        assert_eq!(id.len(), 64);
        assert!(!sessions.lock().contains_key(&id.parse().unwrap()), "the id itself is not kept");
        assert_eq!(sessions.get("0", now), None);
        assert_eq!(sessions.get(&id, now.plus_millis(SIGNED_IN_MS)), None);
        sessions.close(&id);
        assert_eq!(sessions.get(&id, now), None);
    }

    #[test]
    fn a_refusal_is_shown_once_and_on_its_own_page() {
        let sessions = Sessions::default();
        let (id, _) = sessions.open(None, Instant::EPOCH);
        let refused = RefusalNotice::new("approve.author", "who asked may not decide", "another person must");
        sessions.refuse(&id, "/changes/1", refused.clone());
        assert_eq!(sessions.refused(&id, "/changes/2"), None);
        assert_eq!(sessions.refused(&id, "/changes/1"), Some(refused));
        assert_eq!(sessions.refused(&id, "/changes/1"), None);
    }

    #[test]
    fn what_was_said_is_told_once_and_on_the_page_of_its_change() {
        let sessions = Sessions::default();
        let (person, change) = (PersonId([7; 16]), ChangeId([8; 16]));
        let (id, _) = sessions.open(Some(person), Instant::EPOCH);
        let word = Word { person, change, verb: "approve".to_owned(), entry: 3 };
        sessions.record(&id, word.clone());
        assert_eq!(sessions.said(&id, &ChangeId([9; 16])), None);
        assert_eq!(sessions.said(&id, &change), Some(word));
        assert_eq!(sessions.said(&id, &change), None);
    }

    #[test]
    fn a_form_of_a_session_that_has_ended_is_told_from_one_of_nobodys() {
        let sessions = Sessions::default();
        let (_, before) = sessions.open(Some(PersonId([7; 16])), Instant::EPOCH);
        let (_, after) = sessions.follow(Instant::EPOCH);
        let (_, other) = sessions.open(None, Instant::EPOCH);
        let form = before.form_token();
        assert!(after.person.is_none() && !after.accepts(&form) && after.follows_that_of(&form));
        assert!(!other.follows_that_of(&form), "this browser had none before");
        assert!(!after.follows_that_of("") && !after.follows_that_of("0"), "no page of ours wrote it");
    }

    #[test]
    fn a_foreign_or_missing_token_is_not_accepted() {
        let sessions = Sessions::default();
        let (_, one) = sessions.open(None, Instant::EPOCH);
        let (_, other) = sessions.open(None, Instant::EPOCH);
        assert!(one.accepts(&one.form_token()));
        assert!(!one.accepts(&other.form_token()));
        let (pad, masked) = ("0".repeat(64), Digest(one.csrf).to_string());
        assert!(one.accepts(&format!("{pad}{masked}")), "the mask is all that is taken off");
        for wrong in ["", "0", &pad, &masked, &format!("{masked}{masked}"), &format!("{pad}{masked}0"), "é"] {
            assert!(!one.accepts(wrong), "{wrong}");
        }
    }

    #[test]
    fn no_two_answers_hold_the_same_token() {
        let (_, session) = Sessions::default().open(None, Instant::EPOCH);
        let token = Digest(session.csrf).to_string();
        let seen: std::collections::BTreeSet<_> = (0..64).map(|_| session.form_token()).collect();
        assert_eq!(seen.len(), 64);
        assert!(seen.iter().all(|shown| shown.len() == 128 && !shown.contains(&token)));
    }

    #[test]
    fn who_is_expelled_is_signed_out_and_told_why_once() {
        let (sessions, now) = (Sessions::default(), Instant::EPOCH);
        let (id, before) = sessions.open(Some(PersonId([7; 16])), now);
        let (other, _) = sessions.open(Some(PersonId([7; 16])), now);
        let why = RefusalNotice::new("sign_in.spent", "used a second time", "sign in again");
        assert!(sessions.expel(&hash(&id), why.clone(), now));
        let after = sessions.get(&id, now).unwrap();
        assert!(after.person.is_none() && after.is_expelled() && !after.accepts(&before.form_token()));
        assert!(!sessions.expel(&hash(&id), why.clone(), now), "once");
        assert!(!sessions.expel(&Digest::ZERO, why.clone(), now));
        assert_eq!(sessions.refused(&id, "/sign-in"), Some(why));
        assert!(!sessions.get(&id, now).unwrap().is_expelled());
        assert!(sessions.get(&other, now).unwrap().person.is_some(), "no other session ends");
    }

    #[test]
    fn there_is_room_for_a_new_one_however_many_there_are() {
        let sessions = Sessions::default();
        let (signed_in, _) = sessions.open(Some(PersonId([7; 16])), Instant::EPOCH);
        for _ in 0..=SESSIONS_MAX {
            sessions.open(None, Instant::EPOCH);
        }
        assert_eq!(sessions.lock().len(), SESSIONS_MAX);
        assert!(sessions.get(&signed_in, Instant::EPOCH).is_some(), "anonymous ones make room first");
        // In its last hour it ends before fresh anonymous ones do, and is still worth more than they are.
        let late = Instant::EPOCH.plus_millis(SIGNED_IN_MS - 1);
        for _ in 0..=SESSIONS_MAX {
            sessions.open(None, late);
        }
        assert!(sessions.get(&signed_in, late).is_some(), "whatever the hour");
    }
}
