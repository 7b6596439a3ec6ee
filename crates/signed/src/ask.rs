//! A request that is signed, in place of a bearer token where no token may go.

use crate::SignedError;
use crate::receipt::{self, ServiceKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{Digest, canon};
use serde::{Serialize, de::DeserializeOwned};

/// Longest header, bytes.
pub(crate) const HEADER_MAX: usize = 2_048;
/// Longest method, path and query, bytes.
pub(crate) const REQUEST_MAX: usize = 512;

/// What is signed: a prefix of its own, then canonical JSON, by plain Ed25519.
pub(crate) trait Ask: Serialize + DeserializeOwned {
    /// What its bytes begin with.
    const PREFIX: &'static [u8];

    /// The public key of who asks.
    fn key(&self) -> &Digest;

    /// Method, path and query.
    fn request(&self) -> &str;
}

/// Signs it; the header's value.
pub(crate) fn header<A: Ask>(ask: &A, key: &ServiceKey) -> Result<String, SignedError> {
    let bytes = canon::to_vec(ask)?;
    let signature = key.sign_bytes(&[A::PREFIX, &bytes].concat());
    Ok(format!("{}.{signature}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// Reads a header's value, and checks its signature under the key it names.
pub(crate) fn of_header<A: Ask>(text: &str) -> Result<A, SignedError> {
    let malformed = || SignedError::Mismatch;
    let (body, signature) = text.split_once('.').filter(|_| text.len() <= HEADER_MAX).ok_or_else(malformed)?;
    let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| malformed())?;
    let ask: A = canon::from_slice(&bytes)?;
    if ask.request().len() > REQUEST_MAX {
        return Err(malformed());
    }
    receipt::verify(ask.key(), &[A::PREFIX, &bytes].concat(), signature)?;
    Ok(ask)
}
