//! What a service asks of another one in its own name.

use crate::SignedError;
use crate::ask::{self, Ask};
use crate::receipt::ServiceKey;
use model::{Digest, Instant, Service};
use serde::{Deserialize, Serialize};

/// The header that carries one.
pub const SERVICE_ASK: &str = "countersign-service";

/// One request of a service: `countersign/service-ask/v1\0` + canonical JSON, by plain Ed25519 with its receipt key.
///
/// Whoever stands on the port of the service that is asked gets a word that is good for this one request, and for a minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAsk {
    /// Genesis digest of the ledger.
    pub ledger: Digest,
    /// The public key of who asks, as the roster lists it.
    pub key: Digest,
    /// Whom it asks.
    pub service: Service,
    /// Method, path and query, as `GET /v1/artifacts/…/tar`.
    pub request: String,
    /// When it was signed.
    pub at: Instant,
}

impl Ask for ServiceAsk {
    const PREFIX: &'static [u8] = b"countersign/service-ask/v1\0";

    fn key(&self) -> &Digest {
        &self.key
    }

    fn request(&self) -> &str {
        &self.request
    }
}

impl ServiceAsk {
    /// Signs it; the header's value.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn header(&self, key: &ServiceKey) -> Result<String, SignedError> {
        ask::header(self, key)
    }

    /// Reads a header's value, and checks its signature under the key it names; whose key that is, the roster says.
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
    use crate::ConsoleAsk;

    #[test]
    fn what_a_service_signed_is_read_and_is_no_word_of_the_console() {
        let (key, other) = (ServiceKey::from_secret(&[1; 32]), ServiceKey::from_secret(&[2; 32]));
        let (ledger, service, at) = (Digest::of_bytes(b"ledger"), Service::Platform, Instant::from_millis(1));
        let request = "GET /v1/artifacts/1/tar".to_owned();
        let said = ServiceAsk { ledger, key: key.public(), service, request: request.clone(), at };
        let header = said.header(&key).unwrap();
        assert_eq!(ServiceAsk::of_header(&header), Ok(said.clone()));
        assert!(ServiceAsk::of_header(&said.header(&other).unwrap()).is_err(), "another key signed it");
        assert!(ConsoleAsk::of_header(&header).is_err());
        let console = ConsoleAsk { ledger, key: key.public(), service, request, viewer: None, at };
        assert!(ServiceAsk::of_header(&console.header(&key).unwrap()).is_err());
    }
}
