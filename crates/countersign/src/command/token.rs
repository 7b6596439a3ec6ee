//! `token new`: a credential for a program, on a person's word.

use super::{Context, who};
use crate::cli::{TokenCommand, TokenScope};
use crate::error::CliError;
use crate::output;
use model::{Digest, Scope};
use serde_json::json;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 3_600_000;

pub async fn run(context: &Context, command: TokenCommand) -> Result<(), CliError> {
    let TokenCommand::New { scope, days, who } = command;
    let scope = match scope {
        TokenScope::Read => Scope::Read,
        TokenScope::Ingest => Scope::Ingest,
    };
    let desk = who::unsigned_desk(context, &who).await?;
    let token = desk.credential(scope, i64::from(days) * DAY_MS).await?;
    // As recorded, and not as asked for: the fold has it once the credential is answered.
    let hash = Digest::of_bytes(token.as_bytes());
    let state = desk.follower().state();
    let session = state.session(&hash, desk.now());
    let (expires, entry) = (session.map(|session| session.expires), session.map(|session| session.index));
    if context.json {
        output::json(&json!({"token": token, "scope": scope, "expires": expires, "entry": entry}));
        return Ok(());
    }
    let until = expires.map(|expires| format!(", until {expires}")).unwrap_or_default();
    let recorded = entry.map(|entry| format!(" (entry {entry})")).unwrap_or_default();
    crate::print_line!("token  {token}");
    crate::print_line!("good   to {}{until}", purpose(scope));
    crate::print_line!("It is shown this once: only its hash is recorded{recorded}.");
    Ok(())
}

fn purpose(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read what you may read",
        Scope::Ingest => "send events",
        Scope::Person => "act for you",
    }
}
