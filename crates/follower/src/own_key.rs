//! Whether a service signs with the key that the roster lists for it.

use crate::ReadyCheck;
use control::{Executor, State};
use model::{Digest, Instant};
use signed::ServiceKey;
use std::path::{Path, PathBuf};

/// The public half of a service's key, and the file it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnKey {
    public: Digest,
    file: PathBuf,
}

impl OwnKey {
    /// Of this key, read from this file.
    pub fn of(key: &ServiceKey, file: &Path) -> Self {
        Self { public: key.public(), file: file.to_owned() }
    }

    /// The check for `/readyz`: whether the roster lists this key for this executor. None before there is a roster, and
    /// while it does not say which node this is, which has a check of its own.
    pub fn check(&self, state: &State, who: Option<&Executor>, since: Instant) -> Option<ReadyCheck> {
        let who = who.filter(|_| state.is_founded())?;
        let listed = state.roster.service(who.service, who.node.as_ref());
        let (file, found, title) = (self.file.display(), self.public.short(), who.service.title());
        let why = match listed {
            Some(key) if *key == self.public => format!("the roster lists {found}"),
            Some(key) => format!(
                "`{file}` holds the key {found}, and the roster lists {} for {title}: nothing is done; restore the file \
                 from its copy, or have the roster changed to list {}",
                key.short(),
                self.public
            ),
            None => format!(
                "the roster lists no key for {title}, and `{file}` holds {found}: nothing is done; have the roster \
                 changed to list {}",
                self.public
            ),
        };
        Some(ReadyCheck { name: "key", ok: is_listed(state, who, &self.public), why, since })
    }
}

/// Whether the roster lists this key for this executor.
pub(crate) fn is_listed(state: &State, who: &Executor, public: &Digest) -> bool {
    state.roster.service(who.service, who.node.as_ref()) == Some(public)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Service;
    use signed::{Roster, ServiceEntry};

    #[test]
    fn another_key_than_the_roster_lists_is_named_with_its_file_and_both_fingerprints() {
        let (own, other) = (ServiceKey::from_secret(&[1; 32]), ServiceKey::from_secret(&[2; 32]));
        let listing = |key: &ServiceKey| {
            let services = vec![ServiceEntry { service: Service::Platform, node: None, key: key.public() }];
            let empty = State::empty();
            State { size: 1, roster: Roster { services, ..empty.roster.clone() }, ..empty }
        };
        let who = Executor { service: Service::Platform, node: None };
        let key = OwnKey::of(&own, Path::new("keys/platform.key"));
        let check = |state: &State| key.check(state, Some(&who), Instant::EPOCH).unwrap();
        assert!(check(&listing(&own)).ok);
        let wrong = check(&listing(&other));
        for word in ["keys/platform.key", &own.public().short(), &other.public().short(), "Platform Services"] {
            assert!(!wrong.ok && wrong.why.contains(word), "{word}: {}", wrong.why);
        }
        let nobody = State { size: 1, ..State::empty() };
        assert!(!check(&nobody).ok && check(&nobody).why.contains("lists no key"));
        assert_eq!(key.check(&State::empty(), Some(&who), Instant::EPOCH), None);
        assert_eq!(key.check(&nobody, None, Instant::EPOCH), None);
    }
}
