//! What the console asks of a service that follows the double.

use super::{Double, World};
use client::Http;
use model::Service;
use signed::ConsoleAsk;

impl Double {
    /// A client of `service` with the console's signature of one request, as `GET /v1/engines`, for the console itself.
    pub fn as_console(&self, http: &Http, service: Service, request: &str) -> Http {
        let key = World::console_key();
        let (ledger, at) = (self.state().ledger, self.shared.ledger().now());
        let ask = ConsoleAsk { ledger, key: key.public(), service, request: request.to_owned(), viewer: None, at };
        http.clone().signed(ask.header(&key).unwrap())
    }
}
