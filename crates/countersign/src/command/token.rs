//! `token new`, `token ls`: credentials for programs, on a person's word.

use super::{Context, listing, who};
use crate::cli::{ListArgs, TokenCommand, TokenScope};
use crate::clock;
use crate::error::CliError;
use crate::output;
use control::Principal;
use model::{Digest, Scope};
use serde_json::json;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 3_600_000;

pub async fn run(context: &Context, command: TokenCommand) -> Result<(), CliError> {
    let (scope, days, who) = match command {
        TokenCommand::New { scope, days, who } => (scope, days, who),
        TokenCommand::Ls(args) => return list(context, args).await,
    };
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

/// The hash of a credential, and what is recorded of it.
type Row<'a> = (&'a Digest, &'a control::Session);

/// As the own verified state has them: by the hash, which is all that is recorded of one.
async fn list(context: &Context, args: ListArgs) -> Result<(), CliError> {
    let book = who::listed(context).await?;
    let (state, names, now) = (&book.state, &book.names, clock::now());
    let mut good: Vec<_> = state.sessions.iter().filter(|(hash, _)| state.session(hash, now).is_some()).collect();
    good.sort_by_key(|(_, session)| std::cmp::Reverse(session.index));
    let whose = |(_, session): &Row| match &session.principal {
        Principal::Person(person) => match state.roster.machine(person) {
            Some(machine) => machine.name.to_string(),
            None => names.person(person),
        },
        Principal::Console { .. } => "the console".to_owned(),
    };
    let as_json = |row: &Row| {
        let (hash, session) = row;
        json!({"sha256": hash, "of": whose(row), "scope": session.scope, "expires": session.expires, "entry": session.index})
    };
    listing::print(
        context,
        args,
        good,
        as_json,
        &[
            ("PERSON", &whose),
            ("GOOD TO", &|(_, session)| purpose(session.scope).to_owned()),
            ("UNTIL", &|(_, session)| session.expires.to_string()),
            ("ENTRY", &|(_, session)| session.index.to_string()),
            ("SHA-256", &|(hash, _)| hash.short()),
        ],
    );
    Ok(())
}
