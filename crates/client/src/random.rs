//! Randomness, asked of the system in one place.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{CommandId, Digest, Nonce};
use signed::Opening;

/// `N` random bytes of the system's generator.
///
/// # Panics
/// When the system has no randomness: nothing may be signed or keyed then.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random generator works; without it nothing may be signed");
    bytes
}

/// A new command id.
pub fn random_command() -> CommandId {
    CommandId(random_bytes())
}

/// A new nonce.
pub fn random_nonce() -> Nonce {
    Nonce(random_bytes())
}

/// A new bearer token and its SHA-256; only the hash is ever sent when it is registered.
pub fn random_token() -> (String, Digest) {
    let token = format!("cs_{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
    let hash = Digest::of_bytes(token.as_bytes());
    (token, hash)
}

/// An opening with a fresh salt.
pub fn random_opening<const N: usize>(fields: [(&str, &str); N]) -> Opening {
    let body = fields.into_iter().map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
    Opening { salt: Digest(random_bytes()), body }
}
