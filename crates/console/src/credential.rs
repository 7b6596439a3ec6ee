//! The console's own credential: signed for with its own key, held in memory, renewed in time.

use crate::app::App;
use crate::clock;
use client::ClientError;
use model::{Digest, Instant, Service};
use signed::ServiceKey;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;

/// Life that is asked for, milliseconds (12 h); a ledger allows 24.
const LIFE_MS: i64 = 12 * 3_600_000;
/// Renewed this long before its end, milliseconds (1 h).
const RENEW_MS: i64 = 3_600_000;
/// First wait after a sign-in that came to nothing; each further one is twice as long.
const WAIT: Duration = Duration::from_millis(500);
/// Longest such wait.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Between two looks at the clock: a machine that slept wakes up with an old credential.
const LOOK: Duration = Duration::from_secs(30);

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

    async fn sign_in(&self, app: &App) -> Result<(), ClientError> {
        let expires = clock::now().plus_millis(LIFE_MS);
        let said = client::console_login(&self.key, self.ledger, expires)?;
        let Some(governance) = app.governance() else { return Ok(()) };
        governance.login(&said.request).await?;
        self.hold(Some(Held { token: said.token, expires }));
        Ok(())
    }
}

/// Signs in whenever it is due and Governance answers, for ever.
pub(crate) async fn run(app: Arc<App>) {
    let Some(credential) = &app.credential else { return };
    let (mut wait, mut pulses) = (WAIT, app.pulses());
    loop {
        if !credential.is_due(clock::now()) {
            wait = WAIT;
            tokio::select! {
                () = credential.refused.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        } else if !app.sources.answers(Service::Governance) {
            // Its health changing is a pulse. The channel lives as long as the app.
            if pulses.changed().await.is_err() {
                return;
            }
        } else {
            match credential.sign_in(&app).await {
                Ok(()) => app.wanted.notify_one(),
                Err(error) => {
                    tracing::warn!(%error, "console: this console cannot sign in with its key, and shows no texts");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(WAIT_MAX);
                }
            }
        }
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
