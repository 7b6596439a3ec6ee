//! Credentials.

use crate::{Desk, DeskError, clock_agrees};
use model::Scope;

impl Desk {
    /// Opens a credential for `life_ms` milliseconds; answers the bearer token, which only this
    /// side ever has.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn credential(&self, scope: Scope, life_ms: i64) -> Result<String, DeskError> {
        let state = self.follower.state();
        clock_agrees(self.now(), state.last)?;
        let ledger = state.ledger;
        let said = self.signer.login(ledger, self.person, scope, self.now().plus_millis(life_ms))?;
        let recorded = self.governance.login(&said.request).await?;
        self.reach(recorded.index + 1).await?;
        Ok(said.token)
    }

    /// Signs in: the desk's further calls carry the credential.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn sign_in(mut self) -> Result<Self, DeskError> {
        let token = self.credential(Scope::Person, 12 * 3_600_000).await?;
        self.governance = self.governance.bearer(&token);
        self.platform = self.platform.bearer(&token);
        Ok(self)
    }

    /// With a credential from before.
    pub fn with_token(mut self, token: &str) -> Self {
        self.governance = self.governance.bearer(token);
        self.platform = self.platform.bearer(token);
        self
    }
}
