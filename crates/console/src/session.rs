//! Who is signed in: random ids, kept as hashes, new at each sign-in.

use crate::routes::refused::Refused;
use client::random_bytes;
use model::{Digest, Instant, PersonId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Life of a signed-in session, milliseconds (12 h).
const SIGNED_IN_MS: i64 = 12 * 3_600_000;
/// Life of an anonymous one, which only carries a CSRF token, milliseconds (1 h).
const ANONYMOUS_MS: i64 = 3_600_000;
/// Sessions at once; the one that would end first makes room.
const SESSIONS_MAX: usize = 4_096;

/// One browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Who is signed in.
    pub(crate) person: Option<PersonId>,
    /// What each form of this session carries.
    pub(crate) csrf: String,
    expires: Instant,
    /// What was refused, and the page that shows it next.
    refused: Option<(String, Refused)>,
}

/// All of them, by the hash of their id: who reads the memory of this map has no id.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<Digest, Session>>);

fn random() -> String {
    Digest(random_bytes()).to_string()
}

fn hash(id: &str) -> Digest {
    Digest::of_bytes(id.as_bytes())
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new one; its id goes into the cookie and nowhere else.
    pub(crate) fn open(&self, person: Option<PersonId>, now: Instant) -> (String, Session) {
        let life_ms = if person.is_some() { SIGNED_IN_MS } else { ANONYMOUS_MS };
        let session = Session { person, csrf: random(), expires: now.plus_millis(life_ms), refused: None };
        let id = random();
        let mut sessions = self.lock();
        if sessions.len() >= SESSIONS_MAX {
            sessions.retain(|_, session| session.expires > now);
        }
        if sessions.len() >= SESSIONS_MAX
            && let Some(first) = sessions.iter().min_by_key(|(_, session)| session.expires).map(|(id, _)| *id)
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
    pub(crate) fn refuse(&self, id: &str, path: &str, refused: Refused) {
        if let Some(session) = self.lock().get_mut(&hash(id)) {
            session.refused = Some((path.to_owned(), refused));
        }
    }

    /// The refusal for the page at `path`, if there is one.
    pub(crate) fn refused(&self, id: &str, path: &str) -> Option<Refused> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&hash(id))?;
        session.refused.take_if(|(known, _)| known == path).map(|(_, refused)| refused)
    }

    /// Ends one.
    pub(crate) fn close(&self, id: &str) {
        self.lock().remove(&hash(id));
    }
}

impl Session {
    /// Whether a form came from a page of this session. Hashed first, so that the comparison takes
    /// the same time wherever they differ.
    pub(crate) fn accepts(&self, csrf: &str) -> bool {
        hash(csrf) == hash(&self.csrf)
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
        assert_ne!(id, session.csrf);
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
        let refused = Refused::new("approve.author", "who asked may not decide", "another person must");
        sessions.refuse(&id, "/changes/1", refused.clone());
        assert_eq!(sessions.refused(&id, "/changes/2"), None);
        assert_eq!(sessions.refused(&id, "/changes/1"), Some(refused));
        assert_eq!(sessions.refused(&id, "/changes/1"), None);
    }

    #[test]
    fn a_foreign_or_missing_token_is_not_accepted() {
        let sessions = Sessions::default();
        let (_, one) = sessions.open(None, Instant::EPOCH);
        let (_, other) = sessions.open(None, Instant::EPOCH);
        assert!(one.accepts(&one.csrf));
        assert!(!one.accepts(&other.csrf) && !one.accepts(""));
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
    }
}
