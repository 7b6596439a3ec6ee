//! A signed request for a bearer credential.

use crate::problems;
use control::{Login, Principal, SessionCommand, State, Unauthentic};
use model::Scope;
use service_shell::Problem;
use wire::SessionRequest;

/// The command a login request stands for, if it is that person's, or the console's, own.
pub(crate) fn login(state: &State, request: &SessionRequest) -> Result<SessionCommand, Problem> {
    let ledger = match request {
        SessionRequest::Person { login, .. } => login.ledger,
        SessionRequest::Console { login, .. } => login.ledger,
    };
    if ledger != state.ledger {
        return Err(problems::other_ledger());
    }
    let unsigned = |error| problems::unauthentic(&Unauthentic::Signature(error));
    let (principal, login) = match request {
        SessionRequest::Person { login, signature } => {
            let key = state.roster.key(&login.person, &login.key);
            // A key that was suspended signs nothing any more, a login neither.
            let key = key.filter(|key| state.since.key_is_active(&key.id));
            let key = key.ok_or_else(|| problems::unauthentic(&Unauthentic::Stranger(login.person)))?;
            login.verify(&key.openssh, signature).map_err(unsigned)?;
            let opened = Login { token: login.token, scope: login.scope, expires: login.expires };
            (Principal::Person(login.person), opened)
        }
        SessionRequest::Console { login, signature } => {
            if state.roster.console != Some(login.key) {
                return Err(problems::unauthentic(&Unauthentic::UnknownConsole));
            }
            login.verify(signature).map_err(unsigned)?;
            let opened = Login { token: login.token, scope: Scope::Read, expires: login.expires };
            (Principal::Console { key: login.key }, opened)
        }
    };
    let command = client::random_command();
    Ok(SessionCommand { command, principal, login })
}
