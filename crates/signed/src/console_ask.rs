//! What the console asks of a service that is not Governance, for somebody who looks.

use crate::SignedError;
use crate::ask::{self, Ask};
use crate::receipt::ServiceKey;
use model::{Digest, Instant, Service};
use serde::{Deserialize, Serialize};

/// The header that carries one.
pub const CONSOLE_ASK: &str = "countersign-console";

/// One request of the console: `countersign/console-ask/v1\0` + canonical JSON, by plain Ed25519.
///
/// It takes the place of a bearer token where no token may go: whoever stands on the port of that service gets a word
/// that is good for this one request of this one service, and for a minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleAsk {
    /// Genesis digest of the ledger.
    pub ledger: Digest,
    /// The console's public key, as the roster lists it.
    pub key: Digest,
    /// Whom it asks.
    pub service: Service,
    /// Method, path and query, as `GET /v1/engines/…/logs?lines=50`.
    pub request: String,
    /// For whom it asks, as `countersign-viewer` has it; absent: for itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub viewer: Option<String>,
    /// When it was signed.
    pub at: Instant,
}

impl Ask for ConsoleAsk {
    const PREFIX: &'static [u8] = b"countersign/console-ask/v1\0";

    fn key(&self) -> &Digest {
        &self.key
    }

    fn request(&self) -> &str {
        &self.request
    }
}

impl ConsoleAsk {
    /// Signs it; the header's value.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn header(&self, key: &ServiceKey) -> Result<String, SignedError> {
        ask::header(self, key)
    }

    /// Reads a header's value, and checks its signature under the key it names; whether that key is the console's, the
    /// roster says.
    ///
    /// # Errors
    /// When the text is no signed request, or its signature does not hold.
    pub fn of_header(text: &str) -> Result<Self, SignedError> {
        ask::of_header(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::{HEADER_MAX, REQUEST_MAX};
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use model::canon;

    fn ask(key: &ServiceKey) -> ConsoleAsk {
        ConsoleAsk {
            ledger: Digest::of_bytes(b"ledger"),
            key: key.public(),
            service: Service::Node,
            request: "GET /v1/engines/1/logs?lines=50&side=blue".to_owned(),
            viewer: Some("demo-visitor".to_owned()),
            at: Instant::from_millis(1),
        }
    }

    #[test]
    fn what_was_signed_is_read_and_nothing_else_is() {
        let (key, other) = (ServiceKey::from_secret(&[1; 32]), ServiceKey::from_secret(&[2; 32]));
        let said = ask(&key);
        let header = said.header(&key).unwrap();
        assert_eq!(ConsoleAsk::of_header(&header), Ok(said.clone()));
        assert!(ConsoleAsk::of_header(&said.header(&other).unwrap()).is_err(), "another key signed it");
        let (_, signature) = header.split_once('.').unwrap();
        let elsewhere = ConsoleAsk { service: Service::Engine, ..said.clone() };
        let body = URL_SAFE_NO_PAD.encode(canon::to_vec(&elsewhere).unwrap());
        assert!(ConsoleAsk::of_header(&format!("{body}.{signature}")).is_err(), "other bytes were signed");
        let long = ConsoleAsk { request: "x".repeat(REQUEST_MAX + 1), ..said };
        for text in ["", ".", "a.b", &header[1..], &long.header(&key).unwrap(), &"x".repeat(HEADER_MAX + 1)] {
            assert!(ConsoleAsk::of_header(text).is_err(), "{text}");
        }
    }
}
