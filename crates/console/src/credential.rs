//! The console's own credential: signed for with its own key, held in memory, renewed in time.

mod renew;

pub(crate) use renew::run;

use control::Viewer;
use model::{Digest, Instant, Service};
use signed::{ConsoleAsk, ServiceKey};
use std::sync::{PoisonError, RwLock};
use tokio::sync::Notify;

/// Life that is asked for, milliseconds (12 h); a ledger allows 24.
const LIFE_MS: i64 = 12 * 3_600_000;
/// Renewed this long before its end, milliseconds (1 h).
const RENEW_MS: i64 = 3_600_000;
/// A credential that is good until its end, or until Governance says otherwise.
#[derive(Clone)]
struct Held {
    token: String,
    expires: Instant,
}

/// The key and what it was exchanged for.
pub(crate) struct Credential {
    key: ServiceKey,
    ledger: Digest,
    held: RwLock<Option<Held>>,
    refused: Notify,
}

impl Credential {
    /// For this ledger, not signed in yet.
    pub(crate) fn new(key: ServiceKey, ledger: Digest) -> Self {
        Self { key, ledger, held: RwLock::new(None), refused: Notify::new() }
    }

    /// The bearer token, if there is one.
    pub(crate) fn token(&self) -> Option<String> {
        self.held().map(|held| held.token)
    }

    fn held(&self) -> Option<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, held: Option<Held>) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// One request of another service, signed for whoever looks, or for the console itself; none: it has no canonical
    /// form.
    pub(crate) fn ask(
        &self,
        service: Service,
        request: String,
        viewer: Option<&Viewer>,
        at: Instant,
    ) -> Option<String> {
        let (ledger, key, viewer) = (self.ledger, self.key.public(), viewer.map(Viewer::to_string));
        ConsoleAsk { ledger, key, service, request, viewer, at }.header(&self.key).ok()
    }

    /// Drops a token that was answered with 401, unless it has been renewed meanwhile.
    pub(crate) fn refuse(&self, token: &str) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.take_if(|held| held.token == token).is_some() {
            self.refused.notify_one();
        }
    }

    /// Whether it is time to sign in.
    fn is_due(&self, now: Instant) -> bool {
        self.held().is_none_or(|held| held.expires.millis_since(now) <= RENEW_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_renewed_an_hour_before_its_end_and_at_once_when_it_is_refused() {
        let credential = Credential::new(ServiceKey::from_secret(&[1; 32]), Digest::ZERO);
        let end = Instant::from_millis(LIFE_MS);
        assert!(credential.is_due(Instant::EPOCH) && credential.token().is_none());
        credential.hold(Some(Held { token: "new".to_owned(), expires: end }));
        assert!(!credential.is_due(Instant::EPOCH) && !credential.is_due(end.plus_millis(-RENEW_MS - 1)));
        assert!(credential.is_due(end.plus_millis(-RENEW_MS)) && credential.is_due(end.plus_millis(1)));
        credential.refuse("old");
        assert_eq!(credential.token().as_deref(), Some("new"), "another one was refused");
        credential.refuse("new");
        assert!(credential.token().is_none() && credential.is_due(Instant::EPOCH));
    }
}
