//! Which keys sign the logs: those that the roster lists and this directory holds.

use crate::log_name::LogName;
use crate::{GovernanceError, Keys};
use model::Token;
use signed::Roster;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tlog::checkpoint::Checkpoint;
use tlog::note::{NoteSigner, VerifierKey};

/// Shared by both logs; the control log's machine says what the roster lists.
#[derive(Clone)]
pub(crate) struct LogKeys {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    origin: Token,
    held: RwLock<Keys>,
    /// From which size of the control log on which keys are listed.
    listed: RwLock<Vec<(u64, Vec<String>)>>,
}

impl LogKeys {
    /// Those of this directory; nothing is listed before the founding.
    pub(crate) fn open(dir: &Path, origin: &Token) -> Result<Self, GovernanceError> {
        let held = RwLock::new(Keys::open(dir)?);
        let (dir, origin, listed) = (dir.to_owned(), origin.clone(), RwLock::default());
        Ok(Self { inner: Arc::new(Inner { dir, origin, held, listed }) })
    }

    /// The control log of `size` entries is under this roster.
    pub(crate) fn note(&self, size: u64, roster: &Roster) {
        let known = |listed: &Vec<(u64, Vec<String>)>| {
            listed.last().is_some_and(|(from, keys)| *from >= size || *keys == roster.log_keys)
        };
        let listed = &self.inner.listed;
        if known(&listed.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        listed.write().unwrap_or_else(PoisonError::into_inner).push((size, roster.log_keys.clone()));
    }

    /// The keys of one log.
    pub(crate) fn of(&self, log: LogName) -> OneLog {
        OneLog { keys: self.clone(), log }
    }

    /// What the roster lists in the control log of `size` entries: verifier keys, the oldest first.
    fn listed_at(&self, size: u64) -> Vec<String> {
        let listed = self.inner.listed.read().unwrap_or_else(PoisonError::into_inner);
        listed.iter().rev().find(|(from, _)| *from <= size).map(|(_, keys)| keys.clone()).unwrap_or_default()
    }
}

/// The keys under the origin of one of the two logs.
#[derive(Clone)]
pub(crate) struct OneLog {
    keys: LogKeys,
    log: LogName,
}

impl OneLog {
    pub(crate) fn origin(&self) -> String {
        format!("{}/{}", self.keys.inner.origin, self.log.word())
    }

    /// Those at hand, each with what the roster calls it: one key under the name of the control log.
    fn held(&self) -> Vec<(String, NoteSigner)> {
        let held = self.keys.inner.held.read().unwrap_or_else(PoisonError::into_inner);
        let control = format!("{}/{}", self.keys.inner.origin, LogName::Control.word());
        // The origin named keys when this was opened.
        let signers = |name: &str| held.signers(name).unwrap_or_default();
        signers(&control).into_iter().map(|signer| signer.vkey().to_string()).zip(signers(&self.origin())).collect()
    }

    /// Those at hand that are listed. A key that was listed a moment ago may have been made after this
    /// process began: the directory is read again where one is missing.
    fn signing(&self, size: u64) -> Vec<NoteSigner> {
        // Only the control log's sizes say which roster is meant; the other log is signed as of now.
        let size = if self.log == LogName::Control { size } else { u64::MAX };
        let listed = self.keys.listed_at(size);
        let held = self.held();
        if listed.iter().any(|key| held.iter().all(|(name, _)| name != key))
            && let Ok(again) = Keys::open(&self.keys.inner.dir)
        {
            *self.keys.inner.held.write().unwrap_or_else(PoisonError::into_inner) = again;
        }
        self.held().into_iter().filter(|(name, _)| listed.contains(name)).map(|(_, signer)| signer).collect()
    }

    /// The key a stranger needs for the newest checkpoint; none where no listed key is at hand.
    pub(crate) fn vkey(&self) -> Option<VerifierKey> {
        self.signing(u64::MAX).first().map(NoteSigner::vkey)
    }

    /// The checkpoint of no entries: signed again at each start, it can contradict no other.
    pub(crate) fn empty(&self) -> String {
        let signers = self.signing(u64::MAX);
        let nothing = Checkpoint { origin: self.origin(), size: 0, root: tlog::EMPTY_ROOT };
        nothing.sign(&signers.iter().collect::<Vec<_>>())
    }
}

impl ledger::LogKeys for OneLog {
    fn signers(&self, size: u64) -> Vec<NoteSigner> {
        self.signing(size)
    }

    fn known(&self) -> Vec<VerifierKey> {
        let listed = self.keys.inner.listed.read().unwrap_or_else(PoisonError::into_inner);
        let named = |key: &String| VerifierKey::new(self.origin(), *key.parse::<VerifierKey>().ok()?.public()).ok();
        let mut known: Vec<_> = listed.iter().flat_map(|(_, keys)| keys.iter().filter_map(named)).collect();
        known.extend(self.held().iter().map(|(_, signer)| signer.vkey()));
        known.dedup();
        known
    }
}
