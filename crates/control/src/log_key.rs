//! The keys of the control log, as the roster lists them.

use crate::State;
use model::Token;
use signed::{LogKeyChallenge, Possession, Roster, Trust, log_key_id};
use tlog::note::{KeyKind, VerifierKey};

/// The listed keys that are keys: those of a roster in force all are.
pub fn log_keys(roster: &Roster) -> Vec<VerifierKey> {
    roster.log_keys.iter().filter_map(|key| key.parse().ok()).collect()
}

/// By whose signature a checkpoint is the log's, for who has verified this state: the keys that are listed,
/// and of those pinned beforehand whichever the ledger has not taken away.
pub fn trusted_log_keys(trust: &Trust, state: &State) -> Vec<VerifierKey> {
    let mut keys = log_keys(&state.roster);
    let pinned = trust.log_keys.iter().filter(|key| state.since.retired(&log_key_id(key)).is_none());
    for key in pinned.filter_map(|key| key.parse::<VerifierKey>().ok()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// Whether every log key of a roster can sign the control log of this origin.
pub(crate) fn are_of(origin: &Token, roster: &Roster) -> bool {
    let name = format!("{origin}/control");
    let is_of = |key: &String| {
        key.parse::<VerifierKey>().is_ok_and(|parsed| {
            parsed.kind() == KeyKind::Ed25519 && parsed.name() == name && parsed.to_string() == *key
        })
    };
    roster.log_keys.iter().all(is_of)
}

/// Whether the holder of a log key has signed its challenge.
pub(crate) fn is_possessed(challenge: &LogKeyChallenge, possession: &Possession) -> bool {
    let key = challenge.log_key.parse::<VerifierKey>();
    let (Ok(key), Ok(message)) = (key, challenge.message()) else { return false };
    possession.key == log_key_id(&challenge.log_key) && key.accepts(message.as_bytes(), &possession.signature_bytes())
}
