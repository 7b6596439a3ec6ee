//! A signed request for a bearer credential.

use crate::problems;
use api::Problem;
use client::wire::SessionRequest;
use control::{Login, SessionAct, SessionCommand, State, Unauthentic};

/// The command a login request stands for, if it is that person's own.
pub(crate) fn login(state: &State, request: &SessionRequest) -> Result<SessionCommand, Problem> {
    let SessionRequest { login, signature } = request;
    if login.ledger != state.ledger {
        return Err(problems::other_ledger());
    }
    let key = state.roster.key(&login.person, &login.key);
    let key = key.ok_or_else(|| problems::unauthentic(&Unauthentic::Stranger(login.person)))?;
    login.verify(&key.openssh, signature).map_err(|error| problems::unauthentic(&Unauthentic::Signature(error)))?;
    Ok(SessionCommand {
        command: client::random_command(),
        person: login.person,
        idempotency: None,
        act: SessionAct::Login(Login { token: login.token, scope: login.scope, expires: login.expires }),
    })
}
