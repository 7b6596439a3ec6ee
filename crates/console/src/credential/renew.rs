//! Signing in, again and again.

use super::{Credential, Held, LIFE_MS};
use crate::app::App;
use crate::clock;
use client::ClientError;
use model::Service;
use std::sync::Arc;
use std::time::Duration;

/// First wait after a sign-in that came to nothing; each further one is twice as long.
const WAIT: Duration = Duration::from_millis(500);
/// Longest such wait.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Between two looks at the clock: a machine that slept wakes up with an old credential.
const LOOK: Duration = Duration::from_secs(30);

impl Credential {
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
